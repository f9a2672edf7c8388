"""One suite for every kind of source: the promises of SourcePort."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.sources.open import open_source
from orchestrator.ports import SourcePort
from policies.capture import Capture
from policies.dataset import FilesDataset, SqliteDataset
from policies.errors import SourceError
from tests.adapters.sources.conftest import silent, write_stream
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.integration


class SourceContract:
    """Subclasses give a source with data in it, a way to lose its data, and a target to restore to."""

    @pytest.fixture
    def source(self, tmp_path: Path) -> SourcePort:
        raise NotImplementedError

    @pytest.fixture
    def absent(self, tmp_path: Path) -> SourcePort:
        """A source whose data is not there."""
        raise NotImplementedError

    def lose(self, source: Any) -> None:
        raise NotImplementedError

    def spoil(self, target: str, tmp_path: Path) -> None:
        """Change one small thing at a restored target."""
        raise NotImplementedError

    def target(self, tmp_path: Path) -> str:
        raise NotImplementedError

    def saved(self, source: SourcePort, tmp_path: Path, run: str = "r1") -> tuple[Capture, Path]:
        """Capture, and what a repository would give back."""
        scratch = tmp_path / f"scratch-{run}"
        scratch.mkdir(mode=0o700)
        capture = source.capture(scratch, run)
        restored = tmp_path / f"restored-{run}"
        restored.mkdir()
        for stream in capture.streams:
            write_stream(stream, restored)
        for path in capture.paths.paths if capture.paths else ():
            place = restored / str(path).lstrip("/")
            place.parent.mkdir(parents=True)
            if path.is_dir():
                shutil.copytree(path, place, symlinks=True)
            else:
                shutil.copy2(path, place)
        if capture.release:
            assert capture.release() == {}
        return capture, restored

    def test_what_remains(self, source: SourcePort, absent: SourcePort) -> None:
        """A safety copy is taken of what is left before it is overwritten."""
        assert source.remains() is not None
        assert absent.remains() is None

    def test_report_is_good_and_repeatable(self, source: SourcePort) -> None:
        first, second = source.report(), source.report()
        assert first == second
        assert first.detail and first.bytes and all(finding.ok for finding in first.findings)

    def test_absence_is_a_finding_and_stops_the_capture(self, absent: SourcePort, tmp_path: Path) -> None:
        report = absent.report()
        bad = [finding for finding in report.findings if not finding.ok]
        assert bad and bad[0].found and bad[0].expected
        with pytest.raises(SourceError) as caught:
            absent.capture(tmp_path, "r")
        assert caught.value.hint

    def test_restore_elsewhere_gives_the_same_content(self, source: SourcePort, tmp_path: Path) -> None:
        capture, restored = self.saved(source, tmp_path)
        before = source.facts()
        assert source.restore(restored, self.target(tmp_path), progress=silent)
        findings = source.verify(self.target(tmp_path), capture.facts)
        assert findings and all(finding.ok for finding in findings)
        assert source.facts() == before

    def test_capture_is_repeatable(self, source: SourcePort, tmp_path: Path) -> None:
        first, _ = self.saved(source, tmp_path, "r1")
        second, _ = self.saved(source, tmp_path, "r2")
        assert first.facts == second.facts
        assert (first.paths is None) != (not first.streams)

    def test_loss_is_seen_and_undone_in_place(self, source: SourcePort, tmp_path: Path) -> None:
        capture, restored = self.saved(source, tmp_path)
        self.lose(source)
        source.restore(restored, "", in_place=True, progress=silent)
        assert all(finding.ok for finding in source.verify("", capture.facts))

    def test_a_spoiled_copy_is_never_proven(self, source: SourcePort, tmp_path: Path) -> None:
        capture, restored = self.saved(source, tmp_path)
        source.restore(restored, self.target(tmp_path), progress=silent)
        self.spoil(self.target(tmp_path), tmp_path)
        assert not all(finding.ok for finding in source.verify(self.target(tmp_path), capture.facts))

    def test_nothing_is_proven_without_facts(self, source: SourcePort, tmp_path: Path) -> None:
        _, restored = self.saved(source, tmp_path)
        source.restore(restored, self.target(tmp_path), progress=silent)
        findings = source.verify(self.target(tmp_path), {})
        assert not all(finding.ok for finding in findings)

    def test_an_empty_copy_restores_nothing_and_says_so(self, source: SourcePort, tmp_path: Path) -> None:
        (tmp_path / "nothing").mkdir()
        with pytest.raises(SourceError) as caught:
            source.restore(tmp_path / "nothing", self.target(tmp_path), progress=silent)
        assert caught.value.hint and caught.value.untouched

    def test_no_target_is_no_wish_to_overwrite(self, source: SourcePort, tmp_path: Path) -> None:
        _, restored = self.saved(source, tmp_path)
        with pytest.raises(SourceError, match="to restore to was named"):
            source.restore(restored, "", progress=silent)


class TestFiles(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> SourcePort:
        folder = tmp_path / "data"
        folder.mkdir()
        for i in range(5):
            (folder / f"f{i}").write_text(f"content {i}")
        return open_source("docs", FilesDataset(kind="files", paths=(str(folder),)), lambda _: "")

    @pytest.fixture
    def absent(self, tmp_path: Path) -> SourcePort:
        return open_source("docs", FilesDataset(kind="files", paths=(str(tmp_path / "gone"),)), lambda _: "")

    def lose(self, source: Any) -> None:
        shutil.rmtree(source.dataset.paths[0])

    def spoil(self, target: str, tmp_path: Path) -> None:
        next(Path(target).rglob("f3")).write_text("Content 3")

    def target(self, tmp_path: Path) -> str:
        return str(tmp_path / "target")


class TestSqlite(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> SourcePort:
        path = tmp_path / "shop.db"
        with closing(sqlite3.connect(path)) as link:
            link.executescript("CREATE TABLE t (i, s); INSERT INTO t VALUES (1, 'a'), (2, 'b')")
        return open_source("shop", SqliteDataset(kind="sqlite", path=str(path)), lambda _: "")

    @pytest.fixture
    def absent(self, tmp_path: Path) -> SourcePort:
        return open_source("shop", SqliteDataset(kind="sqlite", path=str(tmp_path / "gone.db")), lambda _: "")

    def lose(self, source: Any) -> None:
        source.path.unlink()

    def spoil(self, target: str, tmp_path: Path) -> None:
        with closing(sqlite3.connect(target)) as link:
            link.execute("UPDATE t SET i = 3 WHERE i = 2")
            link.commit()

    def target(self, tmp_path: Path) -> str:
        return str(tmp_path / "copy.db")


class TestPostgres(SourceContract):
    @pytest.fixture
    def source(self, postgres_server: PostgresServer) -> SourcePort:
        self.server = postgres_server
        self.name = postgres_server.database("CREATE TABLE t (i int, s text); INSERT INTO t VALUES (1, 'a'), (2, 'b')")
        return open_source("shop", postgres_server.dataset(self.name), lambda _: "")

    @pytest.fixture
    def absent(self, postgres_server: PostgresServer) -> SourcePort:
        return open_source("shop", postgres_server.dataset("gone"), lambda _: "")

    def lose(self, source: Any) -> None:
        self.server.run(f"DROP DATABASE {self.name}")

    def spoil(self, target: str, tmp_path: Path) -> None:
        self.server.run("UPDATE t SET i = 3 WHERE i = 2", target)

    def target(self, tmp_path: Path) -> str:
        return f"{self.name}_copy"
