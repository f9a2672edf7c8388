"""Processes: nothing outlives its time, no secret gets out, nobody is asked for input, and every end is told."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from pathlib import Path

import pytest

from adapters import process
from policies.capture import Command
from policies.errors import Cancelled, RestoraError, ToolMissing
from tests.conftest import ROOT

SECRET = "hunter2's secret"


def sh(script: str, **secret_env: str) -> Command:
    return Command(("sh", "-c", script), secret_env=secret_env)


def ends(pid: int, seconds: float = 10.0) -> bool:
    """Whether this process goes away in time; a zombie is gone."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        threading.Event().wait(0.02)  # a real process: its end can only be polled
    return False


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", -15), ("kill -9 $$", -9)])
def test_every_end_is_a_result(script: str, code: int) -> None:
    done = process.run(sh(f"echo out; echo err >&2; {script}"), timeout=30)
    assert (done.exit_code, done.stdout, done.stderr) == (code, "out", "err")
    assert done.tail() == "err"


def test_a_time_out_ends_the_whole_group() -> None:
    seen: list[str] = []
    with pytest.raises(process.TimedOut) as told:
        process.run(sh("sleep 600 & echo $!; echo last words >&2; wait"), timeout=0.5, on_line=seen.append, grace=2)
    assert ends(int(seen[0]))
    assert "last words" in told.value.said
    assert told.value.retryable


def test_who_ignores_the_polite_signal_is_killed() -> None:
    seen: list[str] = []
    with pytest.raises(process.TimedOut):
        process.run(
            sh("trap '' INT TERM; echo $$; while :; do sleep 1; done"), timeout=0.3, grace=0.3, on_line=seen.append
        )
    assert ends(int(seen[0]))


def test_a_polite_signal_that_came_too_early_is_repeated() -> None:
    """Started with SIGINT ignored (nohup, a background job), a child gets the first one before it listens."""
    program = (
        "import signal, subprocess, sys; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from adapters import process; from policies.capture import Command\n"
        "late = 'import signal, sys, time; time.sleep(0.8); signal.signal(2, lambda *_: sys.exit(0)); time.sleep(60)'\n"
        "try: process.run(Command((sys.executable, '-c', late)), timeout=0.2, grace=30)\n"
        "except process.TimedOut: print('stopped')"
    )
    began = time.monotonic()
    done = process.run(Command((sys.executable, "-c", program), cwd=ROOT), timeout=60)
    assert done.stdout == "stopped", done.stderr
    assert time.monotonic() - began < 25


def test_only_progress_counts_against_a_stall() -> None:
    chatter = "while :; do echo same; sleep 0.05; done"
    with pytest.raises(process.TimedOut, match="no progress"):
        process.run(sh(chatter), timeout=30, stall=0.5, on_line=lambda _line: False, grace=1)
    work = "for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done"
    assert process.run(sh(work), timeout=30, stall=1.0, on_line=lambda _line: True).exit_code == 0


def test_what_stays_behind_with_the_pipe_open_is_no_reason_to_wait() -> None:
    done = process.run(sh("sleep 600 & echo $!"), timeout=30)
    assert done.exit_code == 0
    assert done.seconds < 20
    assert ends(int(done.stdout))


def test_cancelling_ends_it() -> None:
    cancel, seen = threading.Event(), []

    def hear(line: str) -> None:
        seen.append(line)
        cancel.set()

    with pytest.raises(Cancelled):
        process.run(sh("sleep 600 & echo $!; wait"), timeout=30, cancel=cancel, on_line=hear, grace=1)
    assert ends(int(seen[0]))


def test_an_exception_of_the_listener_ends_it() -> None:
    seen: list[str] = []

    def hear(line: str) -> None:
        seen.append(line)
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        process.run(sh("echo $$; exec sleep 600"), timeout=30, on_line=hear, grace=1)
    assert ends(int(seen[0]))


def test_no_text_leaves_with_a_secret_in_it() -> None:
    done = process.run(sh('echo "out $TOKEN"; echo "err $TOKEN" >&2', TOKEN=SECRET), timeout=30)
    assert (done.stdout, done.stderr) == ("out ***", "err ***")
    handed = process.run(sh('cat "$PLACE"; cat "$PLACE" >&2'), timeout=30, handed={"PLACE": SECRET}, raw=True)
    assert handed.stdout == SECRET  # data for a parser
    assert SECRET not in handed.stderr
    for failing in (
        lambda: process.run(
            Command(("sh", "-c", "echo $0; echo $0 >&2; sleep 60", SECRET)), timeout=0.4, mask=[SECRET], grace=1
        ),
        lambda: list(process.lines(Command(("sh", "-c", "echo $0 >&2; exit 3", SECRET)), timeout=30, mask=[SECRET])),
        lambda: process.run(Command(("ls", SECRET), cwd=Path("/nowhere")), timeout=30, mask=[SECRET]),
    ):
        with pytest.raises(RestoraError) as told:
            failing()
        said = f"{told.value.as_dict()} {getattr(told.value, 'said', '')}"
        assert "hunter2" not in said
        assert "***" in told.value.message or "/nowhere" in told.value.message
    assert process.shown(Command(("tool", f"--token={SECRET}"), secret_env={"T": SECRET})) == "tool '--token=***'"


def test_a_handed_secret_stands_in_no_environment_and_no_argument() -> None:
    script = 'cat "$PLACE" >/dev/null; cat /proc/self/environ /proc/self/cmdline | tr "\\0" "\\n"'
    done = process.run(sh(script), timeout=30, handed={"PLACE": SECRET}, raw=True)
    assert "PLACE=/dev/fd/" in done.stdout
    assert SECRET not in done.stdout


def test_memory_is_bounded_and_the_end_is_kept() -> None:
    done = process.run(sh("seq 1 200000"), timeout=60, capture_limit=1000)
    assert len(done.stdout) <= 1000
    assert done.truncated
    assert done.stdout.splitlines()[-1] == "200000"
    line = process.run(sh("head -c 9000000 /dev/zero | tr '\\0' x; echo end"), timeout=60, capture_limit=1000)
    assert len(line.stdout) <= 1000
    assert line.truncated
    assert not process.run(sh("echo short"), timeout=30).truncated


def test_odd_bytes_and_line_ends_are_read() -> None:
    assert process.run(sh(r"printf 'a\r\n\377\n\nno end'"), timeout=30).stdout == "a\n\ufffd\n\nno end"


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    plain = tmp_path / "tool"
    plain.write_text("#!/bin/sh\n")
    for word in ("pg_dump_of_another_age", str(tmp_path / "gone"), str(plain)):
        with pytest.raises(ToolMissing) as told:
            process.run(Command((word,)), timeout=30)
        assert Path(word).name in told.value.message
        assert "install" in told.value.hint
    plain.chmod(0o755)
    assert process.run(Command(("tool",), env={"PATH": f"{tmp_path}:/bin:/usr/bin"}), timeout=30).exit_code == 0


def test_nobody_is_asked_for_input() -> None:
    asks = "test -t 0 && echo terminal; read answer || echo nothing; (: </dev/tty) 2>/dev/null && echo tty; true"
    assert process.run(sh(asks), timeout=30).stdout == "nothing"
    assert process.run(Command(("cat",)), timeout=30).stdout == ""


def test_input_is_fed_and_need_not_be_read() -> None:
    text = b"0123456789\n" * 50_000
    assert len(process.run(Command(("cat",)), timeout=60, stdin=text, capture_limit=1 << 20).stdout) == len(text) - 1
    assert process.run(Command(("true",)), timeout=60, stdin=text).exit_code == 0


def test_output_goes_to_a_descriptor(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        done = process.run(sh("echo data"), timeout=30, output=file.fileno())
    assert ((tmp_path / "out").read_bytes(), done.stdout) == (b"data\n", "")


def test_only_named_descriptors_are_inherited(tmp_path: Path) -> None:
    with (tmp_path / "named").open("w") as named, (tmp_path / "other").open("w") as other:
        for each in (named, other):
            os.set_inheritable(each.fileno(), True)
        listed = process.run(sh("ls -l /proc/self/fd/"), timeout=30, keep_fds=[named.fileno()]).stdout
    assert "/named" in listed
    assert "/other" not in listed


def test_lines_come_as_they_are_said_and_closing_ends_it() -> None:
    got = process.lines(sh("echo $$; echo two; exec sleep 600"), timeout=30, grace=1)
    pid = int(next(got))
    assert next(got) == "two"
    got.close()  # type: ignore[attr-defined]  # a generator
    assert ends(pid)


def test_lines_end_with_the_failure() -> None:
    got = process.lines(sh("seq 1 3; echo why >&2; exit 4"), timeout=30)
    assert [next(got), next(got), next(got)] == ["1", "2", "3"]
    with pytest.raises(process.ProcessFailed, match="why") as told:
        next(got)
    assert told.value.completed.exit_code == 4


def test_a_slow_reader_of_lines_is_no_stall() -> None:
    got = process.lines(sh("seq 1 50000"), timeout=60, stall=5)
    assert sum(1 for _ in got) == 50_000


def test_head_reads_the_first_bytes_only() -> None:
    assert process.head(sh("printf abcdef; exec sleep 600"), 3, timeout=30) == b"abc"
    assert process.head(sh("printf ab"), 3, timeout=30) == b"ab"
    with pytest.raises(process.ProcessFailed, match="why"):
        process.head(sh("printf ab; echo why >&2; exit 1"), 3, timeout=30)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_another_user() -> None:
    assert process.run(sh("id -un"), timeout=30, user="nobody").stdout == "nobody"


def test_a_long_lived_child_logs_and_ends_with_its_group(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = process.start(sh("sleep 600 & echo $! ; wait"), log=log)
    deadline = time.monotonic() + 10
    while not re.match(r"\d+\n", log.read_text()) and time.monotonic() < deadline:
        child.wait(0.02)
    assert child.exit_code() is None
    assert child.stop(grace=5) != 0
    assert child.stop(grace=5) == child.exit_code()
    assert ends(int(log.read_text()))
    assert log.stat().st_mode & 0o777 == 0o600


def test_seconds_are_wall_time() -> None:
    done = process.run(Command((sys.executable, "-S", "-c", "import time; time.sleep(0.2)")), timeout=30)
    assert 0.2 <= done.seconds < 20
