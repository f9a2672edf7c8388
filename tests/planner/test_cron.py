"""Crontab lines mean what cron means by them, weekday numbers included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from planner.slots import from_cron, slots

START = datetime(2026, 1, 1, tzinfo=UTC)
minutes = st.one_of(
    st.integers(0, 59).map(str), st.sampled_from(["*/5", "*/10", "*/15", "*/30", "0,30", "5,35", "0,10"])
)
hours = st.one_of(st.integers(0, 23).map(str), st.sampled_from(["*", "*/2", "*/6", "*/5", "8-18", "1,13", "9-17/4"]))
weekdays = st.one_of(
    st.integers(0, 7).map(str), st.sampled_from(["*", "1-5", "mon", "sun", "sat,sun", "5-7", "mon-fri", "0,3", "1-5/2"])
)
month_days = st.one_of(st.integers(1, 28).map(str), st.sampled_from(["*", "1,15"]))
months = st.sampled_from(["*", "1", "jan,jul", "*/3", "2-4"])


@st.composite
def lines(draw: st.DrawFn) -> str:
    when = draw(st.sampled_from(["weekday", "day", "any"]))
    weekday = draw(weekdays) if when == "weekday" else "*"
    day = draw(month_days) if when == "day" else "*"
    month = draw(months) if day != "*" else "*"
    return f"{draw(minutes)} {draw(hours)} {day} {month} {weekday}"


@given(lines())
def test_agrees_with_croniter(line: str) -> None:
    oracle = croniter(line, START - timedelta(seconds=1))
    found = slots("p", from_cron(line), ZoneInfo("UTC"), START, START + timedelta(days=800))
    for _ in range(60):
        expected = oracle.get_next(datetime)
        if expected >= START + timedelta(days=800):
            break
        assert next(found).due == expected


def test_weekday_numbers_are_names() -> None:
    for sunday in ("0", "7", "sun"):
        assert from_cron(f"0 3 * * {sunday}").days == ("sun",)
    assert from_cron("0 3 * * 1").days == ("mon",)


@pytest.mark.parametrize("line", ["@daily", "@hourly", "@weekly", "@monthly", "@yearly"])
def test_nicknames(line: str) -> None:
    oracle = croniter(line, START - timedelta(seconds=1))
    found = slots("p", from_cron(line), ZoneInfo("UTC"), START, START + timedelta(days=800))
    assert next(found).due == oracle.get_next(datetime)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("0 3 1 * 1", "runs on either"),
        ("0 3 31 * *", "skips them"),
        ("0 3 30 1-3 *", "skips them"),
        ("0 3 * 6 *", "without a day"),
        ("0 3 * *", "five fields"),
        ("61 3 * * *", "0-59"),
        ("0 3 * * 8", "0-7"),
        ("0 18-8 * * *", "backwards"),
        ("*/0 * * * *", "no step"),
        ("@reboot", "five fields"),
        ("*/2 * * * *", "too often"),
        ("0 3 * * xyz", "0-7"),
    ],
)
def test_refuses_what_a_schedule_cannot_say(line: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        from_cron(line)
