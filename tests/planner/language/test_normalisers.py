"""Words to values: known ones, and no exception on any."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planner.language import explain
from planner.language.intent import Limits, NotifySaid, Point, RetentionSaid, ScheduleSaid, WindowSaid
from planner.language.normalise import amounts, clock, durations, points, retention, schedules, until, windows, words
from planner.language.normalise.text import fold
from tests.planner.language.samples import NOW

READERS: dict[str, Callable[[str], Any]] = {
    "duration": durations.duration,
    "times": clock.times,
    "schedule": lambda text: ScheduleSaid.model_validate(schedules.schedule(text, NOW) or {}),
    "once": lambda text: ScheduleSaid.model_validate(schedules.schedule(text, NOW, once=True) or {}),
    "retention": lambda text: RetentionSaid.model_validate(retention.retention(text) or {}),
    "window": lambda text: WindowSaid.model_validate(windows.window(text) or {}),
    "point": lambda text: Point.model_validate(points.point(text, NOW) or {}),
    "until": lambda text: until.until(text, NOW),
    "limits": lambda text: Limits.model_validate(amounts.limits(text) or {}),
    "read": amounts.read_share,
    "notify": lambda text: NotifySaid.model_validate(words.notify(text) or {}),
    "kind": words.kind,
    "scheme": words.scheme,
    "immutable": words.immutable,
    "contradiction": lambda text: retention.contradiction(fold(text)),
}
CRUMBS = [
    "1",
    "2",
    "12",
    "30",
    "31",
    "99",
    "0",
    "two",
    "half",
    "a",
    "an",
    "the",
    "every",
    "last",
    "next",
    "days",
    "weeks",
    "months",
    "am",
    "pm",
    ":",
    "30",
    "at",
    "friday",
    "mon",
    "february",
    "2026",
    "-",
    "/",
    "%",
    "GB",
    "Mbit/s",
    "ago",
    "before",
    "until",
    "keep",
    "daily",
    "两",
    "天",
    "个月",
    "每",
    "晚",
    "点",
    "半",
    "前",
    "号",
    "周五",
]


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40) | st.lists(st.sampled_from(CRUMBS), max_size=8).map(" ".join))
@example(text="every 99999999999 days")
@example(text="february 30")
@example(text="at 25:61")
@example(text="-1 days")
@example(text="9999-12-31")
@example(text="in 999999 years")
@example(text="²³ days")
@example(text="２０２６年２月３０日")
def test_no_text_is_too_odd(name: str, text: str) -> None:
    READERS[name](text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30 days", "30d"),
        ("a fortnight", "2w"),
        ("half an hour", "30min"),
        ("a quarter", "3mo"),
        ("one and a half hours", "90min"),
        ("两年半", "30mo"),
        ("三十天", "30d"),
        ("半小时", "30min"),
        ("twelve weeks", "12w"),
        ("soon", None),
    ],
)
def test_durations(text: str, value: str | None) -> None:
    assert durations.duration(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2am", ("02:00",)),
        ("half past ten in the evening", ("22:30",)),
        ("晚上十一点半", ("23:30",)),
        ("凌晨两点", ("02:00",)),
        ("midnight", ("00:00",)),
        ("noon", ("12:00",)),
        ("14:05 and 6pm", ("14:05", "18:00")),
        ("下午3点", ("15:00",)),
    ],
)
def test_times_of_day(text: str, value: tuple[str, ...]) -> None:
    assert clock.times(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yesterday", {"date": "2026-03-10"}),
        ("2 hours ago", {"at": "2026-03-11T08:30"}),
        ("yesterday at 3pm", {"at": "2026-03-10T15:00"}),
        ("before 14:30", {"before": "2026-03-10T14:30"}),
        ("last friday", {"date": "2026-03-06"}),
        ("the latest", {"latest": True}),
        ("上周五", {"date": "2026-03-06"}),
        ("昨天下午三点", {"at": "2026-03-10T15:00"}),
    ],
)
def test_points_in_time(text: str, value: dict[str, Any]) -> None:
    assert points.point(text, NOW) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("max 20 Mbit/s", {"bandwidth": "20Mbit/s"}),
        ("no more than 500 GB", {"storage": "500GB"}),
        ("under 50 USD a month", {"cost": "50USD/mo"}),
        ("5MB/s", {"bandwidth": "5MB/s"}),
    ],
)
def test_limits(text: str, value: dict[str, str]) -> None:
    assert amounts.limits(text) == value


SPANS = st.builds(lambda n, unit: f"{n}{unit}", st.integers(1, 400), st.sampled_from(["min", "h", "d", "w", "mo", "y"]))
CLOCKS = st.builds(lambda h, m: f"{h:02d}:{m:02d}", st.integers(0, 23), st.sampled_from([0, 5, 30, 59]))
LANGUAGES = st.sampled_from(["en", "zh"])


@settings(max_examples=80, deadline=None)
@given(SPANS, LANGUAGES)
def test_a_duration_that_was_put_into_words_reads_the_same(value: str, language: explain.Language) -> None:
    assert durations.duration(explain.duration(value, language)) == value


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["1d", "1w", "1mo"]), st.none() | CLOCKS, LANGUAGES)
def test_a_schedule_that_was_put_into_words_reads_the_same(
    every: str, at: str | None, language: explain.Language
) -> None:
    said = ScheduleSaid.model_validate({"every": every} | ({"at": [at]} if at else {}))
    assert schedules.schedule(explain.schedule(said, language), NOW) == said.as_contract()


@settings(max_examples=80, deadline=None)
@given(SPANS.filter(lambda v: re.search(r"[dwy]$|mo$", v) is not None), LANGUAGES)
def test_a_retention_that_was_put_into_words_reads_the_same(value: str, language: explain.Language) -> None:
    said = RetentionSaid(keep_within=value)
    assert retention.retention(explain.retention(said, language)) == {"keep_within": value}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 20), LANGUAGES)
def test_generations_that_were_put_into_words_read_the_same(
    daily: int, weekly: int, monthly: int, language: explain.Language
) -> None:
    said = RetentionSaid(keep_daily=daily, keep_weekly=weekly, keep_monthly=monthly)
    assert retention.retention(explain.retention(said, language)) == said.as_contract()


@settings(max_examples=60, deadline=None)
@given(CLOCKS, CLOCKS, LANGUAGES)
def test_a_window_that_was_put_into_words_reads_the_same(start: str, end: str, language: explain.Language) -> None:
    said = WindowSaid.model_validate({"from": start, "to": end})
    assert start == end or windows.window(explain.window(said, language)) == said.as_contract()
