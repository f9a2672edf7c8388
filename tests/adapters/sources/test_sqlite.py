"""SQLite with real files: copied under writers, checked, restored whole and by table."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from adapters.sources.sqlite import SqliteSource
from adapters.sources.sqlite_copy import openers
from policies.capture import Capture
from policies.dataset import SqliteDataset
from policies.errors import SourceError
from tests.adapters.sources.conftest import silent

SCHEMA = """
CREATE TABLE "odd ""name"" x" (id INTEGER PRIMARY KEY AUTOINCREMENT, a, b TEXT, c BLOB, d REAL, e AS (id * 2));
CREATE TABLE pairs (k TEXT, v INT, PRIMARY KEY (k, v)) WITHOUT ROWID;
CREATE TABLE child (id INTEGER PRIMARY KEY, parent REFERENCES "odd ""name"" x"(id), note TEXT);
CREATE INDEX child_note ON child (note);
CREATE VIEW notes AS SELECT note FROM child;
CREATE TRIGGER stamp AFTER INSERT ON child BEGIN UPDATE child SET note = note || '!' WHERE id = new.id AND note NOT LIKE '%!'; END;
CREATE VIRTUAL TABLE search USING fts5(body);
PRAGMA user_version = 7;
"""


def make(path: Path, *, rows: int = 200, wal: bool = False, page: int = 4096) -> Path:
    with closing(sqlite3.connect(path)) as link:
        link.execute(f"PRAGMA page_size = {page}")
        if wal:
            link.execute("PRAGMA journal_mode = WAL")
        link.executescript(SCHEMA)
        for i in range(rows):
            link.execute(
                'INSERT INTO "odd ""name"" x" (a, b, c, d) VALUES (?, ?, ?, ?)',
                (2**40 + i, f"ü{i}", bytes([i % 256]) * 50, i / 3),
            )
            link.execute("INSERT INTO pairs VALUES (?, ?)", (f"k{i}", i))
            link.execute("INSERT INTO child (parent, note) VALUES (?, ?)", (i + 1, f"note {i}"))
        link.execute("INSERT INTO pairs VALUES (CAST(x'ff00fe' AS TEXT), -1)")  # text that is no UTF-8
        link.execute("INSERT INTO search VALUES ('some words')")
        link.commit()
    return path


def source(path: Path, **options: object) -> SqliteSource:
    return SqliteSource("notes", SqliteDataset(kind="sqlite", path=str(path)), **options)  # type: ignore[arg-type]


def captured(own: SqliteSource, tmp_path: Path) -> tuple[Capture, Path]:
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    capture = own.capture(scratch, "r")
    assert capture.paths and capture.paths.paths == (scratch / own.path.name,)
    return capture, scratch


def good(own: SqliteSource, target: Path, capture: Capture, *items: str) -> None:
    findings = own.verify(str(target), capture.facts, items=items)
    assert findings and all(finding.ok for finding in findings), [str(f) for f in findings if not f.ok]


@contextmanager
def program_holding(path: Path, statements: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the database open and has run these statements."""
    code = (
        "import sqlite3,sys; c=sqlite3.connect(sys.argv[1],isolation_level=None);"
        "[c.execute(s) for s in sys.argv[2].split(';')]; print('ready',flush=True);"
        "[print(c.execute(line).fetchall(),flush=True) for line in sys.stdin]"
    )
    argv = [sys.executable, "-c", code, str(path), statements]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.stdin.close()


@pytest.mark.parametrize("wal", [False, True])
def test_round_trip(tmp_path: Path, wal: bool) -> None:
    own = source(make(tmp_path / "notes.db", wal=wal))
    report = own.report()
    assert all(finding.ok for finding in report.findings) and report.bytes
    capture, scratch = captured(own, tmp_path)
    target = tmp_path / "new" / "copy.db"
    assert own.restore(scratch, str(target), progress=silent) == f"in {target}"
    good(own, target, capture)
    assert own.facts(str(target)) == own.facts()
    assert capture.facts["rows:pairs"] == "201" and capture.facts["user_version"] == "7"
    with pytest.raises(SourceError, match="exists"):
        own.restore(scratch, str(target), progress=silent)


def test_capture_path_is_the_same_on_every_run_and_repeatable(tmp_path: Path) -> None:
    own = source(make(tmp_path / "notes.db"))
    first, _ = captured(own, tmp_path)
    second, _ = captured(own, tmp_path)
    assert first.paths == second.paths and first.facts == second.facts


def test_a_change_is_found(tmp_path: Path) -> None:
    own = source(make(tmp_path / "notes.db"))
    capture, scratch = captured(own, tmp_path)
    target = tmp_path / "copy.db"
    own.restore(scratch, str(target), progress=silent)
    with closing(sqlite3.connect(target)) as link:
        link.execute("VACUUM")  # other bytes, the same content
        good(own, target, capture)
        link.execute("UPDATE pairs SET v = v + 1 WHERE k = 'k3'")
        link.commit()
    bad = [finding for finding in own.verify(str(target), capture.facts) if not finding.ok]
    assert [(f.name, f.subject) for f in bad] == [("sum", "pairs")]


@pytest.mark.parametrize("wal", [False, True])
def test_capture_while_others_write(tmp_path: Path, wal: bool) -> None:
    path = make(tmp_path / "notes.db", wal=wal, rows=3000)
    stop = threading.Event()
    failures: list[Exception] = []

    def write(worker: int) -> None:
        with closing(sqlite3.connect(path, timeout=30)) as link:
            while not stop.is_set():
                try:
                    with link:  # two rows or none: any consistent copy has an even number
                        link.executemany("INSERT INTO pairs VALUES (?, ?)", [("pair", worker), ("pair2", worker)])
                        link.execute("DELETE FROM pairs WHERE k IN ('pair', 'pair2') AND v = ?", (worker,))
                except sqlite3.Error as error:
                    failures.append(error)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    for writer in writers:
        writer.start()
    try:
        own = source(path, wait=20.0)
        for attempt in range(3):
            capture, scratch = captured(own, tmp_path)
            assert capture.facts["rows:pairs"] == "3001"
            own.restore(scratch, str(tmp_path / f"copy{attempt}.db"), progress=silent)
            good(own, tmp_path / f"copy{attempt}.db", capture)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert not failures


def test_a_locked_database_is_waited_for_then_named(tmp_path: Path) -> None:
    path = make(tmp_path / "notes.db")
    with program_holding(path, "BEGIN EXCLUSIVE"), pytest.raises(SourceError, match="stayed locked") as caught:
        captured(source(path, wait=0.2), tmp_path)
    assert caught.value.retryable and str(path) in str(caught.value)


def test_damage_is_not_saved_as_success(tmp_path: Path) -> None:
    path = make(tmp_path / "notes.db", rows=2000)
    with path.open("r+b") as file:
        file.seek(4096 * 9)
        file.write(b"\xff" * 4096)
    own = source(path)
    assert all(finding.ok for finding in own.report().findings)  # a look reads no pages
    with pytest.raises(SourceError, match="is damaged"):
        captured(own, tmp_path)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "is missing"), (b"", "is an empty file"), (b"x" * 5000, "no SQLite database")]
)
def test_what_is_no_database(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "notes.db"
    if content is not None:
        path.write_bytes(content)
    own = source(path)
    (finding,) = own.report().findings
    assert not finding.ok and words in finding.found
    with pytest.raises(SourceError, match=words):
        captured(own, tmp_path)


def test_tables_into_a_new_and_an_existing_file(tmp_path: Path) -> None:
    own = source(make(tmp_path / "notes.db"))
    capture, scratch = captured(own, tmp_path)
    target = tmp_path / "part.db"
    items = ["child", 'odd "name" x']
    own.restore(scratch, str(target), items=items, progress=silent)
    good(own, target, capture, *items)
    with closing(sqlite3.connect(target)) as link:
        names = {name for (name,) in link.execute("SELECT name FROM sqlite_schema")}
        assert names >= {"child", "child_note", "stamp"} and "pairs" not in names
        link.execute('INSERT INTO "odd ""name"" x" (b) VALUES (1)')
        assert link.execute('SELECT max(id) FROM "odd ""name"" x"').fetchone() == (201,)
        link.commit()
    with pytest.raises(SourceError, match="has a table child already"):
        own.restore(scratch, str(target), items=["child"], progress=silent)
    own.restore(scratch, str(target), items=["pairs"], progress=silent)
    good(own, target, capture, "pairs", "child")
    with pytest.raises(SourceError, match="no table nothing"):
        own.restore(scratch, str(target), items=["nothing"], progress=silent)


def test_a_table_in_place_leaves_the_others(tmp_path: Path) -> None:
    path = make(tmp_path / "notes.db")
    own = source(path)
    capture, scratch = captured(own, tmp_path)
    with closing(sqlite3.connect(path)) as link:
        link.execute("DELETE FROM child")
        link.execute("DELETE FROM pairs")
        link.commit()
    own.restore(scratch, "", items=["child"], in_place=True, progress=silent)
    good(own, path, capture, "child")
    assert not all(finding.ok for finding in own.verify("", capture.facts))


@pytest.mark.parametrize("wal", [False, True])
def test_in_place_under_a_program_that_has_it_open(tmp_path: Path, wal: bool) -> None:
    path = make(tmp_path / "notes.db", wal=wal)
    own = source(path)
    capture, scratch = captured(own, tmp_path)
    with program_holding(path, "DELETE FROM pairs") as program:
        assert program.stdin and program.stdout
        assert own.warnings() and str(program.pid) in own.warnings()[0]
        assert "written through SQLite" in own.restore(scratch, "", in_place=True, progress=silent)
        program.stdin.write("SELECT count(*) FROM pairs\n")
        program.stdin.flush()
        assert program.stdout.readline() == "[(201,)]\n"  # it sees what came back
    good(own, path, capture)


def test_in_place_over_a_damaged_file_keeps_it(tmp_path: Path) -> None:
    path = make(tmp_path / "notes.db", wal=True)
    own = source(path)
    capture, scratch = captured(own, tmp_path)
    path.write_bytes(b"garbage" * 1000)
    Path(f"{path}-wal").write_bytes(b"stale")
    told = own.restore(scratch, "", in_place=True, progress=silent)
    good(own, path, capture)
    kept = Path(told.rpartition(" ")[2])
    assert kept.read_bytes().startswith(b"garbage") and Path(f"{kept}-wal").exists()
    path.unlink()
    own.restore(scratch, "", in_place=True, progress=silent)
    good(own, path, capture)


def test_a_damaged_file_in_use_is_not_replaced(tmp_path: Path) -> None:
    path = make(tmp_path / "notes.db")
    own = source(path)
    _, scratch = captured(own, tmp_path)
    with program_holding(path, "SELECT count(*) FROM pairs"):
        with path.open("r+b") as file:
            file.write(b"garbage" * 1000)
        assert openers(path)
        with pytest.raises(SourceError, match="is damaged and open in"):
            own.restore(scratch, "", in_place=True, progress=silent)


def test_other_page_size_in_wal_mode_is_replaced_by_rename(tmp_path: Path) -> None:
    path = make(tmp_path / "notes.db", page=1024)
    own = source(path)
    capture, scratch = captured(own, tmp_path)
    path.unlink()
    make(path, rows=3, wal=True, page=8192)
    own.restore(scratch, "", in_place=True, progress=silent)
    good(own, path, capture)


def test_a_hot_journal_is_rolled_back(tmp_path: Path) -> None:
    path = make(tmp_path / "notes.db")
    code = (
        "import os,sqlite3,sys; c=sqlite3.connect(sys.argv[1],isolation_level=None); c.execute('PRAGMA cache_size=1');"
        "c.execute('BEGIN'); c.execute('UPDATE child SET note = hex(randomblob(400))'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert Path(f"{path}-journal").stat().st_size
    own = source(path)
    _, scratch = captured(own, tmp_path)
    own.restore(scratch, str(tmp_path / "copy.db"), progress=silent)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as link:
        assert link.execute("SELECT count(*) FROM child WHERE note LIKE 'note %'").fetchone() == (200,)


def test_a_damaged_copy_is_refused(tmp_path: Path) -> None:
    own = source(make(tmp_path / "notes.db", rows=2000))
    capture, scratch = captured(own, tmp_path)
    copy = scratch / "notes.db"
    copy.write_bytes(copy.read_bytes()[:-8192])
    with pytest.raises(SourceError, match="copy is damaged"):
        own.restore(scratch, "", in_place=True, progress=silent)
    assert not own.verify(str(copy), capture.facts)[0].ok


def test_what_remains_of_a_damaged_database_are_its_files(tmp_path: Path) -> None:
    path = make(tmp_path / "notes.db", rows=2000)
    own = source(path)
    whole = own.remains()
    assert whole is own
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    left = own.remains()
    assert left is not None
    assert left.kind == "files"
    capture = left.capture(tmp_path, "r")
    assert capture.paths is not None
    assert path in capture.paths.paths


def test_a_locked_database_is_not_taken_for_a_damaged_one(tmp_path: Path) -> None:
    own = source(make(tmp_path / "notes.db"), wait=0.0)
    with closing(sqlite3.connect(own.path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert own.remains() is own
