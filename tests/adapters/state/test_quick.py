"""The quick look gives the same answers as the store, and is quick."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.state.quick import open_quick
from adapters.state.store import StateStore
from policies.errors import StateError
from policies.run import RunState
from tests.adapters.state.samples import a_drill, a_run, at, ended
from tests.conftest import ROOT

ACTIONS = st.one_of(
    st.tuples(
        st.just("run"),
        st.integers(0, 5),
        st.sampled_from(["db", "www"]),
        st.sampled_from(["local", "far"]),
        st.sampled_from([*RunState]),
        st.text(max_size=5),
    ),
    st.tuples(
        st.just("drill"), st.integers(0, 5), st.sampled_from(["db", "www"]), st.sampled_from(["proven", "failed"])
    ),
    st.tuples(st.just("mark"), st.sampled_from(["local", "far"]), st.integers(0, 9)),
    st.tuples(st.just("note"), st.text(max_size=5), st.text(max_size=5)),
)


@given(st.lists(ACTIONS, max_size=12))
def test_both_ways_of_reading_agree(tmp_path_factory: pytest.TempPathFactory, actions: list[tuple]) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('s')}/st%20ate?.db".replace("?", "%3F")
    with StateStore(url) as store:
        for number, action in enumerate(actions):
            match action:
                case ("run", due, dataset, repository, state, reason):
                    run = a_run(due, id=str(number), dataset=dataset, repository=repository)
                    if store.add_run(run):
                        store.update_run(ended(run, state, reason=reason, bytes=number))
                case ("drill", when, dataset, verdict):
                    store.add_drill(a_drill(when, dataset=dataset, verdict=verdict))
                case ("mark", repository, when):
                    store.mark_repository(repository, checked=at(when))
                case ("note", key, value):
                    store.put_note(key, value)
        store.put_catalog("digest", "{}")
        quick = open_quick(url)
        assert quick is not None
        with quick:
            assert quick.board() == store.board()
            assert quick.notes() == store.notes()
            assert quick.notes("a") == store.notes("a")
            assert quick.catalog("digest") == "{}"
            assert quick.catalog("other") is None
            assert quick.note("never") is store.note("never") is None
    with open_quick(url) as after_close:  # no process has it open: the files of the log are gone
        assert after_close.notes() == StateStore(url).notes()


def test_where_only_the_store_can_answer(tmp_path: Path, embedded: str) -> None:
    assert open_quick("postgresql://u@h/db") is None
    assert open_quick("sqlite://") is None
    assert open_quick(embedded) is None
    assert not any(tmp_path.iterdir())  # looking makes nothing
    (tmp_path / "empty.db").touch()
    assert open_quick(f"sqlite:///{tmp_path}/empty.db") is None


def test_it_changes_nothing(embedded: str) -> None:
    StateStore(embedded).close()
    with open_quick(embedded) as quick, pytest.raises(StateError, match="read-only"):
        quick._rows("DELETE FROM notes")


def test_it_reads_while_another_process_writes(embedded: str) -> None:
    with StateStore(embedded) as store:
        store.add_run(a_run())
        with store._database.writing() as connection, open_quick(embedded) as quick:
            connection.exec_driver_sql("DELETE FROM board")
            assert len(quick.board()) == 1


MANY = """
WITH RECURSIVE sets(s) AS (SELECT 0 UNION ALL SELECT s + 1 FROM sets WHERE s < 999),
               nights(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM nights WHERE n < 99)
INSERT INTO runs (id, key, policy, dataset, repository, state, open, trigger, due, started, ended, reason, snapshots,
                  point_time, files, bytes, added, seconds, unreadable, forgotten, warnings)
SELECT printf('set%04d-%d', s, n), printf('nightly@%d#0', n), 'nightly', printf('set%04d', s), 'local', 'succeeded',
       0, 'schedule',
       day || 'T01:40:00.000000Z', day || 'T01:41:00.000000Z', day || 'T01:51:00.000000Z', '',
       '["' || hex(zeroblob(32)) || '"]',
       day || 'T01:41:05.000000Z', 1000, 1000000000, 10000000,
       '{"saving":30.0,"checking":2.5}', '[]', '[]', '[]'
FROM (SELECT s, n, date('2026-03-11', '+' || n || ' days') AS day FROM sets, nights)
"""
SHOWN = """
INSERT INTO board (policy, dataset, repository, last_run, last_run_id, last_state, last_reason, last_good,
                   last_good_run, last_bytes, failures_in_row)
SELECT policy, dataset, repository, max(started), id, state, '', point_time, id, bytes, 0 FROM runs GROUP BY 1, 2, 3
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('large')}/state.db"
    with StateStore(url) as store, store._database.writing() as connection:
        connection.exec_driver_sql(MANY)  # in bulk, past the rules that `add_run` keeps
        connection.exec_driver_sql(SHOWN)
    return url


@pytest.mark.slow
def test_a_thousand_datasets_and_a_hundred_thousand_runs(large: str) -> None:
    def seconds(work: Callable[[], object]) -> float:
        begun = time.process_time()
        work()
        return time.process_time() - begun

    with StateStore(large) as store, open_quick(large) as quick:
        assert quick.board() == store.board()
        assert len(store.board()) == 1000
        assert seconds(quick.board) < 0.1
        assert seconds(store.board) < 0.2
        assert seconds(lambda: store.runs(limit=50)) < 0.1
        assert seconds(lambda: store.runs(dataset="set0500", limit=50)) < 0.1
        assert seconds(lambda: store.runs(unfinished=True)) < 0.1
        assert len(store.runs_since("nightly", at(24 * 98))) == 2000  # two nights
        assert seconds(lambda: store.runs_since("nightly", at(24 * 98))) < 0.2
        assert seconds(lambda: store.history("set0500")) < 0.1
        assert seconds(lambda: store.add_run(a_run(200))) < 0.1


@pytest.mark.slow
def test_a_whole_process_answers_at_once(large: str) -> None:
    program = (
        "import sys; from adapters.state.quick import open_quick; "
        "assert len(open_quick(sys.argv[1]).board()) >= 1000; import time; "
        "print(time.process_time(), 'sqlalchemy' in sys.modules, 'pydantic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, large], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    cost, *heavy = done.stdout.split()
    assert float(cost) < 0.3
    assert heavy == ["False", "False"]
