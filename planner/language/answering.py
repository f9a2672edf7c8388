"""An answer to a question, put into the request that it was asked about: pure functions of reading, question and reply."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

from planner.language import bare_values, groups
from planner.language.asking import YES_NO, SlotQuestion, pick
from planner.language.intent import Action, Intent, Question, Reading, RetentionSaid, ScheduleSaid
from planner.language.known import plain
from planner.language.merging import with_time
from planner.language.normalise.text import fold

YES = frozenset(
    ["yes", "y", "yep", "yeah", "yup", "ok", "okay", "sure", "right", "correct", "true", "do", "go", "please", "是", "是的", "对", "对的", "好", "好的", "可以", "嗯", "行", "没错", "确定", "确认", "正确"]
) | {"go ahead", "do it", "that's right", "that is right"}  # fmt: skip
NO = frozenset(
    [
        "no",
        "n",
        "nope",
        "nah",
        "wrong",
        "cancel",
        "stop",
        "false",
        "否",
        "不",
        "不是",
        "不是的",
        "不对",
        "不用",
        "不行",
        "不要",
        "不可以",
        "没有",
        "取消",
        "算了",
    ]
)
ALL = frozenset({"all", "both", "all of them", "both of them", "every one", "都", "全部", "所有", "两个都要", "都要"})
NAMES = frozenset({"targets", "items", "exclude", "destinations"})
CLEARED: dict[str, object] = {"in_place": False, "exclude": ()}  # slots that a yes gives up
SINGLE = frozenset({"source", "to"})
HAN_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}


class Unclear(Exception):
    """The reply does not answer the question; the message says what would, in the language of the request."""


class Declined(Exception):
    """The person says that it was not understood: the request ends here."""


class Restated(Exception):
    """The reply is a request of its own: `text` is to be read instead."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Further(Exception):
    """The reply leaves several meanings: `question` is to be asked in place of the one that was."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question


def said_yes(reply: str) -> bool | None:
    """True for yes, False for no, None for anything else; in both languages."""
    word = fold(reply).strip().rstrip(".!,。")
    return True if word in YES else False if word in NO else None


def chosen(choices: tuple[str, ...], reply: str, *, several: bool = False) -> tuple[str, ...] | None:
    """The offered choices that a reply means: by number, name, beginning or near spelling; None where it means none."""
    word = fold(reply).strip().rstrip(".!。")
    if several and word in ALL and len(choices) > 1:
        return choices
    found: list[str] = []
    parts = [p for p in re.split(r"[\s,;、]+(?:(?:and|or)\s+)?|和", word) if p and p not in {"and", "和"}]
    for part in (word,) if word in {c.casefold() for c in choices} else parts:
        one = _one(choices, part)
        if one is None:
            return None
        found.append(one)
    unique = tuple(dict.fromkeys(found))
    return unique if unique and (several or len(unique) == 1) else None


def _one(choices: tuple[str, ...], word: str) -> str | None:
    number = re.fullmatch(r"(?:第|#|no\.?)?(\d{1,2}|[一二两三四五六七八九十])(?:个|项|号|\)|\.)?", word)
    exact = next((c for c in choices if plain(c) == plain(word)), None)
    if exact:
        return exact
    if number:
        n = HAN_DIGITS.get(number[1]) or (int(number[1]) if number[1].isdigit() else 0)
        return choices[n - 1] if 1 <= n <= len(choices) else None
    begins = [c for c in choices if len(word) > 1 and plain(c).startswith(plain(word))]
    if len(begins) == 1:
        return begins[0]
    near = difflib.get_close_matches(word, [c.casefold() for c in choices], 2, 0.8)
    return next(c for c in choices if c.casefold() == near[0]) if len(near) == 1 else None


def answered(reading: Reading, question: Question, reply: str, *, now: datetime) -> Reading:
    """The reading with the answer in it and the question gone. Raises Unclear, Declined, Restated or Further."""
    reply = reply.strip()
    if not reply:
        raise Unclear(_ways(reading.language, question))
    truth = said_yes(reply)
    if question.choices == YES_NO:
        return _yes_or_no(reading, question, truth, reply)
    if len(question.choices) == 1 and truth is not None:
        if not truth:
            raise Unclear(pick(reading.language, "Which one then?", "那是指哪个?"))
        return _put(reading, question, question.choices, now)
    picked = chosen(question.choices, reply, several=question.about in NAMES) if question.choices else None
    if picked is None and truth is False:
        raise Declined
    return _put(reading, question, picked or (reply,), now)


def _yes_or_no(reading: Reading, question: Question, truth: bool | None, reply: str) -> Reading:
    if isinstance(question, SlotQuestion) and question.about in CLEARED:
        if truth is None:
            raise Unclear(_ways(reading.language, question))
        if not truth:
            raise Declined
        return _without(_updated(reading, question.intent, **{question.about: CLEARED[question.about]}), question)
    if truth is None and chosen(YES_NO, reply):
        truth = chosen(YES_NO, reply) == ("yes",)
    if truth is None:
        if len(reply) > 3:
            raise Restated(reply)
        raise Unclear(_ways(reading.language, question))
    if not truth:
        raise Declined
    return replace(_without(reading, question), confidence=max(reading.confidence, 0.9))


def _put(reading: Reading, question: Question, picked: tuple[str, ...], now: datetime) -> Reading:
    about = "targets" if question.about == "in_place" else question.about
    if about in NAMES | SINGLE:
        return _without(_named(reading, question, about, picked), question)
    if about == "action":
        if picked[0] not in get_args(Action):
            raise Restated(picked[0])
        number = question.intent if isinstance(question, SlotQuestion) else 0
        return _without(_updated(reading, number, action=picked[0]), question)
    if about == "notify" and isinstance(question, SlotQuestion) and question.choices and question.word:
        return _without(_channels(reading, question, picked), question)
    if about not in bare_values.VALUES:
        raise Restated(picked[0])
    number = owner(reading, question, about)
    value = bare_values.value_of(about, picked[0], now, reading.intents[number].action)
    count = bare_values.bare_number(picked[0]) if about == "retention" else None
    if count:
        asked = retention_question(count, reading.language)
        raise Further(SlotQuestion(asked.text, asked.about, asked.choices, number))
    if value is None:
        raise Unclear(_unread(reading.language, about, picked[0]))
    if isinstance(value, ScheduleSaid):
        value = with_time(reading.intents[number].schedule, value)
    return _without(_updated(reading, number, **{about: value}), question)


def owner(reading: Reading, question: Question, slot: str) -> int:
    """Which intent a question is about: the one it names, else the first that lacks the slot, else the first that has it."""
    if isinstance(question, SlotQuestion):
        return question.intent
    having = [n for n, intent in enumerate(reading.intents) if getattr(intent, slot)]
    lacking = [n for n, intent in enumerate(reading.intents) if not getattr(intent, slot)]
    doubted = having if slot not in NAMES else lacking
    return (doubted or having or lacking or [0])[0]


def _named(reading: Reading, question: Question, slot: str, picked: tuple[str, ...]) -> Reading:
    """Names in the place of the word that was asked about; names for a missing target go to every intent that lacks one."""
    names = tuple(n for p in picked for n in (groups.listed(p) if p not in question.choices else (p,)))
    if not names:
        raise Unclear(_ways(reading.language, question))
    if not question.choices and len(picked[0].split()) > 4 and len(names) == 1:
        raise Restated(picked[0])  # a sentence, not a name
    word = question.word if isinstance(question, SlotQuestion) else ""
    if slot in SINGLE:
        return _updated(reading, owner(reading, question, slot), **{slot: names[0]})
    if word:
        out = reading
        for number, intent in enumerate(reading.intents):
            own: tuple[str, ...] = getattr(intent, slot)
            if word in own:
                new = tuple(n for o in own for n in (names if o == word else (o,)))
                out = _updated(out, number, **{slot: tuple(dict.fromkeys(new))})
        return out
    if slot == "targets":
        first = owner(reading, question, slot)
        out = _updated(reading, first, targets=names)
        for number, intent in enumerate(reading.intents):
            if not intent.targets and number != first:
                out = _updated(out, number, targets=names)
        return out
    return _updated(reading, owner(reading, question, slot), **{slot: names})


def _channels(reading: Reading, question: SlotQuestion, picked: tuple[str, ...]) -> Reading:
    """The chosen channel in the place of the word that was said."""
    said = reading.intents[question.intent].notify
    if said is None:
        return reading
    names = tuple(n for word in said.channels for n in (picked if word == question.word else (word,)))
    return _updated(reading, question.intent, notify=said.model_copy(update={"channels": names}))


def _updated(reading: Reading, number: int, **slots: Any) -> Reading:
    intents = list(reading.intents)
    intents[number] = Intent.model_validate({**dict(intents[number]), **slots})
    return replace(reading, intents=tuple(intents))


def _without(reading: Reading, question: Question) -> Reading:
    """Without the question, and without its twin that the resolver completed with choices."""
    return replace(reading, clarify=tuple(q for q in reading.clarify if q.text != question.text))


def _ways(language: str, question: Question) -> str:
    if question.choices == YES_NO:
        return pick(language, "Please answer yes or no.", "请回答“是”或“否”。")
    if question.choices:
        return pick(language, "A number or one of the names will do.", "请回答编号或其中一个名称。")
    return pick(language, "A few words will do; no ends it.", "请用几个字回答;回答“否”则结束。")


#: an example of what each slot would take
EXAMPLES = {
    "schedule": ("every night at 2", "每天凌晨两点"), "retention": ("30 days, or 7 daily and 4 weekly", "30 天,或 7 份日备 4 份周备"),
    "window": ("between 22:00 and 6:00", "22点到6点之间"), "point": ("yesterday at 3pm", "昨天下午三点"), "until": ("friday", "周五"),
    "rpo": ("4 hours", "4小时"), "rto": ("1 hour", "1小时"), "limits": ("20 Mbit/s", "20 Mbit/s"), "read": ("10%", "10%"),
    "type": ("full", "全量"), "policy": ("3-2-1", "3-2-1"), "immutable": ("30 days", "30天"), "notify": ("mail on failure", "失败发邮件"),
}  # fmt: skip


def _unread(language: str, slot: str, said: str) -> str:
    en, zh = EXAMPLES[slot]
    return pick(language, f"I can't read “{said}”; for example: {en}.", f"读不懂“{said}”;例如:{zh}。")


def retention_question(count: int, language: str) -> Question:
    """What a bare number of keeping means, where it may mean three things that differ."""
    said = RetentionSaid(keep_within=f"{count}d"), RetentionSaid(keep_daily=count), RetentionSaid(keep_last=count)
    from planner.language.explain import retention

    choices = tuple(retention(one, "zh" if language == "zh" else "en") for one in said)
    text = pick(
        language,
        f"Keep {count} of what: everything of the last {count} days, {count} daily copies, or the last {count} copies of any age?",
        f"“{count}”指什么:最近 {count} 天的全部、{count} 份日备,还是最近的 {count} 份?",
    )
    return Question(text, "retention", choices)
