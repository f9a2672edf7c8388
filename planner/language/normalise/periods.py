"""How often: `every other tuesday`, `twice a day`, `q6h`, `隔天`, `一周三次` to a period, and a count in it."""

from __future__ import annotations

import re

from planner.language.normalise import durations
from planner.language.normalise.numbers import ORDINALS
from planner.language.normalise.text import pattern

OTHER = r"(?:every other|every second|every 2nd|each second|each other|alternate|alternating|on alternate)"
WORDS: tuple[tuple[str, str], ...] = (
    (r"\b(?:every|each|per) (?:single )?min(?:ute)?\b|\bminutely\b|\bminute by minute\b|每1?分钟", "1min"),
    (rf"\b{OTHER} (?:days?|nights?|nites?|evenings?|mornings?|midnights?)\b|\beod\b|隔[天日夜晚]|每隔1[天日]", "2d"),
    (rf"\b{OTHER} (?:weeks?|wk|mon(?!th)|tue|wed|thu|fri|sat|sun)|\bbi-?weekly\b|\bfortnight\w*|双周|两周1次|隔周|隔个?(?:星期|礼拜)|每?隔1个?(?:周|星期|礼拜)|单周", "2w"),
    (rf"\b{OTHER} (?:hours?|hr)\b|\bbi-?hourly\b|隔1?个?小时", "2h"),
    (rf"\b{OTHER} months?\b|\bbi-?monthly\b|双月|单月|隔1?个?月", "2mo"),
    (rf"\b{OTHER} (?:years?)\b|\bbiennial\w*|隔年", "2y"),
    (r"\bhalf[- ]?hourly\b|\bevery half(?:[- ]an)?[- ]hour\b|\b(?:on )?the half[- ]hour\b|每半个?(?:小时|钟)", "30min"),
    (r"\b(?:on the |every )?qua(?:r)?ter[- ]hour(?:s|ly)?\b|每1?刻钟", "15min"),
    (r"每3刻钟", "45min"),
    (r"早晚(?!\d|[,和与及])|朝晚(?!\d)|1早1晚", "12h"),
    (r"\bhalf[- ]?yearly\b|\bsemi-?annual\w*|\bbi-?annual\w*|\bevery half(?:[- ]a)?[- ]year\b|\b(?:per|a|each) half[- ]?year\b|\bevery 6 months\b|每半年|半年1次|半年度", "6mo"),
    (r"\bsemi-?monthly\b|半月1次|每半个?月", "15d"),
    (r"每旬|逐旬|按旬", "10d"),
    (r"\bcontinu\w*|\breal[- ]?time\b|\bpermanent(?:ly)?\b|\bconstantly\b|\ball the time\b|\balways[- ]on\b|\bstream(?:ed|ing)?\b|\bwithout (?:a )?(?:pause|interruption|a break|break|stopping|ceasing|end)\b|\buninterrupted(?:ly)?\b|\bunceasing(?:ly)?\b|\bincessant(?:ly)?\b|\bnon-?stop\b|\bat all times\b|\baround the clock\b|\bround the clock\b|\b24/7\b|\bcdp\b|实时|持续|即时|随时|连续|不间断", "continuous"),
    (r"\bquarterly\b|\b(?:every|each|per|a|once a) quarter\b(?! (?:past|to|after|hour|of))|\bquaterly\b|\bquarter[- ]?end\b|\bend of (?:the |each |every )?quarter\b|每季|每个季|季度|按季|季末|季初", "3mo"),
    (r"\bhourl\w*|\b(?:every|each|per|ea) (?:single |full )?(?:hour|hr|h)\b|\b(?:once|1x|1) an? (?:hour|hr)\b|^\W*an hour\W*$|\bon the hour\b|\ball hours\b|每个?小时|每个?钟头|每个?钟|整点|逐时|小时级|小时备|按小时", "1h"),
    (r"\bmonthly\b|\b(?:every|each|per|of the|a|of) (?:calendar |single )?month\b|\b(?:of|per|a|every) mo\b|^\W*mo\W*$|每个?月|按月|月备|月度|月末|月底|月初|\bmonth[- ]?(?:end|close)\b|\bend of (?:the )?month\b|(?:上|中|下)旬\d|^\W*月\W*$", "1mo"),
    (r"\bweekly\b|\b(?:every|each|per|a) (?:single |calendar )?(?:week|wk)\b(?! (?:from|after|later|ago|before))|每个?(?:周|星期|礼拜)(?!\d(?!\d?:))|按周|周备|周度|逐周|^\W*周\W*$", "1w"),
    (r"\bannual\w*|\byearly\b|\b(?:every|each|per|a|the|of) (?:single |fiscal |calendar )?(?:year|yr)\b|\bp\.?a\.?\b|\byear[- ]?end\b|每年|按年|年备|年度|年底|年末|^\W*年\W*$", "1y"),
    (r"\b(?:dai|day|da|dia)l?ly\b|\bdaily\b|\bnight?ly\b|\bnighly\b|\bnightlies\b|\bdailies\b|\b(?:every|each|per|a|any|ea|all) (?:single |calendar )?(?:days?|night|nite|morning|evening|afternoon|noon|midnight|lunch\w*|dawn|dusk|d)\b|\b(?:mornings|evenings|nights|afternoons)\b|\bover ?night\b|\bat night\b|\bday by day\b|\bper diem\b|每天|每日|天天|每晚|每夜|每早|每个?(?:工作日|夜|晚|早|凌晨|下午|上午|中午|傍晚)|按[天日]|日备|夜备|每逢晚|逐日|日日|夜夜|晚晚|朝朝|其[余他它]天|^\W*[日天]\W*$", "1d"),
)  # fmt: skip
UNIT_STARTS = ("day", "wee", "mon", "hou", "min")
FIXED = ("1min", "2d", "2w", "2h", "2mo", "2y", "30min", "15min", "45min", "12h", "6mo", "15d", "10d", "continuous")
BASES = {
    "d": "day d night 天 日 晚 夜", "h": "hour hr h 小时 钟头", "w": "week wk w 周 星期 礼拜", "mo": "month mth mo 月", "3mo": "quarter qtr 季度 季", "y": "year yr y 年",
}  # fmt: skip
#: words between the new value and the old
CHANGED = r"\bfrom\b.+?(?:\bto\b|->)|->|→|=>|\binstead\b|\bno,? make|\bno[,.:]|\bsorry\b|\bi mean\b|\brather\b|\bok every\b|改成|改为|改到|换成|变成"


def period(plain: str) -> tuple[str | None, int | None]:
    """How often, in a text with digits: a period, and how many times in it where the clock can't space them."""
    plain = _plain_words(plain)
    changed = list(pattern(CHANGED).finditer(plain))
    if changed:
        later = period_of(plain[changed[-1].end() :])
        if later[0]:
            return later
    return period_of(plain)


def _plain_words(plain: str) -> str:
    """`twice daily`, `every 3rd day`, `6-hourly`, `q6h`, `every=2h` said the long way."""
    units = {"d": "day", "n": "day", "w": "week", "m": "month", "h": "hour", "y": "year", "a": "year"}
    plain = pattern(
        r"\b(once|twice|thrice|\d+ ?(?:times|x)) ?(daily|nightly|weekly|monthly|hourly|yearly|annually)\b"
    ).sub(lambda m: f"{m[1]} a {units[m[2][0]]}", plain)
    plain = pattern(
        r"\b(every|each) (\d+(?:st|nd|rd|th)|third|fourth|fifth|sixth|tenth) (days?|weeks?|months?|hours?|(?:night|morning|afternoon|evening)s?|min(?:ute)?s?)\b"
    ).sub(
        lambda m: (
            f"every {ORDINALS.get(m[2]) or int(m[2][:-2])} {m[3] if m[3][:3] in UNIT_STARTS else f'day ({m[3]})'}"
        ),
        plain,
    )
    plain = pattern(r"\b(?:every )?(\d+)[- ]?(hour|minute|day|month)ly\b").sub(r"every \1 \2", plain)
    plain = pattern(r"\bq ?(\d+) ?(h|min|m|d|w)(?:rs?)?\b").sub(r"every \1 \2", plain)
    plain = pattern(
        r"\b(?:every|interval|freq(?:uency)?|period|cadence|schedule|minutes?|hours?) ?(?:is|=|:|of)+ ?(?=\d+ ?[a-z])"
    ).sub("every ", plain)
    plain = pattern(r"\b(minutes|hours|days) ?: ?(\d+)\b").sub(r"every \2 \1", plain)
    return pattern(r"\bquarter of an hour\b").sub("15 min", plain)


def period_of(plain: str) -> tuple[str | None, int | None]:
    """`period` of words that say one period."""
    if pattern(r"\b7 days a week\b").search(plain):
        return "1d", None
    counted = _counted(plain)
    if counted:
        return counted
    spaced = _spaced(plain)
    if spaced:
        return spaced, None
    hits = [(m.start(), value) for words, value in WORDS if (m := pattern(words).search(plain))]
    if hits:
        return _strongest(hits), None
    return _alone(plain), None


def _counted(plain: str) -> tuple[str, int | None] | None:
    latin = r"hour|hr|h|day|d|night|week|wk|w|month|mth|mo|quarter|qtr|year|yr|y"
    count = pattern(
        rf"(?<![\d:.])\b(once|twice|thrice|\d+ ?(?:times|x|copies|backups|snapshots|runs|dumps)|\d+(?= (?:an?|per)\b)) ?(?:(?:an?|per|each|every|in an?|in every|in each|in the|over the)\s+|/ ?)({latin})\b"
        r"|(?:每1?个?|1个?|按)(天|日|晚|小时|周|星期|礼拜|月|年|季度?)(?:里|要|备份?|跑|做|来|得|至少|最少|只能|必须|保证|内)*(\d+)(?:[次回遍轮趟]|备)"
    ).search(plain)
    if not count:
        return None
    word, unit = (count[1], count[2]) if count[1] else (count[4], count[3])
    n = {"once": 1, "twice": 2, "thrice": 3}.get(word) or int(re.sub(r"\D", "", word) or 1)
    base = next((u for u, names in BASES.items() if unit in names.split()), "d")
    one = base if base == "3mo" else f"1{base}"
    if n <= 1:
        return one, None
    if base == "d" and 24 % n == 0:
        return f"{24 // n}h", None
    if base == "h" and 60 % n == 0:
        return f"{60 // n}min", None
    if base == "y" and 12 % n == 0 and n != 3:
        return f"{12 // n}mo", None
    return one, n


def _spaced(plain: str) -> str | None:
    """`every 4 hours`, `每隔3天`, `两小时一次`, `a 30-minute interval`."""
    unit = durations.unit_words()
    gap = pattern(
        rf"(?:\bevery|\beach|\ball|\bonce (?:every|in|per)|每隔?|隔|\*/)[ -]?(?:of the |a )?(?:(?P<n>\d+(?:\.\d+)?)(?P<and> and a half)?[- ]?个?(?P<half>半)?|半个?|(?P<en>half (?:an? |of an? )?))[- ]?(?P<u>{unit})"
    ).search(plain)
    if (
        gap
        and not pattern(r"^(?:st|nd|rd|th)").match(plain[gap.end() :])
        and not (gap["u"] == "日" or (gap["u"] == "月" and "个" not in gap[0]))
    ):
        number = "2" if "隔" in gap[0] and gap["n"] == "1" else gap["n"]  # "every second", as it is counted in Chinese
        return _made(number, gap["u"], bool(gap["half"] or gap["and"]))
    pair = pattern(r"(\d{1,2})个?(?:周|星期|礼拜) *週\d").search(plain)
    if pair:
        return f"{int(pair[1])}w" if int(pair[1]) else None
    interval = pattern(rf"\bintervals?\b[a-z ]{{0,28}}?(?P<n>\d+(?:\.\d+)?) ?(?P<u>{unit})").search(plain)
    if interval:
        return _made(interval["n"], interval["u"], False)
    once = pattern(
        rf"(?:(?P<n>\d+)个?(?P<h>半)?|(?P<half>半)个?)(?P<u>{unit})[^\d]{{0,4}}1[次回遍轮趟个份备]|(?P<n2>\d+)[- ]?(?P<u2>minutes?|mins?|hours?|h|hr|days?|weeks?|months?)(?:ly)?[- ](?:\w+ )?(?:intervals?|cycles?|cadence|basis|rhythm|schedule|snapshots?|backups?|increment\w*|copies|runs?)\b|^\W*an? (?P<n3>\d+)[- ](?P<u3>minute|hour|day|week)\W*$"
    ).search(plain)
    if once:
        return _made(once["n"] or once["n2"] or once["n3"], once["u"] or once["u2"] or once["u3"], bool(once["h"]))
    return None


def unit_from(plain: str, before: str) -> str:
    """`every 3` or `every few minutes, ok every 15`: the number with the unit that was said last before it."""
    bare = pattern(r"\bevery (\d+)\W*$|(?<=[a-z]s), (?:say|so|let'?s say|make it|maybe|like|about) (\d+)\W*$").search(
        plain
    )
    units = list(
        pattern(rf"(?:\d+|few|couple of|\bevery) ?-?(?P<u>{durations.unit_words()})").finditer(
            before + " " + plain[: bare.start() if bare else 0]
        )
    )
    return f"every {bare[1] or bare[2]} {units[-1]['u']}" if bare and units else plain


def _alone(plain: str) -> str | None:
    """A duration that is all that is said of a schedule: `4h`, `半天`."""
    lone = pattern(
        rf"^\W*(?:(?:interval|down|up|reduced|shortened|lengthened|set|to|of|at|be|is) ?)*(?:(?P<n>\d+(?:\.\d+)?)[- ]?个?(?P<half>半)?|(?P<h>半个?|half (?:an? )?))(?P<u>{durations.unit_words()})\W*$"
    ).search(plain)
    return _made(lone["n"], lone["u"], bool(lone["half"])) if lone else None


def _made(number: str | None, unit: str, and_half: bool) -> str | None:
    scale, name = durations.units()[unit]
    if number is None:
        half = durations.HALF[name] if scale == 1 else None
        return f"{half[0]}{half[1]}" if half else durations.make(scale / 2, name)
    if len(number) > 7:
        return None
    return durations.make((float(number) + (0.5 if and_half else 0)) * scale, name)


def _strongest(hits: list[tuple[int, str]]) -> str:
    """ "every first of the month": the longest period that is named, except that a fixed gap goes first."""
    values = {value for _start, value in hits}
    for value in FIXED:
        if value in values:
            return value
    order = [value for _words, value in WORDS]
    return min(values, key=order.index)
