"""Files and a SQLite database are lost in many ways and brought back, by what a person types."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import restic_binaries
from tests.orchestrator.installation import Installation

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

Tree = dict[str, object]
Rows = dict[str, list[tuple[object, ...]]]


def tree_of(folder: Path) -> Tree:
    """Every path below a folder: its kind, mode, and content or target."""
    found: Tree = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        content: object = str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        found[str(path.relative_to(folder))] = (oct(info.st_mode), content)
    return found


def rows_of(database: Path) -> Rows:
    with closing(sqlite3.connect(database)) as link:
        tables = [name for (name,) in link.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")]
        return {table: link.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall() for table in tables}


def statements(database: Path, sql: str) -> None:
    with closing(sqlite3.connect(database)) as link, link:
        link.executescript(sql)


@dataclass(slots=True)
class Site:
    """`docs` (files) and `shop` (SQLite) below a folder, saved twice: first, then after a day's work."""

    folder: Path
    restora: Installation
    docs_then: Tree
    docs_now: Tree
    shop_then: Rows
    shop_now: Rows

    @property
    def docs(self) -> Path:
        return self.folder / "site" / "docs"

    @property
    def shop(self) -> Path:
        return self.folder / "site" / "shop.sqlite"

    def points(self, dataset: str) -> list[dict[str, Any]]:
        """Newest first."""
        points: list[dict[str, Any]] = self.restora("--json", "snapshots", dataset).data["points"]
        return points

    def restore(self, *words: str | Path) -> dict[str, Any]:
        """It must be proven."""
        done: dict[str, Any] = self.restora("--json", "restore", *words).data
        assert done["proven"], done
        return done

    def drill(self, *words: str, code: int = 0) -> dict[str, Any]:
        record: dict[str, Any] = self.restora("--json", "drill", *words, code=code).data["drills"][0]
        return record


def build(folder: Path, restic: Path) -> Site:
    docs, shop = folder / "site" / "docs", folder / "site" / "shop.sqlite"
    for name in ("plans/2026", "empty", "日本 語"):
        (docs / name).mkdir(parents=True)
    for number in range(30):
        (docs / "plans" / ("2026" if number % 3 else "") / f"plan {number}.txt").write_text(f"plan {number}\n" * number)
    (docs / "日本 語" / "[x]*.txt").write_text("odd name")
    (docs / "run.sh").write_text("#!/bin/sh\n")
    (docs / "run.sh").chmod(0o750)
    (docs / "link").symlink_to("./plans/2026")
    statements(
        shop,
        """PRAGMA journal_mode = WAL;
        CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INT REFERENCES customers, amount REAL, body BLOB);
        CREATE INDEX orders_customer ON orders (customer);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
          INSERT INTO customers (name) SELECT 'customer ' || i FROM n;
        INSERT INTO orders SELECT id, id, id / 7.0, randomblob(50) FROM customers;""",
    )
    restora = Installation(folder / "home", restic)
    restora(
        "init", "--repository", folder / "repository", "--search", folder / "site", "--path", docs,
    )  # fmt: skip
    restora("--yes", "back up docs every 6 hours, keep 2 weeks")
    restora("--yes", "back up shop nightly, keep 30 days")
    restora("run")
    then = tree_of(docs), rows_of(shop)
    (docs / "plans" / "plan 3.txt").write_text("changed")
    (docs / "plans" / "new.txt").write_text("new")
    (docs / "run.sh").unlink()
    statements(shop, "DELETE FROM orders WHERE id > 1500; UPDATE customers SET name = name || '!' WHERE id < 10;")
    restora("run")
    return Site(folder, restora, then[0], tree_of(docs), then[1], rows_of(shop))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """On the newest restic; every test leaves the originals as they were saved last."""
    return build(tmp_path_factory.mktemp("site"), restic_binaries()[-1])


@pytest.fixture(autouse=True)
def as_they_were(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "site" in request.fixturenames:
        site: Site = request.getfixturevalue("site")
        assert tree_of(site.docs) == site.docs_now
        assert rows_of(site.shop) == site.shop_now


def below(done: dict[str, Any], original: Path) -> Path:
    """Where an original lies in a restored tree."""
    return Path(done["order"]["target"]) / str(original).lstrip("/")


def test_the_whole_cycle_on_every_restic(restic: Path, tmp_path: Path) -> None:
    site = build(tmp_path, restic)
    shutil.rmtree(site.docs)
    site.shop.unlink()
    site.restore("docs", "--in-place", "--approve", "docs")
    site.restore("shop", "--in-place", "--approve", "shop")
    assert tree_of(site.docs) == site.docs_now
    assert rows_of(site.shop) == site.shop_now
    for dataset in ("docs", "shop"):
        assert site.drill(dataset, "--level", "full")["verdict"] == "proven"


def test_to_a_safe_place_by_default(site: Site) -> None:
    done = site.restore("docs")
    assert tree_of(below(done, site.docs)) == site.docs_now
    assert Path(done["order"]["target"]).is_relative_to(site.restora.home)
    done = site.restore("shop")
    assert rows_of(Path(done["order"]["target"])) == site.shop_now
    assert Path(done["order"]["target"]).name == "shop.sqlite"


def test_one_path(site: Site, tmp_path: Path) -> None:
    for item in (str(site.docs / "plans" / "2026"), "plans/2026"):
        done = site.restore("docs", item, "--to", tmp_path / item.replace("/", "-"))
        here = below(done, site.docs)
        assert {p.name for p in here.iterdir()} == {"plans"}
        assert tree_of(here / "plans" / "2026") == tree_of(site.docs / "plans" / "2026")
        assert [p.name for p in (here / "plans").iterdir()] == ["2026"]
    done = site.restore("docs", "日本 語/[x]*.txt", "--to", tmp_path / "odd")
    assert (below(done, site.docs) / "日本 語" / "[x]*.txt").read_text() == "odd name"
    said = site.restora("restore", "docs", "no/such/path", "--to", tmp_path / "none", code=6)
    assert "no/such/path" in said.err and "Next:" in said.err


def test_one_table(site: Site, tmp_path: Path) -> None:
    site.restore("shop", "customers", "--to", tmp_path / "some" / "customers.sqlite")
    found = rows_of(tmp_path / "some" / "customers.sqlite")
    assert found["customers"] == site.shop_now["customers"]
    assert "orders" not in found
    said = site.restora("restore", "shop", "nonsense", "--to", tmp_path / "n.sqlite", code=5)
    assert "no table nonsense" in said.err and "customers, orders" in said.err
    assert not (tmp_path / "n.sqlite").exists()


@pytest.mark.parametrize("way", ["at", "before", "snapshot", "previous"])
def test_an_earlier_state(site: Site, tmp_path: Path, way: str) -> None:
    for dataset, original, then in (("docs", site.docs, site.docs_then), ("shop", site.shop, site.shop_then)):
        newest, older = site.points(dataset)
        words = {
            "at": ["--at", older["time"]],
            "before": ["--before", newest["time"]],
            "snapshot": ["--snapshot", older["id"][:8]],
            "previous": ["--previous", "1"],
        }[way]
        done = site.restore(dataset, *words, "--to", tmp_path / dataset)
        assert done["order"]["point"] == older["id"]
        if dataset == "docs":
            assert tree_of(below(done, original)) == then
        else:
            assert rows_of(tmp_path / "shop") == then


def test_the_day_and_the_last_proven(site: Site, tmp_path: Path) -> None:
    newest, older = site.points("docs")
    zone_day = newest["time"][:10]
    done = site.restore("docs", "--at", zone_day, "--to", tmp_path / "day")
    assert done["order"]["point"] == newest["id"]
    site.drill("docs", "--snapshot", older["id"])
    done = site.restore("docs", "--last-good", "--to", tmp_path / "good")
    assert done["order"]["point"] == older["id"]
    said = site.restora("restore", "docs", "--at", "2001-01-01", code=2)
    assert "2001-01-01" in said.err and "there are 2" in said.err


def test_nothing_that_is_there_is_overwritten(site: Site, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    assert "not empty" in site.restora("restore", "docs", "--to", tmp_path / "full", code=2).err
    (tmp_path / "mine.sqlite").write_bytes(site.shop.read_bytes())
    before = (tmp_path / "mine.sqlite").read_bytes()
    assert "is there already" in site.restora("restore", "shop", "--to", tmp_path / "mine.sqlite", code=2).err
    assert (tmp_path / "mine.sqlite").read_bytes() == before
    assert site.restora("restore", "docs", "--in-place", "--to", tmp_path, code=2)
    assert "--approve docs" in site.restora("--yes", "restore", "docs", "--in-place", code=8).err
    assert "--approve docs" in site.restora("restore", "docs", "--in-place", "--approve", "shop", code=8).err
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["mine"]


def test_files_in_place_after_a_safety_copy(site: Site, tmp_path: Path) -> None:
    (site.docs / "plans" / "plan 6.txt").write_text("overwritten by mistake")
    (site.docs / "plans" / "new.txt").unlink()
    (site.docs / "later.txt").write_text("made after the backup")
    done = site.restore("docs", "--in-place", "--approve", "docs")
    assert (site.docs / "later.txt").read_text() == "made after the backup"  # a restore never deletes
    (site.docs / "later.txt").unlink()
    assert tree_of(site.docs) == site.docs_now
    again = site.restore("docs", "--snapshot", done["safety_run"], "--to", tmp_path / "mistake")
    assert (below(again, site.docs) / "plans" / "plan 6.txt").read_text() == "overwritten by mistake"
    # a safety copy is no backup: the newest point is still the one that was saved
    assert site.restore("docs", "--to", tmp_path / "newest")["order"]["point"] == done["order"]["point"]


def test_one_path_in_place(site: Site) -> None:
    (site.docs / "plans" / "plan 6.txt").write_text("mistake")
    (site.docs / "plans" / "2026" / "plan 5.txt").write_text("kept")
    site.restore("docs", "plans/plan 6.txt", "--in-place", "--approve", "docs")
    assert (site.docs / "plans" / "2026" / "plan 5.txt").read_text() == "kept"
    site.restore("docs", "plans/2026", "--in-place", "--approve", "docs")


def test_a_whole_tree_is_gone(site: Site) -> None:
    shutil.rmtree(site.docs)
    done = site.restore("docs", "--in-place", "--approve", "docs")
    assert done["safety_run"] == ""


def test_a_database_in_place_while_a_program_has_it_open(site: Site) -> None:
    with closing(sqlite3.connect(site.shop)) as program:
        program.execute("DELETE FROM orders")
        program.commit()
        done = site.restore("shop", "--in-place", "--approve", "shop")
        assert done["safety_run"]
        assert program.execute("SELECT count(*) FROM orders").fetchone() == (1500,)


def test_one_table_in_place(site: Site) -> None:
    statements(site.shop, "DELETE FROM orders; UPDATE customers SET name = name || '?' WHERE id = 20;")
    site.restore("shop", "orders", "--in-place", "--approve", "shop")
    found = rows_of(site.shop)
    assert found["orders"] == site.shop_now["orders"]
    assert found["customers"] != site.shop_now["customers"]
    statements(site.shop, "UPDATE customers SET name = rtrim(name, '?') WHERE id = 20;")


def test_over_a_damaged_database(site: Site, tmp_path: Path) -> None:
    for end in ("-wal", "-shm"):
        Path(f"{site.shop}{end}").unlink(missing_ok=True)
    with site.shop.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 4))
    damaged = site.shop.read_bytes()
    done = site.restore("shop", "--in-place", "--approve", "shop")
    assert done["safety_run"]
    snapshot = next(p for p in site.points("shop") if p["id"] == done["safety_run"])["snapshots"][0]
    site.restora("browse", "shop", "--snapshot", done["safety_run"])
    kept = tmp_path / "kept"
    with_restic(site, "restore", snapshot, "--target", kept)
    assert (kept / str(site.shop).lstrip("/")).read_bytes() == damaged


@pytest.mark.parametrize("level", ["list", "sample", "full", "service"])
@pytest.mark.parametrize("dataset", ["docs", "shop"])
def test_every_level_is_proven(site: Site, dataset: str, level: str) -> None:
    record = site.drill(dataset, "--level", level)
    assert (record["verdict"], record["level"]) == ("proven", level), record
    assert record["findings"] and record["rto_seconds"] > 0
    assert bool(record["twin_verdict"]) == (level != "list")


def with_restic(site: Site, *words: str | Path) -> str:
    """restic itself on the installation's repository."""
    environment = {
        **site.restora.environment(), "TZ": "UTC", "RESTIC_REPOSITORY": str(site.folder / "repository"),
        "RESTIC_PASSWORD_FILE": str(site.restora.home / "secrets" / "local.password"),
    }  # fmt: skip
    argv = [str(site.restora.restic), *map(str, words)]
    return subprocess.run(argv, env=environment, check=True, capture_output=True, text=True).stdout


def test_a_doctored_copy_is_noticed(tmp_path: Path) -> None:
    """Somebody puts another snapshot in the place of the real one: as old, with its tags, its files as large and as old."""
    site = build(tmp_path, restic_binaries()[-1])
    real = site.points("docs")[0]["snapshots"][0]
    victim = site.docs / "plans" / "plan 9.txt"
    info, content = victim.stat(), victim.read_bytes()
    victim.write_bytes(content.replace(b"9", b"8"))
    os.utime(victim, ns=(info.st_atime_ns, info.st_mtime_ns))
    snapshot = next(one for one in json.loads(with_restic(site, "snapshots", "--json")) if one["id"] == real)
    tags = [f"--tag={tag}" for tag in snapshot["tags"]]
    time = snapshot["time"][:19].replace("T", " ")
    # ctime tells restic that the file changed, however old it pretends to be
    with_restic(site, "backup", "--quiet", f"--host={snapshot['hostname']}", f"--time={time}", *tags, site.docs)
    with_restic(site, "forget", real)

    record = site.drill("docs", "--level", "full", code=7)
    assert record["verdict"] == "failed"
    assert "is gone from repository local: restora did not remove it" in record["reason"]
    # the other one is never taken for it: what is restored is the point before, and that is said
    said = site.restora("restore", "docs", "--to", tmp_path / "there")
    assert "is gone from repository local" in said.out
    assert next((tmp_path / "there").rglob("plan 9.txt")).read_bytes() == content
    assert site.restora("status", code=None).code == 21


def test_a_broken_repository_is_noticed(tmp_path: Path) -> None:
    site = build(tmp_path, restic_binaries()[-1])
    for pack in (tmp_path / "repository" / "data").rglob("*"):
        if pack.is_file() and pack.stat().st_size > 20_000:
            pack.chmod(0o600)
            with pack.open("r+b") as file:
                file.seek(500)
                byte = file.read(1)[0]
                file.seek(500)
                file.write(bytes([byte ^ 1]))
    record = site.drill("shop", code=7)
    assert record["verdict"] == "failed", record
    said = site.restora("restore", "shop", "--to", tmp_path / "there.sqlite", code=6)
    assert "damaged" in said.err and "Next:" in said.err
    assert not (tmp_path / "there.sqlite").exists()
