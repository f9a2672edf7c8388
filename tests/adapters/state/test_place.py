"""Where the state lies: schema versions, damage, rights, and starting anew."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

import adapters.state
from adapters.state.place import sqlite_path
from adapters.state.quick import open_quick
from adapters.state.rebuild import set_aside
from adapters.state.store import StateStore
from adapters.state.version import KNOWN
from policies.errors import ConfigurationError, StateError
from tests.adapters.state.samples import a_run
from tests.conftest import ROOT

NOW = datetime(2026, 3, 11, 10, 30, tzinfo=UTC)


def test_migrations_make_the_tables(store: StateStore) -> None:
    with store._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_known_versions_are_the_migrations() -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(adapters.state.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(configuration)
    assert tuple(reversed([each.revision for each in script.walk_revisions()])) == KNOWN


def test_a_second_start_does_not_import_alembic(embedded: str) -> None:
    StateStore(embedded).close()
    program = (
        "import sys; from adapters.state.store import StateStore; StateStore(sys.argv[1]).board(); "
        "assert 'alembic' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", program, embedded], cwd=ROOT, check=False).returncode == 0


def test_a_newer_schema_is_left_alone(url: str) -> None:
    with StateStore(url) as store, store._database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StateError, match="9999") as caught:
        StateStore(url)
    assert "upgrade restora" in caught.value.hint
    assert open_quick(url) is None


def test_only_the_owner_can_read_it(embedded: str) -> None:
    with StateStore(embedded) as store:
        store.add_run(a_run())
        path = sqlite_path(embedded)
        assert path is not None
        for each in path.parent.iterdir():
            assert each.stat().st_mode & 0o077 == 0, each
    assert path.parent.stat().st_mode & 0o077 == 0


def test_writes_survive_a_power_cut(embedded: str) -> None:
    with StateStore(embedded) as store, store._database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize("content", [b"no database " * 1000, b""], ids=["garbage", "empty"])
def test_no_database_at_that_place(embedded: str, content: bytes) -> None:
    path = sqlite_path(embedded)
    assert path is not None
    path.parent.mkdir()
    path.write_bytes(content)
    if not content:
        StateStore(embedded).close()
        return
    with pytest.raises(StateError, match="no SQLite database") as caught:
        StateStore(embedded)
    assert "restora init --rebuild" in caught.value.hint
    assert path.read_bytes() == content  # nothing was touched
    assert open_quick(embedded) is None


def test_a_damaged_page_is_told_and_set_aside_on_request(embedded: str) -> None:
    path = sqlite_path(embedded)
    assert path is not None
    with StateStore(embedded) as store:
        for number in range(300):
            store.add_run(a_run(number))
    content = bytearray(path.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(StateError) as caught, StateStore(embedded) as store:
        store.runs()
        store.add_run(a_run(301))
    assert str(path) in caught.value.message
    aside = set_aside(embedded, NOW)
    assert aside == path.with_name("state.db.aside-20260311T103000")
    assert aside.read_bytes() == content
    with StateStore(embedded) as store:
        assert store.runs() == []
    assert set_aside(embedded, NOW) == path.with_name("state.db.aside-20260311T103000-2")
    assert aside.read_bytes() == content
    assert set_aside(embedded, NOW) is None


def test_a_server_is_not_set_aside() -> None:
    with pytest.raises(StateError, match="embedded"):
        set_aside("postgresql://u@h/db", NOW)


def test_a_full_disk_is_told(embedded: str) -> None:
    with StateStore(embedded) as store:
        store.add_run(a_run())
        with store._database.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        # the limit holds for this connection, which the pool hands out again
        with store._database.reading() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(StateError, match="full") as caught:
            for number in range(1, 500):
                store.add_run(a_run(number, reason="x" * 2000))
    assert "free space" in caught.value.hint
    with StateStore(embedded) as store:
        assert store.run("r0") == a_run()


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(StateError):
        StateStore(f"sqlite:///{tmp_path}")


def test_a_url_that_means_nothing() -> None:
    for url in ("state.db", "mysql://u@h/db", "sqlite"):
        with pytest.raises(ConfigurationError):
            StateStore(url)


def test_an_unreachable_server_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StateError) as caught:
        StateStore(f"postgresql://user:hunter2@/db?host={tmp_path}")
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
    assert "can't be reached" in caught.value.message


@pytest.mark.integration
def test_a_missing_database_is_told(new_postgres: Callable[[], str]) -> None:
    with pytest.raises(StateError, match="does not exist"):
        StateStore(new_postgres().replace("@/t", "@/missing"))


def test_an_update_lost_to_a_kill_leaves_the_old_record(embedded: str) -> None:
    """A process killed inside its transaction leaves nothing of it behind, and no lock."""
    StateStore(embedded).add_run(a_run())
    program = (
        "import os, signal, sys; from adapters.state.store import StateStore; s = StateStore(sys.argv[1])\n"
        "with s._database.writing() as c:\n"
        "    c.exec_driver_sql(\"UPDATE runs SET state = 'failed'\")\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, embedded], cwd=ROOT, check=False).returncode == -9
    with StateStore(embedded) as store:
        assert store.run("r0") == a_run()
        assert store.add_run(a_run(1))


def test_sqlite_is_new_enough() -> None:
    assert sqlite3.sqlite_version_info >= (3, 35)  # RETURNING, and ON CONFLICT for every insert
