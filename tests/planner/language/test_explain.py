"""A policy put into words is read as the same policy."""

from __future__ import annotations

import pytest

from planner.language import explain
from planner.language.intent import Point, RetentionSaid, ScheduleSaid
from planner.language.reader import read
from tests.planner.language.samples import NOW


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "schedule", [{"every": "1d", "at": ["02:00"]}, {"every": "1d", "part": "night"}, {"every": "1h"}, {"every": "1w", "days": ["sun"]}]
)  # fmt: skip
@pytest.mark.parametrize("retention", [{"keep_within": "30d"}, {"keep_daily": 7, "keep_weekly": 4}])
def test_plan_to_sentence_to_plan(
    language: explain.Language, schedule: dict[str, object], retention: dict[str, object]
) -> None:
    when, keep = ScheduleSaid.model_validate(schedule), RetentionSaid.model_validate(retention)
    sentence = explain.wish("db", when, keep, language)
    (intent,) = read(sentence, now=NOW).intents
    assert intent.action == "protect", sentence
    assert (intent.targets, intent.schedule, intent.retention) == (("db",), when, keep), sentence


@pytest.mark.parametrize(
    ("said", "en", "zh"),
    [
        ({"latest": True}, "the latest backup", "最新的备份"),
        ({"before": "2026-03-11T14:30"}, "before 2026-03-11 14:30", "2026-03-11 14:30 之前"),
        ({"older_than": "1y"}, "older than 1 year", "早于 1年"),
    ],
)
def test_points_in_words(said: dict[str, object], en: str, zh: str) -> None:
    point = Point.model_validate(said)
    assert explain.point(point) == en
    assert explain.point(point, "zh") == zh


def test_what_was_understood_is_told_with_the_requests_own_words() -> None:
    text = "Back up DB nightly, keep 30 days"
    table = dict(explain.understood(read(text, now=NOW)))
    assert table["what"] == "DB"
    assert all(words in text for words in table.values())


def test_the_table_speaks_the_readers_language() -> None:
    labels = [label for label, _words in explain.understood(read("每晚备份 db，保留 30 天", now=NOW))]
    assert labels == ["时间", "操作", "对象", "保留"]
