"""How sure a reading is, and what is asked because of it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import ValidationError

from planner.language import questions
from planner.language.compose import Draft, Mark
from planner.language.decode import Sureness
from planner.language.intent import Action, Intent, Question, Reading, Span
from planner.language.normalise.text import fold, pattern

FUNCTION = r"^(?:the|a|an|my|our|your|their|and|or|to|of|in|on|at|for|with|from|by|as|is|are|be|it|them|that|this|these|those|please|pls|i|we|you|me|us|want|need|like|would|can|could|should|must|will|have|has|do|does|so|then|also|just|now|so|up|back|backup|backups|data|there|all|both|each|every|thanks|thank|hi|hello|hey|ok|make|sure|get|let|lets|again|here|into|onto|out|off|if|its|was|were|been|had|did|am|im|i'm|i'd|'s|too|one|ones|time|which|who|what|when|how|run|runs|job|jobs|set|go|going|via|per|yes|well|really|actually|always|automatically|copy|copies|snapshot|snapshots|take|taken|start|only|more|than|any|some|least|dont)$"
CONDITIONS = r"\b(?:not|except|only|but|never|no|without|instead|unless)\b|别|不|除|只"
PLAIN_NAME = r"^(?:[\w./\\:@*~#-]+(?: [\w.-]+)?|[\w\u4e00-\u9fff -]{1,8})$"
#: the words in which the manual puts a request, by action
PLAIN_WORDS = {
    "protect": r"back(?:ing)? ?up|protect|备份|保护",
    "backup": r"back ?up|备份|now|right now|现在|马上|立即",
    "restore": r"restore|恢复|还原",
    "drill": r"(?:run |do )?(?:a )?(?:restore )?drill(?: of)?|rehearse|test[- ]restore|演练|恢复演练|做一次恢复演练",
    "verify": r"verify|check|校验|检查|验证",
    "replicate": r"replicate|copy|复制",
    "pause": r"pause|暂停",
    "resume": r"resume|继续",
    "status": r"how old is|when was|what|show|when is|how big is|多大|什么时候",
}
DESTRUCTIVE = frozenset({"forget", "unprotect"})


@dataclass(frozen=True, slots=True)
class Checked:
    """Drafts as intents, with what must be asked about them and the words that none of them used."""

    intents: tuple[Intent, ...]
    asked: tuple[Question, ...]
    left: tuple[str, ...]


def checked(drafts: Sequence[Draft], text: str, language: str, names: Collection[str] = ()) -> Checked:
    """Intents of the drafts, and the questions that no confidence answers."""
    intents: list[Intent] = []
    asked: list[Question] = []
    folded = fold(text)
    for draft in drafts:
        try:
            intent = Intent.model_validate(draft.fields)
        except ValidationError:  # a value outside the contract's forms: nothing of it is used
            asked.append(questions.unclear(text, language))
            intent = Intent.model_validate({"action": draft.action})
        intents.append(intent)
        asked += draft.questions
        asked += questions.about(intent, _part(draft, drafts, folded), folded, language)
    left = leftover(folded, text, [m for d in drafts for m in d.marks])
    known = {name.casefold() for name in names}
    return Checked(tuple(intents), tuple(dict.fromkeys(asked)), tuple(w for w in left if w.casefold() not in known))


def _part(draft: Draft, drafts: Sequence[Draft], folded: str) -> str:
    """The words of one intent: all of them where there is no other."""
    if len(drafts) == 1 or not draft.marks:
        return folded
    return folded[min(m.start for m in draft.marks) : max(m.end for m in draft.marks)]


def features(found: Checked, drafts: Sequence[Draft], sure: Sureness, text: str, language: str) -> dict[str, float]:
    """What tells a right reading from a wrong one; most are log odds of the model's own probabilities."""
    words = max(1, len(pattern(r"[a-z0-9][\w'./-]*|[\u4e00-\u9fff]").findall(fold(text))))
    names = [name for i in found.intents for name in i.targets]
    actions = {i.action for i in found.intents}
    fields = [len(i.as_contract()) - 1 for i in found.intents]
    return {
        "bias": 1.0,
        "actions": _odds(sure.actions),
        "count": _odds(sure.count),
        "spans": _odds(sure.spans),
        "outside": _odds(sure.outside),
        "owners": _odds(sure.owners),
        "topics": _odds(sure.topics),
        "clear": _odds(1 - sure.doubt),
        "slips": math.log(sure.slips + 0.01),
        "least": min(_odds(p) for p in (sure.actions, sure.count, sure.spans, sure.outside, sure.owners, sure.topics)),
        "plain": float(_plain(found, drafts, text, words)),
        "asks": float(bool(found.asked)),
        "left": min(1.0, len(found.left) / words),
        "left_some": float(len(found.left) > 2),
        "length": math.log(words),
        "several": float(len(found.intents) > 1),
        "many": float(len(found.intents) > 2),
        "zh": float(language == "zh"),
        "fields": math.log(1 + sum(fields)),
        "not": float(bool(pattern(CONDITIONS).search(fold(text)))),
        "sentences": float(min(4, len(pattern(r"[.!?;。!?]\s?").findall(text)))),
        "odd_name": float(any(not pattern(PLAIN_NAME).match(name) for name in names)),
        **{f"is_{name}": float(name in actions) for name in get_args(Action)},
    }


def _plain(found: Checked, drafts: Sequence[Draft], text: str, words: int) -> bool:
    """Whether it is a short order in the manual's own words, of which every word was made use of."""
    if len(drafts) != 1 or found.left or found.asked or words > 18 or pattern(CONDITIONS).search(fold(text)):
        return False
    draft = drafts[0]
    known = PLAIN_WORDS.get(draft.action)
    told = [text[m.start : m.end] for m in draft.marks if m.label == "action"]
    standing = bool({"schedule", "retention"} & set(draft.fields))
    fits = standing if draft.action == "protect" else not standing or draft.action not in {"backup", "restore"}
    return bool(known and told and fits) and all(pattern(rf"^(?:{known})$").match(fold(words_)) for words_ in told)


def _odds(chance: float) -> float:
    return math.log(max(chance, 1e-3) / max(1 - chance, 1e-4))


def probability(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The chance that a reading with these features is right (logistic)."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, sum(weights.get(k, 0.0) * v for k, v in values.items())))))


def leftover(folded: str, text: str, spans: Sequence[Mark]) -> list[str]:
    """Content words that no span used."""
    used = bytearray(len(folded))
    for span in spans:
        used[span.start : span.end] = b"\1" * (span.end - span.start)
    out = []
    for m in pattern(r"[a-z][\w'-]*|[\u4e00-\u9fff]+|[/\w.-]+").finditer(folded):
        free = "".join(c for i, c in enumerate(m[0]) if not used[m.start() + i])
        if "\u4e00" <= m[0][0] <= "\u9fff":
            free = pattern(
                r"请|麻烦|帮我|给我|一下|我们|我想|我要|需要|想要|备份|恢复|数据|每次|[的了把将对给为和与及都也要我你他它在有是就再先并到从让吧呢吗啊请能可以个次份想下里上去来会这那得做]"
            ).sub("", free)
            if free:
                out.append(free)
        elif free == m[0] and not pattern(FUNCTION).match(free) and any(c.isalnum() for c in free):
            out.append(text[m.start() : m.end()])
    return out


def limit(intents: Sequence[Intent], ask_below: float, plain: bool = False, plain_below: float = 1.0) -> float:
    """The confidence below which is asked. It is lower for a plain order, which is right more often than the words of a story with the
    same confidence; what takes data or protection away has to be three times as sure."""
    ask_below = min(ask_below, plain_below) if plain else ask_below
    takes = any(i.action in DESTRUCTIVE or i.in_place for i in intents)
    return 1 - (1 - ask_below) / 3 if takes else ask_below


def judged(
    drafts: Sequence[Draft],
    sure: Sureness,
    text: str,
    language: Literal["en", "zh"],
    names: Collection[str],
    card: Mapping[str, Any],
) -> Reading:
    """The reading with its confidence and questions. `card`: what calibration found: `weights` of the features, `ask_below`
    and `plain_below` (confidence), `doubt_above` (the model's own doubt)."""
    found = checked(drafts, text, language, names)
    told = features(found, drafts, sure, text, language)
    confidence = probability(told, card["weights"])
    asked = found.asked
    below = limit(found.intents, card["ask_below"], bool(told["plain"]), card["plain_below"])
    if not asked and (confidence < below or sure.doubt > card["doubt_above"]):
        asked = (questions.unsure(found.intents, found.left, language),)
    return Reading(found.intents, round(confidence, 4), asked, _spans(drafts, text), found.left, text, language)


def _spans(drafts: Sequence[Draft], text: str) -> tuple[Span, ...]:
    owners: dict[tuple[int, int, str], list[int]] = {}
    for number, draft in enumerate(drafts):
        for mark in draft.marks:
            own = owners.setdefault((mark.start, mark.end, mark.label), [])
            if number not in own:
                own.append(number)
    return tuple(Span(s, e, label, text[s:e], tuple(own)) for (s, e, label), own in sorted(owners.items()))
