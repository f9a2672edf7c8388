"""How an understanding and a plan look: word by word what was understood, then what follows, each figure with its origin."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from orchestrator.cli.present import escape
from planner.proof import Claim, Item, Proof, Why
from planner.proposal import Choice, Draft, Plan, PolicyChange
from policies.figure import Figure
from policies.quantity import human_size, human_time

if TYPE_CHECKING:
    from rich.console import RenderableType

    from planner.language.intent import Reading

COLOURS = ("cyan", "green", "magenta", "yellow", "blue")
NAMES = {
    Claim.RUNS: "runs", Claim.RPO: "lost at worst", Claim.RTO: "back within", Claim.WINDOW: "window", Claim.SPACE: "space",
    Claim.RETENTION: "retention",
}  # fmt: skip


def understood(reading: Reading) -> RenderableType:
    """The request with the words that carried meaning coloured by what they mean."""
    from rich.text import Text

    text = Text("Understood  ", style="bold")
    labels = sorted({span.label for span in reading.spans})
    position = 0
    for span in sorted(reading.spans, key=lambda s: (s.start, s.end)):
        if span.start < position:
            continue
        text.append(reading.text[position : span.start], style="dim")
        text.append(span.text, style=COLOURS[labels.index(span.label) % len(COLOURS)])
        position = span.end
    text.append(reading.text[position:], style="dim")
    return text


def drafted(draft: Draft) -> list[RenderableType]:
    """The choices of one draft: said ones first, assumed ones marked."""
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for choice in sorted(draft.choices, key=lambda c: not c.said):
        table.add_row(f"  {_field(choice)}", escape(choice.words) if choice.said else "[dim]assumed[/]", _value(choice))
    problems = [
        f"  [red]{escape(p.message)}[/]" + (f"\n    → {escape(p.hint)}" if p.hint else "") for p in draft.problems
    ]
    return [table, *problems]


def planned(plan: Plan, zone: tzinfo) -> list[RenderableType]:
    """What changes, and what is proven and estimated of it."""
    parts: list[RenderableType] = []
    for change in plan.changes:
        sign = {"added": "[green]+[/]", "removed": "[red]-[/]", "changed": "[yellow]~[/]"}[change.kind.value]
        parts.append(f"[bold]Plan[/]  {sign} policy [bold]{escape(change.name)}[/]")
        if change.kind.value == "changed":
            parts += [f"    {escape(str(field))}" for field in change.fields]
        parts += _facts(change, zone)
        parts += [
            f"  [{'red' if v.severity.value == 'violation' else 'yellow'}]{escape(v.message)}[/]"
            + (f" → {escape(v.hint)}" if v.hint else "")
            for v in change.violations
        ]
    parts += [f"  {escape(str(field))}" for field in plan.others]
    return parts


def _facts(change: PolicyChange, zone: tzinfo) -> list[RenderableType]:
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    if change.proof:
        for item in change.proof.items:
            if item.claim in {Claim.RPO, Claim.RTO}:
                table.add_row(f"  {NAMES[item.claim]}", _item(item))
        table.add_row("  space", _space(change))
        table.add_row("  holds", _holds(change.proof))
        for item in change.proof.refuted:
            table.add_row(f"  [red]{NAMES[item.claim]}[/]", f"[red]{_refuted(item)}[/]")
    if change.slots:
        table.add_row(
            "  next runs", ", ".join(f"{slot.due.astimezone(zone):%a %d %b %H:%M}" for slot in change.slots[:3])
        )
    return [table] if table.row_count else []


def figure(found: Figure | None) -> str:
    """A number in words, with where it comes from."""
    if found is None:
        return "not known"
    words = {"B": human_size, "s": human_time}.get(found.unit)
    text = words(found.value) if words else f"{found.value:.2f} {found.unit}"
    about = "~" if found.origin.value in {"estimated", "assumed"} else ""
    basis = f": {found.basis}" if found.basis else ""
    return f"{about}{text} [dim]({escape(found.origin.value + basis)})[/]"


def _item(item: Item) -> str:
    because = f" · {item.why.value}" if item.why is not Why.NONE else ""
    night = f" · worst {item.date.isoformat()}" if item.date else ""
    limit = f" · limit {figure(item.limit)}" if item.limit else " · limit: none set"
    return f"{figure(item.worst)}{night}{because}{limit}"


def _space(change: PolicyChange) -> str:
    named = {
        name: found
        for name, found in change.figures.items()
        if name not in {"run", "first_run", "lost_at_worst", "back_within"}
    }
    return " · ".join(f"{name.replace('_', ' ')} {figure(found)}" for name, found in named.items()) or "not known"


def _holds(proof: Proof) -> str:
    kept = [NAMES[item.claim] for item in proof.items if item.holds]
    open_ = [NAMES[item.claim] for item in proof.items if item.holds is None]
    text = (
        f"{', '.join(dict.fromkeys(kept))} on each of the next {proof.days} days ({proof.runs} runs)"
        if kept
        else "nothing could be proven"
    )
    return text + (f" · not demanded or not known: {', '.join(dict.fromkeys(open_))}" if open_ else "")


def _refuted(item: Item) -> str:
    when = f" from {item.date.isoformat()}" if item.date else ""
    mend = f"; would do: {' or '.join(str(r) for r in item.remedies)}" if item.remedies else ""
    why = f" ({item.why.value})" if item.why is not Why.NONE else ""
    return f"does not hold{when}: {figure(item.worst)} against {figure(item.limit)}{why}{mend}"


def _field(choice: Choice) -> str:
    return {
        "datasets": "what",
        "repositories": "where",
        "retention": "keep",
        "schedule.every": "when",
        "schedule.at": "at",
    }.get(choice.field, choice.field)


def _value(choice: Choice) -> str:
    return escape(choice.value) + (f" [dim]· {escape(choice.why)}[/]" if choice.why else "")
