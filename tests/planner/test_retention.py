"""Retention: reasons, protections, refusals, and the rules that hold whatever the points are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.retention import decide, kept
from planner.simulate import walk
from planner.slots import slots
from policies.errors import GuardrailViolation
from policies.retention import COUNTS, SPANS, Retention
from policies.schedule import Schedule
from policies.snapshot import RecoveryPoint

UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 11, 10, 30, tzinfo=UTC)
zones = st.sampled_from([UTC_ZONE, BERLIN, ZoneInfo("Pacific/Apia"), ZoneInfo("Australia/Lord_Howe")])
point_sets = st.lists(st.integers(0, 800 * 24 * 4), max_size=60, unique=True).map(
    lambda quarters: [
        RecoveryPoint(f"p{quarter}", "d", "r", NOW - timedelta(minutes=15 * quarter), ()) for quarter in quarters
    ]
)


@st.composite
def rules(draw: st.DrawFn) -> Retention:
    fields: dict[str, object] = {}
    for rule in draw(st.lists(st.sampled_from([*COUNTS, *SPANS]), min_size=1, max_size=4, unique=True)):
        fields[rule] = (
            draw(st.integers(1, 15)) if rule in COUNTS else draw(st.sampled_from(["6h", "2d", "2w", "1mo", "1y"]))
        )
    return Retention.model_validate({**fields, "at_least": draw(st.integers(1, 5))})


def keeps(
    retention: Retention, points: list[RecoveryPoint], zone: ZoneInfo, protected: dict[str, str] | None = None
) -> set[str]:
    verdicts = decide(retention, points, zone=zone, now=NOW, protected=protected or {}, approved=True)
    assert {verdict.point for verdict in verdicts} == {point.id for point in points}
    assert all(verdict.reasons for verdict in verdicts)
    return {verdict.point for verdict in verdicts if verdict.keep}


@given(rules(), rules(), point_sets, zones)
def test_another_rule_never_removes_more(
    one: Retention, two: Retention, points: list[RecoveryPoint], zone: ZoneInfo
) -> None:
    both = {
        **two.model_dump(exclude_none=True),
        **one.model_dump(exclude_none=True),
        "at_least": max(one.at_least, two.at_least),
    }
    assert keeps(one, points, zone) <= keeps(Retention.model_validate(both), points, zone)


@given(rules(), point_sets, zones, st.sampled_from(COUNTS))
def test_a_higher_count_never_removes_more(
    retention: Retention, points: list[RecoveryPoint], zone: ZoneInfo, rule: str
) -> None:
    more = retention.model_copy(update={rule: (getattr(retention, rule) or 0) + 1})
    assert keeps(retention, points, zone) <= keeps(more, points, zone)


@given(rules(), point_sets, zones)
def test_applying_it_again_removes_nothing(retention: Retention, points: list[RecoveryPoint], zone: ZoneInfo) -> None:
    first = keeps(retention, points, zone)
    assert keeps(retention, [point for point in points if point.id in first], zone) == first


@given(rules(), point_sets, zones, st.data())
def test_newest_least_number_and_protected_stay(
    retention: Retention, points: list[RecoveryPoint], zone: ZoneInfo, data: st.DataObject
) -> None:
    held = data.draw(st.sets(st.sampled_from([point.id for point in points]), max_size=3)) if points else set()
    first = keeps(retention, points, zone, dict.fromkeys(held, "last proven"))
    assert held <= first
    assert len(first) >= min(retention.at_least, len(points))
    newest = sorted(points, key=lambda point: point.time, reverse=True)[: retention.at_least]
    assert {point.id for point in newest} <= first


@given(rules(), zones, st.sampled_from(["1h", "6h", "1d", "1w"]), st.integers(20, 120))
def test_the_stream_agrees_with_looking_at_everything(
    retention: Retention, zone: ZoneInfo, every: str, count: int
) -> None:
    """planner.simulate walks rules as streams; applying `kept` after every run must leave the same points."""
    start = datetime(2026, 3, 20, 7, tzinfo=UTC)
    times = [
        slot.due for slot in slots("p", Schedule(every=every, at=("02:30",)), zone, start, start + timedelta(days=900))
    ][:count]
    there: list[datetime] = []
    for step in walk(retention, times, zone, lambda seconds: seconds):
        there.insert(0, step.time)
        there = [time for time, why in zip(there, kept(retention, there, zone), strict=True) if why]
        assert step.points == len(there)
        assert step.oldest == there[-1]
        assert step.between == pytest.approx((there[0] - there[-1]).total_seconds())


@pytest.mark.parametrize(
    ("fields", "promise"),
    [
        ({"keep_within": "30d"}, timedelta(days=29)),
        ({"keep_daily": 7, "keep_weekly": 4, "keep_monthly": 6}, timedelta(days=4 * 28)),
        ({"keep_monthly": 24}, timedelta(days=22 * 28)),
        ({"keep_daily_within": "60d"}, timedelta(days=58)),
        ({"keep_last": 10}, timedelta(days=9) - timedelta(hours=1)),
    ],
)
def test_three_years_of_nights_never_lose_what_is_promised(fields: dict[str, object], promise: timedelta) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    due = [
        slot.due
        for slot in slots("p", Schedule(every="1d", at=("01:40",)), BERLIN, start, start + timedelta(days=1096))
    ]
    retention, there = Retention.model_validate(fields), list[datetime]()
    for moment in due:
        there.insert(0, moment)
        there = [time for time, why in zip(there, kept(retention, there, BERLIN), strict=True) if why]
        assert moment - there[-1] >= min(promise - timedelta(hours=1), moment - due[0])


def named(count: int, step: timedelta = timedelta(days=1)) -> list[RecoveryPoint]:
    return [RecoveryPoint(f"p{index}", "d", "r", NOW - index * step, ()) for index in range(count)]


def reasons(fields: dict[str, object], points: list[RecoveryPoint], **protected: str) -> dict[str, tuple[str, ...]]:
    found = decide(Retention.model_validate(fields), points, zone=BERLIN, now=NOW, protected=protected, approved=True)
    return {verdict.point: verdict.reasons for verdict in found}


def test_reasons_are_in_words() -> None:
    found = reasons(
        {"keep_daily": 3, "keep_monthly": 1, "keep_within": "2d", "at_least": 1}, named(6), p5="last proven"
    )
    assert found["p0"] == (
        "within 2d of the newest", "keep_daily 1 of 3: 2026-03-11", "keep_monthly 1 of 1: 2026-03", "never fewer than 1",
    )  # fmt: skip
    assert found["p2"] == ("keep_daily 3 of 3: 2026-03-09",)
    assert found["p3"] == ("no rule keeps it",)
    assert found["p5"] == ("last proven",)


def test_weeks_are_iso_weeks_and_hours_are_local() -> None:
    found = reasons({"keep_weekly": 1, "keep_hourly": 1, "at_least": 1}, named(1))
    assert found["p0"][:2] == ("keep_hourly 1 of 1: 2026-03-11 11:00", "keep_weekly 1 of 1: 2026-W11")


def test_spans_count_from_the_newest_not_from_now() -> None:
    late = NOW + timedelta(days=400)
    verdicts = decide(Retention.model_validate({"keep_within": "7d"}), named(5), zone=BERLIN, now=late, protected={})
    assert all(verdict.keep for verdict in verdicts)


def test_for_ever_keeps_everything() -> None:
    assert all(
        verdict.keep for verdict in decide(Retention(forever=True), named(500), zone=BERLIN, now=NOW, protected={})
    )


def test_no_points_no_verdicts() -> None:
    assert decide(Retention(keep_last=1), [], zone=BERLIN, now=NOW, protected={}) == []


def test_a_point_from_the_future_stops_everything() -> None:
    points = [*named(3), RecoveryPoint("late", "d", "r", NOW + timedelta(minutes=11), ())]
    with pytest.raises(GuardrailViolation, match="late is dated 2026-03-11 11:41, ahead of now") as caught:
        decide(Retention(keep_daily=7), points, zone=BERLIN, now=NOW, protected={}, approved=True)
    assert "clock" in caught.value.hint
    jitter = [*named(3), RecoveryPoint("soon", "d", "r", NOW + timedelta(minutes=9), ())]
    assert decide(Retention(keep_daily=7), jitter, zone=BERLIN, now=NOW, protected={})


def test_an_abnormal_share_needs_approval() -> None:
    retention = Retention.model_validate({"keep_last": 3, "at_least": 1})
    with pytest.raises(GuardrailViolation, match="remove 5 of 8 recovery points") as caught:
        decide(retention, named(8), zone=BERLIN, now=NOW, protected={})
    assert "approve" in caught.value.hint
    assert sum(not v.keep for v in decide(retention, named(8), zone=BERLIN, now=NOW, protected={}, approved=True)) == 5
    assert decide(retention, named(6), zone=BERLIN, now=NOW, protected={})  # 3 of 6: half, and no more than three


def test_points_of_two_datasets_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="one dataset"):
        decide(
            Retention(keep_last=1),
            [*named(1), RecoveryPoint("x", "other", "r", NOW, ())],
            zone=BERLIN,
            now=NOW,
            protected={},
        )
