"""The main job: a PostgreSQL database is backed up, dropped, brought back, and is what it was; through the command line only.

RESTORA_TEST_PGBENCH_SCALE sets its size: about 15 MB a unit (default 10)."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from adapters.sandbox import SUPERUSER
from tests.conftest import restic_binaries
from tests.orchestrator.installation import Installation
from tests.servers.postgres import PostgresServer, Template, postgres_template
from tests.servers.s3 import S3Server

pytest_plugins = ["tests.servers.s3_fixtures"]
pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(1800)]
__all__ = ["postgres_template"]

SCALE = int(os.environ.get("RESTORA_TEST_PGBENCH_SCALE", "10"))
ROLES = ("shop_owner", "shop_reader", "shop_team")
MORE = """
CREATE ROLE shop_owner LOGIN PASSWORD 'of the owner';
CREATE ROLE shop_reader LOGIN PASSWORD 'of the reader' CONNECTION LIMIT 7;
CREATE ROLE shop_team NOLOGIN;
GRANT shop_team TO shop_reader;
CREATE SCHEMA sales AUTHORIZATION shop_owner;
CREATE TABLE sales.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account int REFERENCES pgbench_accounts,
  made timestamptz NOT NULL DEFAULT now(), body jsonb, raw bytea);
ALTER TABLE sales.orders OWNER TO shop_owner;
INSERT INTO sales.orders (account, body, raw)
  SELECT i, jsonb_build_object('n', i, 'text', repeat(md5(i::text), 3)), decode(md5(i::text), 'hex') FROM generate_series(1, 5000) i;
CREATE INDEX orders_made ON sales.orders (made);
CREATE VIEW sales.latest AS SELECT * FROM sales.orders ORDER BY made DESC LIMIT 10;
CREATE FUNCTION sales.total() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM sales.orders';
GRANT USAGE ON SCHEMA sales TO shop_team;
GRANT SELECT ON sales.orders TO shop_team;
CREATE TABLE notes (line text);
INSERT INTO notes SELECT 'note ' || i FROM generate_series(1, 100) i;
"""
# asked in plain SQL, not through the product: what must be the same afterwards
TABLES = """SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""
SHAPE = """SELECT 'column', attrelid::regclass::text, attname, format_type(atttypid, atttypmod) FROM pg_attribute
  JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
  WHERE attnum > 0 AND relkind IN ('r', 'v', 'i', 'S') AND nspname IN ('public', 'sales') AND NOT attisdropped
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid > 16384
UNION ALL SELECT 'owner', relname, relkind::text, pg_get_userbyid(relowner) || coalesce(relacl::text, '') FROM pg_class
  JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN ('public', 'sales')
UNION ALL SELECT 'sequence', schemaname, sequencename, coalesce(last_value::text, '') FROM pg_sequences ORDER BY 1, 2, 3, 4"""
GLOBALS = """SELECT rolname, rolcanlogin, rolconnlimit, rolpassword,
  ARRAY(SELECT pg_get_userbyid(roleid) FROM pg_auth_members WHERE member = a.oid ORDER BY 1)::text
FROM pg_authid a WHERE rolname LIKE 'shop%' ORDER BY 1"""


@dataclass(slots=True)
class Shop:
    """The database `shop` on a server of its own, an installation that protects it, and what it held."""

    server: PostgresServer
    restora: Installation
    before: dict[str, object]

    def timed(self, name: str, *words: str) -> object:
        """A command's JSON; how long it took is told with `pytest -s`."""
        began = time.monotonic()
        data = self.restora("--json", *words).data
        print(f"\n{name}: {time.monotonic() - began:.1f} s")
        return data


def content(server: PostgresServer, database: str) -> dict[str, object]:
    """Per table the number of rows and a sum over their hashes; the shape of everything."""
    found: dict[str, object] = {}
    for (table,) in server.run(TABLES, database):
        found[str(table)] = server.run(f"SELECT count(*), sum(hashtext(t::text)::bigint) FROM {table} t", database)
    return {**found, "shape": server.run(SHAPE, database)}


def pgbench(server: PostgresServer, *arguments: str) -> list[str]:
    return [
        server.tools["pgbench"], *arguments, "-h", str(server.folder), "-p", str(server.port), "-U", SUPERUSER, "shop"
    ]  # fmt: skip


@contextmanager
def filled_server(template: Template, scale: int) -> Iterator[PostgresServer]:
    settings = {"shared_buffers": "128MB", "max_wal_size": "4GB", "synchronous_commit": "off"}
    with template.server(**settings) as server:
        server.run("CREATE DATABASE shop")
        subprocess.run(pgbench(server, "-i", "-q", "-s", str(scale)), check=True, capture_output=True)
        server.run(MORE, "shop")
        yield server


def protect(server: PostgresServer, restora: Installation, place: str | Path) -> Shop:
    """init, and a sentence that becomes a policy: nothing is backed up yet."""
    restora("init", "--repository", place)
    restora.dataset(
        "shop", kind="postgres", databases=["shop"], host=str(server.folder), port=server.port, user=SUPERUSER
    )
    assert "In force" in restora("--yes", "back up shop nightly, keep 30 days").out
    return Shop(server, restora, content(server, "shop"))


@pytest.fixture(scope="module")
def large_server(postgres_template: Template) -> Iterator[PostgresServer]:
    with filled_server(postgres_template, SCALE) as server:
        yield server


@pytest.fixture(params=["local", "s3"])
def shop(request: pytest.FixtureRequest, large_server: PostgresServer, restic: Path, tmp_path: Path) -> Shop:
    installed, place = Installation(tmp_path / "home", restic), str(tmp_path / "repository")
    if request.param == "s3":
        s3: S3Server = request.getfixturevalue("seaweedfs")
        installed.env |= s3.environment
        place = f"s3://shop-{secrets.token_hex(6)}/here?endpoint={s3.endpoint}&region={s3.region}"
    return protect(large_server, installed, place)


def test_dropped_and_brought_back(shop: Shop) -> None:
    run = shop.timed("backup", "run", "shop")["runs"][0]  # type: ignore[index]
    assert (run["state"], run["warnings"]) == ("succeeded", [])
    roles = shop.server.run(GLOBALS)
    size = shop.server.run("SELECT pg_database_size('shop')")[0][0]
    assert run["bytes"] > 3_000_000 * SCALE

    shop.server.run("DROP DATABASE shop WITH (FORCE)")
    for role in ROLES:
        shop.server.run(f"DROP ROLE {role}")

    # the first thing that people type is refused, and nothing happens
    refused = shop.restora("restore", "shop", "--in-place", code=8)
    assert "--approve shop" in refused.both
    assert "shop" not in shop.server.databases()

    done = shop.timed("restore in place", "restore", "shop", "--in-place", "--approve", "shop")
    assert done["proven"] and done["findings"]  # type: ignore[index]
    assert content(shop.server, "shop") == shop.before
    assert shop.server.run(GLOBALS) == roles
    with psycopg.connect(
        host="127.0.0.1", port=shop.server.port, user="shop_reader", password="of the reader", dbname="shop"
    ) as link:
        assert link.execute("SELECT count(*) FROM sales.orders").fetchone() == (5000,)

    drill = shop.timed("drill, level service", "drill", "shop", "--level", "service")["drills"][0]  # type: ignore[index]
    assert drill["verdict"] == "proven", drill
    assert "failed as it must" in drill["twin_verdict"]
    print(f"database {int(str(size)) / 1e6:.0f} MB; measured by restora: RTO {drill['rto_seconds']:.1f} s")
    assert content(shop.server, "shop") == shop.before


@pytest.fixture(scope="module")
def saved(postgres_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A small shop that was backed up once."""
    folder = tmp_path_factory.mktemp("saved")
    with filled_server(postgres_template, 1) as server:
        shop = protect(server, Installation(folder / "home", restic_binaries()[-1]), folder / "repository")
        shop.restora("run")
        yield shop


@pytest.mark.parametrize("level", ["list", "sample", "full"])
def test_drills_of_every_level(saved: Shop, level: str) -> None:
    (record,) = saved.restora("--json", "drill", "shop", "--level", level).data["drills"]
    assert (record["verdict"], record["level"]) == ("proven", level), record
    assert bool(record["twin_verdict"]) == (level != "list")


def test_to_another_database(saved: Shop) -> None:
    done = saved.restora("--json", "restore", "shop", "--to", "shop_of_yesterday").data
    assert done["proven"]
    assert content(saved.server, "shop_of_yesterday") == saved.before == content(saved.server, "shop")
    # a second time there is something in the way
    said = saved.restora("restore", "shop", "--to", "shop_of_yesterday", code=5)
    assert "exists and is not empty" in said.err and "Next:" in said.err


def test_to_a_safe_place_by_default(saved: Shop) -> None:
    done = saved.restora("--json", "restore", "shop").data
    folder = Path(done["order"]["target"])
    assert {path.name for path in folder.iterdir()} == {"shop.dump", "globals.sql", "README"}
    assert done["proven"]
    # as its README says, with PostgreSQL's own tools only
    saved.server.run("CREATE DATABASE by_hand")
    where = ["-h", str(saved.server.folder), "-p", str(saved.server.port), "-U", SUPERUSER]
    restore = [saved.server.tools["pg_restore"], "--exit-on-error", "--dbname=by_hand", *where, folder / "shop.dump"]
    subprocess.run(restore, check=True, capture_output=True)
    assert content(saved.server, "by_hand") == saved.before


def test_a_single_table_elsewhere(saved: Shop) -> None:
    done = saved.restora("--json", "restore", "shop", "sales.orders", "--to", "only_orders").data
    assert done["proven"] and done["findings"]
    found = content(saved.server, "only_orders")
    assert set(found) == {"sales.orders", "shape"}
    assert found["sales.orders"] == saved.before["sales.orders"]
    said = saved.restora("restore", "shop", "nonsense", "--to", "nothing", code=5)
    assert "no table nonsense" in said.err and "sales.orders" in said.err
    assert "nothing" not in saved.server.databases()


def test_a_single_table_in_place(saved: Shop) -> None:
    saved.server.run("DELETE FROM notes WHERE line LIKE 'note 1%'; INSERT INTO notes VALUES ('newer')", "shop")
    done = saved.restora("--json", "restore", "shop", "notes", "--in-place", "--approve", "shop").data
    assert done["proven"] and done["safety_run"]
    found = content(saved.server, "shop")
    assert found["public.notes"] == saved.before["public.notes"]
    (kept,) = [name for name in found if name.startswith("restora_before_")]
    assert saved.server.run(f"SELECT count(*) FROM {kept} WHERE line = 'newer'", "shop") == [(1,)]
    saved.server.run(f"DROP SCHEMA {kept.partition('.')[0]} CASCADE", "shop")
    # what was there before can be brought back as well, by the id of the safety run
    done = saved.restora("--json", "restore", "shop", "--snapshot", done["safety_run"], "--to", "shop_before").data
    assert done["proven"]
    assert saved.server.run("SELECT count(*) FROM notes WHERE line = 'newer'", "shop_before") == [(1,)]


def test_over_a_damaged_original(saved: Shop) -> None:
    """What is left is saved first, whatever is wrong with it."""
    saved.server.run("DROP TABLE sales.orders CASCADE; TRUNCATE notes; CREATE TABLE intruder (i int)", "shop")
    done = saved.restora("--json", "restore", "shop", "--in-place", "--approve", "shop").data
    assert done["proven"] and done["safety_run"]
    assert content(saved.server, "shop") == saved.before
    assert "is kept as shop_before_" in done["place"]


def test_one_of_two_databases_dropped(saved: Shop, tmp_path: Path) -> None:
    server = saved.server
    server.run("CREATE DATABASE first")
    server.run("CREATE DATABASE second")
    server.run("CREATE TABLE t AS SELECT generate_series(1, 50) i", "first")
    server.run("CREATE TABLE t AS SELECT generate_series(1, 70) i", "second")
    restora = saved.restora
    restora.dataset(
        "twins",
        kind="postgres",
        databases=["first", "second"],
        host=str(server.folder),
        port=server.port,
        user=SUPERUSER,
    )
    restora("--yes", "back up twins nightly, keep 30 days")
    restora("run", "twins")
    server.run("DROP DATABASE first WITH (FORCE)")
    server.run("INSERT INTO t VALUES (0)", "second")
    done = restora("--json", "restore", "twins", "first", "--in-place", "--approve", "twins").data
    assert done["proven"] and done["safety_run"]
    assert server.run("SELECT count(*) FROM t", "first") == [(50,)]
    assert server.run("SELECT count(*) FROM t", "second") == [(71,)]


def test_in_use_while_it_is_saved(saved: Shop) -> None:
    """Facts and dump are of one moment: under load the drill compares them row for row."""
    load = subprocess.Popen(
        pgbench(saved.server, "-n", "-c", "2", "-T", "600"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        saved.restora("run", "shop")
        assert load.poll() is None
    finally:
        load.terminate()
        load.wait(30)
    drill = saved.restora("--json", "drill", "shop").data["drills"][0]
    assert drill["verdict"] == "proven", drill
    assert any(f["name"] == "sum" and f["subject"] == "public.pgbench_history" for f in drill["findings"])
