"""Typed values of the contract as hypothesis strategies: what plans hold and people say."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from planner.language.intent import (
    Limits,
    NotifySaid,
    NthDay,
    Point,
    RetentionSaid,
    ScheduleSaid,
    WindowSaid,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clocks() -> st.SearchStrategy[str]:
    """A time of day on a five-minute mark."""
    return st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 11).map(lambda n: n * 5))


def _times() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(clocks(), min_size=1, max_size=2, unique=True).map(lambda ts: tuple(sorted(ts)))


def durations(units: str = "h d w mo y") -> st.SearchStrategy[str]:
    """A duration of a count that people say."""
    return st.builds("{}{}".format, st.integers(1, 60), st.sampled_from(units.split()))


def _days() -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(DAYS), min_size=1, max_size=3).map(lambda s: tuple(d for d in DAYS if d in s))


def schedules() -> st.SearchStrategy[ScheduleSaid]:
    """Cadences with and without a time of day."""
    at = st.one_of(st.just(()), _times())
    part = st.sampled_from(["night", "morning", "afternoon", "evening"])
    every_day = st.builds(lambda a: ScheduleSaid(every="1d", at=a), at)
    by_part = st.builds(lambda e, p: ScheduleSaid(every=e, part=p), st.sampled_from(["1d", "1w", "2d", "1mo"]), part)
    hours = st.sampled_from(["1h", "2h", "3h", "4h", "6h", "12h", "15min", "30min"]).map(
        lambda e: ScheduleSaid(every=e)
    )
    days = st.sampled_from(["2d", "3d", "2w", "3w", "1w", "1mo", "3mo", "1y"]).map(lambda e: ScheduleSaid(every=e))
    weeks = st.sampled_from(["1w", "2w", "3w"])
    one = st.builds(
        lambda e, d, a: ScheduleSaid(every=e, days=d, at=a), weeks, st.sampled_from([(d,) for d in DAYS]), at
    )
    week = st.one_of(
        one, st.builds(lambda d, a: ScheduleSaid(every="1w", days=d, at=a), st.one_of(_days(), st.just(DAYS[:5])), at)
    )  # fmt: skip
    month = st.builds(
        lambda d, a: ScheduleSaid(every="1mo", month_days=(d,), at=a), st.one_of(st.integers(1, 28), st.just(-1)), at
    )
    nth = st.builds(
        lambda n, d, a: ScheduleSaid(every="1mo", nth_weekday=NthDay(n=n, day=d), at=a),
        st.sampled_from([1, 2, 3, 4, -1]), st.sampled_from(DAYS), at,
    )  # fmt: skip
    several = st.integers(2, 4).map(lambda n: ScheduleSaid(every="1w", times=n))
    return st.one_of(every_day, by_part, hours, days, week, month, nth, several)


def retentions() -> st.SearchStrategy[RetentionSaid]:
    """By length, by counts, by tiers of length, by number, for ever."""
    within = durations("d w mo y").map(lambda d: RetentionSaid(keep_within=d))
    last = st.integers(2, 60).map(lambda n: RetentionSaid(keep_last=n))
    rules = ("hourly", "daily", "weekly", "monthly", "yearly")
    counts = st.dictionaries(st.sampled_from(rules), st.integers(1, 60), min_size=1, max_size=4).map(
        lambda d: RetentionSaid.model_validate({f"keep_{rule}": d[rule] for rule in rules if rule in d})
    )
    spans = st.dictionaries(st.sampled_from(rules[1:]), durations("d w mo y"), min_size=1, max_size=3).map(
        lambda d: RetentionSaid.model_validate({f"keep_{rule}_within": d[rule] for rule in rules if rule in d})
    )
    return st.one_of(within, last, counts, spans, st.just(RetentionSaid(forever=True)))


def windows() -> st.SearchStrategy[WindowSaid]:
    """Hours, parts of the day, either end alone."""
    parts = st.sampled_from(["night", "off_hours", "weekend"]).map(lambda p: WindowSaid(part=p))
    hours = st.builds(
        lambda a, b, d: WindowSaid.model_validate({"from": a, "to": b, "days": d}),
        clocks(), clocks(), st.one_of(st.just(()), st.just(DAYS[:5])),
    ).filter(lambda w: w.start != w.until)  # fmt: skip
    ends = st.one_of(
        clocks().map(lambda t: WindowSaid.model_validate({"to": t})),
        clocks().map(lambda t: WindowSaid.model_validate({"from": t})),
    )
    return st.one_of(parts, hours, ends)


def points() -> st.SearchStrategy[Point]:
    """Moments before 2026-03-11."""
    day = st.dates(min_value=date(2025, 1, 1), max_value=date(2026, 3, 10))
    moment = st.builds(lambda d, c: f"{d.isoformat()}T{c}", day, clocks())
    return st.one_of(
        st.sampled_from([Point(latest=True), Point(last_good=True), *(Point(previous=n) for n in (1, 2, 5))]),
        moment.map(lambda m: Point(at=m)), moment.map(lambda m: Point(before=m)), day.map(lambda d: Point(date=d.isoformat())),
        st.from_regex(r"[0-9a-f]{8}", fullmatch=True).filter(lambda s: not s.isdigit()).map(lambda s: Point(snapshot=s)),
    )  # fmt: skip


def limits() -> st.SearchStrategy[Limits]:
    """One limit each."""
    return st.one_of(
        st.builds(lambda n, u: Limits(bandwidth=f"{n}{u}"), st.integers(1, 900), st.sampled_from(["MB/s", "Mbit/s", "KB/s"])),
        st.builds(lambda n, u: Limits(storage=f"{n}{u}"), st.integers(1, 900), st.sampled_from(["GB", "TB", "MB"])),
        st.integers(1, 900).map(lambda n: Limits(cost=f"{n}USD/mo")),
    )  # fmt: skip


def notices() -> st.SearchStrategy[NotifySaid]:
    """Channels with and without an occasion."""
    channels = st.sampled_from([(), ("email",), ("slack",), ("ops@example.com",), ("#ops",)])
    when = st.sampled_from([None, "failure", "success", "always"])
    return st.builds(lambda c, o: NotifySaid(channels=c, on=o), channels, when).filter(lambda n: n.channels or n.on)
