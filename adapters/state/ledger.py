"""The audit chain: every link carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, String, select, type_coerce

from adapters.state.codec import entry_of_row
from adapters.state.columns import printable
from adapters.state.room import Room
from adapters.state.tables import Ledger, Note, table
from adapters.state.text import text_of
from policies.errors import StateError
from policies.run import LedgerEntry
from policies.secret import PLACES

LEDGER, NOTES = table(Ledger), table(Note)
HEAD = "ledger.head"  # the note that knows number and hash of the last link: a cut-off end shows
GENESIS = "0" * 64
SECRET_NAME = re.compile(
    r"(?:password|passwd|passphrase|secret|token|private[_-]?key|api[_-]?key|access[_-]?key)$", re.I
)
MASKED = re.compile(rf"^(?:\**|(?:{'|'.join(PLACES)}):.*)$", re.S)


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first link of the ledger that is not what was written, and why."""

    number: int
    why: str


class LedgerRoom(Room):
    def append_ledger(self, time: datetime, kind: str, actor: str, body: Mapping[str, object]) -> LedgerEntry:
        """Append to the chain, serialised across processes. The body is JSON-able and holds no secrets (StateError)."""
        named = next(secrets_in(body), None)
        if named:
            raise StateError(
                f"the ledger would hold a secret: {named}",
                hint="write where the secret lies, never its value",
                untouched="the ledger",
            )
        kind, actor, content = printable(kind), printable(actor), canonical(body)
        with self._database.writing(alone=True) as connection:
            head = self._head(connection)
            last = connection.execute(
                select(LEDGER.c.number, LEDGER.c.hash).order_by(LEDGER.c.number.desc()).limit(1)
            ).first()
            # after a cut the chain goes on from the remembered head, so that the gap stays visible for ever
            number, previous = max(head or (0, GENESIS), (last.number, last.hash) if last else (0, GENESIS))
            number += 1
            digest = link(
                number=number, time=text_of(time), kind=kind, actor=actor, body=json.loads(content), previous=previous
            )
            row = {
                "number": number,
                "time": time,
                "kind": kind,
                "actor": actor,
                "body": content,
                "previous": previous,
                "hash": digest,
            }
            connection.execute(LEDGER.insert().values(**row))
            connection.execute(self._database.upsert(NOTES).values(key=HEAD, value=f"{number}:{digest}"))
        return LedgerEntry(number, time, kind, actor, json.loads(content), previous, digest)

    def ledger(self, *, kind: str = "", limit: int | None = None) -> Iterable[LedgerEntry]:
        """Oldest first; with a limit the newest that many."""
        statement = select(LEDGER).order_by(LEDGER.c.number.desc() if limit is not None else LEDGER.c.number)
        if kind:
            statement = statement.where(LEDGER.c.kind == kind)
        if limit is not None:
            statement = statement.limit(limit)
        with self._database.reading() as connection:
            rows = list(connection.execute(statement).mappings())
        return [entry_of_row(row, _body(row["body"])) for row in (reversed(rows) if limit is not None else rows)]

    def verify_ledger(self) -> BrokenLink | None:
        """Walk the whole chain; the first broken link, or None. Finds edits, removals, reordering and a cut-off end."""
        # the moment as it lies there: one that was tampered with may be no moment at all
        columns = (type_coerce(each, String) if each.name == "time" else each for each in LEDGER.columns)
        number, previous = 0, GENESIS
        with self._database.reading() as connection:
            head = self._head(connection)
            for row in connection.execute(select(*columns).order_by(LEDGER.c.number)).mappings():
                why = _why_broken(row, number, previous)
                if why:
                    return BrokenLink(number + 1, why)
                number, previous = row["number"], row["hash"]
        if head == (number, previous) or (head is None and number == 0):
            return None
        if head is not None and head[0] > number:
            return BrokenLink(number + 1, f"the end was cut off: entry {head[0]} was the last")
        return BrokenLink(number, "the last entry is not the one that was noted: the end was rewritten")

    @staticmethod
    def _head(connection: Connection) -> tuple[int, str] | None:
        found = connection.execute(select(NOTES.c.value).where(NOTES.c.key == HEAD)).scalar()
        number, _, digest = (found or "").partition(":")
        return (int(number), digest) if number.isdigit() else None


def _why_broken(row: RowMapping, before: int, previous: str) -> str:
    """Why this row is not the link that follows; empty where it is."""
    number = row["number"]
    if number != before + 1:
        return f"entry {before + 1} is missing: the next one is {number}"
    if row["previous"] != previous:
        return f"entry {number} does not follow entry {before}: one of them was changed or moved"
    try:
        body = json.loads(row["body"])
    except ValueError:
        body = None
    whole = {name: row[name] for name in ("number", "time", "kind", "actor", "previous")}
    intact = canonical(body) == row["body"] and link(**whole, body=body) == row["hash"]
    return "" if intact else f"the content of entry {number} was changed"


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, ASCII, no spaces. ValueError for what JSON can't say."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)
    except TypeError as error:
        raise ValueError(f"the ledger holds JSON only: {error}") from error


def link(*, number: int, time: str, kind: str, actor: str, body: object, previous: str) -> str:
    """SHA-256 of a link, as hexadecimal text."""
    whole = {"number": number, "time": time, "kind": kind, "actor": actor, "body": body, "previous": previous}
    return hashlib.sha256(canonical(whole).encode()).hexdigest()


def secrets_in(value: object, path: str = "body") -> Iterator[str]:
    """Paths of fields that are named like a secret and hold plain text. References (`file:…`) and `***` are fine."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            inner = f"{path}.{key}"
            if isinstance(item, str) and SECRET_NAME.search(str(key)) and not MASKED.match(item):
                yield inner
            else:
                yield from secrets_in(item, inner)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from secrets_in(item, f"{path}[{index}]")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime):
        return text_of(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _body(text: str) -> dict[str, object]:
    """The body as it lies there; one that was tampered with is shown as text, `verify_ledger` tells."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"unreadable": text}
