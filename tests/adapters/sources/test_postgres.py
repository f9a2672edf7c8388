"""PostgreSQL round trips on a real server: what comes back is what was there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.sources.postgres import PostgresSource
from policies.capture import Capture
from policies.errors import SourceError
from tests.adapters.sources.conftest import silent
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.integration
Save = Callable[[Capture], Path]

SHOP = """
CREATE EXTENSION pg_trgm;
CREATE SCHEMA "Odd Schema";
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL, mood mood, t text);
CREATE INDEX customers_name ON customers USING gin (name gin_trgm_ops);
CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int REFERENCES customers,
  amount numeric(12, 4), made timestamptz, tags text[], extra jsonb, raw bytea, ratio float8, span interval, n positive,
  doubled int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE "Odd Schema"."Table ""quoted"" x" ("Column one" int, "日本" text);
CREATE TABLE empty_one ();
CREATE TABLE measures (day date, value real) PARTITION BY RANGE (day);
CREATE TABLE measures_2025 PARTITION OF measures FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE VIEW rich AS SELECT customer, sum(amount) AS total FROM orders GROUP BY customer;
CREATE MATERIALIZED VIEW sums AS SELECT count(*) FROM orders;
INSERT INTO customers (name, mood, t)
  SELECT 'name ' || i, (ARRAY['glad', 'sad'])[1 + i % 2]::mood, E'a\\nb' FROM generate_series(1, 50) i;
INSERT INTO orders (customer, amount, made, tags, extra, raw, ratio, span, n)
  SELECT 1 + i % 50, i / 7.0, '2026-03-29 01:59+00'::timestamptz + i * interval '1 hour', ARRAY['x', NULL, 'y,z'],
  jsonb_build_object('i', i), decode(md5(i::text), 'hex'), 1.0 / i, i * interval '1 day 2 seconds', i FROM generate_series(1, 300) i;
INSERT INTO orders (ratio) VALUES ('NaN'), ('Infinity'), (NULL);
INSERT INTO "Odd Schema"."Table ""quoted"" x" VALUES (1, 'ひとつ'), (2, NULL);
INSERT INTO measures SELECT '2025-03-01'::date + i, i FROM generate_series(1, 20) i;
SELECT lo_from_bytea(0, decode(repeat('00ff', 3000), 'hex'));
"""


def source(server: PostgresServer, *databases: str, **options: object) -> PostgresSource:
    fields = options.pop("fields", {})
    return PostgresSource("shop", server.dataset(*databases, **fields), lambda _: "", **options)  # type: ignore[arg-type]


@pytest.fixture
def shop(postgres_server: PostgresServer) -> str:
    return postgres_server.database(SHOP, "shop")


def test_report_says_what_is_there(postgres_server: PostgresServer, shop: str) -> None:
    report = source(postgres_server, shop).report()
    assert all(finding.ok for finding in report.findings), report.findings
    assert report.bytes and report.bytes > 1_000_000
    assert shop in report.detail


def test_of_a_dropped_database_nothing_is_left(postgres_server: PostgresServer) -> None:
    report = source(postgres_server, "never_made").report()
    assert not all(finding.ok for finding in report.findings)
    assert not report.bytes and not report.files  # so a restore in place asks for no safety copy of it


def test_round_trip_into_a_new_database(postgres_server: PostgresServer, shop: str, tmp_path: Path, save: Save) -> None:
    own = source(postgres_server, shop)
    capture = own.capture(tmp_path, "r1")
    restored = save(capture)
    before = own.facts()
    told = own.restore(restored, f"{shop}_copy", progress=silent)
    assert told.startswith(f"database {shop}_copy on ")
    findings = own.verify(f"{shop}_copy", capture.facts)
    assert findings and all(finding.ok for finding in findings), [str(f) for f in findings if not f.ok]
    assert {f.name for f in findings} >= {"rows", "sum", "sequence", "objects", "owners", "large objects"}
    copied = {key.replace(f"{shop}_copy", shop): value for key, value in own.facts(f"{shop}_copy").items()}
    assert copied == before


def test_facts_are_those_of_the_dump_even_while_others_write(
    postgres_server: PostgresServer, shop: str, tmp_path: Path, save: Save
) -> None:
    own = source(postgres_server, shop)
    capture = own.capture(tmp_path, "r1")
    postgres_server.run(
        "INSERT INTO customers (name) SELECT 'late' FROM generate_series(1, 10); DELETE FROM orders WHERE id < 9", shop
    )
    own.restore(save(capture), f"{shop}_copy", progress=silent)
    assert all(finding.ok for finding in own.verify(f"{shop}_copy", capture.facts))


def test_a_changed_row_is_found(postgres_server: PostgresServer, shop: str, tmp_path: Path, save: Save) -> None:
    own = source(postgres_server, shop)
    capture = own.capture(tmp_path, "r1")
    own.restore(save(capture), f"{shop}_copy", progress=silent)
    postgres_server.run("UPDATE orders SET amount = amount + 1 WHERE id = 7", f"{shop}_copy")
    bad = [finding for finding in own.verify(f"{shop}_copy", capture.facts) if not finding.ok]
    assert [(f.name, f.subject) for f in bad] == [("sum", "public.orders")]
    postgres_server.run("DROP TABLE orders CASCADE", f"{shop}_copy")
    bad = [finding for finding in own.verify(f"{shop}_copy", capture.facts) if not finding.ok]
    assert ("rows", "public.orders") in [(f.name, f.subject) for f in bad]


def test_in_place_keeps_what_was_there(postgres_server: PostgresServer, shop: str, tmp_path: Path, save: Save) -> None:
    postgres_server.run(f"ALTER DATABASE {shop} SET work_mem = '5MB'")
    own = source(postgres_server, shop)
    capture = own.capture(tmp_path, "r1")
    restored = save(capture)
    postgres_server.run("DELETE FROM orders; INSERT INTO customers (name) VALUES ('after')", shop)
    reader = postgres_server.connect(shop)  # an application that stays connected
    told = own.restore(restored, "", in_place=True, progress=silent)
    assert reader.closed or reader.broken or not _answers(reader)
    assert all(finding.ok for finding in own.verify("", capture.facts))
    kept = told.rpartition(" ")[2]
    assert postgres_server.run("SELECT count(*) FROM customers WHERE name = 'after'", kept) == [(1,)]
    assert postgres_server.run("SHOW work_mem", shop) == [("5MB",)]
    assert not [name for name in postgres_server.databases() if "_restora_" in name]


def _answers(link: object) -> bool:
    import psycopg

    try:
        link.execute("SELECT 1")  # type: ignore[attr-defined]
    except psycopg.Error:
        return False
    return True


def test_a_dropped_database_comes_back_under_its_name(
    postgres_server: PostgresServer, shop: str, tmp_path: Path, save: Save
) -> None:
    own = source(postgres_server, shop)
    capture = own.capture(tmp_path, "r1")
    restored = save(capture)
    postgres_server.run(f"DROP DATABASE {shop}")
    assert "created again" in own.restore(restored, "", in_place=True, progress=silent)
    assert all(finding.ok for finding in own.verify("", capture.facts))


def test_an_existing_database_is_not_overwritten(
    postgres_server: PostgresServer, shop: str, tmp_path: Path, save: Save
) -> None:
    own = source(postgres_server, shop)
    restored = save(own.capture(tmp_path, "r1"))
    with pytest.raises(SourceError, match="exists and is not empty"):
        own.restore(restored, shop, progress=silent)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_dump_leaves_nothing_behind(
    postgres_server: PostgresServer, shop: str, tmp_path: Path, save: Save, share: float
) -> None:
    own = source(postgres_server, shop)
    capture = own.capture(tmp_path, "r1")
    restored = save(capture)
    dump = restored / f"{shop}.dump"
    dump.write_bytes(dump.read_bytes()[: int(dump.stat().st_size * share)])
    for target, in_place in ((f"{shop}_copy", False), ("", True)):
        with pytest.raises(SourceError, match="can't be re"):
            own.restore(restored, target, in_place=in_place, progress=silent)
    assert {name for name in postgres_server.databases() if name.startswith(shop)} == {shop}
    kept = tmp_path / "kept"
    own.restore(restored, str(kept), progress=silent)
    assert not any(finding.ok for finding in own.verify(str(kept), capture.facts))


def test_dumps_as_files(postgres_server: PostgresServer, shop: str, tmp_path: Path, save: Save) -> None:
    own = source(postgres_server, shop)
    capture = own.capture(tmp_path, "r1")
    kept = tmp_path / "kept"
    assert "1 dump in" in own.restore(save(capture), str(kept), progress=silent)
    assert {path.name for path in kept.iterdir()} == {f"{shop}.dump", "globals.sql", "README"}
    assert all(finding.ok for finding in own.verify(str(kept), capture.facts))


def test_single_tables(postgres_server: PostgresServer, shop: str, tmp_path: Path, save: Save) -> None:
    own = source(postgres_server, shop)
    capture = own.capture(tmp_path, "r1")
    restored = save(capture)
    own.restore(restored, f"{shop}_part", items=["customers"], progress=silent)
    assert postgres_server.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", f"{shop}_part") == [(1,)]
    findings = own.verify(f"{shop}_part", capture.facts, items=["customers"])
    assert findings and all(finding.ok for finding in findings)
    postgres_server.run(
        "INSERT INTO customers (name) VALUES ('after the restore')", f"{shop}_part"
    )  # the sequence goes on
    with pytest.raises(SourceError, match="no table nothing"):
        own.restore(restored, f"{shop}_x", items=["nothing"], progress=silent)


def test_single_table_in_place(postgres_server: PostgresServer, shop: str, tmp_path: Path, save: Save) -> None:
    own = source(postgres_server, shop)
    capture = own.capture(tmp_path, "r1")
    restored = save(capture)
    postgres_server.run('DROP TABLE "Odd Schema"."Table ""quoted"" x"', shop)
    postgres_server.run("DROP VIEW rich; DROP MATERIALIZED VIEW sums; UPDATE orders SET amount = 0", shop)
    told = own.restore(restored, "", items=["orders"], in_place=True, progress=silent)
    assert "kept in schema restora_before_" in told
    assert all(finding.ok for finding in own.verify("", capture.facts, items=["orders"]))
    postgres_server.run("INSERT INTO orders (amount) VALUES (1)", shop)
    with pytest.raises(SourceError, match="foreign key of restora_before"):
        own.restore(restored, "", items=["customers"], in_place=True, progress=silent)


def test_several_databases_with_odd_names(
    postgres_server: PostgresServer, new_server: Callable[[], PostgresServer], tmp_path: Path, save: Save
) -> None:
    server = new_server()
    for name in ("a/b c", "Größe", "x=y"):
        server.run(f'CREATE DATABASE "{name}"')
        server.run("CREATE TABLE t (t int); INSERT INTO t VALUES (1)", name)
    own = source(server)
    capture = own.capture(tmp_path, "r1")
    assert len(capture.streams) == 4
    restored = save(capture)
    own.restore(restored, "copy", progress=silent)
    assert server.databases() >= {"copy_a/b c", "copy_Größe", "copy_x=y"}
    assert all(finding.ok for finding in own.verify("copy", capture.facts))
    other = source(postgres_server)
    other.restore(restored, "", in_place=True, progress=silent)
    assert all(finding.ok for finding in other.verify("", capture.facts))


def test_roles_and_owners_come_with_it(
    postgres_server: PostgresServer, new_server: Callable[[], PostgresServer], tmp_path: Path, save: Save
) -> None:
    server = new_server()
    server.run("CREATE ROLE boss; CREATE ROLE \"app User\" LOGIN PASSWORD 'x' IN ROLE boss; CREATE ROLE stranger LOGIN")
    server.run('CREATE DATABASE app OWNER "app User"')
    server.run('CREATE TABLE t (i int); ALTER TABLE t OWNER TO "app User"; GRANT SELECT ON t TO boss', "app")
    own = source(server, "app")
    capture = own.capture(tmp_path, "r1")
    other = source(postgres_server)
    told = other.restore(save(capture), "app_new", progress=silent)
    assert "created the roles app User, boss" in told
    assert all(finding.ok for finding in other.verify("app_new", capture.facts))
    roles = {str(name) for (name,) in postgres_server.run("SELECT rolname FROM pg_roles")}
    assert "stranger" not in roles
    assert postgres_server.run("SELECT pg_has_role('app User', 'boss', 'member')") == [(True,)]
    owner = postgres_server.run("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'app_new'")
    assert owner == [("app User",)]
