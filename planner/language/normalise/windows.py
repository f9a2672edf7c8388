"""When work may run: the contract's `window`."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from planner.language.normalise import clock, days
from planner.language.normalise.numbers import digits
from planner.language.normalise.text import pattern

FORBIDDEN = (
    r"\bnever\b|\bnot (?:between|during|from|while|in)\b|\bavoid\w*|\bnothing\b|\bno (?:backups?|jobs?|runs?|traffic|load|work)\b|\bmust(?: no|n')t\b|\bexcept\b|\bdon'?t\b|\bdo not\b|\bleave alone\b|\bmust never\b|\bkeep (?:off|out|clear)\b|\boff limits\b|\boutside (?:of )?(?:the )?(?:hours )?\d|\bstay (?:off|out|away)|\bexclud|\bblackout\b|\bnobody\b"
    r"|\bmay not\b|\bcannot\b|\bno\b(?=.*\b(?:between|from)\b)|\boutside\b(?= *\W*\d)"
    r"|避开|别|不要|不许|不准|不能(?!早于|晚于)|禁止|勿|以外|不得|不可|除外|停|避"
)
OFFICE = r"\b(?:office|business|working|work|trading|opening|production|school|shop|peak|core|daytime|clinic|service|prod)[- ](?:hours?|time|day)\b|\bduring the day\b|\bdaytime\b|\bpeak\b|业务高峰|高峰|上班时间|工作时间|营业时间|办公时间|白天|上班|日间|上课时间|返工时间"
OFF = r"\boff[- ]?(?:hours|peak)\b|\bafter[- ](?:hours|work|closing)\b|\bout of (?:office )?hours\b|\bquiet (?:hours|time)\b|\bwhen (?:nobody|no one|no-one|everyone)|\bidle\b|低峰|下班|闲时|空闲|非工作|没人用|非业务|非上班|业余"
SEPARATOR = r"\s*(?:o'clock)?\s*(?:-+|\bto\b|\bthru\b|\bthrough\b|\buntil\b|\btill?\b|\band\b|&|到|至|~|\.\.|,\s*(?:until|till|to))\s*"
NEXT = r"\s*(?:the )?(?:next (?:day|morning)|tomorrow|次日|第2天|隔天|翌日)?\s*(?:at|的)?\s*"


def window(text: str) -> dict[str, Any] | None:
    """The window that a text says; a forbidden span is turned into its complement."""
    plain = pattern(r"(?<=[\dm]) ?-+ ?(?=\d)").sub(" to ", digits(text))
    forbidden = bool(pattern(FORBIDDEN).search(plain))
    if pattern(
        r"\b(?:only|just)\b.{0,20}\b(?:between|from)\b|\bother than between\b|之间以外不|以外不|以外别|以外禁|淨?只|仅"
    ).search(plain):
        forbidden = False
    pair = _pair(plain)
    names = _days(plain)
    if pair:
        start, end = pair
        out: dict[str, Any] = {"from": end, "to": start} if forbidden else {"from": start, "to": end}
        if names:
            out["days"] = list(names)
        return out
    one = _one(plain)
    if one:
        return one | ({"days": list(names)} if names else {})
    if pattern(OFFICE).search(plain) and (
        forbidden
        or pattern(
            r"\boutside\b|\boff\b|\bafter\b|\baround\b|\bnon\b|避|外|非|\bduring\b|\bdisturb|\bother than\b|\bclear of\b|\baway from\b|\bbusy\b"
        ).search(plain)
    ):
        return {"part": "off_hours"}
    if pattern(OFF).search(plain):
        return {"part": "off_hours"}
    if set(names) == set(days.WEEKEND):
        return {"days": list(days.WORKDAYS)} if forbidden else {"part": "weekend"}
    if names:
        return {
            "days": [d for d in days.WEEK if d not in names]
            if forbidden and "除" not in plain and "except" not in plain
            else list(names)
        }
    part = clock.part_of(plain)
    if part in {"night", "evening"} and not forbidden:
        return {"part": "night"}
    return None


def _days(plain: str) -> tuple[str, ...]:
    text = pattern(r"\b(?:but )?not (?:on |at )?(?:the )?weekends?\b|\bexcept (?:on |at )?(?:the )?weekends?\b").sub(
        " ", plain
    )
    if text != plain:
        return days.WORKDAYS
    return days.weekdays(plain)


def _pair(plain: str) -> tuple[str, str] | None:
    text = pattern(r"\b(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?)(?:day)?s?\b").sub(" ", plain)
    text = pattern(r"朝9晚([5-9])").sub(
        lambda m: f"9点到晚上{m[1]}点", pattern(r"早9晚([5-9])").sub(lambda m: f"9点到晚上{m[1]}点", text)
    )
    text = pattern(r"次日|第2天|隔天|翌日").sub(" 次日 ", text)
    shared = pattern(r"(?<![\d:])(\d{1,2}) ?(?:-|to|and) ?(\d{1,2}) ?([ap])\.?m").search(text)
    hits = clock.find(text, bare=True)
    for a, b in pairwise(hits):
        if pattern(SEPARATOR + r"(?:\s|at|的|次日|the|next|day|morning|following|in)*\s*").fullmatch(
            _joint(text[a.end : b.start])
        ):
            if shared and a.bare and shared.start(1) == a.start:
                hour = int(shared[1]) % 12 + (12 if shared[3] == "p" else 0)
                return f"{hour:02d}:00", b.value
            first = a.value
            if a.bare and not b.bare and b.hour > 12 and a.hour + 12 < b.hour and pattern(r"evening|晚").search(text):
                first = f"{a.hour + 12:02d}:00"
            if b.value == "00:00" and a.value == "00:00":
                return None
            return first, b.value
    return None


def _joint(text: str) -> str:
    """The words between two times without parts of the day."""
    return pattern(
        r"\bin the (?:morning|evening|afternoon)\b|\bat night\b|\bnight\b|\bmorning\b|凌晨|早上|晚上|下午|早晨|清晨|夜里|中午|上午|傍晚|早|晚|\bhours?\b|之后|以后|以前|之前|开始"
    ).sub(" ", text)


def _one(plain: str) -> dict[str, Any] | None:
    text = pattern(r"\bb4\b").sub("before", plain)
    hits = clock.find(text) or clock.find(text, bare=True)
    if not hits:
        return None
    hit = hits[0]
    before, after = text[: hit.start], text[hit.end :]
    if pattern(
        r"\bnot (?:start )?(?:before|until|till|earlier than)|\bno(?:t| sooner| earlier)\b.*\b(?:before|than)|\bnothing (?:before|until)|不能?早于|不要早于|不早于|\bnever before\b"
    ).search(before) and not pattern(r"\bafter\b").search(before):
        return {"from": hit.value}
    if pattern(
        r"\b(?:not|never|nothing|no \w+) (?:run )?(?:after|past|later than)|不晚于|不能晚于|不得晚于|不要超过"
    ).search(before) or (pattern(r"^ ?(?:以|之)?[后]?(?:别|不许|不要|不准)").search(after) and "后" in after[:3]):
        return {"to": hit.value}
    if pattern(r"\bafter\b|\bfrom\b|\bpast\b|\bstart|\bbegin|\bearliest\b|\bonly once\b|\bsince\b|从|过了").search(
        before
    ) or pattern(r"^ ?(?:以后|之后|后|起|开始|过后|\bonwards?\b|\band later\b)").search(after):
        return {"from": hit.value}
    if pattern(
        r"\bbefore\b|\bby\b|\buntil\b|\btill?\b|\bfinish|\bdone\b|\bdeadline\b|\bend|\bcomplete|\bover\b|\bthrough\b|\bstop|\blatest\b|赶在|到"
    ).search(before) or pattern(r"^ ?(?:以前|之前|前|结束)").search(after):
        return {"to": hit.value}
    return None
