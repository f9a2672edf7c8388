"""The proof: worst cases and counter-examples agree with walking every minute."""

from __future__ import annotations

import itertools
import time as stopwatch
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.estimate import Volume
from planner.feasibility import longest_period, promised, prove
from planner.proof import Claim, Item, Mend, Proof, Why
from planner.retention import kept
from planner.simulate import walk
from planner.slots import inside, slots
from policies.figure import DatasetHistory, History, Origin, RepositoryHistory
from policies.policy import Policy
from policies.retention import Retention
from policies.schedule import Schedule
from tests.planner.world import GB, NOW, catalog, measured, policy_fields

BERLIN = ZoneInfo("Europe/Berlin")


def proven(history: History | None = None, start: datetime = NOW, **changes: object) -> Proof:
    policy = Policy.model_validate(policy_fields(**changes))
    where = catalog(policies={"db": policy})
    return prove("db", policy, where, history or measured(), start=start)


def item(proof: Proof, claim: Claim) -> Item:
    found = proof.of(claim)
    assert found is not None
    return found


def test_lost_at_worst_is_on_the_night_when_clocks_go_back() -> None:
    loss = item(proven(), Claim.RPO)
    assert loss.worst is not None
    assert loss.worst.value == 25 * 3600 + 360
    assert (loss.date, loss.why, loss.holds) == (date(2026, 10, 25), Why.CLOCKS_BACK, None)
    assert loss.worst.origin is Origin.PROVEN


def test_a_promise_of_a_day_fails_for_nightly_runs_and_says_what_would_do() -> None:
    loss = item(proven(rpo="24h"), Claim.RPO)
    assert loss.holds is False
    assert loss.date == date(2026, 3, 13)
    assert [(remedy.mend, remedy.value) for remedy in loss.remedies] == [(Mend.EVERY, "12h"), (Mend.RPO, "26h")]
    for schedule in ({"every": "12h"}, {"every": "1d", "at": ["01:40"]}):
        rpo = "24h" if schedule["every"] == "12h" else "26h"
        assert item(proven(rpo=rpo, schedule=schedule, window=None), Claim.RPO).holds is True


def test_the_datasets_own_objective_counts() -> None:
    where = catalog(datasets={"db": {"kind": "postgres", "objectives": {"rpo": "4h", "rto": "1min"}}})
    policy = Policy.model_validate(policy_fields())
    proof = prove("db", policy, where, measured(restore_rate=10e6), start=NOW)
    assert item(proof, Claim.RPO).holds is False
    back = item(proof, Claim.RTO)
    assert back.holds is False
    assert [remedy.mend for remedy in back.remedies] == [Mend.RATE, Mend.RTO]


@pytest.mark.parametrize("every", ["1d", "12h", "6h", "1h"])
@pytest.mark.parametrize("around", [datetime(2026, 10, 23, tzinfo=UTC), datetime(2026, 3, 27, tzinfo=UTC)])
def test_worst_loss_agrees_with_a_failure_at_every_minute(every: str, around: datetime) -> None:
    """Break the host at each minute: what is lost is the age of the data of the newest completed run."""
    schedule = {"every": every, "at": ["01:40"]} if every == "1d" else {"every": every}
    policy = Policy.model_validate(policy_fields(schedule=schedule, window=None))
    proof = prove("db", policy, catalog(), measured(), start=around, days=5)
    due = [slot.due for slot in slots("db", policy.schedule, BERLIN, around, around + timedelta(days=5))]
    lasting, worst, done = timedelta(seconds=360), timedelta(0), -1
    moment = due[0] + lasting
    while moment < due[-1] + lasting:
        while done + 1 < len(due) and due[done + 1] + lasting <= moment:
            done += 1
        worst = max(worst, moment - due[done])
        moment += timedelta(minutes=1)
    found = item(proof, Claim.RPO).worst
    assert found is not None
    assert timedelta(0) <= timedelta(seconds=found.value) - worst <= timedelta(minutes=1)


@given(st.integers(600, 200_000), st.integers(0, 5000))
def test_the_offered_period_holds_and_the_next_longer_does_not(allowed: int, lasting: int) -> None:
    history = measured(seconds=float(lasting))
    offered = longest_period(allowed, lasting, 3600)
    if offered is None:
        return
    schedule = {"every": offered, "at": ["01:40"], **({"days": ["sun"]} if offered == "1w" else {})}
    loss = item(proven(history, schedule=schedule, window=None), Claim.RPO)
    assert loss.worst is not None
    assert loss.worst.value <= allowed


@settings(max_examples=25)
@given(
    st.integers(0, 23),
    st.sampled_from([0, 10, 40]),
    st.integers(60, 9 * 3600),
    st.sampled_from([("00:00", "06:00"), ("22:00", "03:00")]),
)
def test_windows_agree_with_asking_for_every_run(hour: int, minute: int, lasting: int, span: tuple[str, str]) -> None:
    fields = policy_fields(
        schedule={"every": "1d", "at": [f"{hour:02d}:{minute:02d}"]}, window={"from": span[0], "to": span[1]}
    )
    policy = Policy.model_validate(fields)
    proof = prove("db", policy, catalog(), measured(seconds=float(lasting)), start=NOW)
    assert policy.window is not None
    first = None
    for slot in slots("db", policy.schedule, BERLIN, NOW, NOW + timedelta(days=400)):
        if not inside(policy.window, BERLIN, slot.due, slot.due + timedelta(seconds=lasting)):
            first = slot.due.astimezone(BERLIN).date()
            break
    found = item(proof, Claim.WINDOW)
    assert (found.holds, found.date if first else None) == (first is None, first)
    if first:  # what it offers does mend it
        for remedy in found.remedies:
            if remedy.mend is Mend.START_BY:
                mended = {**fields, "schedule": {"every": "1d", "at": [remedy.value]}}
            else:
                mended = {**fields, "window": {"from": span[0], "to": remedy.value}}
            again = prove("db", Policy.model_validate(mended), catalog(), measured(seconds=float(lasting)), start=NOW)
            if remedy.mend is Mend.START_BY or lasting < 5 * 3600:
                assert item(again, Claim.WINDOW).holds is True, (remedy, mended)


def test_a_run_that_fits_every_night_but_the_short_one() -> None:
    found = item(proven(measured(seconds=4.1 * 3600)), Claim.WINDOW)
    assert (found.holds, found.date, found.why) == (False, date(2026, 3, 29), Why.CLOCKS_FORWARD)
    assert [str(remedy) for remedy in found.remedies] == ["start by 00:50", "widen the window to 06:50"]


def test_a_first_run_that_does_not_fit_is_told_not_refuted() -> None:
    where = catalog(datasets={"db": {"kind": "files", "paths": ["/srv/x"], "size_hint": "3TB"}})
    proof = prove("db", Policy.model_validate(policy_fields()), where, History(), start=NOW)
    found = item(proof, Claim.WINDOW)
    assert (found.holds, found.why) == (None, Why.FIRST_RUN)


def test_a_run_longer_than_its_period_is_refuted() -> None:
    found = item(proven(measured(seconds=4000), schedule={"every": "1h"}, window=None), Claim.RUNS)
    assert (found.holds, found.why) == (False, Why.DURATION)
    assert [str(remedy) for remedy in found.remedies] == ["run every 2h"]


def test_a_schedule_that_never_meets_its_window_has_no_runs() -> None:
    proof = proven(schedule={"every": "12h"}, window={"from": "08:00", "to": "10:00"})
    assert item(proof, Claim.RUNS).why is Why.NO_RUNS
    assert not proof.holds


@settings(max_examples=15)
@given(
    st.integers(1, 60),
    st.sampled_from([0.01, 0.1, 0.6]),
    st.sampled_from(["keep_daily", "keep_weekly", "keep_monthly"]),
)
def test_space_agrees_with_adding_up_what_is_kept(count: int, share: float, rule: str) -> None:
    retention = Retention.model_validate({rule: count})
    own = Volume(GB, share * GB, 86400.0, Origin.MEASURED, "")
    due = [slot.due for slot in slots("p", Schedule(every="1d", at=("01:40",)), BERLIN, NOW, NOW + timedelta(days=120))]
    there: list[datetime] = []
    for step in walk(retention, due, BERLIN, own.unique):
        there.insert(0, step.time)
        there = [time for time, why in zip(there, kept(retention, there, BERLIN), strict=True) if why]
        naive = sum(own.unique((late - early).total_seconds()) for late, early in itertools.pairwise(there))
        assert step.between == pytest.approx(naive)


def test_space_says_when_it_is_full_and_which_limit_would_do() -> None:
    where = catalog(
        repositories={"local": {"kind": "local", "path": "/b", "limit": "5GB", "password": {"file": "/k"}}},
    )
    policy = Policy.model_validate(policy_fields())
    found = item(prove("db", policy, where, measured(), start=NOW), Claim.SPACE)
    assert (found.holds, found.subject, found.why) == (False, "local", Why.GROWTH)
    assert found.date is not None
    assert date(2026, 3, 12) < found.date < date(2026, 4, 20)
    (remedy,) = found.remedies
    assert remedy.mend is Mend.LIMIT
    raised = catalog(
        repositories={
            "local": {"kind": "local", "path": "/b", "limit": remedy.value.replace(" ", ""), "password": {"file": "/k"}}
        }
    )
    assert item(prove("db", policy, raised, measured(), start=NOW), Claim.SPACE).holds is True


def test_free_space_counts_what_others_keep() -> None:
    crowded = History(measured().datasets, {"local": RepositoryHistory(free=GB, stored=90 * GB)})
    found = item(proven(crowded), Claim.SPACE)
    assert found.holds is False
    assert found.remedies[0].mend is Mend.FREE


def test_without_limit_or_measurement_space_is_shown_and_not_judged() -> None:
    found = item(proven(History(measured().datasets, {})), Claim.SPACE)
    assert found.holds is None
    assert found.worst is not None


@settings(max_examples=30)
@given(
    st.dictionaries(st.sampled_from(["keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly"]),
                    st.integers(1, 40), max_size=3),
    st.dictionaries(st.sampled_from(["keep_within", "keep_hourly_within", "keep_daily_within", "keep_weekly_within",
                                     "keep_monthly_within"]), st.sampled_from(["3d", "30d", "2w", "2mo", "1y"]), max_size=2),
    st.sampled_from([{"every": "6h"}, {"every": "1d", "at": ["02:30"]}, {"every": "1w", "days": ["sun"], "at": ["02:30"]},
                     {"every": "1mo", "month_days": [31], "at": ["02:30"]}]),
)  # fmt: skip
def test_what_retention_promises_always_holds(
    counts: dict[str, int], spans: dict[str, str], schedule: dict[str, object]
) -> None:
    if not counts and not spans:
        return
    found = item(proven(retention={**counts, **spans}, schedule=schedule, window=None), Claim.RETENTION)
    assert found.holds is True


def test_promised_spans() -> None:
    day = 86400.0
    assert promised(Retention.model_validate({"keep_within": "30d"}), 25 * 3600, day) == 30 * day - 25 * 3600 - 7200
    assert promised(Retention(forever=True), day, day) is None


def test_for_ever_keeps_the_first() -> None:
    found = item(proven(retention={"forever": True}), Claim.RETENTION)
    assert found.holds is True
    assert found.worst is not None
    assert found.worst.value > 398 * 86400


def test_drills_make_the_restore_time_measured() -> None:
    back = item(proven(measured(rto_seconds=230.0, drills=2), rto="10min"), Claim.RTO)
    assert back.worst is not None
    assert (back.holds, back.worst.origin, back.worst.value, back.worst.basis) == (
        True,
        Origin.MEASURED,
        230,
        "2 drills",
    )


@pytest.mark.parametrize(("schedule", "most"), [({"every": "1d", "at": ["01:40"]}, 0.05), ({"every": "1h"}, 0.3)])
def test_is_fast(schedule: dict[str, object], most: float) -> None:
    ladder = {"keep_within": "14d", "keep_daily": 30, "keep_weekly": 8, "keep_monthly": 12, "keep_yearly": 7}
    took = []
    for _ in range(3):
        begun = stopwatch.process_time()
        proven(schedule=schedule, window=None, retention=ladder)
        took.append(stopwatch.process_time() - begun)
    assert min(took) < most * 2  # twice the aim: other work shares the machine


def test_measured_only_by_size() -> None:
    looked = History({"db": DatasetHistory(bytes=8 * GB)}, {})
    proof = proven(looked)
    runs = item(proof, Claim.RUNS)
    assert runs.worst is not None
    assert runs.worst.origin is Origin.ASSUMED
    assert "8.0 GB" in runs.worst.basis
