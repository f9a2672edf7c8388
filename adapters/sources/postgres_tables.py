"""Bringing single tables back into a database in use: what is there is moved aside, never overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from adapters.sources.postgres_connection import Link
from adapters.sources.postgres_dump import Dump
from adapters.sources.postgres_facts import quoted
from policies.errors import SourceError

DEPENDENTS = """SELECT DISTINCT CASE WHEN k.contype = 'f' THEN 'foreign key of ' || k.conrelid::regclass::text
  WHEN r.oid IS NOT NULL THEN 'view ' || r.ev_class::regclass::text END
FROM pg_depend d
LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid AND k.contype = 'f' AND k.conrelid <> d.refobjid
LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.ev_class <> d.refobjid
WHERE d.refobjid = to_regclass(%s) AND (k.oid IS NOT NULL OR r.oid IS NOT NULL)"""


class RestoreList(Protocol):
    """pg_restore of some entries of a dump."""

    def __call__(self, name: str, dump: Dump, entries: Sequence[str], *, single: bool = False) -> None: ...


def put_tables(link: Link, dump: Dump, tables: Sequence[str], stamp: str, restore: RestoreList) -> str:
    """Restore these tables into the database of `link`, all or none. Tables of that name are moved to a schema
    `restora_before_STAMP` first; refused where views or foreign keys of others hang on them."""
    there = [table for table in tables if _found(link, table)]
    for table in there:
        hanging = [str(name) for (name,) in link.execute(DEPENDENTS.encode(), (_quoted(table),)).fetchall()]
        if hanging:
            raise SourceError(
                f"table {table} can't be replaced: {', '.join(hanging)} depends on it",
                hint="restore it into a new database and copy the rows that are missing",
                untouched=f"database {link.info.dbname}",
            )
    kept = f"restora_before_{stamp}"
    if there:
        with link.transaction():
            link.execute(f"CREATE SCHEMA {quoted(kept)}".encode())
            for table in there:
                link.execute(f"ALTER TABLE {_quoted(table)} SET SCHEMA {quoted(kept)}".encode())
    try:
        restore(link.info.dbname, dump, dump.chosen(tables, ground=False), single=True)
    except BaseException:
        if there:
            with link.transaction():
                for table in there:
                    schema, _, name = table.partition(".")
                    link.execute(f"ALTER TABLE {quoted(kept, name)} SET SCHEMA {quoted(schema)}".encode())
                link.execute(f"DROP SCHEMA {quoted(kept)}".encode())
        raise
    told = f"{', '.join(tables)} back in database {link.info.dbname}"
    return told + (f"; what was there is kept in schema {kept}" if there else "")


def _quoted(table: str) -> str:
    return quoted(*table.split(".", 1))


def _found(link: Link, table: str) -> bool:
    return link.execute("SELECT to_regclass(%s) IS NOT NULL", (_quoted(table),)).fetchone() == (True,)
