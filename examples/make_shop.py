"""A sample shop: a SQLite database of customers and orders, and a folder of documents. The same on every machine.

python examples/make_shop.py build FOLDER     makes FOLDER/shop.sqlite and FOLDER/docs/
python examples/make_shop.py digest FOLDER    prints the rows and a checksum of every table, and of the documents
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
import sys
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

SEED = 2026
CUSTOMERS, ORDERS, DOCUMENTS = 5_000, 45_000, 200
FIRST = (
    "Ada",
    "Bo",
    "Chen",
    "Dina",
    "Emil",
    "Fatma",
    "Goran",
    "Hua",
    "Ines",
    "Jun",
    "Kofi",
    "Lena",
    "Mei",
    "Nils",
    "Olga",
)
LAST = (
    "Adler",
    "Bauer",
    "Chen",
    "Diaz",
    "Eriksen",
    "Fischer",
    "Gao",
    "Haddad",
    "Ito",
    "Jansen",
    "Kaya",
    "Li",
    "Moreau",
)
THINGS = ("kettle", "lamp", "notebook", "bicycle bell", "umbrella", "tea", "chair", "clock", "scarf", "radio")
SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT NOT NULL UNIQUE, since TEXT NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers (id),
    thing TEXT NOT NULL, count INTEGER NOT NULL, cents INTEGER NOT NULL, placed TEXT NOT NULL
);
CREATE INDEX orders_of_customer ON orders (customer);
"""


def build(folder: Path) -> None:
    """Make the shop in a folder that has none yet."""
    chance = random.Random(SEED)
    (folder / "docs").mkdir(parents=True)
    build_database(folder / "shop.sqlite", chance)
    for number in range(DOCUMENTS):
        kind = ("contracts", "invoices", "letters")[number % 3]
        document = folder / "docs" / kind / f"{number:04d}.txt"
        document.parent.mkdir(exist_ok=True)
        words = " ".join(chance.choice(THINGS) for _ in range(chance.randrange(50, 2_000)))
        document.write_text(f"{kind} {number}\n{words}\n", "utf-8")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {CUSTOMERS} customers, {ORDERS} orders, {DOCUMENTS} documents, {size / 1e6:.1f} MB")


def build_database(path: Path, chance: random.Random) -> None:
    opened = date(2020, 1, 1)

    def day() -> str:
        return (opened + timedelta(days=chance.randrange(2_000))).isoformat()

    with closing(sqlite3.connect(path)) as database:
        database.executescript(SCHEMA)
        database.executemany(
            "INSERT INTO customers VALUES (?, ?, ?, ?)",
            (
                (n, f"{chance.choice(FIRST)} {chance.choice(LAST)}", f"customer{n}@shop.example", day())
                for n in range(1, CUSTOMERS + 1)
            ),
        )
        database.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    n,
                    chance.randint(1, CUSTOMERS),
                    chance.choice(THINGS),
                    chance.randint(1, 9),
                    chance.randint(99, 99_999),
                    day(),
                )
                for n in range(1, ORDERS + 1)
            ),
        )
        database.commit()


def digest(folder: Path) -> None:
    """Print what the shop holds, so that two states can be compared."""
    with closing(sqlite3.connect(f"{(folder / 'shop.sqlite').absolute().as_uri()}?mode=ro", uri=True)) as database:
        for table, columns in (
            ("customers", "id, name, mail, since"),
            ("orders", "id, customer, thing, count, cents, placed"),
        ):
            rows, content = 0, hashlib.sha256()
            for row in database.execute(f"SELECT {columns} FROM {table} ORDER BY id"):
                content.update(repr(row).encode())
                rows += 1
            print(f"{table:<10} {rows:>6} rows   {content.hexdigest()[:16]}")
    content = hashlib.sha256()
    documents = sorted(path for path in (folder / "docs").rglob("*") if path.is_file())
    for path in documents:
        content.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    print(f"{'docs':<10} {len(documents):>6} files  {content.hexdigest()[:16]}")


def main(words: list[str]) -> int:
    commands = {"build": build, "digest": digest}
    if len(words) != 2 or words[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    commands[words[0]](Path(words[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
