"""Runs, slots and the board."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.state.store import StateStore
from policies.errors import StateError
from policies.run import BoardRow, RunRecord, RunState, Trigger, may_follow
from tests.adapters.state.samples import START, a_drill, a_run, at, ended


def test_a_run_comes_back_as_it_was(store: StateStore) -> None:
    run = a_run(
        state=RunState.PARTIAL,
        trigger=Trigger.CATCH_UP,
        started=at(1),
        ended=at(2),
        point_time=at(1.5),
        reason="2 files could not be read: \udcff and \x00, \N{SNOWMAN}",
        snapshots=("a" * 64, "b" * 64),
        files=3,
        bytes=5 * 2**40,
        added=0,
        seconds={"saving": 1.5, "checking": 0.25},
        unreadable=("/srv/\udcfflost", "/srv/\x00"),
        forgotten=("c" * 64,),
        warnings=("slow",),
    )
    assert store.add_run(run)
    assert store.run("r0") == replace(run, reason="2 files could not be read: \\udcff and \\x00, \N{SNOWMAN}")
    assert store.run("nobody") is None


def test_a_moment_keeps_its_meaning_in_another_zone(store: StateStore) -> None:
    local = datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    store.add_run(a_run(due=local))
    found = store.run("r0")
    assert found is not None and found.due == local and found.due.utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="no time zone"):
        store.add_run(a_run(1, due=datetime(2026, 1, 1)))


def test_a_slot_runs_once(store: StateStore) -> None:
    assert store.add_run(a_run())
    assert not store.add_run(a_run(id="another"))
    assert store.add_run(a_run(id="r0b", repository="far"))
    assert store.add_run(a_run(id="r0c", dataset="www"))
    assert {run.id for run in store.runs()} == {"r0", "r0b", "r0c"}
    with pytest.raises(StateError):
        store.add_run(a_run(1, id="r0"))


def test_states_only_move_forwards(store: StateStore) -> None:
    run = a_run()
    store.add_run(run)
    store.update_run(replace(run, state=RunState.SAVING))
    store.update_run(replace(run, state=RunState.SAVING, files=7))
    with pytest.raises(StateError, match="saving: it can't become guarding"):
        store.update_run(replace(run, state=RunState.GUARDING))
    store.update_run(ended(run))
    with pytest.raises(StateError, match="succeeded"):
        store.update_run(ended(run, RunState.FAILED))
    store.update_run(replace(ended(run), forgotten=("x",)))
    found = store.run("r0")
    assert found is not None and found.forgotten == ("x",)
    with pytest.raises(StateError, match="not recorded"):
        store.update_run(a_run(9))
    with pytest.raises(StateError, match="another slot"):
        store.update_run(replace(ended(run), dataset="other"))


def test_runs_are_found_newest_first(store: StateStore) -> None:
    for number in range(4):
        store.add_run(a_run(number))
        if number < 2:
            store.update_run(ended(a_run(number)))
    store.add_run(a_run(5, policy="hourly", dataset="www", key="hourly@2026-03-16#3"))
    assert [run.id for run in store.runs()] == ["r5", "r3", "r2", "r1", "r0"]
    assert [run.id for run in store.runs(limit=2)] == ["r5", "r3"]
    assert [run.id for run in store.runs(policy="nightly", limit=1)] == ["r3"]
    assert [run.id for run in store.runs(dataset="www")] == ["r5"]
    assert [run.id for run in store.runs(unfinished=True, dataset="db")] == ["r3", "r2"]


def test_runs_since(store: StateStore) -> None:
    for number in range(4):
        store.add_run(a_run(number))
    assert [run.id for run in store.runs_since("nightly", START)] == [a_run(number).id for number in range(4)]
    assert [run.id for run in store.runs_since("nightly", a_run(2).due)] == [a_run(2).id, a_run(3).id]
    assert store.runs_since("other", START) == []


def test_the_board_shows_the_newest_and_the_last_good(store: StateStore) -> None:
    good = ended(a_run(0), bytes=100)
    store.add_run(a_run(0))
    store.update_run(good)
    store.add_run(a_run(1))
    store.update_run(ended(a_run(1), RunState.FAILED, reason="disk full"))
    store.add_run(a_run(2))
    store.update_run(ended(a_run(2), RunState.SUSPECT, reason="half the files are gone"))
    store.update_run(ended(a_run(2), RunState.SUSPECT, reason="half the files are gone", files=3))
    store.add_run(a_run(3))
    store.update_run(ended(a_run(3), RunState.PARTIAL))
    store.add_drill(a_drill(0))
    store.add_drill(a_drill(1, verdict="failed"))
    store.mark_repository("local", checked=at(1), forgotten=at(2))
    store.mark_repository("local", checked=at(3))
    store.mark_repository("local")
    last = ended(a_run(3))
    assert store.board() == [
        BoardRow(
            "nightly", "db", "local",
            last_run=last.started, last_state=RunState.PARTIAL, last_reason="",
            last_good=good.point_time, last_good_run="r0", last_bytes=100,
            last_proven=a_drill(0).ended, last_drill=a_drill(1).ended, last_verdict="failed",
            last_check=at(3), last_forget=at(2), last_prune=None, failures_in_row=2,
        )
    ]  # fmt: skip
    store.add_run(a_run(4))
    store.update_run(ended(a_run(4), bytes=7))
    row = store.board()[0]
    assert (row.failures_in_row, row.last_good_run, row.last_bytes) == (0, "r4", 7)


def test_an_older_run_that_ends_late_does_not_hide_a_newer_one(store: StateStore) -> None:
    for number in (0, 1):
        store.add_run(a_run(number))
    store.update_run(ended(a_run(1), bytes=2))
    store.update_run(ended(a_run(0), bytes=1))
    row = store.board()[0]
    assert (row.last_run, row.last_good_run, row.last_bytes) == (ended(a_run(1)).started, "r1", 2)


def test_drills_before_the_first_run_are_on_the_board_later(store: StateStore) -> None:
    store.add_drill(a_drill(3))
    store.add_drill(a_drill(2, verdict="could not run"))
    assert store.board() == []
    store.add_run(a_run())
    row = store.board()[0]
    assert (row.last_proven, row.last_verdict) == (a_drill(3).ended, "proven")


@given(st.lists(st.tuples(st.sampled_from([*RunState]), st.integers(0, 3)), max_size=12))
def test_no_order_of_updates_breaks_the_rule(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[RunState, int]]
) -> None:
    """An update is taken exactly where the rule allows it, and the board agrees with the runs."""
    with StateStore(f"sqlite:///{tmp_path_factory.mktemp('s')}/state.db") as store:
        runs = {number: a_run(number) for number in range(4)}
        for run in runs.values():
            store.add_run(run)
        for state, number in moves:
            before = runs[number]
            after: RunRecord = replace(before, state=state, started=before.due)
            if state == before.state or may_follow(before.state, state):
                store.update_run(after)
                runs[number] = after
            else:
                with pytest.raises(StateError):
                    store.update_run(after)
        assert {run.id: run.state for run in store.runs()} == {run.id: run.state for run in runs.values()}
        good = [run for run in runs.values() if run.state == RunState.SUCCEEDED]
        row = store.board()[0]
        assert row.last_good_run == (good[-1].id if good else "")
        assert row.last_state == runs[3].state
