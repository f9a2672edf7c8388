"""The sessions that the manual shows, typed for real: the first steps, and what README says to paste."""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
ANSWER = re.compile(r"\[n\]o? (\w)$")
LOOKS_AT_THE_DAEMON = {0, 20, 21, 22}  # no daemon runs in a test: status says so with its exit code


@dataclass
class Typed:
    """One line of a console session, and the answers that the page shows to its questions."""

    words: list[str]
    answers: str = ""


def sessions(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    text = (ROOT / page).read_text("utf-8")
    return [body for found, body in FENCE.findall(text) if found == language]


def typed(page: str, places: Mapping[str, Path]) -> Iterator[Typed]:
    """Every `$ restora …` line of a page's console blocks, its places moved below a test's folder."""
    for body in sessions(page, "console"):
        one: Typed | None = None
        for shown in body.splitlines():
            line = moved(shown, places)
            if line.startswith("$ restora"):
                if one:
                    yield one
                one = Typed(shlex.split(line.removeprefix("$ "), comments=True)[1:])
            elif one and (said := ANSWER.search(line)):
                one.answers += f"{said[1]}\n"
        if one:
            yield one


def moved(text: str, places: Mapping[str, Path]) -> str:
    for shown, real in places.items():
        text = text.replace(shown, str(real))
    return text


def restora(one: Typed, environment: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it with a terminal as its keyboard, at which the answers are typed."""
    words = (
        [*one.words, "--print"] if one.words[:1] == ["install-service"] else one.words
    )  # nothing on this host changes
    keyboard, terminal = pty.openpty()
    try:
        os.write(keyboard, one.answers.encode())
        return subprocess.run(
            [sys.executable, "-c", "from orchestrator.cli.main import main; main()", *words],
            stdin=terminal, capture_output=True, text=True, check=False, env=environment, cwd=folder, timeout=120,
        )  # fmt: skip
    finally:
        os.close(keyboard)
        os.close(terminal)


@pytest.fixture
def environment(tmp_path: Path, newest_restic: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{newest_restic.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "RESTORA_HOME": str(tmp_path / "home"), "COLUMNS": "120",
    }  # fmt: skip


def test_first_steps(tmp_path: Path, environment: dict[str, str]) -> None:
    make = [sys.executable, str(ROOT / "examples/make_shop.py"), "build", str(tmp_path / "shop")]
    subprocess.run(make, check=True, capture_output=True)
    places = {"/srv/shop": tmp_path / "shop", "/mnt/backup": tmp_path / "disk", "/srv/restored": tmp_path / "restored"}
    lines = list(typed("docs/how-to/first-steps.md", places))
    assert [one.words[0].partition(" ")[0] for one in lines] == [
        "init", "back", "back", "run", "drill", "snapshots", "status", "install-service", "restore",
    ]  # fmt: skip
    for one in lines:
        done = restora(one, environment, tmp_path)
        allowed = LOOKS_AT_THE_DAEMON if one.words == ["status"] else {0}
        assert done.returncode in allowed, f"{one.words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert not one.answers or "Apply? [y]es, [n]o" in done.stdout, "the question is shown as the page shows it"
    assert (tmp_path / "restored/shop.sqlite").is_file()
    assert (tmp_path / "disk/restora/config").is_file()


def test_what_readme_says_to_paste(tmp_path: Path, environment: dict[str, str]) -> None:
    script = next(body for body in sessions("README.md", "sh") if "restora init" in body and "RESTORA_HOME" in body)
    lines = [line for line in script.splitlines() if not line.startswith(("tools/setup", "export PATH"))]
    text = moved("\n".join(lines), {".demo/try": tmp_path / "home"})
    done = subprocess.run(
        ["sh", "-e", "-c", text], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=ROOT,
        env=environment, timeout=200,
    )  # fmt: skip
    assert done.returncode in LOOKS_AT_THE_DAEMON, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    assert (tmp_path / "home/site/shop.sqlite").is_file(), "it came back"
    assert "proven  shop from local" in done.stdout
