"""Durations, sizes and costs, each with how it is known: measured where history has it, else estimated, else assumed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from policies.catalog import Catalog
from policies.dataset import FilesDataset
from policies.figure import DatasetHistory, Figure, History, Origin, RepositoryHistory
from policies.policy import Policy
from policies.quantity import human_size, human_time, parse_rate

ASSUMED_RATE = 100e6  # B/s
ASSUMED_CHANGE = 0.03  # share of the size that changes in a day
ASSUMED_SIZE = 10e9  # B
OVERHEAD = 10.0  # s: a repository is opened, a server asked, whatever the size
SCAN_RATE = 5e9  # B/s of source that is looked at without being read: files are compared by time and size
DAY = 86400.0
CERTAINTY = (Origin.PROVEN, Origin.MEASURED, Origin.ESTIMATED, Origin.ASSUMED)
ENOUGH_RUNS = 3  # from here on a measured spread is believed


def least_certain(origins: Iterable[Origin]) -> Origin:
    """How a number made of several is known: as its weakest part."""
    return max(origins, key=CERTAINTY.index, default=Origin.ASSUMED)


def size(dataset: str, catalog: Catalog, history: History) -> Figure:
    """Source bytes of a dataset."""
    measured = _measured(dataset, history)
    if measured.bytes is not None:
        return Figure(
            measured.bytes, "B", Origin.MEASURED, _runs(measured) if measured.runs else "looked at the source"
        )
    hint = catalog.datasets[dataset].size_hint if dataset in catalog.datasets else None
    if hint is not None:
        return Figure(hint, "B", Origin.ASSUMED, "size_hint of restora.yaml")
    return Figure(ASSUMED_SIZE, "B", Origin.ASSUMED, "its size was not measured yet")


def change(dataset: str, period: timedelta, catalog: Catalog, history: History) -> Figure:
    """Stored bytes that one run after the first adds when runs are `period` apart."""
    measured = _measured(dataset, history)
    if measured.added_per_run is not None and measured.runs > 1:
        return Figure(measured.added_per_run, "B", Origin.MEASURED, _runs(measured))
    whole = size(dataset, catalog, history)
    changed = whole.value * (1 - math.exp(-ASSUMED_CHANGE * period.total_seconds() / DAY))
    return Figure(changed, "B", Origin.ASSUMED, f"{ASSUMED_CHANGE:.0%} of {human_size(whole.value)} a day")


def write_rate(repository: str, catalog: Catalog, history: History, bandwidth: str | None = None) -> Figure:
    """Bytes a second that get into a repository, no faster than its own and the policy's limits."""
    measured = history.repositories.get(repository, RepositoryHistory()).write_rate
    best = (
        Figure(measured, "B/s", Origin.MEASURED, f"{human_size(measured)}/s into {repository}")
        if measured
        else Figure(ASSUMED_RATE, "B/s", Origin.ASSUMED, f"{human_size(ASSUMED_RATE)}/s")
    )
    limits = [
        bandwidth_limit(bandwidth),
        catalog.repositories[repository].upload if repository in catalog.repositories else None,
    ]
    return _at_most(best, limits)


def bandwidth_limit(text: str | None) -> int | None:
    """Bytes a second of a policy's `bandwidth`; None where there is none (guardrails name one that can't be read)."""
    try:
        return parse_rate(text) if text else None
    except ValueError:
        return None


def run_seconds(policy: Policy, catalog: Catalog, history: History, *, first: bool = False) -> Figure:
    """How long a run of all its datasets takes (P90), into its first repository. `first`: the run that reads everything."""
    parts = [_one_run(dataset, policy, catalog, history, first=first) for dataset in policy.datasets]
    if len(parts) == 1:
        return parts[0]
    basis = " + ".join(f"{name} {human_time(part.value)}" for name, part in zip(policy.datasets, parts, strict=True))
    return Figure(sum(part.value for part in parts), "s", least_certain(part.origin for part in parts), basis)


def is_first(policy: Policy, history: History) -> bool:
    """Whether some dataset was never backed up, so that its next run reads and writes everything."""
    return any(_measured(dataset, history).runs == 0 for dataset in policy.datasets)


def _one_run(dataset: str, policy: Policy, catalog: Catalog, history: History, *, first: bool) -> Figure:
    measured = _measured(dataset, history)
    if measured.seconds_p90 is not None and measured.runs and not first:
        return Figure(measured.seconds_p90, "s", Origin.MEASURED, f"P90 of {_runs(measured)}")
    whole, rate = (
        size(dataset, catalog, history),
        write_rate(policy.repositories[0], catalog, history, policy.bandwidth),
    )
    if first:
        seconds, what = whole.value / rate.value, human_size(whole.value)
    else:
        added = change(dataset, policy.schedule.every.delta(), catalog, history)
        files = isinstance(catalog.datasets.get(dataset), FilesDataset)
        # A dump reads everything every time, though only what changed is written.
        reading = whole.value / SCAN_RATE if files else whole.value / ASSUMED_RATE
        seconds, what = (
            max(added.value / rate.value, reading),
            f"{human_size(added.value)} changed of {human_size(whole.value)}",
        )
    origin = least_certain((whole.origin, rate.origin, Origin.ESTIMATED))
    return Figure(seconds + OVERHEAD, "s", origin, f"{what} at {human_size(rate.value)}/s, not run yet")


def restore_seconds(dataset: str, repository: str, catalog: Catalog, history: History) -> Figure:
    """How long it takes to have the whole dataset back from a repository."""
    measured = _measured(dataset, history)
    if measured.rto_seconds is not None:
        drills = f"{measured.drills} drill{'s' if measured.drills != 1 else ''}"
        return Figure(measured.rto_seconds, "s", Origin.MEASURED, drills)
    whole, rate = size(dataset, catalog, history), _restore_rate(dataset, repository, catalog, history)
    origin = least_certain((whole.origin, rate.origin, Origin.ESTIMATED))
    return Figure(
        whole.value / rate.value + OVERHEAD, "s", origin, f"{human_size(whole.value)} at {rate.basis}, no drill yet"
    )


def _restore_rate(dataset: str, repository: str, catalog: Catalog, history: History) -> Figure:
    measured = _measured(dataset, history)
    if measured.restore_rate:
        best = Figure(measured.restore_rate, "B/s", Origin.MEASURED, f"{human_size(measured.restore_rate)}/s")
    elif written := history.repositories.get(repository, RepositoryHistory()).write_rate:
        best = Figure(written, "B/s", Origin.ESTIMATED, f"the {human_size(written)}/s of backups")
    else:
        best = Figure(ASSUMED_RATE, "B/s", Origin.ASSUMED, f"{human_size(ASSUMED_RATE)}/s")
    return _at_most(best, [catalog.repositories[repository].download if repository in catalog.repositories else None])


def _at_most(best: Figure, limits: Iterable[int | None]) -> Figure:
    lowest = min((limit for limit in limits if limit), default=None)
    if lowest is None or lowest >= best.value:
        return best
    return Figure(lowest, "B/s", best.origin, f"{human_size(lowest)}/s, its limit")


def _measured(dataset: str, history: History) -> DatasetHistory:
    return history.datasets.get(dataset, DatasetHistory())


def _runs(measured: DatasetHistory) -> str:
    return f"{measured.runs} run{'s' if measured.runs != 1 else ''}"


@dataclass(frozen=True, slots=True)
class Volume:
    """What a policy stores: `base` bytes of one whole point, `churn` bytes that a run a `period` later adds."""

    base: float
    churn: float
    period: float
    origin: Origin
    basis: str

    def unique(self, seconds: float) -> float:
        """Bytes that differ between two points this far apart: concave, never more than everything."""
        if self.base <= 0 or self.churn <= 0:
            return 0.0
        share = min(self.churn / self.base, 0.993)
        return self.base * -math.expm1(math.log1p(-share) * seconds / self.period)

    @property
    def per_day(self) -> float:
        return self.unique(DAY)


def volume(policy: Policy, catalog: Catalog, history: History) -> Volume:
    """What its datasets store, taken together; nothing is assumed to be saved by compression or between datasets."""
    period = policy.schedule.every.delta()
    sizes = [size(dataset, catalog, history) for dataset in policy.datasets]
    changes = [change(dataset, period, catalog, history) for dataset in policy.datasets]
    origin = least_certain(figure.origin for figure in (*sizes, *changes))
    basis = f"{human_size(sum(f.value for f in sizes))}, {human_size(sum(f.value for f in changes))} more a run"
    return Volume(sum(f.value for f in sizes), sum(f.value for f in changes), period.total_seconds(), origin, basis)


def spread(volume: Volume, history: History, policy: Policy) -> tuple[float, float]:
    """Factors on what is added, low and high: narrow where enough runs were measured."""
    runs = min((_measured(dataset, history).runs for dataset in policy.datasets), default=0)
    return (0.8, 1.25) if volume.origin is Origin.MEASURED and runs >= ENOUGH_RUNS else (0.33, 2.0)


def cost_per_month(bytes_stored: float, repositories: Iterable[str], catalog: Catalog, origin: Origin) -> Figure:
    """USD a month for keeping this much in each of the repositories, at their configured prices."""
    prices = [catalog.repositories[name].usd_per_gb_month for name in repositories if name in catalog.repositories]
    basis = f"{human_size(bytes_stored)} at {' + '.join(f'{price:g}' for price in prices)} USD per GB and month"
    return Figure(sum(prices) * bytes_stored / 1e9, "USD/mo", origin, basis)
