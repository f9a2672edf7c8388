"""The manual is held to the code: links, states, exit codes, commands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from policies.errors import RestoraError
from policies.run import ENDS, ORDER, RunState, may_follow

ROOT = Path(__file__).parent.parent
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
GLOSSARY = (
    "RPO", "RTO", "snapshot", "recovery point", "run", "slot", "window", "retention", "prune", "drill", "verdict",
    "proof", "lease", "ledger", "dataset", "repository", "policy", "tier", "tampered twin",
    "catch-up", "suspect", "partial",
)  # fmt: skip


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """What the headings of a page can be linked by."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    return {re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip()) for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert not lost


def test_every_page_is_in_the_navigation() -> None:
    listed = set(re.findall(r"[\w./-]+\.md", (ROOT / "mkdocs.yml").read_text("utf-8")))
    there = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert listed == there


def test_every_decision_is_in_the_index_with_its_parts() -> None:
    index = (ROOT / "docs/decisions/index.md").read_text("utf-8")
    for page in sorted((ROOT / "docs/decisions").glob("0*.md")):
        assert f"]({page.name})" in index, page.name
        text = page.read_text("utf-8")
        assert text.startswith(f"# {page.name[:4]} ")
        for part in ("**Status:**", "## Question", "## Decision", "## Why", "## Price"):
            assert part in text, f"{page.name}: {part}"


def test_glossary_is_sorted_and_has_the_words() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", (ROOT / "docs/glossary.md").read_text("utf-8"), re.M)
    assert words == sorted(words, key=str.casefold)
    assert set(GLOSSARY) <= set(words)


def states_page() -> str:
    return (ROOT / "docs/job-states.md").read_text("utf-8")


def test_every_state_is_described() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (end|on the way) \|", states_page(), re.M))
    assert rows == {state.value: "end" if state in ENDS else "on the way" for state in RunState}


def test_every_allowed_transition_is_told_and_no_other() -> None:
    table = states_page().partition("## Every way that is allowed")[2]
    told = {
        (before, after)
        for before, row in re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.M)
        for after in re.findall(r"`(\w+)`", row)
    }
    assert told == {(a.value, b.value) for a in RunState for b in RunState if may_follow(a, b)}


def test_the_diagram_shows_every_state_and_only_allowed_ways() -> None:
    arrows = re.findall(r"^\s+(\S+) --> (\S+)$", states_page(), re.M)
    between = [(RunState(a), RunState(b)) for a, b in arrows if "[*]" not in (a, b)]
    assert all(may_follow(a, b) for a, b in between)
    assert {state for pair in between for state in pair} == set(RunState)
    assert [b for a, b in arrows if a == "[*]"] == [ORDER[0].value]
    assert {a for a, b in arrows if b == "[*]"} == {state.value for state in ENDS}


def failures(kind: type[RestoraError] = RestoraError) -> Iterator[type[RestoraError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from failures(narrower)


def test_every_exit_code_is_told() -> None:
    page = (ROOT / "docs/reference/exit-codes.md").read_text("utf-8")
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.M)}
    ours = {kind.exit_code for kind in failures() if kind.__module__ == "policies.errors"}
    assert ours | {0, 20, 21, 22} <= told


def shown_commands() -> Iterator[tuple[str, list[str]]]:
    """(page, words after `restora`) of every command in a console or sh fence."""
    for page in PAGES:
        for language, body in FENCE.findall(page.read_text("utf-8")):
            if language not in {"console", "sh", "bash"}:
                continue
            for line in body.replace("\\\n", " ").splitlines():
                if language == "console" and not line.startswith("$ "):
                    continue  # what the command answers
                words = shlex.split(line.removeprefix("$ "), comments=True)
                if words[:1] == ["sudo"]:
                    words = words[1:]
                if words and Path(words[0]).name == "restora":
                    yield name(page), words[1:]


@cache
def help_of(*words: str) -> str:
    script = "from orchestrator.cli.main import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", script, *words, "--help"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
    )
    assert result.returncode == 0, f"restora {' '.join(words)} --help: {result.stderr}"
    return result.stdout


def test_commands_that_are_shown_exist() -> None:
    wrong = []
    for page, words in shown_commands():
        rest = words[2:] if words[:1] == ["--home"] else words
        command = next((word for word in rest if not word.startswith("-")), "")
        if command and " " not in command and not re.search(rf"^\W*{re.escape(command)}\b", help_of(), re.M):
            wrong.append(f"{page}: restora {command}")
            continue
        text = help_of() + (help_of(command) if command and " " not in command else help_of("ask"))
        wrong += [f"{page}: {word} of {words}" for word in rest if word.startswith("--") and word not in text]
    assert not wrong


@pytest.mark.parametrize("module", ["orchestrator.cli.reference", "adapters.configuration.reference"])
def test_pages_made_from_the_code_are_current(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--check"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_command_has_its_part_in_the_reference() -> None:
    from orchestrator.cli.main import COMMANDS

    titles = re.findall(r"^## restora (\S+)$", (ROOT / "docs/reference/cli.md").read_text("utf-8"), re.M)
    assert titles == list(COMMANDS)


def test_exit_codes_of_commands_are_told() -> None:
    from orchestrator.cli.run import CODES

    page = (ROOT / "docs/reference/exit-codes.md").read_text("utf-8")
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.M)}
    helps = (ROOT / "docs/reference/cli.md").read_text("utf-8")
    named = {int(code) for line in re.findall(r"Exit code 0:.*", helps) for code in re.findall(r"\b(\d+):", line)}
    assert set(CODES.values()) | named <= told


def test_commands_are_found_in_the_manual() -> None:
    assert {tuple(words)[:1] for page, words in shown_commands() if page == "README.md"} >= {("init",), ("status",)}
