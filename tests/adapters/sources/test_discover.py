"""What discovery proposes, on real files and a real server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from adapters.sources.discover import _unique, discover, find_clusters, slug
from policies.capture import Candidate
from policies.catalog import Catalog, Name
from policies.dataset import Dataset
from tests.servers.postgres import PostgresServer


def sqlite_file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as link:
        link.execute("CREATE TABLE t (i)")
        link.commit()
    return path


def look(*folders: Path, paths: tuple[Path, ...] = (), sockets: tuple[Path, ...] = ()) -> list[Candidate]:
    found = discover(folders, paths, sockets=sockets, clusters=())
    fields = {c.name: {**c.fields, "kind": c.kind, "aliases": c.aliases} for c in found}
    catalog = Catalog.model_validate({"datasets": fields})  # ready for restora.yaml
    assert not catalog.dangling()
    return found


def test_sqlite_files_by_their_header(tmp_path: Path) -> None:
    sqlite_file(tmp_path / "app" / "Notes App.db")
    sqlite_file(tmp_path / "app" / "noextension")
    sqlite_file(tmp_path / "app" / "node_modules" / "x" / "left.db")
    sqlite_file(tmp_path / ".cache" / "left.sqlite")
    sqlite_file(tmp_path / "1" / "2" / "3" / "4" / "5" / "deep.db")
    (tmp_path / "app" / "fake.db").write_bytes(b"x" * 4096)
    (tmp_path / "app" / "Notes App.db-journal").write_bytes(b"x" * 4096)
    assert [c.name for c in look(tmp_path)] == ["notes-app", "noextension"]


def test_the_only_database_is_db(tmp_path: Path) -> None:
    sqlite_file(tmp_path / "notes.db")
    (only,) = look(tmp_path)
    assert {"db", "database", "数据库", "notes.db"} <= set(only.aliases)
    sqlite_file(tmp_path / "other.db")
    assert all("db" not in c.aliases for c in look(tmp_path))


def test_folders_that_exist_are_proposed(tmp_path: Path) -> None:
    (tmp_path / "Documents").mkdir()
    (found,) = look(paths=(tmp_path / "Documents", tmp_path / "gone"))
    assert (found.name, found.kind, found.fields) == ("documents", "files", {"paths": (str(tmp_path / "Documents"),)})


@pytest.mark.integration
def test_a_cluster_and_its_databases(new_server: Callable[[], PostgresServer], tmp_path: Path) -> None:
    server = new_server()
    server.run("CREATE DATABASE shop")
    sqlite_file(tmp_path / "shop.db")
    shop, file = look(tmp_path, sockets=(server.folder,))
    assert shop.name == "shop" and shop.kind == "postgres"
    assert shop.fields["databases"] == ("shop",) and shop.fields["host"] == str(server.folder)
    assert {"db", "postgres", "shop database", "数据库"} <= set(shop.aliases) | {"shop database"}
    assert file.name == "shop-2"
    server.run("CREATE DATABASE crm")
    assert [c.name for c in look(sockets=(server.folder,))] == ["crm", "shop"]
    (by_data,) = find_clusters((), (str(server.data),))
    assert (by_data.port, by_data.folder) == (server.port, str(server.data))


@pytest.mark.integration
def test_a_cluster_that_lets_nobody_in_is_still_proposed(new_server: Callable[[], PostgresServer]) -> None:
    server = new_server()
    (server.data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
    server.control("restart")
    (found,) = look(sockets=(server.folder,))
    assert found.name == "postgres" and "not opened" in found.detail and "password" in found.detail


NAME = TypeAdapter(Name)


@given(st.text(max_size=60))
def test_slugs_are_names(text: str) -> None:
    assert NAME.validate_python(slug(text)) == slug(text)
    assert slug(slug(text)) == slug(text)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.lists(st.sampled_from(["a", "B", "b", "x", "a-2"]), max_size=3)),
        max_size=6,
    )
)
def test_no_name_or_alias_means_two_things(given: list[tuple[str, list[str]]]) -> None:
    found = _unique([Candidate(name, "files", {"paths": ("/x",)}, tuple(aliases)) for name, aliases in given])
    words = [word.casefold() for c in found for word in {c.name, *(a.casefold() for a in c.aliases)}]
    assert len(words) == len(set(words))


def test_fields_are_a_dataset(tmp_path: Path) -> None:
    (found,) = discover((), (tmp_path,), sockets=(), clusters=())
    assert TypeAdapter(Dataset).validate_python({"kind": found.kind, **found.fields}).kind == "files"
