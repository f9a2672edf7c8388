"""Which moment's data: the contract's `point`, and the end of a pause."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from planner.language.normalise import clock, dates, durations
from planner.language.normalise.numbers import digits
from planner.language.normalise.text import fold, pattern

GOOD = r"\b(?:last|latest|newest|most recent)? ?(?:known[- ])?(?:good|clean|healthy|uninfected|unencrypted|intact|working|sane|uncorrupted)\b|\bknown[- ]good\b|干净|完好|正常的?(?:版本|那)|没被?(?:感染|加密|污染|中毒)|未(?:感染|被?加密|污染|中毒)|没坏|好的|没问题|健康"
ATTACK = r"\b(?:before|prior to|pre-?|previous to) ?(?:the |it was |we (?:were|got) |all |this )?(?:attack|infect\w*|hack\w*|encrypt\w*|ransom\w*|compromis\w*|intrusion|corrupt\w*|breach|virus|malware|incident|outbreak)|(?:被黑|中毒|感染|加密|中勒索|攻击|勒索|中招|入侵|出事|被攻破)之?以?前"
LATEST = r"\b(?:latest|newest|most recent|last one|freshest|current|(?:the )?last (?:backup|snapshot|copy|run|state|version|image|dump))\b|\bmost up[- ]to[- ]date\b|最新|最近[1一]?[次份个版]|最近的|最后[1一]?[次份个版]"
PREVIOUS = r"\bprevious\b|\bprior (?:version|backup|copy|snapshot|one)|\b(?:the )?(?:one|version|copy|backup|snapshot) before(?: (?:that|this|the last|the latest|last))?\b|\b(?:a|one) (?:version|generation|backup) (?:ago|back|earlier)\b|上[1一]?个(?:版本|快照|备份)|上1?[次份版]|^prev\b|前1?[份版次]|倒数第2"
OLDER = r"\bolder than\b|\bover\b.*\bold\b|\bolder\b|\bmore than\b|\bpast\b|\bbeyond\b|\bolder\b|\bage[ds]? (?:over|above)|\bsnapshots? from (?:more|over)|\bexceed\w*|\babove\b|超过|以上|更早|早于|以前|之前|前|>|\bolder$|\bold\b"


def point(text: str, now: datetime, *, deleting: bool = False, lost: bool = False) -> dict[str, Any] | None:
    """The point in time that a text says. `deleting`: it chooses what is to be removed; `lost`: it is when data was damaged,
    so that the state before it is meant."""
    plain = digits(text)
    snapshot = _snapshot(text)
    if snapshot:
        return {"snapshot": snapshot}
    gap = durations.find(plain)
    if deleting and gap and pattern(OLDER).search(plain) and not pattern(r"\d{4}-\d|\d月\d").search(plain):
        return {"older_than": gap[0].value}
    if gap and pattern(r"\bolder than\b|\bover\b.*\bold\b|\bmore than .* old\b|超过.*(?:的|以上)|\bolder\b").search(
        plain
    ):
        return {"older_than": gap[0].value}
    if pattern(ATTACK).search(plain) and not dates.names_a_day(plain) and not clock.find(plain):
        return {"last_good": True}
    if pattern(GOOD).search(plain):
        return {"last_good": True}
    ranged = dates.span(plain, now)
    if ranged and not clock.find(plain):
        if deleting and pattern(r"\bbefore\b|\bolder than\b|以前|之前|早于").search(plain):
            return {"before": ranged[0].isoformat()}
        return {"from": ranged[0].isoformat(), "to": ranged[1].isoformat()}
    found = _moment(plain, now, lost)
    if found:
        return found
    back = pattern(
        r"\b(\d+) (?:versions?|generations?|backups?|snapshots?|copies|runs?|states?) (?:ago|back|earlier|before)|(?:倒回|往前|前)(\d+)[个份次版](?!月|小时)|再往前1?份"
    ).search(plain)
    if back:
        return {"previous": int(back[1] or back[2] or 2)}
    if pattern(PREVIOUS).search(plain):
        return {"previous": 1}
    if pattern(LATEST).search(plain) or pattern(r"^\W*(?:the )?last\W*$").search(plain):
        return {"latest": True}
    return None


def _snapshot(text: str) -> str | None:
    plain = fold(text)
    m = pattern(
        r"\b(?:snapshots?|snap|id|快照)[ #:]*(?:id|no\.?|number|号)?[ #:]*((?=[\w-]*\d)[a-z0-9][\w.-]{0,39}|[0-9a-f]{8,64})(?![\w:])"
    ).search(plain)
    if m and not pattern(r"^(?:\d{4}-\d\d|\d+(?:d|h|w|y|mo|am|pm)$)").match(m[1]):
        return m[1]
    m = pattern(
        r"(?<![\w/.-])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])([0-9a-f]{6,64})(?![\w/.-])|(?<![\w/.-])(snap-[\w-]+)"
    ).search(plain)
    return (m[1] or m[2]) if m else None


def _moment(plain: str, now: datetime, lost: bool) -> dict[str, Any] | None:
    ago = pattern(r"\bago\b|\bback\b|\bearlier\b|(?<!之)(?<!以)前(?!天|日|晚|夜)|之前|以前|\bold\b|\bprior\b").search(
        plain
    )
    gap = durations.find(plain)
    before = (
        bool(
            pattern(
                r"\b(?:before|prior to|predat\w*|preced\w*|b4|until|pre|ahead of|up to|earlier than|older than|just under)\b|之前|以前|前夕|早于|(?<=\d)前|(?<=点)前|(?<=分)前|(?<=号)前|(?<=日)前"
            ).search(plain)
        )
        or lost
    )
    hits = clock.find(plain)
    day = dates.day(plain, now)
    if (
        gap
        and gap[0].value.endswith(("min", "h"))
        and not hits
        and (ago or pattern(r"^\W*(?:\d+|an?|half).*(?:min|hour|h)\w*\W*$").search(plain))
    ):
        then = dates.shifted(now, gap[0].value, -1)
        return {"before" if lost or pattern(r"\bbefore\b(?!.*\bago)").search(plain) else "at": then}
    if not hits and pattern(
        r"\bat (\d{1,2})\b|\b\d{1,2}-?ish|\bby \d{1,2}\b|\bbefore \d{1,2}\b(?! (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
    ).search(plain):
        hits = clock.find(pattern(r"\b\d{1,2}(?:st|nd|rd|th)\b|\d{4}-\d+-\d+").sub(" ", plain), bare=True)
    if hits:
        base = day or now.date()
        hit = hits[-1] if len(hits) > 1 and pattern(r"\bi\.?e\.?\b|也就是").search(plain) else hits[0]
        moment = datetime(base.year, base.month, base.day, hit.hour, hit.minute)  # noqa: DTZ001 - local wall time
        if day is None and moment > now:
            moment -= timedelta(days=1)
        if pattern(r"\blast night\b|昨晚|昨夜").search(plain) and hit.hour < 6:
            moment += timedelta(days=1)
        return {"before" if before else "at": f"{moment:%Y-%m-%dT%H:%M}"}
    if day:
        deleted_then = (before and not pattern(r"(?:天|周|月|年|小时|分钟)前").search(plain)) or lost
        return {"before" if deleted_then else "date": day.isoformat()}
    if clock.part_of(plain) and pattern(r"^\W*(?:the )?(?:凌晨|今早|早上|上午|this morning|morning)").search(plain):
        return {"before" if lost else "date": now.date().isoformat()}
    return None


def until(text: str, now: datetime) -> str | None:
    """When a pause ends: an ISO date or date-time, or a duration."""
    plain = digits(text)
    ends = bool(pattern(r"\b(?:until|till?|til|through|before|by|back on|up to|thru)\b|到|至|直到|前").search(plain))
    gap = durations.find(plain)
    dated = pattern(rf"\d月\d|\d[号]|\b(?:{dates.MONTH})\b|\d{{4}}-").search(plain)
    if (
        gap
        and not dated
        and not (ends and dates.names_a_day(plain))
        and not clock.find(pattern(r"\d+ ?h\b").sub("", plain))
    ):
        return gap[-1].value
    if pattern(r"\bweekend is over\b|\bafter the weekend\b").search(plain):
        return (now.date() + timedelta(days=7 - now.weekday())).isoformat()
    if pattern(r"\bend of (?:the |this )?month\b|月底|月末").search(plain):
        first = (now.date().replace(day=28) + timedelta(days=4)).replace(day=1)
        return (first - timedelta(days=1)).isoformat()
    if pattern(r"\bend of (?:the |this )?year\b|年底").search(plain):
        return now.date().replace(month=12, day=31).isoformat()
    day = dates.day(plain, now, future=True)
    if pattern(r"\bnext week\b|下周(?!\d)").search(plain) and day is None:
        day = now.date() + timedelta(days=7 - now.weekday())
    if day and day == now.date() and pattern(r"週\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b").search(plain):
        day += timedelta(days=7)
    hits = clock.find(pattern(r"\b\d{1,2}(?:st|nd|rd|th)\b").sub(" ", plain)) or (
        clock.find(plain, bare=True)
        if pattern(r"\b(?:until|till?) \d{1,2}\b(?! (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))").search(plain)
        else []
    )
    if hits:
        base = day or now.date()
        moment = datetime(base.year, base.month, base.day, hits[0].hour, hits[0].minute)  # noqa: DTZ001 - local wall time
        if day is None and moment <= now:
            moment += timedelta(days=1)
        return f"{moment:%Y-%m-%dT%H:%M}"
    return day.isoformat() if day else None
