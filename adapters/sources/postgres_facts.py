"""What a PostgreSQL database holds: rows, order-independent checksums, sequences, objects, owners."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, unquote

from adapters.sources.postgres_connection import Link
from policies.run import Finding

EXACT_BELOW = 50 << 30  # larger databases: the planner's estimate instead of count(*)
CHECKSUMS_BELOW = 2 << 30  # larger databases: row counts only; a sum costs about a second per million rows

OWN = """n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (
  SELECT 1 FROM pg_depend d WHERE d.classid = '{catalog}'::regclass AND d.objid = {alias}.oid AND d.deptype = 'e')"""
TABLES = f"""SELECT n.nspname, c.relname, c.reltuples::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
AND {OWN.format(catalog="pg_class", alias="c")} ORDER BY 1, 2"""  # noqa: S608  text of our own
SEQUENCES = """SELECT schemaname, sequencename, last_value, increment_by FROM pg_sequences
WHERE schemaname !~ '^pg_' ORDER BY 1, 2"""
OBJECTS = f"""SELECT kind, count(*) FROM (
 SELECT CASE c.relkind WHEN 'r' THEN 'tables' WHEN 'p' THEN 'partitioned' WHEN 'v' THEN 'views'
   WHEN 'm' THEN 'materialized' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'foreign'
   WHEN 'i' THEN 'indexes' WHEN 'I' THEN 'indexes' END AS kind
 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r','p','v','m','S','f','i','I') AND c.relpersistence <> 't'
 AND {OWN.format(catalog="pg_class", alias="c")}
 UNION ALL SELECT 'functions' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE {OWN.format(catalog="pg_proc", alias="p")}
 UNION ALL SELECT 'constraints' FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
 WHERE {OWN.format(catalog="pg_constraint", alias="k")}
 UNION ALL SELECT 'triggers' FROM pg_trigger WHERE NOT tgisinternal
 UNION ALL SELECT 'extensions' FROM pg_extension
 UNION ALL SELECT 'large objects' FROM pg_largeobject_metadata
) AS objects GROUP BY kind ORDER BY kind"""  # noqa: S608  text of our own
OWNERS = f"""SELECT DISTINCT pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r','p','v','m','S','f') AND c.relpersistence <> 't'
AND {OWN.format(catalog="pg_class", alias="c")} ORDER BY 1"""  # noqa: S608  text of our own


def key(kind: str, database: str, name: str = "") -> str:
    """`rows:shop/public.orders`; names are quoted as in a URL."""
    return f"{kind}:{quote(database, safe='')}" + (f"/{name}" if name else "")


def parts(fact: str) -> tuple[str, str, str]:
    """Kind, database and name of a fact's key."""
    kind, _, rest = fact.partition(":")
    database, _, name = rest.partition("/")
    return kind, unquote(database), name


def databases_in(facts: Mapping[str, str]) -> list[str]:
    """Databases that facts tell of."""
    return sorted({parts(fact)[1] for fact in facts if fact.startswith("objects:")})


def rows(link: Link, sql: str) -> list[tuple[object, ...]]:
    """The rows of a query of ours."""
    return link.execute(sql.encode()).fetchall()


def quoted(*names: str) -> str:
    """A qualified identifier as SQL writes it."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def database_facts(
    link: Link, database: str, *, checksums: bool, exact: bool = True, only: Callable[[str], bool] = lambda _: True
) -> dict[str, str]:
    """`rows:`, `sum:`, `sequence:` by name, `objects:` and `owners:` of one database, read over this connection.

    Rows that are an estimate begin with `~`. Run it in one repeatable-read transaction for one moment's facts."""
    facts: dict[str, str] = {}
    for schema, table, estimate in rows(link, TABLES):
        name = f"{schema}.{table}"
        if not only(name):
            continue
        if not exact:
            facts[key("rows", database, name)] = f"~{max(int(str(estimate)), 0)}"
            continue
        total = ", coalesce(sum(hashtextextended(restora_row::text, 0)::numeric), 0)" if checksums else ""
        place = quoted(str(schema), str(table))
        sql = f"SELECT count(*){total} FROM ONLY {place} AS restora_row"  # noqa: S608  quoted
        ((count, *sums),) = rows(link, sql)
        facts[key("rows", database, name)] = str(count)
        if sums:
            facts[key("sum", database, name)] = str(sums[0])
    for schema, sequence, last, increment in rows(link, SEQUENCES):
        if last is not None and int(str(increment)) > 0 and only(f"{schema}.{sequence}"):
            facts[key("sequence", database, f"{schema}.{sequence}")] = str(last)
    facts[key("objects", database)] = ", ".join(f"{count} {kind}" for kind, count in rows(link, OBJECTS))
    facts[key("owners", database)] = ", ".join(str(name) for (name,) in rows(link, OWNERS))
    if checksums and _may_read_large_objects(link):
        ((content,),) = rows(
            link,
            "SELECT coalesce(sum(hashtextextended(lo_get(oid)::text, oid::bigint)::numeric), 0) FROM pg_largeobject_metadata",
        )
        facts[key("large objects", database)] = str(content)
    return facts


def _may_read_large_objects(link: Link) -> bool:
    ((superuser,),) = rows(link, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    return bool(superuser)


def compare(
    database: str, expected: Mapping[str, str], found: Mapping[str, str], items: Sequence[str]
) -> list[Finding]:
    """Every expected fact of a database against what was found (under the same database name)."""
    findings: list[Finding] = []
    for fact, wanted in expected.items():
        kind, owner, name = parts(fact)
        if owner != database or (items and not wanted_item(name, items)):
            continue
        have = found.get(fact)
        subject = name or database
        if have is None:
            if kind in {"sum", "large objects"} and key("rows", database, name) in found:
                continue  # not computed there: no superuser
            findings.append(Finding(kind, False, wanted, "missing", subject))
        elif kind == "sequence":
            # sequences stand outside transactions: one may have moved on before its dump
            findings.append(Finding(kind, int(have) >= int(wanted), f"at least {wanted}", have, subject))
        elif wanted.startswith("~"):
            estimate, real = int(wanted[1:]), int(have.lstrip("~"))
            good = estimate == 0 or estimate / 2 <= real <= estimate * 2
            findings.append(Finding(kind, good, f"about {estimate}", have, subject))
        else:
            findings.append(Finding(kind, have == wanted, wanted, have, subject))
    return findings


def wanted_item(name: str, items: Sequence[str]) -> bool:
    """Whether `schema.table` is one of the items (`table`, `schema.table`); without items everything is."""
    return not items or any(item in {name, name.partition(".")[2]} for item in items)
