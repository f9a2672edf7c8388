"""The audit chain: whole, or the first broken link by number."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.state.ledger import GENESIS, canonical, secrets_in
from adapters.state.store import StateStore
from policies.errors import StateError
from tests.adapters.state.samples import at
from tests.conftest import ROOT


def filled(store: StateStore, count: int = 5) -> StateStore:
    for number in range(count):
        store.append_ledger(
            at(number), "run" if number % 2 else "plan", "root", {"number": number, "name": "Zoë \udcff"}
        )
    return store


def change(store: StateStore, *statements: str) -> None:
    with store._database.writing() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_entries_form_a_chain(store: StateStore) -> None:
    entries = list(filled(store).ledger())
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert entries[0].previous == GENESIS
    assert all(after.previous == before.hash for before, after in pairwise(entries))
    assert entries[1].body == {"number": 1, "name": "Zoë \udcff"}
    assert [entry.number for entry in store.ledger(limit=2)] == [4, 5]
    assert [entry.number for entry in store.ledger(kind="run")] == [2, 4]
    assert [entry.number for entry in store.ledger(kind="run", limit=1)] == [4]
    assert list(store.ledger(limit=0)) == []
    assert store.verify_ledger() is None


def test_an_empty_ledger_is_whole(store: StateStore) -> None:
    assert store.verify_ledger() is None


@pytest.mark.parametrize(
    ("statement", "number", "why"),
    [
        ("UPDATE ledger SET body = '{\"number\":7}' WHERE number = 3", 3, "content"),
        ("UPDATE ledger SET body = 'no json' WHERE number = 3", 3, "content"),
        ("UPDATE ledger SET actor = 'nobody' WHERE number = 2", 2, "content"),
        ("UPDATE ledger SET time = '2020-01-01T00:00:00.000000Z' WHERE number = 1", 1, "content"),
        ("UPDATE ledger SET time = 'yesterday' WHERE number = 1", 1, "content"),
        ("UPDATE ledger SET hash = 'abc' WHERE number = 4", 4, "content"),
        ("UPDATE ledger SET previous = hash WHERE number = 4", 4, "does not follow"),
        ("DELETE FROM ledger WHERE number = 1", 1, "missing"),
        ("DELETE FROM ledger WHERE number = 3", 3, "missing"),
        ("DELETE FROM ledger WHERE number >= 4", 4, "cut off: entry 5"),
        ("DELETE FROM ledger", 1, "cut off"),
        ("DELETE FROM notes WHERE key = 'ledger.head'", 5, "rewritten"),
        ("UPDATE ledger SET number = number + 100 WHERE number = 5", 5, "missing"),
    ],
)
def test_tampering_is_found(store: StateStore, statement: str, number: int, why: str) -> None:
    change(filled(store), statement)
    broken = store.verify_ledger()
    assert broken is not None
    assert broken.number == number
    assert why in broken.why


def test_swapped_entries_are_found(store: StateStore) -> None:
    change(
        filled(store),
        "UPDATE ledger SET number = 99 WHERE number = 2",
        "UPDATE ledger SET number = 2 WHERE number = 3",
        "UPDATE ledger SET number = 3 WHERE number = 99",
    )
    broken = store.verify_ledger()
    assert broken is not None and broken.number == 2


def test_a_cut_end_stays_visible_when_the_ledger_goes_on(store: StateStore) -> None:
    change(filled(store), "DELETE FROM ledger WHERE number = 5")
    assert store.append_ledger(at(9), "plan", "root", {}).number == 6
    broken = store.verify_ledger()
    assert broken is not None and broken.number == 5
    change(store, "UPDATE notes SET value = '2:abc' WHERE key = 'ledger.head'")
    assert store.append_ledger(at(9), "plan", "root", {}).number == 7  # a broken note keeps nobody from working


@pytest.mark.parametrize(
    "body",
    [
        {"password": "hunter2"},
        {"env": [{"AWS_SECRET_ACCESS_KEY": "x"}]},
        {"a": {"b": {"RESTIC_PASSWORD": "x"}}},
        {"api-key": "x"},
        {"clientSecret": "x"},
    ],
)
def test_secrets_are_refused(store: StateStore, body: dict[str, object]) -> None:
    with pytest.raises(StateError, match="secret") as caught:
        store.append_ledger(at(0), "plan", "root", body)
    assert "hunter2" not in str(caught.value)
    assert list(store.ledger()) == []


def test_references_and_masks_are_no_secrets() -> None:
    fine = {
        "password": "file:/etc/restora/password",
        "token": "***",
        "secret": None,
        "password_file": "/x",
        "secrets": ["a"],
    }
    assert list(secrets_in(fine)) == []
    assert list(secrets_in({"password": {"file": "/etc/x"}})) == []


def test_what_is_no_json_is_refused(store: StateStore) -> None:
    for body in ({"x": object()}, {"x": float("nan")}):
        with pytest.raises(ValueError):
            store.append_ledger(at(0), "plan", "root", body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_canonical_text_is_one_for_a_value(value: object) -> None:
    once = canonical(value)
    assert once.isascii()
    assert canonical(json.loads(once)) == once


@pytest.mark.integration
@pytest.mark.slow
def test_several_processes_at_once(url: str) -> None:
    """The chain stays whole, and every slot is won by exactly one of them."""
    StateStore(url).close()
    count, names = 12, ("a", "b", "c", "d")
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.adapters.state.writer_program", url, name, str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    won = [process.communicate("go\n", timeout=120)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(names)
    assert sorted(int(number) for each in won for number in each) == list(range(count))
    with StateStore(url) as store:
        assert store.verify_ledger() is None
        entries = list(store.ledger())
        assert len(entries) == count * len(names)
        for name in names:
            assert [entry.body["number"] for entry in entries if entry.actor == name] == list(range(count))
        assert len(store.runs(limit=100)) == count
        assert store.board()[0].last_good_run == store.runs(limit=1)[0].id


@pytest.mark.integration
def test_first_start_of_several_processes_at_once(url: str) -> None:
    """Each finds no schema; one makes it, the others wait for it."""
    program = (
        "import sys; from adapters.state.store import StateStore; StateStore(sys.argv[1]).put_note(sys.argv[2], 'x')"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, url, str(number)], cwd=ROOT) for number in range(4)]
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    with StateStore(url) as store:
        assert set(store.notes()) == {"0", "1", "2", "3"}
