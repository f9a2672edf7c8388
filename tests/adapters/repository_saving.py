"""What every repository promises of saving: a snapshot that is there, counted and whole, or none at all."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.ports import RepositoryPort
from policies.errors import SourceError, ToolMissing
from tests.adapters.repository_contract import MOMENT, Place, quiet, save, save_stream, stream


class SavingContract:
    """Trees and streams."""

    def test_a_tree_becomes_one_snapshot_with_its_facts(self, repository: RepositoryPort, tree: Path) -> None:
        saved = save(repository, tree, tags=("run=1", "dataset=docs"))
        assert len(saved.snapshot) == 64
        assert (saved.files, saved.bytes, saved.files_new) == (3, 300_009, 3)
        assert saved.added > 0
        assert saved.unreadable == ()
        (snapshot,) = repository.snapshots()
        assert (snapshot.id, snapshot.host, set(snapshot.tags)) == (saved.snapshot, "host1", {"run=1", "dataset=docs"})
        assert snapshot.paths == (str(tree),)
        assert abs(snapshot.time - datetime.now(UTC)) < timedelta(minutes=5)
        assert snapshot.tag("dataset") == "docs"

    @pytest.mark.parametrize(
        "moment",
        [
            MOMENT,
            MOMENT.replace(month=7).astimezone(),
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),  # 02:30 does not exist in Berlin that night
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 02:30 comes twice
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        ],
    )
    def test_a_given_time_is_kept_to_the_second(
        self, repository: RepositoryPort, tree: Path, moment: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TZ", "Europe/Berlin")
        save(repository, tree, time=moment)
        assert [s.time for s in repository.snapshots()] == [moment]
        assert repository.snapshots()[0].time.tzinfo is not None

    def test_excludes_leave_out(self, repository: RepositoryPort, tree: Path) -> None:
        saved = save(repository, tree, exclude=("*.log",))
        assert saved.files == 2
        listed = [entry.path for entry in repository.entries(saved.snapshot) if entry.kind == "file"]
        assert listed == [f"{tree}/a.txt", f"{tree}/sub/c.bin"]

    def test_several_paths_and_a_single_file(self, repository: RepositoryPort, tree: Path, tmp_path: Path) -> None:
        single = tmp_path / "single"
        single.write_text("one")
        saved = save(repository, tree / "sub", single)
        assert saved.files == 3

    def test_one_of_two_paths_missing_saves_nothing(self, repository: RepositoryPort, tree: Path) -> None:
        with pytest.raises(SourceError, match="gone"):
            save(repository, tree, tree / "gone")
        with pytest.raises(SourceError):
            save(repository)
        assert repository.snapshots() == []

    def test_unreadable_files_are_told_and_the_rest_is_saved(
        self, place: Place, tree: Path, without_privilege: None
    ) -> None:
        repository = place.open()
        (tree / "a.txt").chmod(0)
        saved = save(repository, tree)
        assert saved.unreadable == (f"{tree}/a.txt",)
        assert saved.files == 2
        assert [s.id for s in repository.snapshots()] == [saved.snapshot]

    def test_what_did_not_change_is_not_saved_again(self, repository: RepositoryPort, tree: Path) -> None:
        first = save(repository, tree, time=MOMENT)
        (tree / "a.txt").write_bytes(b"HELLO")
        (tree / "new").write_bytes(b"new")
        second = save(repository, tree, time=MOMENT + timedelta(days=1))
        assert (second.files, second.files_new, second.files_changed) == (4, 1, 1)
        assert first.snapshot != second.snapshot

    def test_a_parent_can_be_named(self, repository: RepositoryPort, tree: Path) -> None:
        first = save(repository, tree, host="elsewhere", time=MOMENT)
        assert save(repository, tree, time=MOMENT, parent=first.snapshot).files_new == 0
        assert save(repository, tree, host="third", time=MOMENT).files_new == 3

    def test_an_empty_folder_is_a_snapshot_of_no_file(self, repository: RepositoryPort, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        saved = save(repository, tmp_path / "empty")
        assert (saved.files, saved.bytes) == (0, 0)
        assert len(repository.snapshots()) == 1
        assert repository.restore(saved.snapshot, tmp_path / "back", progress=quiet) == 0

    def test_a_stream_is_saved_under_its_name(self, repository: RepositoryPort, tmp_path: Path) -> None:
        saved = save_stream(repository, stream("printf", "PGDMP and more", magic=b"PGDMP", minimum=10))
        assert (saved.files, saved.bytes) == (1, 14)
        assert [s.id for s in repository.snapshots(tags=["run=s"])] == [saved.snapshot]
        assert [e.path for e in repository.entries(saved.snapshot)] == ["/db.dump"]
        repository.dump_to(saved.snapshot, "/db.dump", tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == b"PGDMP and more"

    def test_a_large_stream_arrives_whole(self, repository: RepositoryPort, tmp_path: Path) -> None:
        content = os.urandom(1 << 20) * 5
        (tmp_path / "big").write_bytes(content)
        saved = save_stream(repository, stream("cat", str(tmp_path / "big"), minimum=len(content)))
        assert saved.bytes == len(content)
        repository.dump_to(saved.snapshot, "/db.dump", tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == content

    @pytest.mark.parametrize(
        "broken",
        {
            "fails at once": stream("sh", "-c", "echo no such database >&2; exit 1"),
            "fails at the end": stream("sh", "-c", "echo half of the data; echo no such database >&2; exit 3"),
            "is killed": stream("sh", "-c", "echo half of the data; echo no such database >&2; kill -9 $$"),
            "says nothing": stream("sh", "-c", "echo no such database >&2"),
            "says too little": stream("sh", "-c", "echo short; echo no such database >&2", minimum=100),
            "says something else": stream("sh", "-c", "echo wrong; echo no such database >&2", magic=b"PGDMP"),
        }.items(),
        ids=lambda item: item[0],
    )  # fmt: skip
    def test_a_command_that_is_no_dump_leaves_no_snapshot(self, repository: RepositoryPort, broken: tuple) -> None:
        word, source = broken
        with pytest.raises(SourceError, match=r"db\.dump") as told:
            save_stream(repository, source)
        if word.startswith("fails"):  # restic that runs the command now and then ends before it has read its last words
            assert re.search("no such database|exit status", told.value.message)
        assert repository.snapshots() == []

    def test_a_program_that_is_not_there_is_named(self, repository: RepositoryPort) -> None:
        with pytest.raises(ToolMissing, match="pg_dump_of_another_age"):
            save_stream(repository, stream("pg_dump_of_another_age"))
        assert repository.snapshots() == []

    def test_the_commands_secrets_reach_it_and_nobody_else(self, repository: RepositoryPort, tmp_path: Path) -> None:
        saved = save_stream(repository, stream("sh", "-c", 'printf "got $PGPASSWORD"', PGPASSWORD="hunter2-hunter2"))
        repository.dump_to(saved.snapshot, "/db.dump", tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == b"got hunter2-hunter2"
        # restic may end before it has passed on the last words of a command that ends at once
        with pytest.raises(SourceError) as told:
            save_stream(
                repository,
                stream("sh", "-c", 'echo "bad $PGPASSWORD" >&2; sleep 0.3; exit 1', PGPASSWORD="hunter2-hunter2"),
            )
        assert "hunter2" not in str(told.value.as_dict())
        assert "bad ***" in told.value.message
