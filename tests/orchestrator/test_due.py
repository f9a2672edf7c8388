"""What is due: catching up once, retrying with a back-off, never twice, never losing a slot to a failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.due import BACK_OFF, due_work, next_moment
from policies.run import RunRecord, RunState, Trigger
from tests.orchestrator.catalogs import catalog

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
SLOT = datetime(2026, 3, 11, 0, 40, tzinfo=UTC)  # 01:40 in Berlin


def run_of(work, state=RunState.SUCCEEDED, ended=None) -> RunRecord:
    return RunRecord(
        f"r{work.key}", work.key, "db", work.dataset, work.repository, state, work.trigger, work.slot.due, ended=ended
    )


def test_nothing_is_due_before_the_first_slot() -> None:
    assert due_work(catalog(), {}, {"db": START}, SLOT - timedelta(seconds=1)) == []
    assert next_moment(catalog(), {}, SLOT - timedelta(hours=1)) == SLOT


def test_a_slot_is_due_at_its_moment_and_once() -> None:
    (work,) = due_work(catalog(), {}, {"db": START}, SLOT)
    assert (work.key, work.trigger) == ("db@2026-03-11#0", Trigger.SCHEDULE)
    for state in (RunState.SAVING, RunState.SUCCEEDED, RunState.PARTIAL, RunState.SUSPECT, RunState.SKIPPED):
        assert due_work(catalog(), {"db": [run_of(work, state, SLOT)]}, {"db": START}, SLOT + timedelta(hours=5)) == []


def test_after_a_standstill_the_newest_slot_is_caught_up_and_the_others_are_named() -> None:
    now = SLOT + timedelta(days=3, hours=2)
    work = due_work(catalog(), {}, {"db": START}, now)
    assert [item.key for item in work] == [f"db@2026-03-{day}#0" for day in (11, 12, 13, 14)]
    assert [bool(item.skip) for item in work] == [True, True, True, False]
    assert work[-1].trigger is Trigger.CATCH_UP
    assert "caught up by db@2026-03-14#0" in work[0].skip


def test_a_failed_run_does_not_consume_its_slot() -> None:
    (work,) = due_work(catalog(), {}, {"db": START}, SLOT)
    failed = [run_of(work, RunState.FAILED, SLOT + timedelta(minutes=1))]
    assert due_work(catalog(), {"db": failed}, {"db": START}, SLOT + timedelta(minutes=5)) == []
    (again,) = due_work(catalog(), {"db": failed}, {"db": START}, SLOT + timedelta(minutes=6))
    assert (again.key, again.attempt) == ("db@2026-03-11#0~2", 2)


def test_retries_end_with_the_back_offs_and_a_later_slot_starts_afresh() -> None:
    runs: list[RunRecord] = []
    now = SLOT
    for attempt in range(1, len(BACK_OFF) + 2):
        (work,) = due_work(catalog(), {"db": runs}, {"db": START}, now)
        assert work.attempt == attempt
        runs.append(run_of(work, RunState.FAILED, now))
        now += BACK_OFF[min(attempt, len(BACK_OFF)) - 1]
    assert due_work(catalog(), {"db": runs}, {"db": START}, SLOT + timedelta(hours=20)) == []
    (work,) = due_work(catalog(), {"db": runs}, {"db": START}, SLOT + timedelta(days=1))
    assert work.key == "db@2026-03-12#0"


def test_a_paused_policy_skips_its_slots_with_the_reason() -> None:
    (work,) = due_work(catalog(paused=True), {}, {"db": START}, SLOT)
    assert work.skip == "the policy is paused"


@given(
    st.lists(st.integers(1, 5000), min_size=1, max_size=30),
    st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "UTC"]),
)
def test_however_the_looks_are_spaced_each_slot_is_settled_exactly_once(minutes: list[int], zone: str) -> None:
    """Looks at random moments, every due run done at once: no slot twice, none forgotten."""
    plan = catalog(timezone=zone)
    runs: list[RunRecord] = []
    now = START
    for step in minutes:
        now += timedelta(minutes=step)
        for work in due_work(plan, {"db": runs}, {"db": START}, now):
            runs += [run_of(work, RunState.SKIPPED if work.skip else RunState.SUCCEEDED, now)]
    keys = [run.key for run in runs]
    assert len(keys) == len(set(keys))
    from planner.slots import slots

    due = [
        s.key
        for s in slots("db", plan.policies["db"].schedule, plan.zone("db"), START, now + timedelta(microseconds=1))
    ]
    assert sorted(keys) == sorted(due)
