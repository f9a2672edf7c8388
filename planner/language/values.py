"""Words of one slot, with the sentence around them, to the slot's value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from planner.language import context
from planner.language.intent import Question
from planner.language.normalise import (
    amounts,
    clock,
    dates,
    days,
    durations,
    periods,
    points,
    retention,
    schedules,
    until,
    windows,
    words,
)
from planner.language.normalise.numbers import digits
from planner.language.normalise.text import fold, is_chinese, pattern

LONGEST = 1000  # characters of words that can be one value
#: actions whose "on friday" is one run, not every friday
ONCE = frozenset(
    {"backup", "restore", "drill", "verify", "replicate", "forget", "recover", "resume", "pause", "optimize", "status"}
)
OTHERS = r"\b(?:on |all )?(?:the )?(?:other|remaining|rest of the) days\b|其余(?:每天|的?日子|时间)?|其[他它](?:每天|日子|天)"
SAME_DAY = r"\bsame (?:week)?days?\b|同1?天"
#: words in front of a span that make an event of what it says
EVENT_LED = (
    r"\b(?:when(?:ever)?|as soon as|any ?time|each time|every time|if|once|upon)(?: (?!(?:it|there)\b)[\w.-]+){0,2} $"
)
#: the part of the day that stands right in front of a time
DAYPART = r"(?:凌晨|清晨|早上|早晨|上午|中午|正午|下午|午后|傍晚|晚上|晚间|夜里|半夜|深夜) ?$"
SAME_TIME = r"\bsame (?:time|hour)\b|同[一1]时间|同样时间|同时间"
#: words of a change to a standing schedule: what is not said stays
CHANGE = (
    r"\b(?:move[ds]?|moving|mv|shift(?:ed)?|change|changed|changing|adjust\w*|rather than|instead|reschedul\w*|make it|bump|push(?:ed)?|postpone\w*|rewrite|amend|so far|same job|set back|no longer|alter|(?:begin|start) (?:it |them |that |this )?at|(?:it|that|this|they) (?:should|shall|ought to|is to) be|(?:begin|start)s? [\w ]{0,24}(?:later|earlier))\b"
    r"|改|挪|定到|定在|设到|设成|设为|移到|移至|调整|调到|推迟|提前|推后"
)
BEGIN = r"^\W*(?:(?:begin|start)(?:ing|s)? at|make it|to)\b"
PROHIBITED = r"\b(?:stop|keep (?:away|clear|off)|never|not|neither|nor|barred|banned|forbidden|prohibited|refrain\w*|abstain\w*|n't|don'?t|mustn'?t|can'?t|shouldn'?t|avoid|nothing|no|without|unavailable)\b|n't\b|别|不要|避开|不许|禁止|勿|不准|不得"
PROHIBITED_AFTER = r"^\s*(?:之?间|内|期间)?(?:里|都|就|绝对|一律)*(?:禁止|别|不要|不许|不准|不得|不能|勿|不可|停|不行|不跑|不备)|^\W*(?:is|are) (?:off limits|taboo|busy|forbidden|blocked)|^,? ?(?:nothing|no (?:backups?|jobs?|runs?|traffic))\b(?! (?:at night|else|outside|before|after|otherwise|in between|at any other|on|over(?:night)?|during the night|at (?:the )?weekends?)\b)|^\s*(?:must|may|should|can) ?not\b|^,? (?:outside|other than|but not)\b|\boutside (?:of )?(?:that|those|it)\b"
#: a window that carries its own "not"
NEGATED = re.compile(
    r"\b(?:not?|never|avoid\w*|outside|except|don'?t|nothing|off|after|before|by|until)\b|避|别|不|外|禁"
)
#: a moment that stands for a time said before
THAT = r"\b(?:after|from|before|until|till|by) (?:that|then)\b(?: on(?:wards?)?)?|之后再?$|此后"
ABOUT = {
    "point": ("which moment", "哪个时间点"),
    "schedule": ("when", "什么时候"),
    "retention": ("how long to keep", "保留多久"),
    "window": ("which hours", "哪个时段"),
    "until": ("until when", "到什么时候"),
    "limits": ("which limit", "什么限制"),
    "notify": ("whom to tell", "通知谁"),
    "read": ("how much to read", "读取多少"),
    "type": ("which kind of backup", "哪种备份"),
    "policy": ("which scheme", "哪种方案"),
    "rpo": ("how much may be lost", "最多能丢多久的数据"),
    "rto": ("how soon it must be back", "多久要恢复"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """The parts of a slot in their request, and what decides how they are read."""

    text: str
    parts: tuple[tuple[int, int], ...]
    action: str
    now: datetime
    topic: str | None = None
    beside: str = ""  # the words of the other slots of time

    @property
    def said(self) -> list[str]:
        """Each part in the person's words."""
        return [self.text[a:b] for a, b in self.parts]

    @property
    def words(self) -> str:
        """All parts, in the order of the request."""
        return " | ".join(self.text[a:b] for a, b in self.parts)


def read(label: str, place: Place) -> Any:
    """The value that the words of a slot carry; None where they can't be read."""
    reader = READERS.get(label)
    return reader(place) if reader and len(place.words) <= LONGEST else None


def _schedule(place: Place) -> Any:
    """A schedule; a time alone recurs daily unless only the time of a standing schedule is changed."""
    folded = fold(place.text)
    words = " ".join(_parted(place, folded))
    plain = digits(words)
    if (day := pattern(SAME_DAY).search(plain)) and not days.weekdays(plain):
        named = days.weekdays(digits(" ".join(folded[a:b] for a, b in _outside(place))))
        words = plain = plain.replace(day[0], " ".join(named) or day[0])
    if pattern(OTHERS).search(plain):
        outside = " ".join(folded[a:b] for a, b in _outside(place))
        named = days.weekdays(digits(outside)) if not pattern(r"\bmonth|每个?月|按月").search(outside) else ()
        rest = " ".join(d for d in days.WEEK if d not in named) if len(named) in range(1, 6) else "every day"
        words = pattern(OTHERS).sub(f" {rest} ", plain)
    if place.action in ONCE and pattern(r"^[^.;,]{0,16}\btoday\b|^[^。;,]{0,4}今天").search(
        folded[place.parts[-1][1] :]
    ):
        words += " today"
    words = _led(place, folded, words)
    monthly = pattern(r"\b(?:monthly|(?:every|each) month)\b|每个?月").search(digits(folded))
    if place.action in ONCE and monthly and days.nth_weekday(plain) and not days.months(plain):
        words += " each month"
    value = schedules.schedule(words, place.now, once=place.action in ONCE, before=place.text[: place.parts[0][0]])
    if value is None:
        return None
    if pattern(SAME_TIME).search(plain) and not clock.find(pattern(SAME_TIME).sub(" ", plain)):
        elsewhere = [t for a, b in _outside(place) for t in clock.times(place.text[a:b])]
        value = {k: v for k, v in value.items() if k != "at"}
        if elsewhere and "date" in value:
            value["date"] = f"{value['date'][:10]}T{elsewhere[0]}"
        elif elsewhere:
            value["at"] = elsewhere[:1]
    once = place.action in ONCE or "every" in value or "date" in value or "trigger" in value
    if "at" in value and not once and not pattern(CHANGE).search(folded) and not pattern(BEGIN).search(fold(words)):
        value = {"every": "1d"} | value
    return value


def _parted(place: Place, folded: str) -> list[str]:
    """The words of each part, with the part of the day that stands right in front of it."""
    return [(m[0] if (m := pattern(DAYPART).search(folded[:a])) else "") + place.text[a:b] for a, b in place.parts]


def _led(place: Place, folded: str, words: str) -> str:
    """The words with what the sentence says right before or behind them: an event's "when", and "each month"."""
    (start, _), (_, end) = place.parts[0], place.parts[-1]
    led = pattern(EVENT_LED).search(folded[:start])
    if led and not clock.find(digits(words)) and not periods.period(digits(f"{words} ."))[0]:
        return f"{led[0]}{words}"
    if led and pattern(r" (?:is|are|has|have|gets?|finish\w*|complet\w*|ends?|starts?|lands?)\b").search(fold(words)):
        return f"each time {words}"
    each = pattern(r"^ (?:of )?(?:each|every) (?:month|week|day|year|quarter)\b").match(folded[end:])
    return words + each[0] if each else words


def _length(place: Place) -> Any:
    """A duration; a number alone has the unit of the length that was said before it ("within two hours, … within four")."""
    found = durations.duration(place.words)
    if found:
        return found
    number = pattern(r"(?<![\d:.])(\d{1,4})(?![\d:.%])\W*$").search(digits(place.words))
    before = durations.find(digits(place.text[: place.parts[0][0]]))
    unit = pattern(r"[a-z]+$").search(before[-1].value) if before else None
    return durations.make(int(number[1]), unit[0]) if number and unit else None


def _until(place: Place) -> Any:
    words = " ".join(place.said)
    return until.until(words, place.now) or _length(place)


def _outside(place: Place) -> list[tuple[int, int]]:
    """The ranges of the request that the parts leave."""
    edges = [0, *(edge for part in place.parts for edge in part), len(place.text)]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]


def _window(place: Place) -> Any:
    """The hours in which work may run; a prohibition may stand before or behind the words of the span."""
    folded = fold(place.text)
    words = " ".join(_parted(place, folded))
    (start, _), (_, end) = place.parts[0], place.parts[-1]
    head = re.split(r"[.;!?]|,(?! )|, (?!\d|then)", folded[max(0, start - 60) : start])[-1]
    tail = re.split(r"[.;!?]", folded[end : end + 40])[0]
    words = _resolved(words, folded[:start])
    limited = pattern(r"^\W*(?:(?:start|begin|run) )?(?:before|after|until|till)\b").match(fold(words))
    led = pattern(
        r"\b(?:(?:not |no )?(?:before|after|until|till|past|earlier than|later than)|from|by|between)\s*$"
    ).search(folded[:start])
    words = f"{led[0]} {words}" if led else words
    barred = pattern(r"(?:\b(?:not|never)|n't|\bnothing|\bno \w+)(?: [a-z]+){0,6} *$").search(
        head[: led.start() - start] if led else head
    )
    if barred and (limited or led):
        words = f"not {words}"
    if barred and pattern(r"^(?!.*\bonly\b).*\boutside\b").search(fold(words)):  # never outside: only within
        words, forbids = pattern(r"\boutside(?: of)?\b").sub("between", fold(words)), False
    else:
        forbids = True
    forbidden = forbids and (
        pattern(PROHIBITED).search(head)
        or pattern(PROHIBITED_AFTER).search(tail)
        or pattern(r"\bleave\b.{0,30}\balone\b.{0,12}$").search(folded[:start])
    )
    permitted = pattern(r"\bonly\b|\bjust\b|只|仅").search(fold(words)) or (
        not pattern(PROHIBITED_AFTER).search(tail) and pattern(r"\bonly\b\s*$|只[能在]?$").search(head)
    )
    return windows.window(
        ("not " if forbidden and not permitted and not NEGATED.search(fold(words)) else "") + words,
        part=clock.part_of(digits(place.beside)),
    )


def _resolved(words: str, before: str) -> str:
    """The words with the last time that was said before them for `that`: "until 21:00 … begin after that"."""
    that, said = pattern(THAT).search(fold(words)), clock.find(digits(before))
    return words.replace(that[0].split()[-1], said[-1].value, 1) if that and said and that[0].isascii() else words


def _point(place: Place) -> Any:
    words = " ".join(place.said)
    future = place.action in {"status", "optimize"} and bool(
        place.topic in {"next_run", "schedule"}
        or pattern(r"\bnext\b|\btomorrow|明天|下周|下个月|\bscheduled\b").search(digits(words))
    )
    head, alone = fold(place.text[: place.parts[0][0]]), fold(words).strip()
    named = (
        pattern(r"\b(?:snapshots?|snap)(?: named| called)? $|快照 ?$").search(head)
        and pattern(r"[\w./@:-]+").fullmatch(alone)
        and alone.isascii()
    )
    if named and points.point(words, place.now) is None:
        return {"snapshot": alone}
    if place.action in {"status", "diagnose", "optimize"} and (stretch := _stretch(words, head, place.now)):
        return stretch
    damaged = place.action in {"restore", "recover"} and context.lost(place.text, place.parts)
    return points.point(words, place.now, deleting=place.action == "forget", lost=damaged, future=future)


def _elided(place: Place) -> str | None:
    """A length whose unit is said of an earlier one: `fifty years for these, for two` of those."""
    start, end = place.parts[-1]
    bare = pattern(r"^\W*(?:for |to |make it |no,? |rather )*(\d{1,4})\W*$").match(digits(place.text[start:end]))
    earlier = durations.find(digits(place.text[:start])) if bare else []
    return f"{int(bare[1])}{earlier[-1].value.lstrip('0123456789')}" if bare and earlier and int(bare[1]) else None


def _retention(place: Place) -> Any:
    again = len(place.parts) > 1 and durations.find(digits(place.said[-2]))
    if (again or pattern(r"^\W*(?:for|to)\b").match(fold(place.said[-1]))) and (length := _elided(place)):
        return {"keep_within": length}
    return retention.retention(place.words)


def _stretch(words: str, head: str, now: datetime) -> dict[str, Any] | None:
    """A length of time or a day in a question that means all days until now: `for two weeks`, `since the upgrade on 1 July`."""
    plain = digits(words)
    found = durations.find(plain)
    if (
        found
        and pattern(r"\b(?:for|in|over|during)(?: the)?(?: last| past)? $").search(head)
        and pattern(r"\D*\d+\W?[a-z]+\W*").fullmatch(plain)
    ):
        return {"from": dates.shifted(now, found[0].value, -1)[:10], "to": now.date().isoformat()}
    day = dates.day(plain, now)
    if day and day < now.date() and pattern(r"\bsince\b[^.;,?!]*$").search(head) and not clock.find(plain):
        return {"from": day.isoformat(), "to": now.date().isoformat()}
    return None


def _notify(place: Place) -> Any:
    """Who is told of what; the occasion may be told in front of the span ("if it fails … I want an SMS")."""
    value = words.notify(place.words)
    if value and "on" not in value and place.action not in {"status", "diagnose"}:
        head = re.split(r"[.;!?。]", fold(place.text[: place.parts[0][0]]))[-1][-60:]
        tail = re.split(r"[.;!?,。]", fold(place.text[place.parts[-1][1] :]))[0][:24]
        told = pattern(
            r"\b(?:if|when|on|upon|should|in case)\b[^.;]*$|(?:失败|出错|报错|异常|不管|无论|不论|成功|完成|完事|完了|备完|跑完|做完|弄完|恢复完|坏了|坏块|有错|出岔子|出问题)[^.;]{0,14}$"
        ).search(head)
        outcome = (words.happening(told[0]) if told else None) or (
            words.happening(tail) if pattern(OCCASION).match(tail) else None
        )
        if not outcome and told and pattern(r"\b(?:can'?t|cannot|won'?t)\b").search(told[0]):
            outcome = "failure"
        value |= {"on": outcome} if outcome else {}
    return value


#: what follows the name of a channel and tells when it is used
OCCASION = r"^\W*(?:always|only|if|when|on|whenever|either way|every|each|regardless|whatever)\b|^\W*(?:失败|出错|成功|完成|每次|不管)"
READERS: dict[str, Callable[[Place], Any]] = {
    "schedule": _schedule,
    "window": _window,
    "retention": _retention,
    "type": lambda p: words.kind(p.words) or ("full" if "全" in p.words else None),
    "policy": lambda p: words.scheme(p.words),
    "rpo": _length,
    "rto": _length,
    "immutable": lambda p: _elided(p) or words.immutable(p.words),
    "limits": lambda p: amounts.limits(p.words, chinese=is_chinese(p.text)),
    "point": _point,
    "notify": _notify,
    "read": lambda p: amounts.read_share(p.words),
    "until": _until,
    "encrypt": lambda _: True,
    "in_place": lambda _: True,
    "dry_run": lambda _: True,
}


def unreadable(label: str, said: str, *, chinese: bool) -> Question:
    """The question about words that can't be read."""
    en, zh = ABOUT.get(label, (label, label))
    if chinese:
        return Question(f"从“{said}”看不出{zh},请换个说法。", label)
    return Question(f"I can't tell {en} from “{said}”. Please say it in other words.", label)


def untimely(label: str, value: Any, said: str, now: datetime, *, action: str, chinese: bool) -> Question | None:
    """The question about a pause that ends, or a run that begins, in the past, and about data from the future."""
    wrong = False
    if label == "until":
        wrong = "-" in value and value[:16] < now.isoformat()[: min(16, len(value))]
    elif label == "schedule":
        then = value.get("date")
        wrong = bool(then and then[:16] < now.isoformat()[: min(16, len(then))])
    elif label == "point" and action not in {"status", "optimize", "diagnose"}:
        then = value.get("at") or value.get("date") or value.get("from")
        wrong = bool(then and then[:16] > now.isoformat()[: min(16, len(then))])
    if not wrong:
        return None
    if chinese:
        return Question(f"“{said}”的时间不对({'还没到' if label == 'point' else '已经过去'}),指的是什么时候?", label)
    return Question(f"“{said}” lies in the {'future' if label == 'point' else 'past'}. When do you mean?", label)
