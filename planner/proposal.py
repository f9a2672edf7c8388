"""What planning hands back, as values: choices with their reasons, problems, changes, the whole plan. Text is made elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from planner.proof import Item, Proof
from policies.catalog import Catalog
from policies.figure import Figure
from policies.guardrails import Violation
from policies.policy import Policy
from policies.schedule import Slot


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of a draft: its value in words, whether it was said (then `words` are the words), and otherwise why it is so.

    `field` is `datasets`, `schedule.every`, `schedule.at`, `schedule.days`, `window`, `repositories`, `retention`, …; `code` is
    stable ("at.earliest-free") and `facts` holds what a sentence about it needs, for other languages."""

    field: str
    value: str
    said: bool
    words: str = ""
    why: str = ""
    code: str = ""
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a wish from becoming a plan, or (`blocks` false) that a person should know.

    `question`: an answer in words settles it, and `options` are answers that would do."""

    code: str
    field: str
    value: str
    message: str
    hint: str = ""
    question: bool = False
    blocks: bool = True
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A wish completed into a policy, or the problems that stand in the way (all of them at once; then `policy` may be None).

    `base` names the policy in force that it changes; `catalog` is the catalog with the policy in it."""

    name: str
    policy: Policy | None
    choices: tuple[Choice, ...]
    problems: tuple[Problem, ...]
    base: str | None = None
    catalog: Catalog | None = None
    proof: Proof | None = None
    figures: Mapping[str, Figure] = dataclasses.field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether it can be approved as it stands."""
        return self.policy is not None and not any(problem.blocks for problem in self.problems)

    @property
    def question(self) -> Problem | None:
        """The first thing to ask, if any."""
        return next((problem for problem in self.problems if problem.question and problem.blocks), None)


class Kind(StrEnum):
    """How a thing differs from what is in force."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    KEPT = "kept"  # in force as it is; only looked at


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs, with both values in words ('' where there is none)."""

    path: tuple[str, ...]
    kind: Kind
    before: str
    after: str

    def __str__(self) -> str:
        where = ".".join(self.path)
        if self.kind is Kind.ADDED:
            return f"+ {where}: {self.after}"
        if self.kind is Kind.REMOVED:
            return f"- {where}: {self.before}"
        return f"~ {where}: {self.before} -> {self.after}"


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One policy of a plan: what changes, when it runs next, what is proven of it, what it costs."""

    name: str
    kind: Kind
    fields: tuple[FieldChange, ...]
    slots: tuple[Slot, ...] = ()
    proof: Proof | None = None
    figures: Mapping[str, Figure] = dataclasses.field(default_factory=dict)
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between what is wanted and what is in force. `others`: changes outside the policies."""

    made: datetime
    changes: tuple[PolicyChange, ...]
    others: tuple[FieldChange, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.changes and not self.others

    @property
    def holds(self) -> bool:
        """Whether no guardrail is broken and no proof refuted."""
        return not any(
            (change.proof is not None and not change.proof.holds)
            or any(violation.severity == "violation" for violation in change.violations)
            for change in self.changes
        )

    def as_dict(self) -> dict[str, object]:
        """The plan as `--json` prints it (docs/planning.md)."""
        return {
            "made": _moment(self.made),
            "holds": self.holds,
            "policies": [_change(change) for change in self.changes],
            "others": [_field(change) for change in self.others],
        }


def figure_dict(figure: Figure | None) -> dict[str, object] | None:
    """A number with its unit, origin and basis; seconds and bytes as whole numbers."""
    if figure is None:
        return None
    value = round(figure.value) if figure.unit in {"B", "s"} else round(figure.value, 4)
    return {"value": value, "unit": figure.unit, "origin": figure.origin.value, "basis": figure.basis}


def proof_dict(proof: Proof) -> dict[str, object]:
    """A proof as JSON shows it."""
    return {
        "start": _moment(proof.start),
        "days": proof.days,
        "runs": proof.runs,
        "holds": proof.holds,
        "items": [_item(item) for item in proof.items],
    }


def _item(item: Item) -> dict[str, object]:
    return {
        "claim": item.claim.value,
        "subject": item.subject,
        "holds": item.holds,
        "worst": figure_dict(item.worst),
        "limit": figure_dict(item.limit),
        "date": item.date.isoformat() if item.date else None,
        "why": item.why.value,
        "remedies": [{"mend": remedy.mend.value, "value": remedy.value} for remedy in item.remedies],
    }


def _change(change: PolicyChange) -> dict[str, object]:
    return {
        "policy": change.name,
        "kind": change.kind.value,
        "fields": [_field(entry) for entry in change.fields],
        "slots": [{"key": slot.key, "due": _moment(slot.due)} for slot in change.slots],
        "proof": proof_dict(change.proof) if change.proof else None,
        "figures": {name: figure_dict(figure) for name, figure in sorted(change.figures.items())},
        "violations": [
            {"code": v.code, "severity": v.severity.value, "subject": v.subject, "message": v.message, "hint": v.hint}
            for v in change.violations
        ],
    }


def _field(change: FieldChange) -> dict[str, object]:
    return {"path": list(change.path), "kind": change.kind.value, "before": change.before, "after": change.after}


def _moment(moment: datetime) -> str:
    return moment.isoformat()
