"""Writing back: only what was asked for changes, the file is whole at every moment, and nobody's change is lost."""

from __future__ import annotations

import difflib
import hashlib
import multiprocessing
import os
import resource
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.configuration import ConfigurationProblems, edited, load, parse, read, text_of, write
from policies.catalog import Catalog, Site
from policies.dataset import FilesDataset, SqliteDataset
from policies.duration import Duration
from policies.errors import ConfigurationError
from policies.policy import Policy
from policies.retention import Retention
from policies.schedule import Schedule
from tests.adapters.configuration.catalogs import DATASETS, NAMES, catalogs, policies
from tests.adapters.configuration.samples import WHOLE

TILL = SqliteDataset(kind="sqlite", path="/var/lib/till/till.db")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "restora.yaml"
    path.write_text(WHOLE)
    return path


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that went (-) and came (+)."""
    diff = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in diff if line[0] in "+-"]


def nightly(**changes: object) -> Policy:
    policy = Policy(
        datasets=("shop",), repositories=("local",), schedule=Schedule(every=Duration(1, "d"), at=("02:10",)),
        retention=Retention(keep_within=Duration(30, "d")),
    )  # fmt: skip
    return policy.model_copy(update=changes)


def test_a_new_policy_is_added_behind_the_others(file: Path) -> None:
    loaded = write(file, {"policies": {"shop": nightly()}})
    text = file.read_text()
    assert loaded.text == text
    assert loaded.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert loaded.catalog == load(file)
    assert loaded.catalog.policies["shop"] == nightly()
    diff = changed_lines(WHOLE, text)
    assert all(line.startswith("+") for line in diff)
    assert text.index("  shop:\n    datasets: [shop]") > text.index("keep_within: 30d")
    assert '"02:10"' in text


def test_a_changed_policy_changes_its_own_lines_only(file: Path) -> None:
    docs = load(file).policies["docs"]
    write(file, {"policies": {"docs": docs.model_copy(update={"retention": Retention(keep_within=Duration(90, "d"))})}})
    assert changed_lines(WHOLE, file.read_text()) == ["-       keep_within: 30d", "+       keep_within: 90d"]
    assert "# the disk is idle then" in file.read_text()


def test_a_removed_policy_takes_its_lines_along(file: Path) -> None:
    write(file, {"policies": {"docs": None}})
    assert load(file).policies == {}
    diff = changed_lines(WHOLE, file.read_text())
    assert all(line.startswith("-") for line in diff)
    assert len(diff) == 8
    write(file, {"policies": {"shop": nightly()}})
    assert list(load(file).policies) == ["shop"]


def test_datasets_are_added_changed_and_removed(file: Path) -> None:
    write(file, {"datasets": {"till": TILL}})
    assert load(file).datasets["till"] == TILL
    docs = load(file).datasets["docs"]
    assert isinstance(docs, FilesDataset)
    wider = docs.model_copy(update={"paths": (*docs.paths, "/home/music"), "exclude": ()})
    write(file, {"datasets": {"docs": wider, "till": None, "shop": None}})
    assert load(file).datasets == {"docs": wider}
    text = file.read_text()
    assert "      - /home/docs      # the papers\n" in text
    assert "      - /home/music\n" in text
    assert "shop" not in text


def test_the_site_as_a_whole(file: Path) -> None:
    site = load(file).site
    write(file, {"site": site.model_copy(update={"timezone": "Asia/Tokyo", "language": "zh"})})
    assert "  timezone: Asia/Tokyo   # where the office is\n" in file.read_text()
    write(file, {"site": Site()})
    assert load(file).site == Site()


def test_nothing_to_change_leaves_the_file_alone(file: Path) -> None:
    before = file.stat()
    write(file, {"policies": {"docs": load(file).policies["docs"], "nobody": None}})
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not file.with_name("restora.yaml.before").exists()


def test_the_text_before_is_kept_beside(file: Path) -> None:
    write(file, {"datasets": {"till": TILL}})
    assert file.with_name("restora.yaml.before").read_text() == WHOLE
    assert sorted(path.name for path in file.parent.iterdir()) == ["restora.yaml", "restora.yaml.before"]


def test_mode_and_link_stay(file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "etc" / "restora.yaml"
    link.parent.mkdir()
    link.symlink_to(file)
    write(link, {"datasets": {"till": TILL}})
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert "till" in load(file).datasets


def test_windows_line_ends_and_byte_order_mark_stay(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    write(file, {"datasets": {"till": TILL}})
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf#")
    assert data.count(b"\n") == data.count(b"\r\n")
    assert load(file).datasets["till"] == TILL


def test_a_file_without_a_last_line_end(file: Path) -> None:
    file.write_text(WHOLE.rstrip("\n"))
    write(file, {"policies": {"docs": None}, "datasets": {"till": TILL}})
    assert load(file).datasets["till"] == TILL


def test_a_change_by_someone_else_is_not_overwritten(file: Path) -> None:
    seen = read(file)
    file.write_text(WHOLE + "# by hand\n")
    with pytest.raises(ConfigurationError, match="was changed by someone else") as caught:
        write(file, {"datasets": {"till": TILL}}, sha256=seen.sha256)
    assert caught.value.hint and caught.value.untouched == str(file)
    assert file.read_text() == WHOLE + "# by hand\n"
    write(file, {"datasets": {"till": TILL}}, sha256=read(file).sha256)


def test_loose_ends_are_refused(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="loose ends") as caught:
        write(file, {"datasets": {"docs": None}})
    assert "'docs' is no dataset" in caught.value.message
    assert file.read_text() == WHOLE


def test_a_broken_file_is_left_alone(file: Path) -> None:
    file.write_text(WHOLE + "policy: {}\n")
    with pytest.raises(ConfigurationProblems):
        write(file, {"datasets": {"till": TILL}})
    assert file.read_text() == WHOLE + "policy: {}\n"


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\ndatasets:\n  docs: &x\n    kind: files\n    paths: [/a]\n  more: *x\n",
        "version: 1\ndatasets: {docs: &x {kind: files, paths: [/a]}, more: *x}\n",
        "version: 1\ndatasets:\n  docs: &x {kind: files, paths: [/a]}\n  more: {<<: *x, description: too}\n",
    ],
)
def test_a_change_never_reaches_others_through_an_alias(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="shared by an alias") as caught:
        write(file, {"datasets": {"docs": FilesDataset(kind="files", paths=("/b",))}})
    assert "write it there by hand" in caught.value.hint and "/b" in caught.value.hint
    assert file.read_text() == text


def test_comments_inside_brackets_are_not_lost() -> None:
    text = "version: 1\ndatasets:\n  docs:\n    kind: files\n    paths: [/a, # first\n      /b]\n"
    with pytest.raises(ConfigurationError, match="comments inside"):
        edited(text, {"datasets": {"docs": FilesDataset(kind="files", paths=("/b",))}})


def _refused(path: Path, answers: multiprocessing.SimpleQueue[tuple[str, str]]) -> None:
    """Write where no more than ten bytes fit."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
    try:
        write(path, {"datasets": {"till": TILL}})
    except ConfigurationError as error:
        answers.put((error.message, error.hint))


def test_a_full_disk_leaves_the_old_file(file: Path) -> None:
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.SimpleQueue[tuple[str, str]] = context.SimpleQueue()
    child = context.Process(target=_refused, args=(file, answers))
    child.start()
    child.join(60)
    message, hint = answers.get()
    assert message == f"{file} can't be replaced: File too large"
    assert str(file.parent) in hint
    assert [path.name for path in file.parent.iterdir()] == ["restora.yaml"]
    assert file.read_text() == WHOLE


@pytest.mark.parametrize("moment", ["fsync", "replace", "fchmod"])
def test_a_crash_in_the_middle_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """The process dies inside a system call: what is there afterwards is the old file, whole."""
    pid = os.fork()
    if pid == 0:
        target = Path if moment == "replace" else os

        def die(*_: object, **__: object) -> None:
            os._exit(9)

        monkeypatch.setattr(target, moment, die)
        monkeypatch.setattr("shutil.copystat", die) if moment == "fchmod" else None
        try:
            write(file, {"datasets": {"till": TILL}})
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    assert file.read_text() == WHOLE
    write(file, {"datasets": {"till": TILL}})
    assert load(file).datasets["till"] == TILL


def _add(path: Path, number: int) -> None:
    write(path, {"datasets": {f"d{number}": SqliteDataset(kind="sqlite", path=f"/d/{number}")}})


def test_writers_at_the_same_time_lose_nothing(file: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_add, args=(file, number)) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 6
    assert {f"d{number}" for number in range(6)} < set(load(file).datasets)


@given(catalogs())
def test_what_is_written_is_read_again(catalog: Catalog) -> None:
    assert not catalog.dangling()
    assert parse(text_of(catalog)) == catalog


@given(catalogs(), st.data())
def test_changes_give_what_was_asked_for_and_keep_every_comment(catalog: Catalog, data: st.DataObject) -> None:
    lines: list[str] = []
    for number, line in enumerate(text_of(catalog).splitlines()):
        lines += [f"{' ' * (len(line) - len(line.lstrip()))}# note {number}", line] if line else [line]
    text = "\n".join(lines) + "\n"
    names = st.sampled_from(list(catalog.policies)) | NAMES if catalog.policies else NAMES
    name = data.draw(names)
    wanted = data.draw(policies(list(catalog.datasets), list(catalog.repositories), list(catalog.notify)))
    new = data.draw(NAMES.filter(lambda one: one not in catalog.datasets))
    dataset = data.draw(DATASETS)
    try:
        after = edited(text, {"datasets": {new: dataset}, "policies": {name: wanted}})
    except ConfigurationError as error:
        assert "without a person" in error.message
        return
    expected = catalog.changed(datasets={**catalog.datasets, new: dataset}, policies={**catalog.policies, name: wanted})
    assert parse(after) == expected
    if name not in catalog.policies:
        assert [line for line in after.splitlines() if "# note" in line] == [line for line in lines if "# note" in line]
