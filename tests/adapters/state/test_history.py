"""What was measured, as planning reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.state.history import quantile
from adapters.state.store import StateStore
from policies.figure import DatasetHistory, History, RepositoryHistory
from policies.run import RunState
from tests.adapters.state.samples import a_drill, a_run, ended


def test_nothing_measured(store: StateStore) -> None:
    assert store.history("db") == DatasetHistory()
    assert store.repository_history("local") == RepositoryHistory()
    assert store.histories(["db"], ["local"]) == History()


def test_runs_of_a_dataset(store: StateStore) -> None:
    for number in range(41):
        run = a_run(number)
        store.add_run(run)
        # the first brings everything, the others a hundredth; the newest is the largest
        done = ended(
            run, bytes=1000 + number, added=1000 if number == 0 else 10, seconds={"saving": 5.0, "checking": number}
        )
        store.update_run(done)
    store.add_run(a_run(41))
    store.update_run(ended(a_run(41), RunState.FAILED, bytes=1))
    found = store.history("db")
    assert found.bytes == 1040
    assert found.runs == 41
    assert found.added_per_run == 10
    # the last 30 worked 5 + 11 … 5 + 40 seconds
    assert found.seconds_p50 == pytest.approx(30.5)
    assert found.seconds_p90 == pytest.approx(42.1)
    assert store.repository_history("local").write_rate == pytest.approx(2.0)


def test_the_first_run_of_each_repository_is_no_growth(store: StateStore) -> None:
    for number in range(3):
        for repository in ("local", "far"):
            run = a_run(number, id=f"{repository}{number}", repository=repository)
            store.add_run(run)
            store.update_run(ended(run, bytes=100, added=100 if number == 0 else number))
    assert store.history("db").added_per_run == pytest.approx(1.5)
    assert store.history("db").seconds_p50 == 600  # no steps recorded: end minus start


def test_one_run_says_nothing_of_growth(store: StateStore) -> None:
    store.add_run(a_run())
    store.update_run(ended(a_run(), bytes=100, added=100))
    assert store.history("db") == DatasetHistory(bytes=100, runs=1, seconds_p50=600.0, seconds_p90=600.0)


def test_only_proven_whole_restores_say_how_long_one_takes(store: StateStore) -> None:
    store.add_drill(a_drill(0, bytes=1000, rto_seconds=100.0))
    store.add_drill(a_drill(1, bytes=3000, rto_seconds=100.0, level="service"))
    store.add_drill(a_drill(2, bytes=9, rto_seconds=1.0, level="sample"))
    store.add_drill(a_drill(3, bytes=9, rto_seconds=1.0, verdict="failed"))
    found = store.history("db")
    assert (found.restore_rate, found.drills, found.rto_seconds) == (20.0, 2, 100.0)


def test_repository_sizes(store: StateStore) -> None:
    store.measure_repository("local", free=10, stored=20)
    store.measure_repository("local", free=5)
    assert store.repository_history("local") == RepositoryHistory(free=5, stored=20)
    assert store.histories(["db"], ["local", "far"]) == History({}, {"local": RepositoryHistory(free=5, stored=20)})


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_between_least_and_most(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found is not None
    assert min(values) <= found <= max(values)
    assert quantile(values, 0) == min(values)
    assert quantile(values, 1) == max(values)
