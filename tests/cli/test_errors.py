"""What an error looks like: for people on standard error, as JSON on standard output, with the exit code of its class."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.installation import Installation

pytestmark = [pytest.mark.integration, pytest.mark.slow]
CASES = [
    (("frobnicate",), 2),
    (("statsu",), 2),
    (("status", "--nope"), 2),
    (("status", "extra"), 2),
    (("--home",), 2),
    (("ask", "--"), 2),
    (("plan", "/nope"), 2),
    (("plan", "--days", "0"), 2),
    (("apply",), 2),
    (("apply", "zzz"), 2),
    (("audit", "nonsense"), 2),
    (("drill", "--level", "whole"), 2),
    (("drill", "docs", "--html", "/"), 2),
    (("drill", "docs", "--html", "/nope/x.html"), 2),
    (("browse", "docs", "/nope"), 2),
    (("restore", "docs", "--at", "2026-02-30"), 2),
    (("restore", "docs", "--at", "9999-12-31"), 2),
    (("restore", "docs", "--at", "2020-01-01 00:00"), 2),
    (("restore", "docs", "--before", "0001-01-01"), 2),
    (("restore", "docs", "--previous", "99"), 2),
    (("restore", "docs", "--snapshot", "zzz"), 2),
    (("restore", "docs", "--to", "/dev/null"), 2),
    (("restore", "docs", "--to", "/"), 2),
    (("restore", "docs", "--in-place", "--to", "/x"), 2),
    (("restore", "docs", "--to", "/proc/x/y"), 5),
    (("parse",), 2),
    (("parse", "--now", "noon", "x"), 2),
    (("parse", "--file", "/"), 2),
    (("parse", "--file", "/dev/zero/x"), 2),
    (("run", "nobody"), 4),
    (("restore", "nobody"), 4),
    (("browse", "nobody"), 4),
    (("snapshots", "nobody"), 4),
    (("snapshots", "--from", "nowhere"), 4),
    (("drill", "nobody"), 4),
    (("restore", "docs", "--from", "nowhere"), 4),
    (("--config", "/nope", "status"), 4),
    (("--config", "/", "doctor"), 1),
    (("--config", "/", "status"), 4),
    (("--config", "/dev/zero", "plan"), 4),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code"), CASES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_errors_name_the_way_out(backed_up: Installation, words: tuple[str, ...], code: int) -> None:
    if words[0] == "--config" and words[-1] == "doctor":
        assert "is a folder" in backed_up.call(*words).ended(code).out
        return
    called = backed_up.call(*words).ended(code)
    assert called.err.startswith("Error: ")
    assert "\n  Next:  " in called.err
    assert called.out == ""


@pytest.mark.parametrize(("words", "code"), [*CASES[:6:2], CASES[11], CASES[29], CASES[38]])
def test_errors_as_json(backed_up: Installation, words: tuple[str, ...], code: int) -> None:
    called = backed_up.call("--json", *words).ended(code)
    found = called.json()
    assert {"error", "message", "hint", "untouched", "exit_code", "retryable"} <= set(found)
    assert found["exit_code"] == code
    assert called.err == ""


def test_the_nearest_is_named(backed_up: Installation) -> None:
    assert "did you mean restora status?" in backed_up.call("statsu").ended(2).err
    assert "did you mean 'docs'?" in backed_up.call("restore", "dosc").ended(4).err


def test_without_an_installation(tmp_path: Path) -> None:
    """Everything but init and parse says how to begin, and makes nothing."""
    empty = Installation(tmp_path)
    for words in (
        ("status",),
        ("run",),
        ("plan",),
        ("snapshots",),
        ("restore", "x"),
        ("drill",),
        ("daemon",),
        ("audit",),
        ("x y z",),
    ):
        called = empty.call(*words).ended(4)
        assert "restora init writes one" in called.err
    assert "restora init writes one" in empty.call("doctor").ended(1).out
    assert not empty.config.exists()
    assert empty.call("parse", "back up docs nightly").ended(0)


def test_a_datasets_name_is_shown_as_it_is(own: Installation) -> None:
    """Brackets are no style."""
    called = own.call("restore", "[red]docs[/]").ended(4)
    assert "'[red]docs[/]' is no dataset" in called.err
