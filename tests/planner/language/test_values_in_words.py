"""Values put into words, in many ways and two languages, read the same; and no text takes long or fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.language import explain
from planner.language.intent import NthDay, RetentionSaid, ScheduleSaid
from planner.language.normalise import (
    amounts,
    clock,
    dates,
    durations,
    points,
    retention,
    schedules,
    until,
    windows,
    words,
)
from planner.language.normalise.days import WEEK
from planner.language.normalise.numbers import digits, english, to_chinese
from planner.language.words_en import DAYS, MONTHS, NTH, ordinal
from planner.language.words_zh import DAYS as DAYS_ZH
from tests.planner.language.samples import NOW

HOURS, MINUTES = st.integers(0, 23), st.integers(0, 59)
LANGUAGES = st.sampled_from(["en", "zh"])
ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def _part_en(hour: int) -> str:
    return "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "in the evening"


def _part_zh(hour: int) -> str:
    return "凌晨" if hour < 6 else "上午" if hour < 12 else "下午" if hour < 18 else "晚上"


def _twelve(hour: int) -> int:
    return hour % 12 or 12


CLOCKS: dict[str, Callable[[int, int], str]] = {
    "14:05": lambda h, m: f"{h:02d}:{m:02d}",
    "2:05 pm": lambda h, m: f"{_twelve(h)}:{m:02d} {'pm' if h >= 12 else 'am'}",
    "2.05 p.m.": lambda h, m: f"{_twelve(h)}.{m:02d} {'p.m.' if h >= 12 else 'a.m.'}",
    "at 1405": lambda h, m: f"at {h:02d}{m:02d}",
    "1405 hrs": lambda h, m: f"{h:02d}{m:02d} hrs",
    "14h05": lambda h, m: f"{h:02d}h{m:02d}",
    "2:05 in the afternoon": lambda h, m: f"{_twelve(h) if h else 0}:{m:02d} {_part_en(h)}",
    "14点05分": lambda h, m: f"{h}点{m:02d}分",
    "下午2点05分": lambda h, m: f"{_part_zh(h)}{_twelve(h) if h else 0}点{m:02d}分",
    "十四时五分": lambda h, m: f"{to_chinese(h)}时{to_chinese(m)}分" if m else f"{to_chinese(h)}时",
}


@pytest.mark.parametrize("style", CLOCKS)
@settings(max_examples=80, deadline=None)
@given(HOURS, MINUTES)
def test_a_time_of_day_reads_the_same_in_every_style(style: str, hour: int, minute: int) -> None:
    assert clock.times(CLOCKS[style](hour, minute)) == (f"{hour:02d}:{minute:02d}",)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.sampled_from(["am", "pm"]), st.sampled_from([5, 10, 20, 25]))
def test_distances_from_an_hour(hour: int, half: str, minutes: int) -> None:
    base = (hour % 12 + (12 if half == "pm" else 0)) * 60
    for said, shift in (
        (f"{minutes} minutes past {hour} {half}", minutes),
        (f"{minutes} minutes to {ONES[hour]} {half}", -minutes),
        (f"quarter past {hour} {half}", 15),
        (f"a quarter to {ONES[hour]} {half}", -15),
        (f"half past {hour} {half}", 30),
        (f"half {ONES[hour]} {half}", 30),
    ):
        total = (base + shift) % 1440
        assert clock.times(said) == (f"{total // 60:02d}:{total % 60:02d}",), said


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 999), st.sampled_from(["min", "h", "d", "w", "mo", "y"]), LANGUAGES, st.booleans())
def test_durations_in_figures_and_in_words(n: int, unit: str, language: explain.Language, spelt: bool) -> None:
    words_ = explain.duration(f"{n}{unit}", language)
    if spelt and language == "zh":
        words_ = words_.replace(str(n), to_chinese(n))
    if spelt and language == "en" and n <= 12:
        words_ = words_.replace(str(n), ONES[n])
    assert durations.duration(words_) == f"{n}{unit}"


DATES: dict[str, Callable[[date], str]] = {
    "2026-03-01": lambda d: d.isoformat(),
    "2026/3/1": lambda d: f"{d.year}/{d.month}/{d.day}",
    "1 March 2026": lambda d: f"{d.day} {MONTHS[d.month - 1].capitalize()} {d.year}",
    "March 1st, 2026": lambda d: f"{MONTHS[d.month - 1].capitalize()} {ordinal(d.day)}, {d.year}",
    "the 1st of Mar 2026": lambda d: f"the {ordinal(d.day)} of {MONTHS[d.month - 1][:3]} {d.year}",
    "01.03.2026": lambda d: f"{d.day:02d}.{d.month:02d}.{d.year}",
    "2026年3月1日": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "二〇二六年三月一号": lambda d: f"{d.year}年{to_chinese(d.month)}月{to_chinese(d.day)}号",
}


@pytest.mark.parametrize("style", DATES)
@settings(max_examples=80, deadline=None)
@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_a_date_reads_the_same_in_every_style(style: str, day: date) -> None:
    assert dates.day(digits(DATES[style](day)), NOW) == day


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 300))
def test_days_behind_us_by_their_month_and_day(back: int) -> None:
    day = NOW.date() - timedelta(days=back)
    for text in (
        f"{day.day} {MONTHS[day.month - 1]}",
        f"{MONTHS[day.month - 1]} {ordinal(day.day)}",
        f"{day.month}月{day.day}号",
    ):
        assert points.point(text, NOW) == {"date": day.isoformat()}
    assert points.point(f"{back} days ago", NOW) == points.point(f"{back}天前", NOW) == {"date": day.isoformat()}


@given(st.sampled_from(WEEK), st.integers(0, 23), LANGUAGES, st.sampled_from(["1w", "2w"]))
@settings(max_examples=80, deadline=None)
def test_weekdays(day: str, hour: int, language: explain.Language, every: str) -> None:
    said = ScheduleSaid.model_validate({"every": every, "days": [day], "at": [f"{hour:02d}:00"]})
    assert schedules.schedule(explain.schedule(said, language), NOW) == said.as_contract()
    back = (NOW.weekday() - WEEK.index(day)) % 7 or 7
    expected = {"date": (NOW.date() - timedelta(days=back)).isoformat()}
    assert points.point(f"last {DAYS[day]}", NOW) == expected
    monday = NOW.date() - timedelta(days=NOW.weekday() + 7)
    assert points.point(f"上{DAYS_ZH[day]}", NOW) == {"date": (monday + timedelta(days=WEEK.index(day))).isoformat()}


@given(st.sampled_from([1, 2, 3, 4, -1]), st.sampled_from(WEEK), LANGUAGES)
@settings(max_examples=60, deadline=None)
def test_the_nth_weekday_of_a_month(n: int, day: str, language: explain.Language) -> None:
    said = ScheduleSaid(every="1mo", nth_weekday=NthDay.model_validate({"n": n, "day": day}))
    assert schedules.schedule(explain.schedule(said, language), NOW) == said.as_contract()
    assert schedules.schedule(f"monthly on the {NTH[n]} {DAYS[day]}", NOW) == said.as_contract()


@given(st.lists(st.integers(1, 31), min_size=1, max_size=3, unique=True), LANGUAGES)
@settings(max_examples=60, deadline=None)
def test_days_of_the_month(days: list[int], language: explain.Language) -> None:
    said = ScheduleSaid(every="1mo", month_days=tuple(days))
    found = schedules.schedule(explain.schedule(said, language), NOW)
    assert found and found["every"] == "1mo" and sorted(found["month_days"]) == sorted(days)


@given(MINUTES, HOURS, st.sampled_from(["*", "1", "15", "1,15"]), st.sampled_from(["*", "0", "1-5", "mon", "6,0"]))
@settings(max_examples=80, deadline=None)
def test_lines_of_cron(minute: int, hour: int, day: str, weekday: str) -> None:
    assume(day == "*" or weekday == "*")
    found = schedules.schedule(f"{minute} {hour} {day} * {weekday}", NOW)
    expected: dict[str, Any] = {"every": "1d", "at": [f"{hour:02d}:{minute:02d}"]}
    if day != "*":
        expected |= {"every": "1mo", "month_days": [int(d) for d in day.split(",")]}
    if weekday != "*":
        chosen = {"0": ["sun"], "1-5": list(WEEK[:5]), "mon": ["mon"], "6,0": ["sat", "sun"]}[weekday]
        expected |= {"every": "1w", "days": chosen}
    assert found == expected


def test_cron_that_the_contract_cannot_say_is_not_half_read() -> None:
    assert schedules.schedule("*/15 * 1 * *", NOW) is None
    assert schedules.schedule("0 2 13 * 5", NOW) is None
    assert schedules.schedule("@daily", NOW) == {"every": "1d"}


@given(st.integers(1, 999), st.sampled_from(["KB", "MB", "GB", "TB"]))
@settings(max_examples=60, deadline=None)
def test_sizes(n: int, unit: str) -> None:
    for text in (
        f"{n}{unit}",
        f"at most {n} {unit}",
        f"{n} {unit[0]}iB",
        f"{n}{unit[0].lower()}b",
        f"空间不超过{n}{unit}",
    ):
        assert amounts.limits(text) == {"storage": f"{n}{unit}"}, text


@given(st.integers(1, 999), st.sampled_from("KMG"))
@settings(max_examples=60, deadline=None)
def test_bandwidths(n: int, prefix: str) -> None:
    for text in (f"{n} {prefix}bit/s", f"{n}{prefix.lower()}bps", f"max {n} {prefix}bit", f"限速 {n}{prefix}bps"):
        assert amounts.limits(text) == {"bandwidth": f"{n}{prefix}bit/s"}, text
    for text in (f"{n} {prefix}B/s", f"{n}{prefix}B per second", f"限速{n}{prefix}B/s"):
        assert amounts.limits(text) == {"bandwidth": f"{n}{prefix}B/s"}, text


@given(st.integers(1, 90), st.integers(1, 60), st.integers(1, 36), st.integers(1, 10), LANGUAGES)
@settings(max_examples=60, deadline=None)
def test_counts_of_retention(daily: int, weekly: int, monthly: int, last: int, language: explain.Language) -> None:
    said = RetentionSaid(keep_daily=daily, keep_weekly=weekly, keep_monthly=monthly)
    expected = {"keep_daily": daily, "keep_weekly": weekly, "keep_monthly": monthly}
    assert retention.retention(explain.retention(said, language)) == expected
    for text in (f"{daily}d {weekly}w {monthly}m", f"{daily} dailies, {weekly} weeklies and {monthly} monthlies",
                 f"日备{daily}份、周备{weekly}份、月备{monthly}份"):  # fmt: skip
        assert retention.retention(text) == expected, text
    assert retention.retention(explain.retention(RetentionSaid(keep_last=last), language)) == {"keep_last": last}


@given(st.integers(0, 99_999))
@settings(max_examples=100, deadline=None)
def test_numbers_in_words(n: int) -> None:
    assert digits(f"{to_chinese(n)}份") == f"{n}份"


def test_number_words_do_not_run_together() -> None:
    assert digits("between one and five") == "between 1 and 5"
    assert digits("one hundred and five") == "105"
    assert english(["two", "hundred"]) == 200


READERS: dict[str, Callable[[str], Any]] = {
    "schedule": lambda t: schedules.schedule(t, NOW),
    "once": lambda t: schedules.schedule(t, NOW, once=True),
    "window": windows.window,
    "retention": retention.retention,
    "point": lambda t: points.point(t, NOW),
    "deleting": lambda t: points.point(t, NOW, deleting=True),
    "until": lambda t: until.until(t, NOW),
    "limits": amounts.limits,
    "read": amounts.read_share,
    "notify": words.notify,
    "kind": words.kind,
    "scheme": words.scheme,
    "duration": durations.duration,
    "times": lambda t: clock.times(t, bare=True),
}
LONG = [
    "a" * 10_000, "1 " * 5_000, "every day at 2 and " * 550, "day before " * 900, "10 to " * 1_600,
    "一点" * 5_000, "每" * 10_000, "3月1号到" * 2_000,
    " " * 10_000, "9:" * 5_000, "a." * 5_000, "@" * 10_000, "mon " * 2_500, "keep 7 daily " * 700,
    "the first " * 1_000, "1/2/" * 2_500, "before the " * 900,
]  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_long_texts_are_read_in_bounded_time(name: str) -> None:
    for text in LONG:
        began = time.process_time()
        READERS[name](text)
        assert time.process_time() - began < 2.5, text[:20]


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("0123456789:/-.,*@#% apmhdwyquarte每周月日天点半前后上下一二三十年号时分到至留份备个"),
        max_size=40,
    )
)
def test_no_text_fails(name: str, text: str) -> None:
    READERS[name](text)
