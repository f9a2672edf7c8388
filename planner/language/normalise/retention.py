"""How long copies are kept: the contract's `retention`."""

from __future__ import annotations

import re
from typing import Any

from planner.language.normalise import durations, typos
from planner.language.normalise.numbers import digits
from planner.language.normalise.text import pattern

FOREVER = r"^\W*ever\W*$|\bfor ?ever\b|\bindefinite\w*|\bpermanent\w*|\bnever (?:delete|expire|remove|prune|forget|drop|throw|be deleted|thrown)\w*|\bfor (?:good|all time|eternity|life)\b|\btill told otherwise\b|\bnever ever\b|\bno deletions?\b|\bkeep (?:them |it )?all\b(?! (?:the )?\d)|\bforget nothing\b|\bkeep everything\b(?! (?:for |\d))|\buntil (?:the sun|hell)|\bin perpetuity\b|\bunlimited\b|\bno expir\w+|\b(?:for )?all eternity\b|\bnever\b.{0,12}\boverwritten\b|\bnothing\b.{0,12}\b(?:overwritten|deleted|removed|thrown)\b|^\W*(?:keep (?:it |them |all )?)?always\W*$|\buntil further notice\b|\bad infinitum\b|\bno limit\b|\b(?:till|until) the end of time\b|\bfor a lifetime\b|\bw/?o expiry\b|辈子|天荒地老|海枯石烂|到永远|终身|永久|永远|永不|不要删|别删|不删|不过期|[一1]直(?:保?留|存)|长期|无限期|全都留"
KINDS = {
    "hourly": r"hourl(?:y|ies|ys)|per hour|小时级?|时备|每小时|小时的", "daily": r"dail(?:y|ies|ys)|dialies|nightl(?:y|ies)|per day|日备|每日|每天|按天|天级|日级|日份|(?<![\d半个])[日天]的|日",
    "weekly": r"weekl(?:y|ies|ys)|per week|周备|每周|按周|周级|周份|(?<![\d半个])周的|周", "monthly": r"monthl(?:y|ies|ys)|month-ends?|mthly|per month|月备|每月|按月|月级|月份|月度|(?<![\d半个])月的|月",
    "yearly": r"yearl(?:y|ies|ys)|annuals?|year-ends?|per year|年备|每年|按年|年级|年份|年度|(?<![\d半个])年的|年",
}  # fmt: skip
LETTER = {"h": "hourly", "d": "daily", "w": "weekly", "m": "monthly", "y": "yearly"}
COUNTED = r"copies|copy|versions?|snapshots?|snaps|backups?|points?|restore points?|generations?|fulls?|dumps?|images?|sets?|runs?|ones?|states?|archives?|of (?:them|these)|份|个版本|版本?|次|个(?!月|季|星期|礼拜|小时|钟)|代|套|張|张"

COUNTED_WORDS = rf"\b(?:{'|'.join(w for w in COUNTED.split('|') if w.isascii())})\b"


def retention(text: str) -> dict[str, Any] | None:
    """The retention that a text says."""
    text = pattern(r"仨(?=[月天周年])").sub("三个", text.replace("仨月", "三个月").replace("俩月", "两个月"))
    plain = pattern(r",? (?:and|but) not an? \w+ (?:longer|more)\b").sub(" ", digits(text))
    each = _each(plain)
    if each:
        return each
    tiers = _tiers(plain)
    if tiers:
        return tiers
    if pattern(FOREVER).search(plain) and not (durations.find(plain) and "permanent" not in plain):
        return {"forever": True}
    if pattern(r"\ba single (?:copy|backup|version|snapshot)\b").search(plain):
        return {"keep_last": 1}
    past = pattern(r"^\W*(?:keep )?(?:the |our )?(?:last|past) (day|week|month|quarter|year)\W*$").search(plain)
    if past and (found := durations.find(f"1 {past[1]}")):
        return {"keep_within": found[0].value}
    month = pattern(r"^[^\d份个]*(\d{1,2})月\W*$").search(plain)
    if month:  # "从一月加到三月" counts months
        return {"keep_within": f"{int(month[1])}mo"}
    mended = typos.mend(plain)
    if not durations.find(plain) and not pattern(COUNTED_WORDS).search(plain) and durations.find(mended):
        plain = text = mended
    last = _last(plain)
    if last:
        return {"keep_last": last}
    value = _within(plain, text)
    if value:
        return {"keep_within": value}
    if pattern(FOREVER).search(plain):
        return {"forever": True}
    lone = pattern(r"^\D*?(\d{1,5})\D*$").search(plain)
    if lone and int(lone[1]) and not pattern(r"[%$€¥]|[gmtk]b").search(plain):
        return {"keep_last": int(lone[1])}
    return None


def _each(plain: str) -> dict[str, Any]:
    triple = pattern(r"(?<![\d.])(\d{1,3})[/-](\d{1,3})[/-](\d{1,3})(?:[/-](\d{1,3}))?(?![\d/-])").search(plain)
    if triple and pattern(r"^\W*\d+/\d+/\d+(?:/\d+)?\W*$|\bgfs\b|rotation|轮转|祖父|grandfather").search(plain):
        return {
            f"keep_{k}": int(n)
            for k, n in zip(("daily", "weekly", "monthly", "yearly"), triple.groups(), strict=True)
            if n
        }
    """One for each period, so many or so long: `one per year, the last twelve`, `每天留一个、留30天`, `7个日备4个周备`."""
    named = pattern(r"(\d{1,4}) ?[个份] ?(小时|[日天周月年])(?:备|级|度)").findall(plain)
    if len(named) > 1 and not pattern(r"[日周月年]备份?(?:保?留|存) ?\d").search(plain):
        return {f"keep_{HAN_KIND[kind]}": int(n) for n, kind in named}
    several = [
        one
        for piece in pattern(r"[,;|]|(?<=[天周月年])(?=每)").split(plain)
        if pattern(r"^\W*每").match(piece) and (one := _one(piece))
    ]
    if len(several) > 1:
        return {key: n for one in several for key, n in one.items()}
    return _one(plain)


def _one(plain: str) -> dict[str, Any]:
    m = pattern(
        r"\b(?:1|an?) (?:copy |snapshot |backup |of them )?(?:per|a|each|every) (?P<u>hour|day|week|month|year)\b(?P<rest>.+)|每个?(?P<h>小时|[天日周月年])的?(?:只?保?留|存)?1[个份版](?!月|小时|星期|礼拜|季)(?P<hrest>.+)"
    ).search(plain)
    if not m:
        return {}
    kind = LATIN_KIND[m["u"]] if m["u"] else HAN_KIND[m["h"]]
    rest = m["rest"] or m["hrest"]
    found = durations.find(rest)
    if found:
        return {f"keep_{kind}_within": found[0].value}
    count = pattern(r"\d{1,4}").search(rest)
    return {f"keep_{kind}": int(count[0])} if count and int(count[0]) else {}


LATIN_KIND = {"hour": "hourly", "day": "daily", "week": "weekly", "month": "monthly", "year": "yearly"}
HAN_KIND = {"小时": "hourly", "日": "daily", "天": "daily", "周": "weekly", "月": "monthly", "年": "yearly"}


def _tiers(plain: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    han = pattern(
        r"(\d+)[天日]\W*(\d+)周\W*(\d+)个?月(?:\W*(\d+)年)?|日\W*(\d+)\W*周\W*(\d+)\W*月\W*(\d+)(?:\W*年\W*(\d+))?"
    ).search(plain)
    if han:
        counts = han.groups()[:4] if han[1] else han.groups()[4:]
        return {f"keep_{k}": int(n) for k, n in zip(("daily", "weekly", "monthly", "yearly"), counts, strict=True) if n}
    short = pattern(r"\b(\d+) ?([hdwmy])((?: ?[/,+ ] ?\d+ ?[hdwmy]\b){1,4})").search(plain) or pattern(
        r"\b([hdwmy]) ?(\d+)((?: ?[/,+ ]? ?[hdwmy] ?\d+\b){1,4})"
    ).search(plain)
    if short:
        for a, b in (
            re.findall(r"(\d+) ?([hdwmy])\b", short[0])
            if short[1].isdigit()
            else [(n, u) for u, n in re.findall(r"([hdwmy]) ?(\d+)", short[0])]
        ):
            out[f"keep_{LETTER[b]}"] = int(a)
        return out
    for kind, words in KINDS.items():
        latin, chinese = (  # "日" alone is a kind only where a count and a measure word stand beside it
            "|".join(w for w in words.split("|") if w.isascii()),
            "|".join(w for w in words.split("|") if not w.isascii()),
        )
        within = pattern(rf"keep[-_]{kind}[-_]within[ =:]+(?P<v>\d+ ?{durations.unit_words()})").search(plain)
        if within and (found := durations.find(within["v"])):
            out[f"keep_{kind}_within"] = found[0].value
            continue
        m = pattern(rf"--?keep-{kind}[ =](?P<n>\d+)|keep_{kind}[ =:]+(?P<n0>\d+)").search(plain)
        if m:
            out[f"keep_{kind}"] = int(m["n"] or m["n0"])
            continue
        unit = durations.unit_words()
        han2 = "|".join(w for w in chinese.split("|") if len(w) > 1)
        m = pattern(
            rf"(?:\b(?:{latin})\b|(?:{han2}))(?:的|份|版|备份?| ?copies| ?backups?| ?snapshots?| ?ones| ?fulls?)?s?(?: copy| copies)?,?(?: only| be kept| kept| held| live| last| survive| stay on| are| stay| to stay| to be)*(?: for|: for| of| from| over| spanning| covering| going back|:|=| back| to|保留|各?留|保存|存|放|up to)* *(?:the )?(?:last |past |next )?(?P<v>(?:(?:\d+(?:\.\d+)?|an?|one|half an?|半)个? ?|(?<=last )|(?<=past )){unit})"
        ).search(plain)
        if (
            m
            and (found := durations.find(m["v"]) or durations.find(f"1 {m['v']}"))
            and not re.match(r"\d*\s*(?:dail|week|month|year|hour)l", plain[m.start("v") :])
        ):
            out[f"keep_{kind}_within"] = found[0].value
            continue
        m = pattern(rf"(?P<v>(?:\d+|an?|half an?|quarter)[ -]{unit})(?: of (?:the )?|[ -])(?:\b(?:{latin})\b)").search(
            plain
        )
        if m and (found := durations.find(m["v"])):
            out[f"keep_{kind}_within"] = found[0].value
            continue
        m = pattern(
            rf"(?<![\d.])(?P<n>\d{{1,4}}) ?(?:x |of the |of these |of those |copies |full |最近)?(?:\b(?:{latin})\b)|(?:\b(?:{latin})\b)(?: ?(?:backups|copies|snapshots|ones))?(?: only)?[ :=x,]+(?P<n2>\d{{1,4}})(?! ?(?:{unit}|daily|weekly|monthly|yearly|hourly|dailies|weeklies))|(?:{han2})(?:备份?|份|版|快照|的|全备|级)*(?:保?留|存)?最?[近后]? ?(?P<n3>\d{{1,4}}) ?(?:份|个(?!月|星期|礼拜|小时|季)|版|次|代|(?=,|$))"
        ).search(plain) or pattern(rf"(?P<n>\d{{1,4}}) ?(?:份|个)(?:{han2})(?!前|后)").search(plain)
        if m:
            out[f"keep_{kind}"] = next(int(g) for g in m.groups() if g)
    if (
        not any(k.endswith("_within") for k in out)
        and len(out) == 1
        and not pattern(
            r"dailies|nightlies|weeklies|monthlies|yearlies|hourlies|annuals|\d+ (?:daily|weekly|monthly|yearly|hourly)\b|份|个|keep[-_]|[a-z]ly(?: ones)?(?: only)?[ :=x,]+\d"
        ).search(plain)
    ):
        return {}
    return {k: v for k, v in out.items() if v not in (0,)}


def _last(plain: str) -> int | None:
    unit = durations.unit_words()
    m = pattern(
        rf"keep[-_]last[ =:]+(?P<a>\d+)|\b(?:last|latest|newest|most recent|previous|past|next) (?P<b>\d{{1,5}})(?!\d| ?-?(?:full |whole |calendar )?(?:{unit}))|(?<![\d.])(?P<c>\d{{1,5}}) (?!(?:(?:full|whole|calendar) )?(?:{unit}))(?:\w+ )?(?:{COUNTED})(?![a-z])|(?:最近|最新|近|最后|后|留|保留|存|保存)的? ?(?P<d>\d{{1,5}}) ?(?:{COUNTED})|(?P<e>\d{{1,5}}) ?(?:份|个版本|个快照|个(?!月|季|星期|礼拜|小时|钟)|版|代)|(?:\bkeep|\bretain|\bhold|\bmax)\w* (?:only |just |no more than |at most |a maximum of |up to |max )?(?P<f>\d{{1,5}})(?!\d| ?-?(?:full |whole |calendar )?(?:{unit}|%)|[\d.:])"
    ).search(plain)
    if m:
        value = next((int(g) for g in m.groups() if g), 0)
        if value == 1 and durations.find(plain):
            return None  # "this one, for 7 days"
        return value or None
    return (
        1
        if pattern(
            r"\b(?:only|just) (?:the )?(?:latest|last|newest|most recent)\b|只(?:要|留|保留|存)最[新后近]"
        ).search(plain)
        and not durations.find(plain)
        else None
    )


def _within(plain: str, text: str) -> str | None:
    plain = pattern(r"(?<=\d)( ?)m\b").sub(r"\1mo", plain)  # nobody keeps copies for minutes
    text = pattern(r"(?<=\d)( ?)m\b").sub(r"\1mo", text)
    found = durations.find(plain)
    values = list(dict.fromkeys(f.value for f in found))
    if len(values) <= 1:
        return values[0] if values else None
    first = found[0]
    changed = list(pattern(r"->|→|=>|延长[至到]|[增加提缩减][加高长短少]?[至到]|改[成为到]").finditer(plain))
    if changed and (after := durations.find(plain[changed[-1].end() :])):
        return after[0].value
    if pattern(r"\bdelete|\bremove|\bexpire|\bprune|删|清").search(plain[first.end :]) and not pattern(
        r"\bto\b|改|instead"
    ).search(plain):
        return values[0]
    return durations.duration(text) or (
        values[-1]
        if pattern(r"\bso\b|\bsorry\b|\||\bcall it|\bno\b|\bfrom\b|从|改|即|也就是|,").search(plain)
        else None
    )


def contradiction(text: str) -> tuple[str, str] | None:
    """Two lengths of keeping that contradict each other ("keep 30 days, delete after 7"): both, in words of the text."""
    plain = digits(text)
    keep = pattern(r"(?:\bkeep|\bretain|\bhold|\bstore|保留|保存|留)[^,.;]{0,25}").search(plain)
    drop = pattern(
        r"(?:\bdelete|\bremove|\bexpire|\bpurge|\bdrop|\bthrow)\w*(?: \w+){0,3} (?:after|older than)[^,.;]{0,14}|\bolder than[^,.;]{0,14}|[^,.;]{0,8}(?:后|以上|之后)(?:就|自动|的)?(?:删|清)"
    ).search(plain)
    if not keep or not drop:
        return None
    a, b = durations.find(keep[0]), durations.find(drop[0]) or durations.find(drop[0] + " days")
    if not a or not b or (drop.start() < keep.end() and keep.start() < drop.end() and a[0].value == b[0].value):
        return None
    return (a[0].value, b[0].value) if length(a[0].value) > length(b[0].value) else None


def length(value: str) -> float:
    """Days of a contract duration, months as 30.4."""
    m = re.fullmatch(r"(\d+)(min|h|d|w|mo|y)", value)
    return int(m[1]) * {"min": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "mo": 30.437, "y": 365.24}[m[2]] if m else 0.0
