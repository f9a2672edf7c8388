"""Whatever is typed: no crash, bounded time and memory, and never a confident order that destroys."""

from __future__ import annotations

import os
import resource
import time

import pytest

from planner.language.intent import Reading
from planner.language.reader import LONGEST, read, read_all
from tests.planner.language.fuzzed import inputs
from tests.planner.language.samples import NOW

COUNT = int(os.environ.get("RESTORA_TEST_FUZZ", "6000"))  # all hundred thousand: RESTORA_TEST_FUZZ=100000
TOGETHER = 200


def destroys(reading: Reading) -> bool:
    return any(i.action in {"forget", "unprotect"} or i.in_place for i in reading.intents)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nothing_that_is_typed_crashes_or_destroys() -> None:
    texts = list(inputs(COUNT))
    read("warm", now=NOW)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bold = []
    for start in range(0, len(texts), TOGETHER):
        part = texts[start : start + TOGETHER]
        for text, reading in zip(part, read_all([(text, NOW) for text in part]), strict=True):
            assert reading.intents
            assert 0 <= reading.confidence <= 1
            if destroys(reading) and not reading.clarify:
                bold.append((text, reading.intents, reading.confidence))
    assert not bold, bold[:10]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 120, f"{grown:.0f} MiB more"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "备" * 1_000_000,
        "back up db " * 100_000,
        "\0" * 1_000_000,
        "⟦" * 500_000,
        " " * 1_000_000,
        "1:" * 500_000,
    ],
    ids=["letters", "han", "sentences", "zeros", "marks", "blanks", "numbers"],
)
def test_a_million_characters_are_asked_about_at_once(text: str) -> None:
    began = time.process_time()
    reading = read(text, now=NOW)
    assert time.process_time() - began < 2
    assert reading.confidence < 0.5
    assert reading.clarify
    assert len(reading.text) <= LONGEST or not reading.text.strip(" \0")


@pytest.mark.parametrize("unit", ["1 ", "at ", "every ", "to /x ", "每", "点", "2:30 ", "last ", "- "])
def test_long_requests_take_bounded_time(unit: str) -> None:
    began = time.process_time()
    read((unit * LONGEST)[: LONGEST - 1], now=NOW)
    assert time.process_time() - began < 5
