"""Months ahead in memory: every run, what retention keeps after it, and the space that takes.

Each retention rule alone decides what it keeps, and a later point never brings back an earlier one, so the rules run as streams:
a step costs a few operations whatever is kept. Tests hold this to `planner.retention.kept`, which looks at everything each time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from planner.retention import KEYS, Key, horizon
from policies.duration import Duration
from policies.retention import COUNTS, SPANS, Retention

Unique = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Step:
    """After the run at `time`: how many points there are, when the oldest was made, and the bytes between the points
    (what `unique` says of each gap, summed)."""

    time: datetime
    points: int
    oldest: datetime
    between: float


def walk(retention: Retention, times: Sequence[datetime], zone: ZoneInfo, unique: Unique) -> Iterator[Step]:
    """Run at each of `times` (aware, ascending), apply retention, tell what is there."""
    chain = _Chain(times, unique)
    rules = [] if retention.forever else _rules(retention, times, chain)
    for index, moment in enumerate(times):
        chain.append(index)
        local = moment.astimezone(zone)
        for rule in rules:
            rule(index, local)
        if retention.forever:
            chain.hold(index)
        chain.sweep(index)
        yield Step(moment, chain.count, times[chain.first], chain.between)


class _Chain:
    """The points that exist, linked in order, each held by a number of rules; unheld ones leave."""

    def __init__(self, times: Sequence[datetime], unique: Unique) -> None:
        self.stamps = [time.timestamp() for time in times]
        self.unique = unique
        self.holders = [0] * len(times)
        self.before = [-1] * len(times)
        self.after = [-1] * len(times)
        self.first, self.last, self.count, self.between = 0, -1, 0, 0.0
        self.loose: list[int] = []

    def append(self, index: int) -> None:
        self.before[index] = self.last
        if self.last >= 0:
            self.after[self.last] = index
            self.between += self._gap(self.last, index)
        self.last, self.count = index, self.count + 1

    def hold(self, index: int) -> None:
        self.holders[index] += 1

    def release(self, index: int) -> None:
        self.holders[index] -= 1
        if self.holders[index] == 0:
            self.loose.append(index)

    def sweep(self, newest: int) -> None:
        for index in self.loose:
            if self.holders[index] == 0 and index != newest:
                self._remove(index)
        self.loose.clear()

    def _remove(self, index: int) -> None:
        before, after = self.before[index], self.after[index]
        self.between -= self._gap(index, after)
        self.before[after] = before
        if before >= 0:
            self.after[before] = after
            self.between += self._gap(before, after) - self._gap(before, index)
        else:
            self.first = after
        self.count -= 1
        self.holders[index] = -1

    def _gap(self, early: int, late: int) -> float:
        return self.unique(self.stamps[late] - self.stamps[early])


Rule = Callable[[int, datetime], None]


def _rules(retention: Retention, times: Sequence[datetime], chain: _Chain) -> list[Rule]:
    rules: list[Rule] = [_last(retention.at_least, chain)]
    for name in (*SPANS, *COUNTS):
        value = getattr(retention, name)
        if name == "keep_last" and value:
            rules.append(_last(value, chain))
        elif name == "keep_within" and value:
            rules.append(_span(value, times, chain, None))
        elif isinstance(value, Duration):
            rules.append(_span(value, times, chain, KEYS[name.removeprefix("keep_").removesuffix("_within")][0]))
        elif value:
            rules.append(_buckets(value, chain, KEYS[name.removeprefix("keep_")][0]))
    return rules


def _last(count: int, chain: _Chain) -> Rule:
    held: deque[int] = deque()

    def step(index: int, _local: datetime) -> None:
        held.append(index)
        chain.hold(index)
        if len(held) > count:
            chain.release(held.popleft())

    return step


def _buckets(count: int, chain: _Chain, key: Key) -> Rule:
    held: deque[int] = deque()
    current: list[tuple[int, ...] | None] = [None]
    oldest = [False]

    def step(index: int, local: datetime) -> None:
        bucket = key(local)
        if index == 0:
            chain.hold(0)  # the very oldest stays while there are places left
            oldest[0] = True
        if bucket == current[0]:
            chain.release(held.pop())
        current[0] = bucket
        held.append(index)
        chain.hold(index)
        if len(held) > count:
            chain.release(held.popleft())
        if oldest[0] and len(held) >= count:
            oldest[0] = False
            chain.release(0)

    return step


def _span(span: Duration, times: Sequence[datetime], chain: _Chain, key: Key | None) -> Rule:
    held: deque[int] = deque()
    current: list[tuple[int, ...] | None] = [None]
    oldest = [-1]

    def step(index: int, local: datetime) -> None:
        if key is not None:
            bucket = key(local)
            if held and bucket == current[0]:
                chain.release(held.pop())
            current[0] = bucket
        held.append(index)
        chain.hold(index)
        since = horizon(span, local)
        while times[held[0]].astimezone(UTC) <= since:
            chain.release(held.popleft())
        # The oldest point that there is stays while it lies in the span, whatever its bucket.
        first = chain.first if times[chain.first].astimezone(UTC) > since else -1
        if first != oldest[0]:
            if first >= 0:
                chain.hold(first)
            if oldest[0] >= 0:
                chain.release(oldest[0])
            oldest[0] = first

    return step
