"""Which moment's data: the contract's `point`."""

from __future__ import annotations

import calendar
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from planner.language.normalise import clock, dates, days, durations, spans
from planner.language.normalise.numbers import ORDINALS, digits
from planner.language.normalise.text import fold, pattern

GOOD = r"\b(?:last|latest|newest|most recent)? ?(?:known[- ])?(?:good|clean|healthy|uninfected|unencrypted|intact|working|sane|uncorrupted|uncompromised|untouched|untainted|consistent|undamaged|usable)\b|\b(?:last|latest) (?:1|one|backup|copy|snapshot|version|state)? ?(?:that|which) (?:was|is|still) (?:ok|fine|good|working|clean|work\w*)\b|\b(?:last|latest) (?:1|one|backup|copy|snapshot|version|state) (?:that|which) (?:still )?work\w*\b|\bknown[- ]good\b|\bwithout (?:damage|errors?|infection|corruption)\b|\bknown to be (?:fine|good|ok|clean)\b|干净|完好|(?:已知)?正常的?(?:版本|那|备份|快照|1?份)?|没被?(?:感染|加密|污染|中毒)|未(?:感染|被?加密|污染|中毒)|没坏|好的|没问题|健康|可用的|能用的|能打开的|能跑的|能启动的"
ATTACK = r"\b(?:before|prior to|pre-?|previous to) ?(?:the |it was |we (?:were|got) |all |this |that |it (?:got )?)*(?:attack|infect\w*|hack\w*|encrypt\w*|ransom\w*|compromis\w*|intrusion|corrupt\w*|breach|virus|malware|incident|outbreak|happened|broke|break|got bad|went (?:wrong|bad))|(?:被黑|中毒|感染|加密|中勒索|攻击|勒索|中招|入侵|出事|被攻破|坏掉?|出问题|病毒[\u4e00-\u9fff]{0,3})[之以]?前"
LATEST = r"\b(?:latest|newest|most recent|last (?:one|1)|freshest|current|(?:the )?last (?:backup|snapshot|copy|run|state|version|image|dump|full|save))\b|\bmost up[- ]to[- ]date\b|\bfinal (?:backup|snapshot|copy|version|image)\b|\bmost recent\b|最新|最近[1一]?[次份个版]|最近的|最后[1一]?[次份个版]"
PREVIOUS = r"\bprevious\b|\bprior (?:version|backup|copy|snapshot|one)|^\W*(?:the )?prior\W*$|^\W*(?:退|回)?1[版份次代]\W*$|\b(?:the )?(?:one|1|version|copy|backup|snapshot) before(?: (?:that|this|(?:the )?(?:last|latest|newest|current)))?\b|\b(?:a|one|1) (?:version|generation|backup) (?:ago|back|earlier)\b|\bsecond[- ](?:to[- ])?last\b|\b2nd[- ](?:to[- ])?last\b|\bpenultimate\b|\bprior to the (?:last|latest|current)\b|\blast but (?:one|1)\b|上[1一]?个(?:版本|快照|备份)|上1?[次份版]|前1?[份版次]|倒数第2"
TWICE = r"\b(?:one|1|version|copy|backup|snapshot|state) before (?:the )?previous(?: (?:one|1|backup|snapshot|version|copy))?\b|上上1?[个次份版]|倒数第3"
OLDER = r"\bolder than\b|\bover\b|\bolder\b|\bmore than\b|\bpast\b|\bbeyond\b|\bage[ds]?\b|\bexceed\w*|\babove\b|\bgreater than\b|超过?|以上|更早|早于|以前|之前|前|以外|之外|开外|>|\+|\bold\b"
KEPT = r"\b(?:last|past|previous|newest|latest|within|recent)\b|最近|近|过去|以内|之内|内的"
SHOWN = r"\bthat(?: i|'|)s\b|\bi\.?e\.?\b|\bi mean\b|也就是|就是|即是?"


def point(
    text: str, now: datetime, *, deleting: bool = False, lost: bool = False, future: bool = False
) -> dict[str, Any] | None:
    """The point in time that a text says. `deleting`: it chooses what is to be removed; `lost`: it is when data was damaged,
    so that the state before it is meant; `future`: of what is still to come."""
    plain = _dated(digits(text))
    snapshot = _snapshot(text)
    if snapshot:
        return {"snapshot": snapshot}
    shown = list(pattern(SHOWN).finditer(plain))
    if shown and (found := point(plain[shown[-1].end() :], now, deleting=deleting, lost=lost, future=future)):
        return found
    early = pattern(r"\bpre-? ?(20\d\d)\b(?!-)").search(plain)
    if early:
        return {"before": f"{early[1]}-01-01"}
    if pattern(r"\b\d+ (?:versions?|generations?|saves?|revisions?) (?:ago|back|earlier)\b").search(plain):
        return _counted(plain)
    aged = _aged(plain, now, deleting)
    if aged:
        return aged
    if pattern(ATTACK).search(plain) and not dates.names_a_day(plain) and not clock.find(plain):
        return {"last_good": True}
    if pattern(GOOD).search(plain) and not pattern(r"是好的|还好").search(plain):
        return {"last_good": True}
    ranged = _range(plain, now, deleting=deleting, lost=lost, future=future)
    if ranged:
        return ranged
    found = _moment(plain, now, lost=lost, future=future)
    if found:
        return found
    return _counted(plain)


def _dated(plain: str) -> str:
    """The n-th of a month in digits (`january first`), and the hour of a named day with a colon (`7/7 16h`)."""
    months = "|".join(days.MONTH_WORDS)
    nth = "|".join(sorted(ORDINALS, key=len, reverse=True))
    plain = pattern(rf"\b({months}) ({nth})\b").sub(lambda m: f"{m[1]} {ORDINALS[m[2]]}", plain)
    if dates.names_a_day(plain) or pattern(dates.SLASHED).search(plain):
        plain = pattern(r"(?<![\d/.:-])([01]?\d|2[0-3]) ?(?:h|hours?)\b(?! (?:ago|before|back|earlier|prior))").sub(
            r"\1:00", plain
        )
    return plain


def _counted(plain: str) -> dict[str, Any] | None:
    """A version by its place: the latest, the previous, three versions back."""
    if pattern(TWICE).search(plain):
        return {"previous": 3 if "倒数第4" in plain else 2}
    minus = pattern(r"\bminus (\d{1,2})\b|\bgeneration -(\d{1,2})\b").search(plain)
    if minus:
        return {"previous": int(minus[1] or minus[2])}
    back = pattern(
        r"\b(\d+) (?:versions?|generations?|backups?|snapshots?|copies|runs?|states?|saves?|revisions?)(?: (?:ago|back|earlier|before)|\W*$)|(?:倒回|往前|前|退回?)(\d+)[个份次版](?!月|小时)|(\d+) ?(?:个?(?:版本|快照|备份)|[份版])(?:以|之)?前|^\W*(\d+) back\W*$|再往前1?份"
    ).search(plain)
    if back:
        return {"previous": int(next((g for g in back.groups() if g), "2"))}
    if pattern(PREVIOUS).search(plain):
        return {"previous": 1}
    if pattern(LATEST).search(plain) or pattern(r"^\W*(?:the )?last\W*$").search(plain):
        return {"latest": True}
    return None


def _aged(plain: str, now: datetime, deleting: bool) -> dict[str, Any] | None:
    """What lies further back than a length of time."""
    aging = pattern(r"\bpast (?:its|their|the) (\d+)(?:st|nd|rd|th) (day|week|month|year)").search(plain)
    gap = durations.find(f"{aging[1]} {aging[2]}s" if aging else plain)
    if not gap or pattern(r"\d{4}-\d|\d月\d|\d{4}年|\b(?:year|yr|of|in|from) 20\d\d\b").search(plain):
        return None
    older = pattern(r"\bolder than\b|\bover\b.*\bold\b|\bmore than .* old\b|超过|\bolder\b|\bgreater than\b").search(
        plain
    )
    if deleting and (pattern(OLDER).search(plain) or not pattern(rf"{KEPT}|\bago\b").search(plain)):
        return {"older_than": gap[0].value}
    if not older:
        return None
    return {"older_than": gap[0].value} if deleting else {"before": dates.shifted(now, gap[0].value, -1)}


def _range(plain: str, now: datetime, *, deleting: bool, lost: bool, future: bool) -> dict[str, Any] | None:
    since = pattern(r"\bsince\b|以来|至今|到现在").search(plain)
    if lost and since:
        return None
    ranged = _part_of_span(plain, now) or spans.span(plain, now, future=future)
    single = dates.day(plain, now, future=future)
    if (
        ranged
        and single
        and not pattern(
            r"\bto\b|-|~|到|至|\band\b|\bor\b|\bbetween\b|\bthrough\b|\bthru\b|\buntil\b|\btill\b|quarter|季|since|以来|week of|weekend|周末"
        ).search(plain)
    ):
        return None
    if not ranged or (clock.find(plain, relative=False) and not since):
        return None
    first, last = ranged
    if (
        not future
        and not since
        and last - now.date() > timedelta(days=60)
        and pattern(r"\d|" + "|".join(days.MONTH_WORDS)).search(plain)
        and not pattern(r"\bthis\b|今年|20\d\d").search(plain)
    ):
        with suppress(ValueError):
            first, last = first.replace(year=first.year - 1), last.replace(year=last.year - 1)
    if pattern(
        r"\bbefore\b|\bolder than\b|\bprior to\b|\bpre\b|以前|之前|早于|前的?$|isn't|\bnot from\b|\bother than\b"
    ).search(plain) or (lost and not pattern(r"week|month|周|月|\bto\b|\bthrough\b|-").search(plain)):
        return {"before": first.isoformat()}
    if pattern(r"\bup to (?:the end of )?\b|^\W*through\b|截至|截止").search(plain) and deleting and not since:
        return {"before": (last + timedelta(days=1)).isoformat()}
    return {"from": first.isoformat(), "to": last.isoformat()}


def _part_of_span(plain: str, now: datetime) -> tuple[date, date] | None:
    """The running month to its end, a half of a year, the first days or the first week of a month."""
    today = now.date()
    if pattern(r"^\W*(?:in |during |over |for )?(?:this month|本月|这个?月)\W*$").search(plain):
        return today.replace(day=1), today.replace(day=calendar.monthrange(today.year, today.month)[1])
    half = pattern(r"(今年|去年)的?([上下])半年").search(plain)
    if half:
        year = today.year - (half[1] == "去年")
        return (date(year, 1, 1), date(year, 6, 30)) if half[2] == "上" else (date(year, 7, 1), date(year, 12, 31))
    head = pattern(r"(?:\bfirst (\d{1,2}) days|月[头前](\d{1,2})[天日]|\bfirst (week))").search(plain)
    month = days.months(plain)
    if not head or not month:
        return None
    year = today.year - (month[0] > today.month)
    return date(year, month[0], 1), date(year, month[0], min(int(head[1] or head[2] or 7), 28))


def _snapshot(text: str) -> str | None:
    plain = fold(text)
    m = pattern(
        r"\b(?:snapshots?|snap|id|backup|restore points?|快照)[ #:]*(?:id|no\.?|number|号|named|called)?[ #:]*((?=[\w-]*\d)[a-z0-9][\w./-]{0,60}(?:@[\w.:-]+)?|[\w/-]+@[\w.-]+|[0-9a-f]{8,64})(?![\w:])"
    ).search(plain)
    if m and not pattern(
        r"^(?:\d{4}-\d\d|\d+(?:st|nd|rd|th|d|h|w|y|mo|am|pm|s)$|\d{1,2}$|\d{1,2}[/.-]\d{1,2}|20\d\d$)"
    ).match(m[1]):
        return m[1]
    small = pattern(
        r"\b(?:snapshot|snap|快照) ?(?:id|no\.?|number|号)? ?#?(\d{1,4})(?![\w:./-]| ?(?:days?|weeks?|hours?|months?|years?)\b)"
    ).search(plain)
    if small:
        return small[1]
    m = pattern(
        r"(?<![\w/.-])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])([0-9a-f]{6,64})(?![\w/.-])|(?<![\w/.-])(snap-[\w-]+|20\d{6}-[a-z]\w*)(?![\w/.-])|^\W*(?!\d{1,5}(?:min|mo|st|nd|rd|th|[hdwmy])\b)(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])([0-9a-f]{4,5})\W*$"
    ).search(plain)
    return (m[1] or m[2] or m[3]) if m else None


BEFORE = r"\b(?:no(?:t)? later than|before|prior to|predat\w*|preced\w*|until|pre|ahead of|up to|earlier than|older than|just under)\b|之前|以前|前夕|早于|(?<=\d)前|(?<=点)前|(?<=分)前|(?<=号)前|(?<=日)前(?!1?天)|(?<=[节庆旦])前(?!1天)|(?<![\d半])年前|更新前|升级前|不(?:要|得|能)?[晚迟]于|(?<![天周月年时钟半日号点分目以之提])前(?:的|那[份版次个]?)*(?:\W*$|(?=[ (,]))"


def _moment(plain: str, now: datetime, *, lost: bool, future: bool) -> dict[str, Any] | None:
    ago = pattern(r"\bago\b|\bback\b|\bearlier\b|(?<!之)(?<!以)前(?!天|日|晚|夜)|之前|以前|\bold\b|\bprior\b").search(
        plain
    )
    gap = durations.find(plain)
    counted = pattern(
        r"\bdays? before yesterday\b|\bthe (?:day|night) before\b|\bbefore last\b(?! \w+day| week| month| night)|\b\w+ ?(?:minutes?|mins?|hours?|hrs?) before\b|[节日号庆旦]前1[天日]"
    ).sub(" ", plain)
    before = bool(pattern(BEFORE).search(counted)) or lost
    hits = clock.find(plain)
    day = dates.day(plain, now, future=future)
    if (
        gap
        and gap[0].value.endswith(("min", "h"))
        and not hits
        and (ago or pattern(r"^\W*(?:\d+|an?|half).*(?:min|hour|h)\w*\W*$").search(plain))
    ):
        then = dates.shifted(now, gap[0].value, -1)
        return {"before" if lost or pattern(r"\bbefore\b(?!.*\bago)").search(plain) else "at": then}
    if not hits:
        hits = _bare(plain)
    if hits:
        base = day or now.date()
        hit = (
            _awake(hits[0], plain, now, base == now.date())
            if len(hits) == 1
            else hits[-1]
            if len(hits) > 1 and pattern(SHOWN).search(plain)
            else hits[0]
        )
        moment = datetime(base.year, base.month, base.day, hit.hour, hit.minute)  # noqa: DTZ001 - local wall time
        if day is None and not future and moment > now:
            moment -= timedelta(days=1)
        elif day is None and future and moment < now:
            moment += timedelta(days=1)
        if pattern(r"\blast night\b|昨晚|昨夜").search(plain) and hit.hour < 6:
            moment += timedelta(days=1)
        return {"before" if before else "at": f"{moment:%Y-%m-%dT%H:%M}"}
    if day:
        deleted_then = (
            before and not pattern(r"[\d半]个?半?(?:天|周|月|年|小时|分钟|季度)半?前").search(plain)
        ) or lost
        return {"before" if deleted_then else "date": day.isoformat()}
    if pattern(r"\bover ?night\b").search(plain):
        return {"date": (now.date() - timedelta(days=0 if future else 1)).isoformat()}
    if clock.part_of(plain) and pattern(r"^\W*(?:the )?(?:凌晨|今早|早上|上午|this morning|morning)").search(plain):
        return {"before" if lost else "date": now.date().isoformat()}
    return None


def _awake(hit: clock.Found, plain: str, now: datetime, today: bool) -> clock.Found:
    """A bare hour of today is the one when people are about ("around one today", asked at four)."""
    if hit.bare and today and 1 <= hit.hour <= 6 and hit.hour + 12 <= now.hour and "today" in plain:
        return replace(hit, hour=hit.hour + 12)
    return hit


def _bare(plain: str) -> list[clock.Found]:
    """Hours without a sign of their own: `around 8`, `after ten`, `at 9`."""
    months = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    dateless = pattern(
        rf"\b\d{{1,2}}(?:st|nd|rd|th)\b|\d{{4}}-\d+-\d+|\b(?:{months})[a-z]* \d{{1,2}}\b|\b\d{{1,2}} (?:of )?(?:{months})|\d{{1,2}}[号日月]|\b\d+ (?:days?|weeks?|hours?|months?|years?|versions?)"
    ).sub(" ", plain)
    if not pattern(
        r"(?:\bat|\baround|\babout|\bafter|\bby|\bbefore|\bsince|\bas of|@) ?\d{1,2}\b|\b\d{1,2} (?:this|yesterday|last) (?:morning|afternoon|evening|night)\b|\b\d{1,2}-?ish"
    ).search(dateless):
        return []
    return clock.find(dateless, bare=True)
