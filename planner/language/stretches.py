"""A request cut into stretches, one for each intent."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from planner.language import actions, cues
from planner.language.actions import Told
from planner.language.marks import Mark
from planner.language.normalise.text import pattern

VERBS = (
    r"(?:back ?up|backup|snapshot|dump|archive|image|copy|clone|restore|recover|roll ?back|verify|check|scrub|test|drill|rehearse|prove|delete|prune|purge|forget|remove|drop|pause|resume|suspend|hold|stop|start|replicate|mirror|sync|ship|send a copy|run|rerun|show|list|tell me|why|when|what|how|did|is there|protect|save|fail over|unpause|put|bring|get|do a|take|make a|try|exclude|validate|wipe|erase|disable|enable)\b"
    r"|(?:把|将|对|给)?[^,。;!?\0]{0,12}?(?:备份|快照|恢复|还原|校验|验证|检查|演练|删除?|清理|暂停|停掉|继续|复制|同步|归档|看看|查|为什么)"
)
SEPARATOR = r"[.;!?。\n]+\s+(?=\S)|[;。!?\n]+\s*|,?\s*\b(?:and then|then|and also|also|after that|afterwards|and)\b\s+|,\s*|\s*(?:然后|接着|顺便|另外|同时|并且|再)"


@dataclass
class Stretch:
    """Words `[start, end)` of the request that carry one intent."""

    start: int
    end: int
    told: Told | None
    marks: list[Mark] = field(default_factory=list)


def blank(text: str, marks: list[Mark], start: int = 0, end: int | None = None) -> str:
    """The stretch with the words of marks replaced by NUL."""
    out = list(text[start:end])
    for mark in marks:
        for i in range(max(mark.start - start, 0), min(mark.end - start, len(out))):
            out[i] = "\0"
    return "".join(out)


def cut(text: str, marks: list[Mark]) -> list[Stretch]:
    """Stretches in order; a separator counts where an action's verb begins behind it."""
    masked = blank(text, marks)
    points = [0]
    for m in pattern(SEPARATOR).finditer(masked):
        rest = masked[m.end() :]
        head = pattern(actions.CHATTER).match(rest)
        body = rest[head.end() :] if head else rest
        hard = pattern(r"[.;!?。\n]").search(m[0]) is not None
        if m.end() - points[-1] < 4 or not body.strip("\0 ,.;"):
            continue
        if pattern(VERBS).match(body) or (hard and actions.cue_hits(_sentence(body))):
            points.append(m.end())
    points.append(len(text))
    return [_told(text, marks, a, b) for a, b in pairwise(points) if b > a]


def _sentence(body: str) -> str:
    end = pattern(r"[.;!?。\n](?:\s|$)").search(body)
    return body[: end.start()] if end else body


def _told(text: str, marks: list[Mark], start: int, end: int) -> Stretch:
    own = [m for m in marks if start <= m.start < end]
    labels = {m.label for m in own}
    masked = blank(text, own, start, end)
    told = actions.classify(
        masked,
        text[start:end],
        standing=bool(labels & {"retention", "immutable", "limits", "encrypt", "rpo", "rto", "window", "policy"})
        or bool(pattern(cues.STANDING).search(masked)),
        recurring="schedule" in labels,
    )
    if told is None and labels & {
        "schedule",
        "retention",
        "window",
        "limits",
        "immutable",
        "policy",
        "encrypt",
        "rpo",
        "rto",
        "type",
        "notify",
    }:
        told = Told("protect", start, start, 0.4)
        return Stretch(start, end, told, own)
    if told:
        told = Told(told.action, told.start + start, told.end + start, told.margin)
    return Stretch(start, end, told, own)


QUESTIONS = {"status", "explain", "diagnose", "optimize"}
STANDING = {"protect", "backup"}


def merge(stretches: list[Stretch], text: str) -> list[Stretch]:
    """Stretches that only add words to their neighbour are joined to it."""
    out: list[Stretch] = []
    for s in stretches:
        if not out:
            out.append(s)
            continue
        last = out[-1]
        if s.told is None or _continues(last, s):
            out[-1] = _joined(last, s, last.told or s.told)
        elif last.told is None or (last.told.action in QUESTIONS | {"unsupported"} and _context(last, s, text)):
            out[-1] = _joined(last, s, s.told)
        else:
            out.append(s)
    return out


def _joined(a: Stretch, b: Stretch, told: Told | None) -> Stretch:
    return Stretch(a.start, b.end, told, [*a.marks, *b.marks])


def _continues(last: Stretch, s: Stretch) -> bool:
    if last.told is None or s.told is None:
        return False
    a, b = last.told.action, s.told.action
    labels = {m.label for m in s.marks}
    if b == "protect" and s.told.margin == 0.4:
        return a not in {"explain"}
    if a in QUESTIONS and b in QUESTIONS:
        return True
    if a == b and not (labels & {"schedule"} and {m.label for m in last.marks} & {"schedule"}):
        return True
    return (a in {"recover", "restore"} and b in {"recover", "restore", "backup"}) or (
        a in STANDING and b in STANDING and not labels & {"schedule"}
    )


def _context(last: Stretch, s: Stretch, text: str) -> bool:
    """Whether the earlier stretch only tells why ("the disk died, bring it back")."""
    if s.told is None or s.told.action in QUESTIONS:
        return True
    words = text[last.start : last.end]
    asks = pattern(r"\?|\bwhy\b|\bhow\b|\bwhen\b|\bwhat\b|为什么|为啥|吗|多久|怎么").search(words)
    return not asks
