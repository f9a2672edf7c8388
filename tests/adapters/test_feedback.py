"""Corrections on disk: private, whole, erasable."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.feedback import CorrectionFile
from policies.correction import Correction
from policies.errors import StateError

NOW = datetime(2026, 3, 11, 10, 30)


def correction(number: int, text: str = "back up db") -> Correction:
    return Correction(
        f"{number:08x}", datetime(2026, 3, 11, 9, 30, tzinfo=UTC), "corrected", "en", text, NOW,
        ({"action": "backup", "targets": ["db"]},), ({"action": "status"},), 0.7, True, ((8, 10, "targets", (0,)),),
    )  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> CorrectionFile:
    return CorrectionFile(tmp_path / "state/feedback")


def test_what_was_added_is_there_again(file: CorrectionFile) -> None:
    assert file.all() == []
    made = [correction(1), correction(2, "每天备份 db\n\u2028第二行")]
    for one in made:
        file.add(one)
    assert file.all() == made
    assert file.path.read_text("utf-8").count("\n") == 2


def test_its_owner_alone_can_read_it(file: CorrectionFile) -> None:
    file.add(correction(1))
    file.path.chmod(0o644)
    file.add(correction(2))
    file.remove(lambda one: one.id == correction(1).id)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700


def test_what_is_erased_leaves_no_trace(file: CorrectionFile) -> None:
    file.add(correction(1, "back up the secret thing"))
    file.add(correction(2))
    assert file.remove(lambda one: "secret" in one.text) == 1
    assert file.all() == [correction(2)]
    assert not any("secret" in path.read_text("utf-8") for path in file.path.parent.iterdir())
    assert file.remove(lambda one: False) == 0
    assert file.remove(lambda one: True) == 1 and file.all() == []


def test_a_line_that_is_damaged_is_named_and_nothing_is_lost(file: CorrectionFile) -> None:
    file.add(correction(1))
    for line in ("{half a line", "[]", json.dumps({"id": "x"}), json.dumps({**correction(2).as_dict(), "gold": 7})):
        text = file.path.read_text("utf-8")
        file.path.write_text(f"{text}{line}\n", "utf-8")
        for look in (file.all, lambda: file.remove(lambda one: True)):
            with pytest.raises(StateError, match="jsonl:2 is no correction"):
                look()
        file.path.write_text(text, "utf-8")
    assert file.all() == [correction(1)]


def test_a_link_is_not_followed(file: CorrectionFile, tmp_path: Path) -> None:
    file.path.parent.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    file.path.symlink_to(elsewhere)
    with pytest.raises(StateError, match="can't be used"):
        file.add(correction(1))
    assert elsewhere.read_text() == "mine"


def test_a_full_disk_leaves_whole_lines(file: CorrectionFile, monkeypatch: pytest.MonkeyPatch) -> None:
    file.add(correction(1))
    real = os.write

    def short(handle: int, data: bytes) -> int:
        real(handle, data[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("adapters.feedback.os.write", short)
    with pytest.raises(StateError, match="No space left"):
        file.add(correction(2))
    monkeypatch.undo()
    file.add(correction(3))
    assert file.all() == [correction(1), correction(3)]


def test_many_may_write_and_erase_at_once(file: CorrectionFile) -> None:
    def work(base: int) -> None:
        own = CorrectionFile(file.path.parent)
        for number in range(base, base + 20):
            own.add(correction(number))
            if number % 2:
                own.remove(lambda one, number=number: one.id == correction(number).id)

    threads = [threading.Thread(target=work, args=(1000 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.id for one in file.all()) == sorted(
        correction(1000 * n + k).id for n in range(4) for k in range(0, 20, 2)
    )
