"""What needs a terminal, a shell or a signal: questions and answers, completion, the daemon."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import SENTENCE
from tests.cli.installation import PROGRAM, ROOT, Installation

pytestmark = [pytest.mark.integration, pytest.mark.slow]


class Terminal:
    """A program with a terminal of 80 columns; what it shows is collected."""

    def __init__(self, installation: Installation, *words: str, **environment: str) -> None:
        self.shown = ""
        pid, self._handle = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored where the tests run in the background
            os.chdir(installation.folder)
            home = ["--home", str(installation.home)]
            os.execve(PROGRAM[0], [*PROGRAM, *home, *words], installation.environ({"TERM": "xterm", **environment}))
        self._pid = pid

    def until(self, word: str, seconds: float = 60) -> None:
        """Read until this is shown."""
        deadline = time.monotonic() + seconds
        while word not in self.shown:
            if time.monotonic() > deadline or not self._read(deadline - time.monotonic()):
                pytest.fail(f"{word!r} was not shown, but:\n{self.shown}")

    def type(self, text: str) -> None:
        os.write(self._handle, text.encode())

    def end(self) -> int:
        """Its exit code."""
        while self._read(60):
            pass
        os.close(self._handle)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _read(self, seconds: float) -> bool:
        if not select.select([self._handle], [], [], max(seconds, 0))[0]:
            return False
        with contextlib.suppress(OSError):  # the other side is closed
            data = os.read(self._handle, 65536)
            self.shown += data.decode(errors="replace")
            return bool(data)
        return False


def test_yes_at_the_question_applies(bare: Installation) -> None:
    terminal = Terminal(bare, SENTENCE)
    terminal.until("Apply?")
    assert "keep_within" not in bare.config.read_text().replace("#    keep_within", "")
    terminal.type("what?\n")
    terminal.until("Apply?")
    terminal.type("y\n")
    terminal.until("In force:")
    assert terminal.end() == 0
    assert "keep_within: 30d" in bare.config.read_text()


def test_no_at_the_question_leaves_everything(bare: Installation) -> None:
    config = bare.config.read_bytes()
    terminal = Terminal(bare, SENTENCE)
    terminal.until("Apply?")
    terminal.type("\n")
    terminal.until("Nothing was changed.")
    assert terminal.end() == 0
    assert bare.config.read_bytes() == config
    assert len(bare.call("apply", "--list", "--json").json()["proposals"]) == 1


def test_a_session_goes_on_after_an_error(bare: Installation) -> None:
    terminal = Terminal(bare)
    terminal.until("restora> ")
    terminal.type("back up payroll nightly\n")
    terminal.until("Which one is meant?")
    terminal.type("no\n")
    terminal.until("Error:")
    terminal.until("Next:")
    terminal.type(f"{SENTENCE}\n")
    terminal.until("Apply?")
    terminal.type("y\n")
    terminal.until("In force:")
    terminal.type("exit\n")
    assert terminal.end() == 0
    assert "payroll" in (bare.home / "state/prompt-history").read_text()


def test_interrupted_at_the_question(bare: Installation) -> None:
    terminal = Terminal(bare, SENTENCE)
    terminal.until("Apply?")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.shown
    terminal = Terminal(bare, SENTENCE)
    terminal.until("Apply?")
    terminal.type("\x04")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.shown


def completed(shell: str, line: str) -> str:
    """What the shell would offer."""
    words = line.split(" ")
    asked = {"_RESTORA_COMPLETE": f"complete_{shell}", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    if shell != "bash":
        asked = {
            "_RESTORA_COMPLETE": f"complete_{shell}",
            "_TYPER_COMPLETE_ARGS": line,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
    done = subprocess.run(PROGRAM, check=False, cwd=ROOT, env={**os.environ, **asked}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    assert "status" in completed(shell, "restora sta")
    offered = completed(shell, "restora restore --")
    assert all(option in offered for option in ("--in-place", "--last-good", "--dry-run"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str, tmp_path: Path) -> None:
    asked = {**os.environ, "_RESTORA_COMPLETE": f"source_{shell}"}
    script = subprocess.run(PROGRAM, check=True, cwd=ROOT, env=asked, capture_output=True, text=True).stdout
    assert "_RESTORA_COMPLETE" in script and "restora" in script
    if shell == "bash":
        (tmp_path / "script").write_text(script)
        subprocess.run(["bash", "-n", str(tmp_path / "script")], check=True)


def test_a_pipe_that_is_closed_early(backed_up: Installation) -> None:
    with backed_up.program("audit", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout and program.stderr
        program.stdout.close()
        said = program.stderr.read().decode()
        assert program.wait(60) == 141
    assert "Traceback" not in said


@contextlib.contextmanager
def daemon(installation: Installation) -> Iterator[subprocess.Popen[bytes]]:
    log = installation.folder / "daemon.log"
    with log.open("wb") as file:
        program = installation.program(
            "daemon", "--grace", "5", "--json", stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )
        try:
            for _ in range(600):
                if installation.call("status", "--json").json()["daemon"]["alive"]:
                    break
                if program.poll() is not None:
                    break
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.wait(0.1)
            else:
                pytest.fail(log.read_text())
            yield program
        finally:
            if program.poll() is None:
                program.send_signal(signal.SIGTERM)
            program.wait(60)


def test_a_daemon_lives_takes_requests_and_ends(own: Installation) -> None:
    with daemon(own) as program:
        assert program.poll() is None, (own.folder / "daemon.log").read_text()
        assert own.call("status").ended(20).out.count("daemon alive") == 1
        runs = own.call("run", "docs", "--json").ended(0).json()["runs"]
        assert [run["state"] for run in runs] == ["succeeded"]
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 0
    log = (own.folder / "daemon.log").read_text()
    assert "Traceback" not in log
    assert "succeeded" in log
