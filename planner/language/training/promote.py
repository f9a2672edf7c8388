"""Which of two readers is used: the present one, or the candidate that was just trained. A pure decision that gives its reasons.

The rule. The candidate is used only when all of these hold:

1. held-out: it serves more of the requests that neither was fitted on, and the difference would come about by chance in
   fewer than one of twenty cases (exact one-sided McNemar test on the requests that one of them served and the other did not);
2. guards (requests like those that the present one was fitted on): the same test does not show it to be worse;
3. checks: it reads no fewer of the shipped checks rightly, and serves no fewer;
4. on none of these sets has it more silent misreadings, and on all of them together not one that destroys.

"Served" is what a person is after: a clear request read rightly and without a question, an ambiguous one asked back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

from planner.language.training.scores import Outcome

CHANCE = 0.05  # how often luck may look like this


@dataclass(frozen=True, slots=True)
class Compared:
    """The same requests, read by both. ValueError where they are not the same, for then nothing can be paired."""

    name: str
    present: tuple[Outcome, ...]
    candidate: tuple[Outcome, ...]

    def __post_init__(self) -> None:
        if [one.gold.id for one in self.present] != [one.gold.id for one in self.candidate]:
            raise ValueError(f"{self.name}: the two readers were not asked the same")

    @property
    def won(self) -> int:
        """Requests that only the candidate served."""
        return sum(new.served and not old.served for old, new in zip(self.present, self.candidate, strict=True))

    @property
    def lost(self) -> int:
        """Requests that only the present reader served."""
        return sum(old.served and not new.served for old, new in zip(self.present, self.candidate, strict=True))

    @property
    def silent(self) -> tuple[int, int]:
        """Silent misreadings of the present one and of the candidate."""
        return sum(one.silent for one in self.present), sum(one.silent for one in self.candidate)

    def as_dict(self) -> dict[str, Any]:
        """The counts behind a decision."""
        count = len(self.present)
        sides = {
            name: {"exact": _exact(side), "served": _served(side), "silent": sum(o.silent for o in side),
                   "destructive": _destructive(side)}
            for name, side in (("present", self.present), ("candidate", self.candidate))
        }  # fmt: skip
        return {"set": self.name, "requests": count, **sides, "won": self.won, "lost": self.lost,
                "chance": round(chance(self.won, self.lost), 4)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to switch to the candidate, and every reason, in words. `compared`: the counts, set by set."""

    switch: bool
    reasons: tuple[str, ...]
    compared: tuple[Compared, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "switch": self.switch,
            "reasons": list(self.reasons),
            "compared": [one.as_dict() for one in self.compared],
        }


def chance(won: int, lost: int) -> float:
    """Probability that one of two equally good readers wins at least `won` of the `won + lost` requests on which they differ."""
    differ = won + lost
    return sum(comb(differ, n) for n in range(won, differ + 1)) / (1 << differ)


def decide(held_out: Compared, checks: Compared, guards: Sequence[Compared] = ()) -> Decision:
    """Apply the rule. Where it says no, the reasons are all that speak against; where it says yes, what speaks for it."""
    compared = (held_out, *guards, checks)
    against = [
        *_better(held_out),
        *(reason for guard in guards for reason in _not_worse(guard)),
        *_as_good(checks),
        *(reason for one in compared for reason in _no_more_silent(one)),
    ]
    if against:
        return Decision(False, tuple(against), compared)
    luck = chance(held_out.won, held_out.lost)
    return Decision(True, (
        f"of {len(held_out.present)} {held_out.name} it serves {_served(held_out.candidate)}, the present reader "
        f"{_served(held_out.present)}: {held_out.won} won, {held_out.lost} lost, by chance in {luck:.1%} of cases",
        f"of {len(checks.present)} {checks.name} it reads {_exact(checks.candidate)} rightly, the present reader {_exact(checks.present)}",
        "it has no more silent misreadings, and none that destroys",
    ), compared)  # fmt: skip


def _better(held_out: Compared) -> list[str]:
    count, luck = len(held_out.present), chance(held_out.won, held_out.lost)
    if not count:
        return [f"there are no {held_out.name} to compare the two on"]
    if luck <= CHANCE:
        return []
    differ = f"{held_out.won} won, {held_out.lost} lost of {count} {held_out.name}"
    if held_out.won <= held_out.lost:
        return [f"it is not better: {differ}"]
    return [
        f"that it is better may be chance: {differ}; at least 5 won and none lost, or 7 won and 1 lost, would show it"
    ]


def _not_worse(guard: Compared) -> list[str]:
    if chance(guard.lost, guard.won) > CHANCE:
        return []
    return [f"it is worse on {guard.name}: {guard.won} won, {guard.lost} lost of {len(guard.present)}"]


def _as_good(checks: Compared) -> list[str]:
    if not checks.present:
        return [f"there are no {checks.name} to hold it to"]
    counts = (("reads", "rightly", _exact), ("serves", "as a person would want", _served))
    return [
        f"of the {checks.name} it {verb} {count(checks.candidate)} {how}, the present reader {count(checks.present)}"
        for verb, how, count in counts
        if count(checks.candidate) < count(checks.present)
    ]


def _no_more_silent(one: Compared) -> list[str]:
    before, after = one.silent
    found = [f"on {one.name} it has {after} silent misreadings, the present reader {before}"] if after > before else []
    if bad := [each for each in one.candidate if each.destructive]:
        found.append(f"on {one.name} it misreads in silence what destroys: “{bad[0].gold.text[:60]}”")
    return found


def _exact(side: Sequence[Outcome]) -> int:
    return sum(one.exact and not one.gold.ambiguous for one in side)


def _served(side: Sequence[Outcome]) -> int:
    return sum(one.served for one in side)


def _destructive(side: Sequence[Outcome]) -> int:
    return sum(one.destructive for one in side)
