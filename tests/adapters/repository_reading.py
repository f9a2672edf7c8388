"""What every repository promises of bringing back: exactly what was saved, or an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator.ports import RepositoryPort
from policies.errors import RepositoryError
from tests.adapters.repository_contract import quiet, save

UNKNOWN = "ab" * 32
ODD = [
    b"with spaces  twice", b"new\nline", "ünïcødé 漢字 🗄".encode(), b"-dash", b"--include=x", b"quote'\"", b"glob*?[a-z]", b"[x",
    b"back\\slash", b"tab\tbell\x07", b"$HOME", b"!bang", b"#hash", b"latin-1 \xe9\xff", b"trailing ", b" leading", b"a" * 240,
]  # fmt: skip


def contents(root: Path) -> dict[bytes, bytes]:
    """Every file below, by its name in bytes."""
    found = {}
    for folder, _, names in os.walk(os.fsencode(root)):
        for name in names:
            path = Path(os.fsdecode(os.path.join(folder, name)))  # noqa: PTH118  bytes
            found[os.path.relpath(os.path.join(folder, name), os.fsencode(root))] = path.read_bytes()  # noqa: PTH118  bytes
    return found


class ReadingContract:
    """Listing, restoring, dumping."""

    def test_entries_are_the_tree(self, repository: RepositoryPort, tree: Path) -> None:
        saved = save(repository, tree)
        entries = list(repository.entries(saved.snapshot))
        files = [(entry.path, entry.size) for entry in entries if entry.kind == "file"]
        assert files == [(f"{tree}/a.txt", 5), (f"{tree}/sub/b.log", 4), (f"{tree}/sub/c.bin", 300_000)]
        assert f"{tree}/sub" in [entry.path for entry in entries if entry.kind == "dir"]
        below = [e.path for e in repository.entries(saved.snapshot, f"{tree}/sub") if e.kind == "file"]
        assert below == [f"{tree}/sub/b.log", f"{tree}/sub/c.bin"]
        assert [e.path for e in repository.entries(saved.snapshot, f"{tree}/su") if e.kind == "file"] == []

    def test_an_unknown_snapshot_is_an_error_everywhere(self, repository: RepositoryPort, tree: Path) -> None:
        save(repository, tree)
        for work in (
            lambda: list(repository.entries(UNKNOWN)),
            lambda: repository.restore(UNKNOWN, tree / "back", progress=quiet),
            lambda: repository.dump_to(UNKNOWN, f"{tree}/a.txt", tree / "out"),
        ):
            with pytest.raises(RepositoryError) as told:
                work()
            assert told.value.kind == "repository", told.value.message
        assert not (tree / "out").exists()

    @pytest.mark.parametrize("verify", [True, False])
    def test_restore_brings_back_every_byte(
        self, repository: RepositoryPort, tree: Path, tmp_path: Path, verify: bool
    ) -> None:
        saved = save(repository, tree)
        back = tmp_path / "deep" / "back"
        assert repository.restore(saved.snapshot, back, progress=quiet, verify=verify) == 3
        assert contents(back / str(tree)[1:]) == contents(tree)

    def test_restore_over_what_is_there_makes_it_right(
        self, repository: RepositoryPort, tree: Path, tmp_path: Path
    ) -> None:
        saved = save(repository, tree)
        back = tmp_path / "back"
        place = back / str(tree)[1:] / "a.txt"
        place.parent.mkdir(parents=True)
        place.write_bytes(b"other contents, longer")
        assert repository.restore(saved.snapshot, back, progress=quiet) == 3
        assert place.read_bytes() == b"hello"

    def test_restore_of_some_paths(self, repository: RepositoryPort, tree: Path, tmp_path: Path) -> None:
        saved = save(repository, tree)
        one, folder = tmp_path / "one", tmp_path / "folder"
        assert repository.restore(saved.snapshot, one, include=[f"{tree}/a.txt"], progress=quiet) == 1
        assert list(contents(one).values()) == [b"hello"]
        assert repository.restore(saved.snapshot, folder, include=[f"{tree}/sub/"], progress=quiet) == 2
        assert sorted(contents(folder)) == [os.fsencode(f"{tree}/sub/{n}")[1:] for n in ("b.log", "c.bin")]

    def test_restore_that_finds_nothing_is_an_error(
        self, repository: RepositoryPort, tree: Path, tmp_path: Path
    ) -> None:
        saved = save(repository, tree)
        for wrong in ("/nowhere", f"{tree}/a.tx", f"{tree}/*", f"{tree}/A.TXT"):
            with pytest.raises(RepositoryError, match="nothing was restored"):
                repository.restore(saved.snapshot, tmp_path / "back", include=[wrong], progress=quiet)
        assert contents(tmp_path / "back") == {}

    def test_restore_of_which_one_path_is_missing_is_an_error(
        self, repository: RepositoryPort, tree: Path, tmp_path: Path
    ) -> None:
        saved = save(repository, tree)
        with pytest.raises(RepositoryError, match="gone"):
            repository.restore(
                saved.snapshot, tmp_path / "back", include=[f"{tree}/a.txt", f"{tree}/gone"], progress=quiet
            )

    def test_dump_writes_one_file(self, repository: RepositoryPort, tree: Path, tmp_path: Path) -> None:
        saved = save(repository, tree)
        target = tmp_path / "out"
        assert repository.dump_to(saved.snapshot, f"{tree}/sub/c.bin", target) == 300_000
        assert target.read_bytes() == (tree / "sub" / "c.bin").read_bytes()
        assert repository.dump_to(saved.snapshot, f"{tree}/a.txt", target) == 5
        assert target.read_bytes() == b"hello"

    def test_dump_of_nothing_leaves_the_target_as_it_was(
        self, repository: RepositoryPort, tree: Path, tmp_path: Path
    ) -> None:
        saved = save(repository, tree)
        target = tmp_path / "out"
        target.write_text("before")
        with pytest.raises(RepositoryError):
            repository.dump_to(saved.snapshot, f"{tree}/gone", target)
        assert target.read_text() == "before"
        assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []

    def test_odd_names_come_back(self, repository: RepositoryPort, tmp_path: Path) -> None:
        root = tmp_path / "odd names"
        root.mkdir()
        for number, name in enumerate(ODD):
            (root / os.fsdecode(name)).write_bytes(b"%d" % number)
        saved = save(repository, root)
        assert saved.files == len(ODD)
        assert sum(entry.kind == "file" for entry in repository.entries(saved.snapshot)) == len(ODD)
        assert repository.restore(saved.snapshot, tmp_path / "back", progress=quiet) == len(ODD)
        assert contents(tmp_path / "back" / str(root)[1:]) == contents(root)

    def test_each_odd_name_can_be_asked_for(self, repository: RepositoryPort, tmp_path: Path) -> None:
        root = tmp_path / "odd"
        root.mkdir()
        names = [name for name in ODD if name.isascii() or b"\xff" not in name]
        for number, name in enumerate(names):
            (root / os.fsdecode(name)).write_bytes(b"%d" % number)
        saved = save(repository, root)
        for number, name in enumerate(names):
            back = tmp_path / f"back-{number}"
            path = f"{root}/{os.fsdecode(name)}"
            assert repository.restore(saved.snapshot, back, include=[path], progress=quiet) == 1, name
            assert list(contents(back).values()) == [b"%d" % number]
        for number, name in list(enumerate(names))[:8]:
            path = f"{root}/{os.fsdecode(name)}"
            assert repository.dump_to(saved.snapshot, path, tmp_path / "out") == len(b"%d" % number)
            assert (tmp_path / "out").read_bytes() == b"%d" % number

    def test_a_name_that_is_no_text_can_be_asked_for(self, repository: RepositoryPort, tmp_path: Path) -> None:
        root = tmp_path / "odd"
        root.mkdir()
        strange = os.fsdecode(b"latin-1 \xe9\xff")
        (root / strange).write_bytes(b"strange")
        (root / "plain").write_bytes(b"plain")
        saved = save(repository, root)
        assert repository.restore(saved.snapshot, tmp_path / "b", include=[f"{root}/{strange}"], progress=quiet) == 1
        assert list(contents(tmp_path / "b").values()) == [b"strange"]
