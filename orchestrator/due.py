"""What is due now: slots of every policy, computed from our own state. A slot counts as handled when every dataset and
repository of its policy has a run that ended well or was skipped for good; a failed run does not consume its slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from planner.slots import policy_slots
from policies.catalog import Catalog
from policies.policy import Policy
from policies.run import ENDS, RunRecord, RunState, Trigger
from policies.schedule import Slot

BACK_OFF = (timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))
ON_TIME = timedelta(minutes=10)
AHEAD = timedelta(minutes=10)
PAUSED = "the policy is paused"
SETTLED = frozenset({RunState.SUCCEEDED, RunState.PARTIAL, RunState.SUSPECT, RunState.SKIPPED, RunState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do: a run of a slot for a dataset into a repository, or (`skip`) the note that a slot was missed."""

    slot: Slot
    dataset: str
    repository: str
    trigger: Trigger
    attempt: int = 1
    skip: str = ""
    reason: str = ""  # why it runs now and not at its time

    @property
    def key(self) -> str:
        """Identity of the run: the slot, and from the second attempt on its number."""
        return self.slot.key if self.attempt == 1 else f"{self.slot.key}~{self.attempt}"


def due_work(
    catalog: Catalog, runs: Mapping[str, Sequence[RunRecord]], since: Mapping[str, datetime], now: datetime
) -> list[Work]:
    """Everything due at `now`, in order of due time. `runs`: each policy's runs since its `since` (its first day in force, or
    the newest slot that was looked at), and those still at work. Of several missed slots the newest is caught up, the others
    are skipped with the reason. While a run is at work, no second one of its policy, dataset and repository begins."""
    work: list[Work] = []
    for name, policy in catalog.policies.items():
        if name not in since:
            continue
        due = list(policy_slots(name, policy, catalog.zone(name), since[name], now + timedelta(microseconds=1)))
        if due:
            work += _of_policy(policy, due, runs.get(name, ()), now)
    return sorted(work, key=lambda item: (item.slot.due, item.slot.key, item.dataset, item.repository))


def _of_policy(policy: Policy, due: Sequence[Slot], runs: Sequence[RunRecord], now: datetime) -> list[Work]:
    work = []
    newest = due[-1]
    for repository in policy.repositories:
        for dataset in policy.datasets:
            here = [run for run in runs if (run.dataset, run.repository) == (dataset, repository)]
            mine: dict[str, list[RunRecord]] = {}
            for run in here:
                mine.setdefault(run.key.partition("~")[0], []).append(run)
            busy = next((run for run in here if run.state not in ENDS), None)
            for slot in due:
                item = _of_slot(policy, slot, newest, mine.get(slot.key, []), busy, now, dataset, repository)
                if item:
                    work.append(item)
    return work


def _of_slot(
    policy: Policy, slot: Slot, newest: Slot, runs: Sequence[RunRecord], busy: RunRecord | None, now: datetime,
    dataset: str, repository: str,
) -> Work | None:  # fmt: skip
    # What ended in the future ended by a wrong clock: it settles nothing, or one wrong minute would skip a year.
    real = [run for run in runs if not (run.ended and run.ended > now + AHEAD)]
    attempt = len(runs) + 1
    if any(run.state in SETTLED or run.state not in ENDS for run in real):
        return None  # settled, or still at work
    if policy.paused:
        return Work(slot, dataset, repository, Trigger.SCHEDULE, attempt, skip=PAUSED)
    if slot.key != newest.key:
        if real:
            return None  # it failed; a later slot has taken its place
        why = f"missed: run {busy.id} was still at work" if busy else "missed: restora was not running"
        return Work(slot, dataset, repository, Trigger.CATCH_UP, attempt, skip=f"{why}; caught up by {newest.key}")
    if busy:
        return None  # it begins when that has ended
    if not real:
        if now - slot.due <= ON_TIME:
            return Work(slot, dataset, repository, Trigger.SCHEDULE, attempt)
        late = f"caught up: it was due at {slot.due:%Y-%m-%d %H:%M} UTC, when restora did not run or was still at work"
        return Work(slot, dataset, repository, Trigger.CATCH_UP, attempt, reason=late)
    last = max(real, key=lambda run: run.ended or run.due)
    if len(real) > len(BACK_OFF) or now < (last.ended or last.due) + BACK_OFF[len(real) - 1]:
        return None
    return Work(slot, dataset, repository, Trigger.SCHEDULE, attempt)


def next_moment(
    catalog: Catalog, runs: Mapping[str, Sequence[RunRecord]], now: datetime, horizon: timedelta = timedelta(days=1)
) -> datetime:
    """When to look again: the next slot or the end of a back-off, at most `horizon` ahead."""
    moments = [now + horizon]
    for name, policy in catalog.policies.items():
        following = next(
            iter(policy_slots(name, policy, catalog.zone(name), now + timedelta(microseconds=1), now + horizon)), None
        )
        if following:
            moments.append(following.due)
        failed = [run for run in runs.get(name, ()) if run.state == RunState.FAILED and run.ended]
        moments += [run.ended + wait for run in failed for wait in BACK_OFF if run.ended and run.ended + wait > now]
    return min(moments)
