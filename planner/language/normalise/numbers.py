"""Number words, English and Chinese, to digits inside a text."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from planner.language.normalise import typos
from planner.language.normalise.text import fold, pattern

LONGEST = 1500  # characters: no words of one value are longer, and reading takes the square of it

ONES = {
    word: n
    for n, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
TENS = {
    word: 10 * n
    for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
ORDINALS = {
    word: n
    for n, word in enumerate(
        [
            "zeroth",
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ]
    )
}
HAN = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "俩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}


def chinese(word: str) -> int | None:
    """The value of a Chinese numeral (二十三, 两百, 一千零五) or of digits with 万; None where it is none."""
    if word.isascii() and word.isdigit() and len(word) <= 9:
        return int(word)
    if word and all(c in HAN for c in word):
        return int("".join(str(HAN[c]) for c in word)) if len(word) <= 8 else None
    total, section, digit = 0, 0, 0
    for c in word:
        if c in HAN:
            digit = HAN[c]
        elif c == "万":
            total, section, digit = (total + section + digit) * 10000, 0, 0
        elif c in HAN_UNITS:
            section, digit = section + (digit or 1) * HAN_UNITS[c], 0
        else:
            return None
    return total + section + digit if word else None


def to_chinese(n: int) -> str:
    """The Chinese numeral of 0 to 99,999."""
    if n < 0 or n > 99_999:
        return str(n)
    digits = "零一二三四五六七八九"
    if n < 10:
        return digits[n]
    out, rest, gap = "", n, False
    for unit, sign in ((10000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")):
        d, rest = divmod(rest, unit)
        if d:
            out += ("零" if gap and out else "") + digits[d] + sign
            gap = False
        elif out:
            gap = True
    return out[1:] if out.startswith("一十") else out


def english(words: list[str]) -> int | None:
    """The value of English number words (["twenty", "five"], ["two", "hundred"]); None where they are none."""
    total, current, seen = 0, 0, False
    for word in words:
        if word in ONES:
            current, seen = current + ONES[word], True
        elif word in TENS:
            current, seen = current + TENS[word], True
        elif word == "hundred":
            current, seen = max(current, 1) * 100, True
        elif word == "thousand":
            total, current, seen = total + max(current, 1) * 1000, 0, True
        elif word != "and":
            return None
    return total + current if seen else None


@cache
def _english_pattern() -> re.Pattern[str]:
    small = "|".join([*TENS, *sorted(ONES, key=len, reverse=True)])
    return re.compile(
        rf"\b(?:{small})(?:[- ](?:hundred|thousand|(?:(?<=hundred )and |(?<=thousand )and )?(?:{small})))*\b"
    )


def _replace_english(found: re.Match[str]) -> str:
    words = re.split(r"[- ]+", found[0])
    spoken = _spoken(words, found.string[found.end() :])
    if spoken:
        return spoken
    tens = [w for w in words if w in TENS or w in ONES]
    if len(tens) == len(words) > 1 and not (len(words) == 2 and words[0] in TENS and 0 < ONES.get(words[1], 10) < 10):
        return " ".join(str(english([w])) for w in words)  # "seven two" is not nine
    value = english(words)
    return found[0] if value is None else str(value)


def _spoken(words: list[str], after: str) -> str | None:
    """`two thirty`, `ten forty five`: a time of day as it is said."""
    if (
        len(words) not in {2, 3}
        or not 1 <= ONES.get(words[0], 0) <= 12
        or pattern(r"-|\s*(?:days?|min|hours?|copies)\b").match(after)
    ):
        return None
    if words[1] not in TENS and not 10 <= ONES.get(words[1], 0) <= 19:
        return None
    minute = english(words[1:])
    if minute is None or not 10 <= minute <= 59 or (len(words) == 3 and words[1] not in TENS):
        return None
    return f"{ONES[words[0]]}:{minute:02d}"


def _military(found: re.Match[str]) -> str:
    """`oh four hundred`, `zero two thirty`: 0400, 0230."""
    minute = english(found[2].split()) if found[2] not in {"hundred", "hundert"} else 0
    return f"0{ONES[found[1]]}{minute:02d}" if minute is not None and minute < 60 else found[0]


@lru_cache(maxsize=512)
def digits(text: str) -> str:
    """Folded text with number words as digits and misspelt words of time put right. Places of characters are not kept."""
    text = typos.mend(fold(text[:LONGEST]))
    text = pattern(
        r"统一|(?<=[慢快多少早迟轻省高低])一点|(?<![二三四五六七八九十晨上午夜间天日])(?<![今每明昨当]晚)一点(?!半|[零一二三四五六七八九十\d整钟刻到至前后以之]|$)|一(?:下|样|起|致|直|律|旦|般|定|并|切|些)|(?<![一二两三四五六七八九十百千\d])万一|唯一|进一步"
    ).sub(" ", text)
    text = pattern(
        r"(?:周|星期|礼拜)([一二三四五六日天](?:[,和与及]?[一二三四五六日天](?!点|号|时|次|\d))+)(?!次|点|号)"
    ).sub(_weekdays, text)
    text = pattern(
        r"(?:(?<![一二两三四五六七八九十0-9几])|(?<=[周期拜][一二三四五六日天]))(?:周|星期|礼拜)([一二三四五六日天1-6])(?!\d|个|次|回|遍|份|轮|趟|[一二三四五六七八九十]次)"
    ).sub(_weekday, text)
    text = pattern(
        r"(?<![\d一二两三四五六七八九十百千万点周期拜第零每/])(一三五|二四六|一三|二四|三五)(?![\d一二三四五六七八九十百千万零]|[号日月点天时分年个份次周小成倍版档季刻])"
    ).sub(_weekdays, text)
    text = pattern(r"(?<=月)(?:的)?第([一二三四五六七八九十\d]{1,3})天").sub(r"\1日", text)
    text = pattern(r"\b(?:a )?couple(?: of)?\b").sub("2", text)
    text = pattern(r"\b(?:a )?half(?: a)? dozen\b").sub("6", text)
    text = pattern(r"\bbaker'?s dozen\b(?: \(13\))?").sub("13", text)
    text = pattern(r"\b(?:a )?dozen\b").sub("12", text)
    text = pattern(r"\ba score(?: of)?\b").sub("20", text)
    text = pattern(
        r"\b(?:oh|zero)[- ](one|two|three|four|five|six|seven|eight|nine)[- ](hundred|ten|fifteen|twenty(?: five)?|thirty(?: five)?|forty(?: five)?|fifty(?: five)?)\b"
    ).sub(_military, text)
    text = pattern(r"\ba (?=hundred|thousand)").sub("one ", text)
    text = pattern(r"(?<![a-z])hundred\b").sub("one hundred", text) if pattern(r"^hundred\b").match(text) else text
    text = pattern(r"\b(twenty|thirty)[- ](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b").sub(
        lambda m: f"{TENS[m[1]] + ORDINALS[m[2]]}th", text
    )
    text = text.replace("thirtieth", "30th")
    text = _english_pattern().sub(_replace_english, text)
    text = pattern(r"(\d+) ?万").sub(lambda m: str(int(m[1]) * 10000) if len(m[1]) < 8 else m[0], text)
    text = pattern(r"[零〇一二两俩三四五六七八九十百千万]+").sub(_replace_chinese, text)
    return pattern(r"(?<=\d) +(?=[\u4e00-\u9fff](?<!週))|(?<=[\u4e00-\u9fff]) +(?=\d)").sub("", text)


def _weekday(found: re.Match[str]) -> str:
    sign = found[1]
    return f" 週{min(6, int(sign) - 1 if sign.isdigit() else '一二三四五六日天'.index(sign))} "  # folded text has no 週


def _weekdays(found: re.Match[str]) -> str:
    return "".join(f" 週{min(6, '一二三四五六日天'.index(sign))} " for sign in found[1] if sign in "一二三四五六日天")


def _replace_chinese(found: re.Match[str]) -> str:
    value = chinese(found[0])
    return found[0] if value is None else str(value)
