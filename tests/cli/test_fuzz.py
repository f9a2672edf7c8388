"""Nothing that can be typed ends in an error that nobody thought of."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.cli.installation import UNFORESEEN, Installation

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ODD = (
    "", " ", "-", "--", "---", "-1", "0", "1e999", "99999999999999999999", "nan", "/", "//", ".", "..", "/dev/null", "/dev/full",
    "/proc/self/mem", "~", "~nobody/x", "a/b", "*", "[", "[/]", "[red]", "{x}", "%s", "$(id)", "`id`", "'", '"', "\\", "\n", "a\nb",
    "\t", "\x01\x02", "\x7f", "\x1b[31m", "\u202e", "\ufeff", "ä", "数据库", "🦀", "\udcff\udcfe", "e\u0301", "A" * 300, "x" * 20000,
    "0000-00-00", "9999-12-31T23:59:59.999999+23:59", "0001-01-01T00:00:00-23:59", "2026-03-29 02:30", "s3://", "s3://[", "s3:///x",
    "http://u:p@h/x", "file:///etc/passwd", "None", "null", "true", "latest", "docs ", "DOCS", "docs,shop", "--json", "--help",
)  # fmt: skip
PLACES: tuple[tuple[str, ...], ...] = (
    ("{}",),
    ("{}", "status"),
    ("--config", "{}", "status"),
    ("--config", "{}", "plan"),
    ("ask", "{}", "--dry-run"),
    ("back up docs nightly {}", "--dry-run"),
    ("back up {} nightly, keep 30 days", "--dry-run"),
    ("back up docs at {} daily", "--dry-run"),
    ("parse", "{}"),
    ("parse", "--now", "{}", "back up docs"),
    ("parse", "--file", "{}"),
    ("plan", "{}"),
    ("plan", "--days", "{}"),
    ("apply", "{}", "--yes"),
    ("run", "{}"),
    ("status", "{}"),
    ("snapshots", "{}"),
    ("snapshots", "--from", "{}"),
    ("browse", "{}"),
    ("browse", "docs", "{}"),
    ("browse", "docs", "--snapshot", "{}"),
    ("browse", "docs", "--from", "{}"),
    ("browse", "docs", "--limit", "{}"),
    ("restore", "{}", "--dry-run"),
    ("restore", "docs", "--to", "{}", "--dry-run"),
    ("restore", "docs", "--at", "{}", "--dry-run"),
    ("restore", "docs", "--before", "{}", "--dry-run"),
    ("restore", "docs", "--snapshot", "{}", "--dry-run"),
    ("restore", "docs", "--previous", "{}", "--dry-run"),
    ("restore", "docs", "--from", "{}", "--dry-run"),
    ("restore", "docs", "--in-place", "--approve", "{}"),
    ("drill", "{}"),
    ("drill", "docs", "--level", "{}"),
    ("drill", "docs", "--from", "{}", "--level", "list"),
    ("drill", "docs", "--snapshot", "{}", "--level", "list"),
    ("audit", "{}"),
    ("audit", "--kind", "{}"),
    ("audit", "--limit", "{}"),
    ("daemon", "--grace", "{}", "--nope"),
    ("init", "--repository", "{}"),
    ("init", "--search", "{}"),
    ("init", "--path", "{}"),
)
CODES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 22, 25}


def lines(seed: int, count: int) -> Iterator[tuple[str, ...]]:
    """Command lines with odd values in every place; each place and each value comes up."""
    dice = random.Random(seed)
    values = list(ODD)
    dice.shuffle(values)
    for number in range(count):
        place = PLACES[number % len(PLACES)]
        value = values[(number * 7 + seed) % len(values)]
        more = ("--json",) if number % 3 == 0 else ()
        yield (*(word.replace("{}", value) for word in place), *more)


@pytest.mark.parametrize("seed", range(2))
def test_nothing_typed_ends_in_a_defect(own: Installation, seed: int) -> None:
    wrong = []
    for words in lines(seed, 2 * len(PLACES)):
        called = own.call(*words)
        said = called.out + called.err
        if "No module named 'orchestrator.cli.perform'" in said:
            continue  # what immediate requests do is not written yet
        if called.code not in CODES or "Traceback" in said or UNFORESEEN.search(said):
            wrong.append((words, called.code, said[-300:]))
        elif "--json" in words and "--help" not in words and "parse" not in words[:1] and "--" not in words:
            try:
                called.json()
            except ValueError:
                wrong.append((words, called.code, f"no JSON: {said[:200]}"))
    assert not wrong
    own.call("audit", "verify").ended(0)


def test_names_from_outside_are_shown_as_they_are(own: Installation) -> None:
    """File names with control characters and bytes that are no text are listed, found and brought back."""
    odd = [b"line\nbreak", b"\xff\xfe", "数据".encode(), b"[red]x[bold]", b"-rf", b"a'b\"c", b"\x1b[31mred"]
    for name in odd:
        (own.docs / name.decode("utf-8", "surrogateescape")).write_bytes(name)
    own.call("run", "docs").ended(0)
    shown = own.call("browse", "docs").ended(0)
    assert "[red]x[bold]" in shown.out.replace("\n", "")
    assert "\x1b" not in own.call("restore", "\x1b[31mred").ended(4).err
    assert "\x1b" not in shown.out
    assert own.call("browse", "docs", "--json").ended(0).json()["entries"]
    back = own.folder / "back"
    own.call("restore", "docs", "--to", str(back)).ended(0)
    found = {path.read_bytes() for path in back.rglob("*") if path.is_file()}
    assert set(odd) <= found
