"""When work may run: the contract's `window`."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from planner.language.normalise import clock, days, durations
from planner.language.normalise.numbers import digits
from planner.language.normalise.text import pattern

FORBIDDEN = (
    r"\bnever\b|\bnot (?:between|during|from|while|in|at|on|over)\b|\bavoid\w*|\bnothing\b|\bno (?:backups?|bkp|jobs?|runs?|traffic|load|work)\b|\bmust(?: no|n')t\b|\bexcept\b|\bdon'?t\b|\bdo not\b|\bleave\b.*\balone\b|\bmust never\b|\bkeep (?:off|out|clear)\b|\boff limits\b|\boutside (?:of )?(?:the )?(?:hours )?(?:from |between )?\d|\bstay (?:off|out|away)|\bexclud|\bblackout\b|(?<!when )\bnobody\b"
    r"|\bmay not\b|\bcannot\b|\bno\b(?=.*\b(?:between|from|while|during)\b)|\bis busy\b|\bbusy (?:from|between)|\bnot \d|\baway from\b|\bclear of\b|\b(?:stop|stopping)\b.*\bbetween\b|\b(?:barred|banned|forbidden|prohibited|refrain\w*|abstain\w*|neither)\b|^ ?\W*(?:not|no)\b(?! (?:before|earlier|sooner|later|after|start|until))"
    r"|避开|别|不要|不许|不准|不能(?!早于|晚于)|禁止|勿|以外|不得(?!早|晚)|不可(?!早|晚)|除外|停|避|不行|不跑|不备|禁跑|禁备|错开|绕开|躲开"
)
OFFICE = r"\b(?:office|business|working|work|trading|opening|production|school|shop|peak|core|daytime|clinic|consulting|visiting|banking|service|prod|market)[- ](?:hours?|times?|day)\b|\bduring the day\b|\bdaytime\b|\bpeak\b|业务高峰|高峰|上班时间|工作时间|营业时间|办公时间|白天|上班|日间|上课时间|返工时间|工作时段|交易时[间段]"
OFF = r"\boff[- ]?(?:hours|peak)\b|\bafter[- ](?:hours|work|closing)\b|\bout of (?:office )?hours\b|\bquiet (?:hours|time)\b|\bwhen (?:nobody|no one|no-one|everyone)|\bidle\b|低峰|下班|闲时|空闲|非工作|没人用|非业务|非上班|业余|非高峰|闲暇"
JOINT = r"\s*(?:o'clock)?\s*(?:-+|\bto\b|\bthru\b|\bthrough\b|\buntil\b|\btill?\b|\band\b|&|到|至|~|\.\.|,\s*(?:until|till|to|before|by)|(?:\band (?:is )?)?(?:done|finished|over|complete|must be (?:done|finished)) (?:by|before))\s*(?:closing at|the latest)?\s*"
NOT_WEEKEND = r"\b(?:but )?(?:not|never|except) (?:on |at |over |during )?(?:the )?weekends?\b"
NIGHT = r"\bat night\b|\bby night\b|\bnights? only\b|\bovernight\b|\bduring the night\b|\bin the night\b|\bsleeps?\b|\basleep\b|夜|凌晨|晚上|晚间|睡"


def window(text: str, *, part: str | None = None) -> dict[str, Any] | None:
    """The window that a text says; a forbidden span is turned into its complement. `part`: the part of the day that the schedule
    beside it names, by which a bare hour is read."""
    plain = _plain(text)
    forbidden = bool(pattern(FORBIDDEN).search(plain))
    if pattern(
        r"\b(?:nothing|never|none|not) but\b|\b(?:only|just)\b.{0,20}\b(?:between|from)\b|\bother than between\b|之间以外不|以外不|以外别|以外禁|淨?只|仅"
    ).search(plain):
        forbidden = False
    if pattern(NOT_WEEKEND).search(plain):
        plain, forbidden = pattern(NOT_WEEKEND).sub(" ", plain), False
        names: tuple[str, ...] = days.WORKDAYS
    else:
        names = days.weekdays(plain)
    with_days: dict[str, Any] = {"days": list(names)} if names else {}
    pair = _pair(plain)
    if pair:
        start, end = pair
        return ({"from": end, "to": start} if forbidden else {"from": start, "to": end}) | with_days
    one = _one(plain, part)
    if one:
        return one | with_days
    if pattern(OFFICE).search(plain) and (
        forbidden
        or pattern(
            r"\boutside\b|\boff\b|\bafter\b|\baround\b|\bnon\b|避|错开|绕开|躲开|禁|外|非|\bduring\b|\bdisturb|\bother than\b|\bclear of\b|\baway from\b|\bbusy\b"
        ).search(plain)
    ):
        return {"part": "off_hours"}
    if pattern(NIGHT).search(plain) and not forbidden and not names:
        return {"part": "night"}
    if pattern(OFF).search(plain):
        return {"part": "off_hours"}
    if set(names) == set(days.WEEKEND):
        return {"days": list(days.WORKDAYS)} if forbidden else {"part": "weekend"}
    if names:
        return {
            "days": [d for d in days.WEEK if d not in names]
            if forbidden
            and not pattern(r"除|\bexcept\b|\bnever on\b|\bnot on\b|\bother than\b|\bbut not\b").search(plain)
            else list(names)
        }
    if clock.part_of(plain) in {"night", "evening"} and not forbidden:
        return {"part": "night"}
    return None


def _plain(text: str) -> str:
    plain = pattern(r"(?<=[\dm]) ?(?:-+|–|—) ?(?=\d)").sub(" to ", digits(text))
    plain = pattern(r"(?<=\bto )(\d{1,2}) h\b").sub(r"\1:00", plain)
    plain = pattern(r"\b(between|from) (\d{1,2}) h (and|to|until|till) (\d{1,2}) h\b").sub(r"\1 \2:00 \3 \4:00", plain)
    plain = pattern(r"(?<=\d)时(?=至|到|-|~|$)").sub("点", plain)
    plain = pattern(r"^(\d{1,2})点(到|至|-|~| to )(\d{1,2})点").sub(_by_night, plain)
    corrected = list(pattern(r"\.\.\. ?no[,:]|, ?(?:no|sorry)[,: ](?! (?:later|earlier|sooner))").finditer(plain))
    return plain[corrected[-1].end() :] if corrected and len(plain) - corrected[-1].end() > 4 else plain


def _by_night(found: re.Match[str]) -> str:
    """`10点到6点` is by night, `9点到5点` by day: hours of the dial that no part of the day puts right."""
    first, last = int(found[1]), int(found[3])
    if not (last < first <= 12 and last <= 8):
        return found[0]
    if first >= 10:
        return f"{first + 12 if first < 12 else 0:02d}:00 to {last:02d}:00"
    return f"{first:02d}:00 to {last + 12:02d}:00" if first >= 7 and last <= 6 else found[0]


def _pair(plain: str) -> tuple[str, str] | None:
    text = pattern(r"\b(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?)(?:day)?s?\b").sub(" ", plain)
    text = pattern(r"(?:朝|早)(\d{1,2})(?:点?(?:到|至|-|~|to) ?)?晚(\d{1,2})(?![点:\d])").sub(
        r"早上\1点到晚上\2点", text
    )
    text = pattern(r"次日|第2天|隔天|翌日").sub(" 次日 ", text)
    shared = pattern(r"(?<![\d:])(\d{1,2}) ?(?:-|to|and) ?(\d{1,2}) ?([ap])\.?m").search(text)
    hits = clock.find(text, bare=True, hours=True, relative=False)
    found = None
    for a, b in pairwise(hits):
        if not pattern(JOINT + r"(?:\s|at|的|次日|the|next|day|morning|following|in)*\s*").fullmatch(
            _joint(text[a.end : b.start])
        ):
            continue
        if shared and a.bare and shared.start(1) == a.start:
            hour = int(shared[1]) % 12 + (12 if shared[3] == "p" else 0)
            return f"{hour:02d}:00", b.value
        first, last = a.hour, b.hour
        if a.bare and not b.bare and b.hour > 12 and a.hour + 12 < b.hour and pattern(r"evening|晚").search(text):
            first += 12
        if a.bare and b.bare and last < first <= 12 and clock.part_of(text) is None:
            if not (7 <= first <= 10 and 3 <= last <= 6 and (first == 9 or pattern(FORBIDDEN).search(text))):
                return None  # "10 to 6": by day or by night?
            last += 12
        if a.hour == 12 and b.bare and 1 <= b.hour <= 6:
            last += 12  # "noon to one"
        if (a.bare or b.bare) and first == last and a.minute == b.minute and first <= 12:
            last = (last + 12) % 24  # "from eight to eight"
        if (first, a.minute) == (last, b.minute):
            return None
        found = f"{first:02d}:{a.minute:02d}", f"{last:02d}:{b.minute:02d}"
        break
    later = (
        pattern(r"\b(?:so|now|then)\b.{0,12}\b(?:until|till?|by) ").search(text, hits[1].end)
        if found and len(hits) > 2
        else None
    )
    return (found[0], hits[2].value) if found and later else found or _lasting(text, hits)


def _lasting(text: str, hits: list[clock.Found]) -> tuple[str, str] | None:
    """`start at 21:00 and take no longer than 5 hours`; `after 20:30 and finished before 05:45`."""
    clear = [h for h in hits if not h.bare]
    if len(clear) == 1 and pattern(r"\bfrom\b|\bstart|\bat\b|从|开始").search(text[: clear[0].start]):
        gap = durations.find(text[clear[0].end :])
        if gap and gap[0].value.endswith(("h", "min")):
            minutes = int(gap[0].value.rstrip("hmin")) * (60 if gap[0].value.endswith("h") else 1)
            if minutes < 1440:
                end = (clear[0].hour * 60 + clear[0].minute + minutes) % 1440
                return clear[0].value, f"{end // 60:02d}:{end % 60:02d}"
    if len(clear) == 2:
        first, second = (_side(text, h) for h in clear)
        if {first, second} == {"from", "to"}:
            return (clear[0].value, clear[1].value) if first == "from" else (clear[1].value, clear[0].value)
        middle = text[clear[0].end : clear[1].start]
        if not (text[: clear[0].start] + middle + text[clear[1].end :]).strip():
            return clear[0].value, clear[1].value  # two times that the sentence tells apart
        if pattern(r"\bin between\b|之间").search(text) or pattern(
            r"\b(?:from then|thereafter|then)\b.*\b(?:until|till?|to)\b"
        ).search(middle):
            return clear[0].value, clear[1].value
        if pattern(r"\bfrom\b").search(text[: clear[0].start]) and pattern(r"\bto\b").search(middle):
            return clear[0].value, clear[1].value  # "from opening at 11 to closing at 23"
    if (
        len(hits) == 2
        and pattern(r"\bfrom\b").search(text[: hits[0].start])
        and pattern(r"\b(?:to|until|till?)\b").search(text[hits[0].end : hits[1].start])
    ):
        return hits[0].value, hits[1].value
    return None


def _joint(text: str) -> str:
    """The words between two times without parts of the day."""
    return pattern(
        r"\bin the (?:morning|evening|afternoon)\b|\bat night\b|\bnight\b|\bmorning\b|凌晨|早上|晚上|下午|早晨|清晨|夜里|中午|上午|傍晚|早|晚|\bhours?\b|之后|以后|以前|之前|开始"
    ).sub(" ", text)


def _one(plain: str, part: str | None) -> dict[str, Any] | None:
    hits = clock.find(plain, hours=True) or clock.find(plain, bare=True)
    if not hits:
        return None
    hit = hits[0]
    value = hit.value
    side = _side(plain, hit)
    if side == "from" and hit.bare and part and not clock.part_of(plain):
        value = f"{clock.moved(hit.hour, part):02d}:{hit.minute:02d}"
    return {side: value} if side else None


def _side(plain: str, hit: clock.Found) -> str | None:
    """Whether a time begins the window or ends it."""
    before, after = plain[max(0, hit.start - 40) : hit.start], plain[hit.end :]
    before = (
        pattern(r"\d{1,2}:\d\d|\bnoon\b|\bmidnight\b|\d点").split(before)[-1]
        if pattern(r"\band\b|,|\b(?:end|finish|done|stop|over)\w* (?:by|at|before|until)\b").search(before)
        else before
    )
    if pattern(
        r"\bnot (?:start )?(?:before|until|till|earlier than)|\bno(?:t| sooner| earlier)\b.*\b(?:before|than)|\bnothing (?:before|until)|不[能得可要]?早于|\bnever before\b"
    ).search(before) and not pattern(r"\bafter\b|\blater\b").search(before):
        return "from"
    if pattern(r"^ ?(?:点钟?)?(?:之|以)?前(?:都|就|绝对|一律)*(?:不[许准得能要可]|别|勿|禁止)").search(after):
        return "from"
    if pattern(
        r"\b(?:not|never|nothing|no \w+) (?:run )?(?:after|past|later than)|\bno later than\b|不[能得可要]?晚于|不要超过"
    ).search(before) or (pattern(r"^ ?(?:以|之)?[后]?(?:别|不许|不要|不准)").search(after) and "后" in after[:3]):
        return "to"
    if pattern(
        r"\b(?:copied|done|saved|finished|backed up|complete)\w* before (?:then|that)\b|\bbefore (?:then|that)\b"
    ).search(after):
        return "to"
    if pattern(r"\bbefore\b").search(before) and not pattern(r"\bafter\b|\bnot\b|\bfrom\b").search(before):
        return "to"
    if pattern(r"\bafter\b|\bfrom\b|\bpast\b|\bstart|\bbegin|\bearliest\b|\bonly once\b|\bsince\b|从|过了").search(
        before
    ) or pattern(
        r"^ ?(?:以后|之后|后|起|开始|过后|\bonwards?\b|\band later\b|\bor later\b|\bearliest\b|\bat the earliest\b)"
    ).search(after):
        return "from"
    if pattern(
        r"\bbefore\b|\bby\b|\buntil\b|\btill?\b|\bfinish|\bdone\b|\bdeadline\b|\bend|\bcomplete|\bover\b|\bthrough\b|\bstop|\blatest\b|赶在|到"
    ).search(before) or pattern(
        r"^ ?(?:以前|之前|前|结束|(?:必须|要|得|一定|务必)*(?:收工|完成|完工|跑完|备完|做完|搞定|弄完|收尾|停)|at the latest|finished|latest)"
    ).search(after):
        return "to"
    return None
