"""What goes wrong with a PostgreSQL server, said in a way that can be acted on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.sources.postgres import PostgresSource
from adapters.sources.postgres_connection import CAUSES, Server
from policies.capture import Capture
from policies.dataset import PostgresDataset
from policies.errors import ConfigurationError, SourceError, ToolMissing
from policies.secret import SecretReference
from tests.adapters.sources.conftest import silent
from tests.adapters.sources.test_postgres import source
from tests.servers.postgres import PostgresServer, free_port

pytestmark = pytest.mark.integration
SECRET = "s3cr3t 'quoted' \\ pass"
Save = Callable[[Capture], Path]


@pytest.fixture(scope="module")
def role(postgres_server: PostgresServer) -> str:
    postgres_server.run("CREATE ROLE weak LOGIN PASSWORD 's3cr3t ''quoted'' \\ pass'")
    return "weak"


def over_tcp(server: PostgresServer, secret: str = SECRET, **fields: object) -> PostgresSource:
    given = {
        "host": "127.0.0.1", "port": server.port, "user": "weak", "password": SecretReference(environment="X"), **fields
    }  # fmt: skip
    return PostgresSource("shop", PostgresDataset(kind="postgres", **given), lambda _: secret)  # type: ignore[arg-type]


def failing(own: PostgresSource) -> tuple[str, str]:
    """The finding that stops the run: what was found, and the way out; the same as capture raises."""
    bad = [finding for finding in own.report().findings if not finding.ok]
    assert len(bad) == 1
    with pytest.raises(SourceError):
        own.capture(Path("/nonexistent"), "r")
    assert SECRET not in str(bad)
    return bad[0].found, bad[0].expected


def test_refused(postgres_server: PostgresServer) -> None:
    found, way_out = failing(over_tcp(postgres_server, port=free_port()))
    assert "no server listens there" in found
    assert "start it" in way_out


def test_no_such_socket(tmp_path: Path) -> None:
    found, _ = failing(PostgresSource("x", PostgresDataset(kind="postgres", host=str(tmp_path)), lambda _: ""))
    assert "no server listens there" in found


def test_no_such_host(postgres_server: PostgresServer) -> None:
    found, _ = failing(over_tcp(postgres_server, host="no-such-host.invalid"))
    assert "no such host" in found


def test_wrong_password(postgres_server: PostgresServer, role: str) -> None:
    found, way_out = failing(over_tcp(postgres_server, "wrong"))
    assert "the password is wrong" in found
    assert "password" in way_out


def test_no_password(postgres_server: PostgresServer, role: str) -> None:
    found, _ = failing(over_tcp(postgres_server, password=None))
    assert "wants a password" in found


def test_unknown_role(postgres_server: PostgresServer) -> None:
    found, _ = failing(source(postgres_server, fields={"user": "nobody_here"}))
    assert "the role does not exist" in found


def test_unknown_database(postgres_server: PostgresServer) -> None:
    shop = postgres_server.database()
    own = source(postgres_server, "nope")
    finding = next(f for f in own.report().findings if not f.ok)
    assert finding.subject == "nope" and shop in finding.expected
    with pytest.raises(SourceError, match="no database nope"):
        own.capture(Path("/nonexistent"), "r")


def test_a_role_that_may_not_read(postgres_server: PostgresServer, role: str, tmp_path: Path) -> None:
    shop = postgres_server.database("CREATE TABLE t (i int)")
    with pytest.raises(SourceError, match="lacks a privilege") as caught:
        over_tcp(postgres_server, databases=(shop,)).capture(tmp_path, "r")
    assert "pg_read_all_data" in caught.value.hint


def test_a_role_that_may_only_read_is_told_what_a_restore_needs(
    postgres_server: PostgresServer, role: str, tmp_path: Path, save: Save
) -> None:
    shop = postgres_server.database("CREATE TABLE t (i int)")
    restored = save(source(postgres_server, shop).capture(tmp_path, "r"))
    own = over_tcp(postgres_server, databases=(shop,))
    with pytest.raises(SourceError, match="may not create databases") as refused:
        own.restore(restored, f"{shop}_copy", progress=silent)
    assert "superuser" in refused.value.hint
    postgres_server.run("ALTER ROLE weak CREATEDB")
    try:
        with pytest.raises(SourceError, match="belongs to another role"):
            own.restore(restored, "", in_place=True, progress=silent)
    finally:
        postgres_server.run("ALTER ROLE weak NOCREATEDB")
    assert not [name for name in postgres_server.databases() if "_restora_" in name]


def test_a_role_that_may_only_read_is_enough(
    postgres_server: PostgresServer, role: str, tmp_path: Path, save: Save
) -> None:
    shop = postgres_server.database("CREATE TABLE t (i int); INSERT INTO t VALUES (1)")
    postgres_server.run("GRANT pg_read_all_data TO weak")
    own = over_tcp(postgres_server, databases=(shop,))
    assert all(finding.ok for finding in own.report().findings)
    capture = own.capture(tmp_path, "r")
    for stream in capture.streams:
        shown = " ".join(stream.command.argv)
        assert SECRET not in shown and SECRET not in repr(own.server())
        assert stream.command.secret_env == {"PGPASSWORD": SECRET}
    restored = save(capture)
    assert "PASSWORD" not in (restored / "globals.sql").read_text().replace("NOPASSWORD", "")
    postgres_server.run("REVOKE pg_read_all_data FROM weak")
    admin = source(postgres_server)
    admin.restore(restored, f"{shop}_copy", progress=silent)
    assert all(finding.ok for finding in admin.verify(f"{shop}_copy", capture.facts))


@pytest.mark.parametrize(
    "form",
    [
        "postgresql://weak:{quoted}@127.0.0.1:{port}/{db}?sslmode=prefer",
        "host=127.0.0.1 port={port} user=weak password='{escaped}' dbname={db} keepalives=1",
    ],
)
def test_a_connection_string(postgres_server: PostgresServer, role: str, tmp_path: Path, save: Save, form: str) -> None:
    from urllib.parse import quote

    shop = postgres_server.database()
    postgres_server.run("GRANT pg_read_all_data TO weak")
    escaped = SECRET.replace("\\", "\\\\").replace("'", "\\'")
    text = form.format(quoted=quote(SECRET, safe=""), escaped=escaped, port=postgres_server.port, db=shop)
    dataset = PostgresDataset(kind="postgres", dsn=SecretReference(environment="X"))
    own = PostgresSource("shop", dataset, lambda _: text)
    capture = own.capture(tmp_path, "r")
    assert [stream.name for stream in capture.streams] == ["globals.sql", f"{shop}.dump"]
    assert all(SECRET not in " ".join(stream.command.argv) for stream in capture.streams)
    save(capture)


def test_an_unreadable_connection_string_is_not_shown() -> None:
    dataset = PostgresDataset(kind="postgres", dsn=SecretReference(environment="X"))
    with pytest.raises(ConfigurationError) as caught:
        PostgresSource("shop", dataset, lambda _: "postgres:///x?hunter2=oops%zz").report()
    assert "hunter2" not in str(caught.value)


def test_a_client_older_than_the_server(postgres_server: PostgresServer, tmp_path: Path) -> None:
    old = tmp_path / "bin"
    old.mkdir()
    program = old / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    program.chmod(0o755)
    shop = postgres_server.database()
    own = source(postgres_server, shop, bin_dir=str(old))
    finding = next(f for f in own.report().findings if not f.ok)
    assert finding.name == "pg_dump" and "older than the server" in finding.found
    assert "install postgresql-client-15" in finding.expected
    with pytest.raises(ToolMissing, match="older"):
        own.capture(tmp_path, "r")


def test_no_client_at_all(postgres_server: PostgresServer, tmp_path: Path) -> None:
    shop = postgres_server.database()
    with pytest.raises(ToolMissing, match="pg_dump was not found"):
        source(postgres_server, shop, bin_dir=str(tmp_path)).capture(tmp_path, "r")


def test_a_locked_table_ends_the_dump(postgres_server: PostgresServer, tmp_path: Path) -> None:
    shop = postgres_server.database("CREATE TABLE t (i int)")
    capture = source(postgres_server, shop).capture(tmp_path, "r")
    assert any(argument.startswith("--lock-wait-timeout=") for argument in capture.streams[-1].command.argv)
    assert capture.release
    capture.release()
    capture.release()
    assert postgres_server.run(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{shop}'") == [(0,)]


def test_nothing_is_restored_without_its_extension(postgres_server: PostgresServer, tmp_path: Path, save: Save) -> None:
    shop = postgres_server.database("CREATE EXTENSION hstore; CREATE TABLE t (h hstore)")
    own = source(postgres_server, shop)
    restored = save(own.capture(tmp_path, "r"))
    dump = restored / f"{shop}.dump"
    # the same length, so that the dump stays readable: an extension that no server has
    dump.write_bytes(dump.read_bytes().replace(b"hstore", b"hst0re"))
    with pytest.raises(ToolMissing, match="hst0re"):
        own.restore(restored, f"{shop}_copy", progress=silent)
    assert f"{shop}_copy" not in postgres_server.databases()


def test_leftovers_of_a_cut_off_restore_are_dropped(
    postgres_server: PostgresServer, tmp_path: Path, save: Save
) -> None:
    shop = postgres_server.database("CREATE TABLE t (i int)")
    own = source(postgres_server, shop)
    restored = save(own.capture(tmp_path, "r"))
    side, foreign = f"{shop}_restora_20200101000000", f"{shop}_restora_mine"
    postgres_server.run(f"CREATE DATABASE {side}")
    postgres_server.run(f"CREATE DATABASE {foreign}")
    postgres_server.run(
        f"COMMENT ON DATABASE {side} IS 'restora: restore under way, dropped by the next restore if it was cut off'"
    )
    own.restore(restored, "", in_place=True, progress=silent)
    assert side not in postgres_server.databases()
    assert foreign in postgres_server.databases()


def test_every_cause_has_a_way_out() -> None:
    assert all(signs and cause and hint for signs, cause, hint in CAUSES)
    error = Server({"host": "h"}, "hunter2").explained(ValueError("no idea hunter2"), "d")
    assert "hunter2" not in error.message and error.hint


def test_environment_of_the_programs_has_no_secret_in_view() -> None:
    server = Server({"host": "h", "port": "1", "user": "u", "sslmode": "require", "keepalives": "1"}, "hunter2")
    plain, secret = server.environment()
    assert plain["PGHOST"] == "h" and plain["PGSSLMODE"] == "require" and secret == {"PGPASSWORD": "hunter2"}
    assert server.argument("a b") == "--dbname=dbname='a b' keepalives=1"
    assert "hunter2" not in str(plain) + repr(server) and os.environ.get("PGPASSWORD") is None
