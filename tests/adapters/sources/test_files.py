"""Files: guarded, counted, moved or copied to their place, compared."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.process import run
from adapters.sources.files import FilesSource
from adapters.sources.patterns import excludes
from adapters.sources.walk import WHOLE, sample_hash, walk
from policies.capture import Command
from policies.dataset import FilesDataset
from policies.errors import SourceError
from tests.adapters.sources.conftest import silent
from tests.conftest import unable


def source(*paths: Path, **fields: object) -> FilesSource:
    return FilesSource("docs", FilesDataset(kind="files", paths=tuple(map(str, paths)), **fields))  # type: ignore[arg-type]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "srv" / "docs"
    for folder in ("a/b", "c", "empty"):
        (root / folder).mkdir(parents=True)
    for i in range(40):
        (root / ("a" if i % 2 else "a/b") / f"file {i} ü.txt").write_text(f"content {i}\n" * i)
    (root / "c" / "run.sh").write_text("#!/bin/sh\n")
    (root / "c" / "run.sh").chmod(0o750)
    (root / "c" / "link").symlink_to("../a/b")
    os.link(root / "c" / "run.sh", root / "c" / "twin.sh")
    os.utime(root / "c" / "run.sh", ns=(10**18, 10**18 + 5))
    (root / "c").chmod(0o711)
    return root


def restored_copy(tree: Path, tmp_path: Path) -> Path:
    """What restic leaves after a restore: the tree under its whole path."""
    restored = tmp_path / "restored"
    place = restored / str(tree).lstrip("/")
    place.parent.mkdir(parents=True)
    subprocess.run(["cp", "-a", str(tree), str(place)], check=True)
    return restored


def good(findings: list[object]) -> bool:
    assert findings
    return all(finding.ok for finding in findings)  # type: ignore[attr-defined]


def test_report_counts(tree: Path) -> None:
    report = source(tree).report()
    assert good(list(report.findings))
    assert report.files == 43  # 40 files, two names of one file, a link
    assert report.bytes == sum(p.lstat().st_size for p in tree.rglob("*") if p.is_file() and not p.is_symlink())


def test_a_missing_path_stops_the_run(tree: Path, tmp_path: Path) -> None:
    own = source(tree, tmp_path / "gone")
    bad = [finding for finding in own.report().findings if not finding.ok]
    assert [finding.subject for finding in bad] == [str(tmp_path / "gone")]
    with pytest.raises(SourceError, match="is missing"):
        own.capture(tmp_path, "r")


def test_an_emptied_tree_is_not_plausible(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    assert not good(list(source(tmp_path / "docs").report().findings))
    assert good(list(source(tmp_path / "docs", allow_empty=True).report().findings))


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "mnt"
    place.mkdir()
    if os.geteuid() != 0:
        unable("mounting a tmpfs takes root; the unmounted case is tested by every user")
    done = run(Command(("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place))), timeout=10)
    if done.exit_code != 0:
        unable(f"no tmpfs can be mounted here: {done.stderr}")
    yield place
    run(Command(("umount", str(place))), timeout=10)


def test_a_mount_point_that_is_not_mounted_stops_the_run(tree: Path) -> None:
    (finding,) = [f for f in source(tree, mounts=(str(tree),)).report().findings if not f.ok]
    assert finding.name == "mount point" and "mount " in finding.expected


def test_an_empty_mount_stops_the_run(mounted: Path) -> None:
    own = source(mounted, mounts=(str(mounted),))
    (finding,) = [f for f in own.report().findings if not f.ok]
    assert "mounted but empty" in finding.found
    (mounted / "file").write_text("x")
    assert good(list(own.report().findings))


def test_one_file_system(mounted: Path) -> None:
    (mounted / "file").write_text("x")
    assert source(mounted.parent, one_file_system=True).report().files == 0
    assert source(mounted.parent).report().files == 1


@pytest.mark.parametrize("whole", [True, False])
def test_round_trip(tree: Path, tmp_path: Path, whole: bool) -> None:
    own = source(tree)
    capture = own.capture(tmp_path, "r")
    assert capture.paths and capture.paths.paths == (tree,)
    assert capture.release and capture.release() == {}
    restored = restored_copy(tree, tmp_path)
    target = tmp_path / "target"
    assert own.restore(restored, str(target), progress=silent) == f"43 files in {target}"
    assert good(own.verify(str(target), capture.facts))  # type: ignore[arg-type]
    there = target / str(tree).lstrip("/")
    assert stat.S_IMODE((there / "c" / "run.sh").stat().st_mode) == 0o750
    assert stat.S_IMODE((there / "c").stat().st_mode) == 0o711
    assert (there / "c" / "run.sh").stat().st_mtime_ns == 10**18 + 5
    assert (there / "c" / "link").readlink() == Path("../a/b")
    assert (there / "c" / "run.sh").stat().st_ino == (there / "c" / "twin.sh").stat().st_ino
    assert (there / "empty").is_dir()
    assert own.facts(str(target)) == own.facts()


def test_copying_to_another_file_system_keeps_everything(tree: Path, tmp_path: Path, mounted: Path) -> None:
    own = source(tree)
    capture = own.capture(tmp_path, "r")
    os.chown(tree / "c" / "run.sh", 12345, 54321)
    os.setxattr(tree / "c" / "run.sh", "trusted.note", b"kept")
    restored = restored_copy(tree, tmp_path)
    own.restore(restored, str(mounted), progress=silent)
    assert good(own.verify(str(mounted), capture.facts))  # type: ignore[arg-type]
    there = mounted / str(tree).lstrip("/") / "c" / "run.sh"
    info = there.stat()
    assert (info.st_uid, info.st_gid, info.st_nlink, stat.S_IMODE(info.st_mode)) == (12345, 54321, 2, 0o750)
    assert os.getxattr(there, "trusted.note") == b"kept"
    assert not list(mounted.rglob("*restora-part*"))


def test_in_place_deletes_nothing(tree: Path, tmp_path: Path) -> None:
    own = source(tree)
    capture = own.capture(tmp_path, "r")
    restored = restored_copy(tree, tmp_path)
    for path in (tree / "a").glob("*.txt"):
        path.unlink()
    (tree / "c" / "run.sh").write_text("spoiled")
    (tree / "new.txt").write_text("came later")
    assert not good(own.verify("", capture.facts))  # type: ignore[arg-type]
    told = own.restore(restored, "", in_place=True, progress=silent)
    assert told.startswith("43 files back in place")
    assert (tree / "new.txt").read_text() == "came later"
    assert (tree / "c" / "run.sh").read_text() == "#!/bin/sh\n"
    assert good(own.verify("", capture.facts))  # type: ignore[arg-type]


def test_items_restore_only_these(tree: Path, tmp_path: Path) -> None:
    own = source(tree)
    capture = own.capture(tmp_path, "r")
    target = tmp_path / "target"
    restored = restored_copy(tree, tmp_path)
    assert own.restore(restored, str(target), items=["c/run.sh"], progress=silent).startswith("1 file ")
    assert [p.name for p in target.rglob("*") if p.is_file()] == ["run.sh"]
    assert good(own.verify(str(target), capture.facts, items=["c/run.sh"]))  # type: ignore[arg-type]
    assert not good(own.verify(str(target), capture.facts, items=["a"]))  # type: ignore[arg-type]
    with pytest.raises(SourceError, match="nothing of nope"):
        own.restore(restored, str(target), items=["nope"], progress=silent)


@pytest.mark.parametrize("spoil", ["byte", "missing", "extra", "truncated", "renamed", "emptied"])
def test_any_difference_is_found(tree: Path, tmp_path: Path, spoil: str) -> None:
    own = source(tree)
    capture = own.capture(tmp_path, "r")
    restored = restored_copy(tree, tmp_path)
    victim = restored / str(tree).lstrip("/") / "a" / "b" / "file 30 ü.txt"
    info = victim.stat()
    if spoil == "byte":
        data = bytearray(victim.read_bytes())
        data[5] ^= 1
        victim.write_bytes(data)
        os.utime(victim, ns=(info.st_atime_ns, info.st_mtime_ns))
    elif spoil == "missing":
        victim.unlink()
    elif spoil == "extra":
        (victim.parent / "extra").write_text("x")
    elif spoil == "truncated":
        victim.write_bytes(b"")
    elif spoil == "renamed":
        victim.rename(victim.with_name("other"))
    else:
        for path in victim.parent.iterdir():
            path.unlink()
    assert not good(own.verify(str(restored), capture.facts))  # type: ignore[arg-type]


def test_what_moved_while_it_was_saved_is_no_failure(tree: Path, tmp_path: Path) -> None:
    own = source(tree)
    capture = own.capture(tmp_path, "r")
    (tree / "a" / "log").write_text("grew")
    (tree / "c" / "run.sh").write_text("changed")
    restored = restored_copy(tree, tmp_path)
    assert capture.release
    facts = {**capture.facts, **capture.release()}
    findings = own.verify(str(restored), facts)
    assert good(findings)  # type: ignore[arg-type]
    assert any(finding.name == "moved" for finding in findings)
    (restored / str(tree).lstrip("/") / "a" / "b" / "file 30 ü.txt").unlink()
    assert not good(own.verify(str(restored), facts))  # type: ignore[arg-type]


def test_a_file_in_a_folders_way_is_refused_before_anything_is_written(tree: Path, tmp_path: Path) -> None:
    restored = restored_copy(tree, tmp_path)
    subprocess.run(["rm", "-r", str(tree / "c"), str(tree / "a" / "file 1 ü.txt")], check=True)
    (tree / "c").write_text("a file now")
    with pytest.raises(SourceError, match="is no folder"):
        source(tree).restore(restored, "", in_place=True, progress=silent)
    assert not (tree / "a" / "file 1 ü.txt").exists()


def test_nothing_to_restore_is_an_error(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "restored").mkdir()
    with pytest.raises(SourceError, match="nothing of docs"):
        source(tree).restore(tmp_path / "restored", str(tmp_path / "t"), progress=silent)
    with pytest.raises(SourceError, match="no folder to restore to"):
        source(tree).restore(tmp_path / "restored", "", progress=silent)


def test_no_facts_prove_nothing(tree: Path) -> None:
    assert not good(source(tree).verify(str(tree), {}))  # type: ignore[arg-type]


def test_a_single_file_is_a_dataset(tmp_path: Path) -> None:
    path = tmp_path / "one.cfg"
    path.write_text("x = 1")
    own = source(path)
    assert own.report().files == 1
    capture = own.capture(tmp_path, "r")
    assert good(own.verify(str(restored_copy(path, tmp_path)), capture.facts))  # type: ignore[arg-type]


def test_large_files_are_hashed_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "image"
    with path.open("wb") as file:
        file.truncate(WHOLE * 3)
    first = sample_hash(str(path))
    assert first.startswith("parts:")
    with path.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"x")
    assert sample_hash(str(path)) != first


def test_a_walk_ends_in_time(tree: Path) -> None:
    tally = walk([str(tree)], seconds=-1)
    assert not tally.complete
    own = FilesSource("docs", FilesDataset(kind="files", paths=(str(tree),)), report_seconds=-1)
    report = own.report()
    assert report.files is None and report.bytes is None and good(list(report.findings))


PATTERNS = [
    "*.log",
    "cache",
    "/keep/x",
    "a/b",
    "**/deep",
    "one/**/two",
    "[ab]1",
    "q?",
    "spool/",
    "no*",
    "!notes",
    "sp ace",
    "/top/*/z",
]
NAMES = [
    "x.log",
    "cache",
    "keep",
    "x",
    "a",
    "b",
    "deep",
    "one",
    "two",
    "a1",
    "c1",
    "qq",
    "q",
    "spool",
    "notes",
    "nope",
    "sp ace",
    "top",
    "z",
]


@pytest.mark.integration
def test_excludes_are_those_of_restic(restic: Path, tmp_path: Path) -> None:
    root = tmp_path / "t"
    for first in NAMES:
        for second in NAMES[::3]:
            for third in NAMES[1::6]:
                place = root / first / second / third
                place.mkdir(parents=True, exist_ok=True)
                (place / "x.log").touch()
                (place / "f").touch()
    patterns = [
        p.replace("/keep", f"{root}/keep").replace("/top", f"{root}/top") if p.startswith("/") else p for p in PATTERNS
    ]
    env = {
        "RESTIC_PASSWORD": "x",
        "RESTIC_REPOSITORY": str(tmp_path / "repo"),
        "RESTIC_CACHE_DIR": str(tmp_path / "cache-dir"),
    }
    arguments = [f"--exclude={pattern}" for pattern in patterns]
    for argv in (("init",), ("backup", str(root), *arguments)):
        done = run(Command((str(restic), *argv), secret_env=env), timeout=60)
        assert done.exit_code == 0, done.stderr
    listed = run(
        Command((str(restic), "ls", "latest"), secret_env=env), timeout=60, raw=True, capture_limit=1 << 24
    ).stdout.splitlines()
    saved = {line for line in listed if line.startswith(str(root)) and line.endswith("/f")}
    saved |= {line for line in listed if line.startswith(str(root)) and line.endswith("x.log") and Path(line).is_file()}
    tally = walk([str(root)], left_out=excludes(patterns))
    assert tally.files == len(saved) > 50
    assert tally.folders.keys() == {str(Path(line).parent) for line in saved}


@given(
    st.lists(st.text(alphabet="ab*?[]!/\\.", min_size=1, max_size=8), max_size=4), st.text(alphabet="ab./", max_size=12)
)
def test_any_pattern_can_be_read(patterns: list[str], path: str) -> None:
    left_out = excludes(patterns)
    assert left_out is None or left_out(f"/{path}") in {True, False}


def test_what_remains_of_several_paths(tree: Path, tmp_path: Path) -> None:
    """However long a walk would take, and whatever is missing: what is there can be captured."""
    both = FilesSource("docs", source(tree, tmp_path / "gone").dataset, report_seconds=0)
    left = both.remains()
    assert left is not None
    assert all(finding.ok for finding in left.report().findings)
    capture = left.capture(tmp_path, "r")
    assert capture.paths is not None
    assert capture.paths.paths == (tree,)
    (tmp_path / "hollow" / "below").mkdir(parents=True)
    assert source(tmp_path / "hollow").remains() is None
