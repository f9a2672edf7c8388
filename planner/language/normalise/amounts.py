"""Bandwidth, space, money, processor and shares."""

from __future__ import annotations

import re
from typing import Any

from planner.language.normalise.numbers import digits
from planner.language.normalise.text import fold, pattern

CURRENCY = {
    "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD", "us$": "USD", "美元": "USD", "美金": "USD", "刀": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "欧元": "EUR", "欧": "EUR", "£": "GBP", "gbp": "GBP", "pounds": "GBP", "pound": "GBP", "quid": "GBP", "英镑": "GBP",
    "¥": "CNY", "cny": "CNY", "rmb": "CNY", "yuan": "CNY", "元": "CNY", "块钱": "CNY", "块": "CNY", "人民币": "CNY", "chf": "CHF", "francs": "CHF", "jpy": "JPY", "yen": "JPY", "日元": "JPY",
    "hkd": "HKD", "hk$": "HKD", "港币": "HKD", "港元": "HKD", "蚊": "HKD", "twd": "TWD", "nt$": "TWD", "ntd": "TWD", "新台币": "TWD", "台币": "TWD", "sgd": "SGD", "inr": "INR", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "cad": "CAD", "aud": "AUD", "zł": "PLN", "zl": "PLN", "złoty": "PLN", "zloty": "PLN", "kr": "SEK", "kroner": "NOK", "kronor": "SEK", "czk": "CZK", "huf": "HUF", "try": "TRY", "lira": "TRY", "rub": "RUB", "rubles": "RUB", "roubles": "RUB", "₽": "RUB", "₹": "INR", "rs": "INR", "rupees": "INR", "krw": "KRW", "won": "KRW", "₩": "KRW", "brl": "BRL", "r$": "BRL", "reais": "BRL", "mxn": "MXN", "zar": "ZAR", "rand": "ZAR", "kes": "KES", "shillings": "KES", "nzd": "NZD", "ils": "ILS", "shekels": "ILS", "aed": "AED", "thb": "THB", "baht": "THB", "块人民币": "CNY", "块美金": "USD", "c$": "CAD", "a$": "AUD", "s$": "SGD", "澳元": "AUD", "加元": "CAD", "新元": "SGD", "韩元": "KRW", "卢布": "RUB",
}  # fmt: skip
NUMBER = r"(\d+(?:[.,]\d+)?)"


def _number(text: str) -> str:
    """`1.50` to `1.5`, `1,000` to `1000`."""
    text = text.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+", text) else text.replace(",", ".")
    return f"{float(text):g}" if float(text) < 1e6 else str(int(float(text)))


def bandwidth(text: str) -> str | None:
    """`20Mbit/s` or `5MB/s`; bits where people write mbps or M of a line."""
    plain = digits(text)
    m = pattern(
        NUMBER
        + r" ?([kmg]) ?(?:(bits?|b(?:p|/)s(?:ec)?|bps|i?bytes?|i?b|比特|字节)?)(?: ?/ ?(?:s|sec|second|秒)| ?per second| ?a second|ps)?(?![a-z])"
    ).search(plain)
    if not m:
        m2 = pattern(NUMBER + r" ?(megabits?|gigabits?|kilobits?|megabytes?|gigabytes?|兆|m)(?=\b|[^a-z])").search(
            plain
        )
        if not m2:
            return None
        unit = {"m": "M", "g": "G", "k": "K", "兆": "M"}[m2[2][0]]
        return f"{_number(m2[1])}{unit}{'B' if 'byte' in m2[2] or (m2[2] == '兆' and '宽' not in plain) else 'bit'}/s"
    raw = pattern(r"\d ?[kKmMgG]i?([bB])(?:ps|/s|it)").search(text)
    small_b = pattern(r"\d ?[MG]b(?:/s|ps|\b)").search(text)  # a capital prefix tells that the small b is meant
    words = m[0]
    is_bit = (
        "bit" in words
        or bool(small_b)
        or "比特" in words
        or (bool(pattern(r"[kmg]bps").search(words)) and not (raw and raw[1] == "B"))
        or (m[3] is None and not pattern(r"/ ?s|秒").search(words))
    )
    return f"{_number(m[1])}{m[2].upper()}{'bit' if is_bit else 'B'}/s"


def size(text: str) -> str | None:
    """`500GB`; GiB is written GB."""
    m = pattern(
        NUMBER
        + r" ?个? ?(?:([kmgt])(?:i?b(?:ytes?)?|ig(?:a?byte)?s?|era(?:byte)?s?|egs|egabytes?|igs)?|(kilo|mega|giga|tera)bytes?)(?![a-z/])(?!(?:/| ?per ?)s)"
    ).search(digits(text))
    return f"{_number(m[1])}{(m[2] or m[3][0]).upper()}B" if m else None


def cost(text: str) -> str | None:
    """`50USD/mo`."""
    plain = digits(text)
    units = "|".join(re.escape(c) for c in sorted(CURRENCY, key=len, reverse=True))
    m = pattern(rf"(?P<c>{units}) ?(?P<n>\d+(?:[.,]\d+)?)|(?P<n2>\d+(?:[.,]\d+)?) ?(?P<c2>{units})(?![a-z])").search(
        plain
    )
    if not m:
        return None
    code = pattern(
        rf"\b({'|'.join(c for c in CURRENCY if len(c) == 3 and c.isascii() and CURRENCY[c] == c.upper())})\b"
    ).search(plain)
    currency = CURRENCY[code[1]] if code else CURRENCY[m["c"] or m["c2"]]
    per = (
        "y"
        if pattern(r"\byear|\bannual|/ ?y|\bp\.?a\b|每年|1年|年度|年费|全年").search(plain)
        else "d"
        if pattern(r"\b(?:a|per) day\b|每天|/d\b").search(plain)
        else "mo"
    )
    return f"{_number(m['n'] or m['n2'])}{currency}/{per}"


def _bare_cost(plain: str, *, chinese: bool) -> str | None:
    """Money whose currency stands apart from it or is left out: `400 a month in dollars`, `预算一个月八百`."""
    m = pattern(r"(?<![\d.])(\d+(?:\.\d+)?)(?![\d.]| ?(?:[a-z%]*b|[kmgt兆]|%|bit|个|[天月年小分秒]))").search(
        pattern(r"(?:每|1)个?[年月天]").sub("|", plain)
    )
    period = pattern(
        r"每个?[年月天]|1个?[年月天]|[年月]费|[年月]预算|年度|月[流度]|\b(?:a|per|each) (?:month|year)\b|\bmonthly\b"
    ).search(plain)
    named = pattern(r"\bin (dollars|euros?|pounds|usd|eur|gbp|francs|yen|yuan)\b").search(plain)
    if (
        not m
        or not period
        or not (
            named
            or (
                chinese
                and (pattern(r"费|预算|钱|成本").search(plain) or not pattern(r"\d ?(?:[kmgt兆]i?b?|%)").search(plain))
            )
        )
    ):
        return None
    per = "y" if pattern(r"年|\byear").search(period[0]) else "d" if "天" in period[0] else "mo"
    return f"{_number(m[1])}{CURRENCY[named[1]] if named else 'CNY'}/{per}"


def cpu(text: str) -> str | None:
    """`low` or a share."""
    plain = digits(text)
    if not pattern(
        r"(?<![a-z])cpus?(?![a-z])|\bprocessors?\b|\bnice\b|\bcores?\b|\bload\b|处理器|负载|\blow priority\b|\bbackground\b|\bionice\b|\bgentle\b|\bgently\b|\btread lightly\b|\beasy\b|占用(?!(?:不超过|空间)?.*\d ?[kmgt]i?b?\b)"
    ).search(plain):
        return None
    m = pattern(r"(\d{1,3}) ?(?:%|percent|per cent|个点)").search(plain)
    if m:
        return f"{int(m[1])}%"
    share = pattern(
        r"\b(?:half|a (?:third|quarter|tenth|fifth)|1 (?:third|quarter|tenth|fifth)|\d/\d+)\b|一半|\d分之\d|\d成"
    ).search(plain)
    return (read_share(share[0]) if share else None) or "low"


def limits(text: str, *, chinese: bool = False) -> dict[str, Any] | None:
    """All limits that a text says; `chinese`: money without a currency is yuan."""
    out: dict[str, Any] = {}
    plain = digits(text)
    if value := cost(text) or _bare_cost(plain, chinese=chinese):
        out["cost"] = value
    speed = pattern(
        r"/ ?s|ps\b|per sec|a second|秒|bit|宽带|带宽|限速|\bthrottl|\bbandwidth|\bspeed|\brate\b|\bupload|\buplink|\blink\b|\bwan\b|\bline\b|网速|\bbw\b|传输|上传|上行|下行|流量"
    ).search(plain)
    if speed and (value := bandwidth(text)):
        out["bandwidth"] = value
    rest = pattern(
        NUMBER
        + r" ?[kmg](?:(?:i?b(?:it|yte)?s?)?(?: ?/ ?s(?:ec(?:ond)?)?|ps| per second| a second|每秒)|bits?\b)|每秒\d+(?:\.\d+)?[kmg兆]"
    ).sub(" ", plain)
    per_size = pattern(r"(?:\bper|\ba|/|每) ?[mgt]b").search(plain)
    if not ("cost" in out and per_size) and (not speed or rest != plain) and (value := size(rest)):
        out["storage"] = value
    gentle = pattern(r"\bgentl[ey]\b|\beasy\b|\btread lightly\b").sub(" ", plain)
    if value := cpu(gentle if "bandwidth" in out else text):
        out["cpu"] = value
    elif (share := pattern(r"(\d{1,3}) ?(?:%|percent|per cent)").search(plain)) and (not speed or "bandwidth" in out):
        out["cpu"] = f"{int(share[1])}%"  # of what a share is a limit, if not of the processor
    return out or None


def read_share(text: str) -> str | None:
    """How much data a check reads: `all` or a percentage."""
    plain = digits(text)
    m = pattern(r"(\d{1,3}(?:\.\d+)?) ?(?:%|per ?cent|p[er]{0,2}r?c\w?n?t\b|pct\b|个(?:百分)?点)").search(plain)
    if m:
        return "all" if float(m[1]) == 100 else f"{float(m[1]):g}%"
    m = pattern(r"(\d{1,2})成").search(plain)
    if m:
        return f"{int(m[1]) * 10}%"
    m = pattern(r"(\d+)分之(\d+)").search(plain)
    if m and int(m[1]):
        return f"{round(100 * int(m[2]) / int(m[1]))}%"
    m = pattern(r"\b(\d+) ?/ ?(\d+)\b|\b(\d+) in (\d+)\b").search(plain)
    if m and int(m[2] or m[4]):
        return f"{round(100 * int(m[1] or m[3]) / int(m[2] or m[4]))}%"
    for words, share in (
        (r"\b3 quarters\b", "75%"),
        (r"\bquarter\b", "25%"),
        (r"\bthird\b", "33%"),
        (r"\btenth\b", "10%"),
        (r"\bfifth\b", "20%"),
        (r"\bhalf\b|1半", "50%"),
        (r"\btwentieth\b", "5%"),
        (r"\bhundredth\b", "1%"),
    ):
        if pattern(words).search(plain) or ("一半" in fold(text) and share == "50%"):
            return share
    if pattern(
        r"\ball\b|\beverything\b|\bevery\b|\bwholly\b|\bend to end\b|\bevry\b|\bfull\w*|\bcomplete\w*|\bwhole\b|\bentire\w*|\bread-data\b|\bthe lot\b|\bin full\b|\bread it\b|\b(?:bit|byte|block|file) (?:by|for) (?:bit|byte|block|file)\b|\ball of it\b|全|所有|每1?[个块字]|整"
    ).search(plain):
        return "all"
    return None
