"""What the checkout needs to set itself up, and what it ships."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ["orchestrator", "planner", "adapters", "policies"]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SCRIPTS = ["tools/setup", "tools/newest-restic", "examples/demo.sh", ".ci/run"]
NEEDED = (
    "sh", "dirname", "mkdir", "cat", "sha256sum", "cut", "id", "date", "tail", "printf", "rm",
    "ls", "grep", "awk", "sed", "mv", "env", "chmod", "head", "tr", "sort", "mktemp", "find",
)  # fmt: skip
NOBODY = "nobody"


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A copy of what the set-up scripts look at, which an ordinary user may write to."""
    place = Path(tempfile.mkdtemp(prefix="restora-setup-"))
    shutil.copytree(ROOT / "tools", place / "tools")
    shutil.copy(ROOT / "pyproject.toml", place)
    (place / "bin").mkdir()
    for program in NEEDED:
        found = shutil.which(program)
        if found:
            (place / "bin" / program).symlink_to(found)
    if os.geteuid() == 0:
        for path in [place, *place.rglob("*")]:
            shutil.chown(path, NOBODY) if not path.is_symlink() else None
    yield place
    shutil.rmtree(place)


def run(checkout: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """As an ordinary user, with no programs but the needed ones and those linked into bin/."""
    return subprocess.run(
        [checkout / words[0], *words[1:]],
        env={"PATH": str(checkout / "bin"), "HOME": "/nonexistent", **environment},
        user=NOBODY if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
        capture_output=True,
        text=True,
        check=False,
    )


def provide(checkout: Path, program: str, real: str | None = None) -> None:
    found = real or shutil.which(program)
    if not found:
        pytest.fail(f"no {program} on PATH")
    (checkout / "bin" / program).symlink_to(found)


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_can_be_read_by_their_shell(script: str) -> None:
    path = ROOT / script
    shell = "bash" if "bash" in path.read_text("utf-8").splitlines()[0] else "sh"
    subprocess.run([shell, "-n", path], check=True)
    assert os.access(path, os.X_OK), f"{script} is not executable"


@pytest.mark.parametrize("script", ["Makefile", *SCRIPTS])
def test_scripts_name_no_host_to_download_from(script: str) -> None:
    assert not re.findall(r"\b[\w-]+\.(?:org|com|net|io)\b", (ROOT / script).read_text("utf-8"))


def test_setup_names_the_way_out_without_apt(checkout: Path) -> None:
    result = run(checkout, "tools/setup", "test")
    assert result.returncode != 0
    assert "Python" in result.stderr
    assert "there is no apt-get here" in result.stderr


def test_setup_tells_an_ordinary_user_what_to_type(checkout: Path) -> None:
    provide(checkout, "apt-get")
    result = run(checkout, "tools/setup", "run")
    assert result.returncode != 0
    assert "sudo apt-get install --no-install-recommends python3 python3-venv" in result.stderr


def test_setup_names_restic_when_it_can_not_be_fetched(checkout: Path) -> None:
    result = run(checkout, "tools/setup", "restic")
    assert result.returncode != 0
    assert "restic is missing" in result.stderr


def test_setup_is_content_with_what_is_there(checkout: Path) -> None:
    for program in ("restic", "initdb"):
        provide(checkout, program, "/bin/true")
    result = run(checkout, "tools/setup", "restic", "postgresql")
    assert (result.returncode, result.stderr) == (0, "")


def test_setup_rejects_a_python_that_is_none(checkout: Path) -> None:
    result = run(checkout, "tools/setup", "run", PYTHON="/bin/true-python")
    assert result.returncode != 0
    assert "PYTHON=/bin/true-python is no Python 3.11 or newer" in result.stderr


def test_setup_rejects_what_it_does_not_know(checkout: Path) -> None:
    result = run(checkout, "tools/setup", "everything")
    assert result.returncode != 0
    assert "everything: not known" in result.stderr


def test_newest_restic_gives_up_clearly(checkout: Path) -> None:
    result = run(checkout, "tools/newest-restic")
    assert result.returncode == 0
    assert "the tests run with the system's restic only" in result.stderr
    again = run(checkout, "tools/newest-restic")
    assert again.returncode == 0
    assert "within the last day" in again.stderr


def test_newest_restic_is_required_in_ci(checkout: Path) -> None:
    result = run(checkout, "tools/newest-restic", CI="1")
    assert result.returncode == 1
    assert "this is CI" in result.stderr


def test_newest_restic_is_not_fetched_twice(checkout: Path) -> None:
    (checkout / ".tools/restic-0.19.1").mkdir(parents=True)
    (checkout / ".tools/restic-0.19.1/restic").touch()
    result = run(checkout, "tools/newest-restic", CI="1")
    assert (result.returncode, result.stderr) == (0, "")


def test_the_rooms_are_shipped_checked_and_typed() -> None:
    tools = PYPROJECT["tool"]
    assert tools["hatch"]["build"]["targets"]["wheel"]["packages"] == ROOMS
    assert tools["mypy"]["packages"] == ROOMS
    assert tools["importlinter"]["root_packages"] == ROOMS
    for room in ROOMS:
        assert (ROOT / room / "py.typed").exists(), f"{room}/py.typed"
        assert (ROOT / room / "__init__.py").exists()


def test_the_make_targets_are_explained() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.M)) - {"help"}
    explained = set(re.findall(r"`make (\w+)`", (ROOT / "docs/development.md").read_text("utf-8")))
    assert targets == explained
