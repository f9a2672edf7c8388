"""Slots: once per (policy, local date, nth), on the nights of clock change too, in every odd zone."""

from __future__ import annotations

import itertools
import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.slots import inside, opening, openings, policy_slots, slots
from policies.policy import Policy
from policies.schedule import Schedule
from policies.window import WEEKDAYS, Window

ODD_ZONES = [
    "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Troll", "Africa/Casablanca", "America/Sao_Paulo",
    "America/Nuuk", "Asia/Kathmandu", "Europe/Dublin", "Asia/Tehran", "America/New_York", "UTC", "Pacific/Kwajalein",
    "Africa/Cairo", "Asia/Gaza", "America/St_Johns",
]  # fmt: skip
BERLIN = ZoneInfo("Europe/Berlin")
zones = st.sampled_from(ODD_ZONES).map(ZoneInfo)
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 10, 30, 59]))
starts = st.datetimes(datetime(2008, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
days = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True).map(tuple)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    every = draw(
        st.sampled_from(
            [
                "5min",
                "30min",
                "1h",
                "90min",
                "2h",
                "3h",
                "6h",
                "12h",
                "24h",
                "36h",
                "1d",
                "2d",
                "5d",
                "1w",
                "2w",
                "3w",
                "1mo",
                "3mo",
                "1y",
                "2y",
            ]
        )
    )
    at = draw(st.lists(clocks, min_size=1, max_size=3))
    fields: dict[str, object] = {
        "every": every,
        "at": at,
        "anchor": draw(st.none() | st.dates(date(2010, 1, 1), date(2030, 1, 1))),
    }
    if every.endswith("w"):
        fields["days"] = draw(days | st.just(()))
    if every.endswith(("mo", "y")):
        fields["month_days"] = draw(st.lists(st.sampled_from([-1, 1, 15, 28, 29, 30, 31]), max_size=3))
        if draw(st.booleans()):
            fields["nth_weekday"] = {"n": draw(st.sampled_from([1, 2, 5, -1])), "day": draw(st.sampled_from(WEEKDAYS))}
        fields["months"] = draw(st.lists(st.integers(1, 12), max_size=3))
    return Schedule.model_validate(fields)


def walls(schedule: Schedule, zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    return [slot.due.astimezone(zone) for slot in slots("p", schedule, zone, start, end)]


@given(schedules(), zones, starts, st.integers(1, 60 * 24 * 60))
def test_unique_increasing_and_in_range(schedule: Schedule, zone: ZoneInfo, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    found = list(slots("p", schedule, zone, start, end))
    assert len({slot.key for slot in found}) == len(found)
    assert all(before.due < after.due for before, after in itertools.pairwise(found))
    assert all(start <= slot.due < end and slot.due.utcoffset() == timedelta(0) for slot in found)


@given(schedules(), zones, starts, st.integers(0, 60 * 24 * 40), st.integers(0, 60 * 24 * 40))
def test_a_range_is_the_sum_of_its_parts(
    schedule: Schedule, zone: ZoneInfo, start: datetime, one: int, two: int
) -> None:
    middle = start + timedelta(minutes=one)
    end = middle + timedelta(minutes=two)
    parts = [*slots("p", schedule, zone, start, middle), *slots("p", schedule, zone, middle, end)]
    assert list(slots("p", schedule, zone, start, end)) == parts


@given(zones, clocks, starts)
def test_daily_is_once_per_date_that_exists(zone: ZoneInfo, at: time, start: datetime) -> None:
    schedule = Schedule(every="1d", at=(at,))
    end = start + timedelta(days=370)
    by_date = {slot.day: slot for slot in slots("p", schedule, zone, start, end)}
    moment, seen = start, set()
    while moment < end:  # every date that any hour of the range lies on
        seen.add(moment.astimezone(zone).date())
        moment += timedelta(minutes=30)
    inner = sorted(seen)[1:-1]
    assert [day for day in inner if day not in by_date] == []
    assert set(by_date) <= seen | {inner[0] - timedelta(1)}
    for day, slot in by_date.items():
        wall = slot.due.astimezone(zone)
        assert wall.replace(tzinfo=None) >= datetime.combine(day, at)
        if wall.date() == day and wall.time() == at:
            assert wall.fold == 0  # the first of two


def reference_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """First minute (brute force) whose local wall time is `wall` or, if it never is, later than it."""
    moment = wall.replace(tzinfo=UTC) - timedelta(hours=27)
    later = None
    for _ in range(54 * 60):
        local = moment.astimezone(zone).replace(tzinfo=None)
        if local == wall:
            return moment
        if later is None and local > wall:
            later = moment
        moment += timedelta(minutes=1)
    assert later is not None
    return later


CHANGES = [
    ("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"), ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2026-04-05"), ("Pacific/Apia", "2011-12-30"), ("Pacific/Apia", "2011-12-31"),
    ("Antarctica/Troll", "2026-03-29"), ("Antarctica/Troll", "2026-10-25"), ("Africa/Casablanca", "2026-02-15"),
    ("America/Sao_Paulo", "2017-10-15"), ("America/Nuuk", "2026-03-28"), ("Asia/Gaza", "2021-10-29"),
]  # fmt: skip


@pytest.mark.parametrize(("zone_name", "day_text"), CHANGES)
def test_agrees_with_brute_force_on_nights_of_change(zone_name: str, day_text: str) -> None:
    zone, day = ZoneInfo(zone_name), date.fromisoformat(day_text)
    start, end = (datetime.combine(day + timedelta(days), time(), tzinfo=UTC) for days in (-3, 4))
    for at in (time(0, 0), time(0, 30), time(1, 30), time(2, 0), time(2, 30), time(23, 30)):
        found = {slot.day: slot.due for slot in slots("p", Schedule(every="1d", at=(at,)), zone, start, end)}
        for offset in (-1, 0, 1):
            that = day + timedelta(offset)
            expected = reference_instant(datetime.combine(that, at), zone)
            if that in found:
                assert found[that] == expected
            else:
                assert (zone_name, that) == ("Pacific/Apia", date(2011, 12, 30))


@given(st.sampled_from(["5min", "30min", "1h", "90min"]), clocks, zones, starts)
def test_short_periods_never_gap_more_than_themselves(every: str, at: time, zone: ZoneInfo, start: datetime) -> None:
    schedule = Schedule(every=every, at=(at,))
    due = [slot.due for slot in slots("p", schedule, zone, start, start + timedelta(days=20))]
    assert max(after - before for before, after in itertools.pairwise(due)) <= schedule.every.delta()


@given(
    st.sampled_from(["2h", "3h", "6h", "12h", "1d"]),
    clocks,
    st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe"]),
    starts,
)
def test_wall_clock_periods_gap_at_most_the_change_more(every: str, at: time, zone_name: str, start: datetime) -> None:
    schedule, zone = Schedule(every=every, at=(at,)), ZoneInfo(zone_name)
    due = [slot.due for slot in slots("p", schedule, zone, start, start + timedelta(days=370))]
    assert max(after - before for before, after in itertools.pairwise(due)) <= schedule.every.delta() + timedelta(
        hours=1
    )


def test_hourly_has_23_and_25_slots_on_nights_of_change() -> None:
    for day, count in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 5), 24)):
        start, end = opening(Window(), day, BERLIN)
        found = list(slots("p", Schedule(every="1h"), BERLIN, start, end))
        assert [slot.nth for slot in found] == list(range(count))
        assert {slot.day for slot in found} == {day}


def test_gap_moves_forward_and_the_first_of_two_counts() -> None:
    schedule = Schedule(every="1d", at=("02:30",))
    spring = walls(schedule, BERLIN, datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert [f"{moment:%H:%M%z}" for moment in spring] == ["03:00+0200"]
    autumn = walls(schedule, BERLIN, datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert [f"{moment:%H:%M%z}" for moment in autumn] == ["02:30+0200"]


def test_two_times_in_one_gap_count_once() -> None:
    schedule = Schedule(every="1d", at=("02:10", "02:40", "03:00"))
    found = list(slots("p", schedule, BERLIN, datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)))
    assert [slot.key for slot in found] == ["p@2026-03-29#0"]


def dates(schedule: Schedule, start: str, end: str) -> list[str]:
    begin, stop = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
    return [slot.day.isoformat() for slot in slots("p", schedule, ZoneInfo("UTC"), begin, stop)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"every": "2d", "anchor": "2026-01-02"}, ["2026-01-02", "2026-01-04", "2026-01-06", "2026-01-08"]),
        ({"every": "1w", "days": ["mon", "thu"]}, ["2026-01-01", "2026-01-05", "2026-01-08"]),
        ({"every": "2w", "days": ["thu"], "anchor": "2026-01-08"}, ["2026-01-08"]),
        ({"every": "2w", "days": ["thu"], "anchor": "2026-01-01"}, ["2026-01-01"]),
    ],
)
def test_days_and_weeks(fields: dict[str, object], expected: list[str]) -> None:
    assert dates(Schedule.model_validate({"at": ["03:00"], **fields}), "2026-01-01", "2026-01-09") == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"every": "1mo", "month_days": [31]}, ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30"]),
        (
            {"every": "1mo", "month_days": [30, 31, -1]},
            ["01-30", "01-31", "02-28", "03-30", "03-31", "04-30", "05-30", "05-31", "06-30"],
        ),
        (
            {"every": "1mo", "nth_weekday": {"n": 1, "day": "sun"}},
            ["01-04", "02-01", "03-01", "04-05", "05-03", "06-07"],
        ),
        (
            {"every": "1mo", "nth_weekday": {"n": -1, "day": "fri"}},
            ["01-30", "02-27", "03-27", "04-24", "05-29", "06-26"],
        ),
        (
            {"every": "1mo", "nth_weekday": {"n": 5, "day": "fri"}},
            ["01-30", "02-27", "03-27", "04-24", "05-29", "06-26"],
        ),
        ({"every": "3mo", "month_days": [1]}, ["01-01", "04-01"]),
        ({"every": "3mo", "anchor": "2025-11-15"}, ["02-15", "05-15"]),
        ({"every": "1y", "month_days": [1], "months": [2, 6]}, ["02-01", "06-01"]),
        ({"every": "1y", "anchor": "2020-02-29"}, ["02-28"]),
    ],
)
def test_months(fields: dict[str, object], expected: list[str]) -> None:
    found = dates(Schedule.model_validate({"at": ["03:00"], **fields}), "2026-01-01", "2026-07-01")
    assert found == [f"2026-{day}" for day in expected]


def test_the_grid_of_a_period_keeps_its_phase() -> None:
    found = walls(
        Schedule(every="6h", at=("07:00",)), BERLIN, datetime(2026, 5, 5, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)
    )
    assert [f"{moment:%H:%M}" for moment in found] == ["07:00", "13:00", "19:00", "01:00"]


def test_the_key_survives_a_moved_time() -> None:
    start, end = datetime(2026, 5, 5, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)
    before, after = (
        [slot.key for slot in slots("p", Schedule(every="1d", at=(at,)), BERLIN, start, end)]
        for at in ("03:00", "14:00")
    )
    assert before == after == ["p@2026-05-05#0"]


def policy(schedule: dict[str, object], window: dict[str, object] | None) -> Policy:
    return Policy.model_validate(
        {
            "datasets": ["d"],
            "repositories": ["r"],
            "schedule": schedule,
            "retention": {"keep_last": 3},
            "window": window,
        }
    )


def test_several_a_day_stay_in_their_window() -> None:
    hourly = policy({"every": "1h"}, {"from": "08:00", "to": "18:00", "days": ["mon", "tue", "wed", "thu", "fri"]})
    start = datetime(2026, 5, 4, tzinfo=UTC)  # a Monday
    found = list(policy_slots("p", hourly, ZoneInfo("UTC"), start, start + timedelta(days=7)))
    assert len(found) == 50
    assert {slot.due.hour for slot in found} == set(range(8, 18))
    assert {slot.due.weekday() for slot in found} == {0, 1, 2, 3, 4}


def test_a_daily_slot_outside_its_window_is_not_hidden() -> None:
    nightly = policy({"every": "1d", "at": ["02:30"]}, {"from": "02:00", "to": "02:45"})
    found = list(
        policy_slots("p", nightly, BERLIN, datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    )
    assert [f"{slot.due.astimezone(BERLIN):%H:%M}" for slot in found] == ["03:00"]


def test_daily_over_midnight_belongs_to_the_day_on_which_the_window_opened() -> None:
    fridays = policy({"every": "1d", "at": ["01:00"]}, {"from": "22:00", "to": "04:00", "days": ["fri"]})
    start = datetime(2026, 5, 4, tzinfo=UTC)
    found = list(policy_slots("p", fridays, ZoneInfo("UTC"), start, start + timedelta(days=7)))
    assert [slot.day.isoformat() for slot in found] == ["2026-05-09"]  # Saturday, 01:00


def test_openings_on_nights_of_change() -> None:
    window = Window.model_validate({"from": "00:00", "to": "06:00"})
    spans = [opening(window, day, BERLIN) for day in (date(2026, 3, 29), date(2026, 10, 25))]
    assert [(span[1] - span[0]) // timedelta(hours=1) for span in spans if span] == [5, 7]
    swallowed = Window.model_validate({"from": "02:00", "to": "02:30"})
    night = datetime(2026, 3, 29, tzinfo=UTC)
    assert list(openings(swallowed, BERLIN, night, night + timedelta(hours=12))) == []


@given(
    clocks,
    clocks,
    st.lists(st.sampled_from(WEEKDAYS), max_size=5, unique=True),
    zones,
    starts,
    st.integers(1, 600),
    st.integers(0, 8000),
)
def test_inside_agrees_with_minutes(
    opens: time, until: time, on: list[str], zone: ZoneInfo, start: datetime, length: int, ahead: int
) -> None:
    window = Window.model_validate({"from": opens, "to": until, "days": on})
    begin = start.replace(second=0) + timedelta(minutes=ahead)
    end = begin + timedelta(minutes=length)
    spans = list(openings(window, zone, begin - timedelta(days=3), end + timedelta(days=3)))
    minutes = (begin + timedelta(minutes=minute) for minute in range(length))
    assert inside(window, zone, begin, end) == all(any(a <= minute < b for a, b in spans) for minute in minutes)


@pytest.mark.slow
def test_a_thousand_policies_over_400_days_take_seconds() -> None:
    start, begun, count = datetime(2026, 1, 1, tzinfo=UTC), stopwatch.perf_counter(), 0
    for minute in range(1000):
        schedule = Schedule(every="1d", at=(time(minute % 24, minute % 60),))
        count += sum(1 for _ in slots("p", schedule, BERLIN, start, start + timedelta(days=400)))
    assert count == 400_000
    assert stopwatch.perf_counter() - begun < 20  # 3 s on an idle core
