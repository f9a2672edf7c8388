"""How an understanding and a plan look: word by word what was understood, then what follows, each figure with its origin."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING

from orchestrator.cli.present import escape
from planner.proof import Claim, Item, Proof, Why
from planner.proposal import Choice, Draft, FieldChange, Plan, PolicyChange
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
FIELDS = {
    "datasets": "what", "repositories": "where", "retention": "keep", "schedule.every": "when", "schedule.at": "at",
    "schedule.days": "on", "verification": "proof",
}  # fmt: skip
QUIET = frozenset({"origin"})  # the words a policy came from: kept in the file, said above
SIGNS = {"added": "[green]+[/]", "removed": "[red]-[/]", "changed": "[yellow]~[/]", "kept": "[dim]=[/]"}


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


def drafted(draft: Draft, found: Mapping[str, str], missing: Mapping[str, str]) -> list[RenderableType]:
    """The choices of one draft: said ones first, assumed ones marked; `found` says of datasets what they are, `missing` why
    they can't be seen now."""
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for choice in sorted(draft.choices, key=lambda c: not c.said):
        words = escape(choice.words) if choice.said else "[dim]assumed[/]"
        table.add_row(f"  {FIELDS.get(choice.field, choice.field)}", words, _value(choice, found))
    told = [_told("red" if p.blocks else "yellow", p.message, p.hint) for p in draft.problems]
    unseen = [
        _told("yellow", f"{name} can't be backed up as it is now: {why}", "mend it before the first run")
        for name, why in missing.items()
    ]
    return [table, *told, *unseen]


def planned(plan: Plan, zone: tzinfo, told: Collection[str] = ()) -> list[RenderableType]:
    """What changes, and what is proven and estimated of it; `told`: messages that were shown before."""
    parts: list[RenderableType] = []
    for change in plan.changes:
        parts.append(f"[bold]Plan[/]  {SIGNS[change.kind.value]} policy [bold]{escape(change.name)}[/]")
        if change.kind.value == "changed":
            parts += [f"    {escape(_below(field))}" for field in change.fields if field.path[-1] not in QUIET]
        parts += _facts(change, zone)
        parts += [
            _told("red" if v.severity.value == "violation" else "yellow", v.message, v.hint)
            for v in change.violations
            if v.message not in told
        ]
    parts += [f"  {escape(str(field))}" for field in plan.others]
    return parts


def going(counts: Mapping[str, tuple[int, int]]) -> list[RenderableType]:
    """What a shorter retention takes away: approving the plan approves that."""
    return [
        _told(
            "yellow",
            f"{gone} of {there} recovery points of policy {name} go with its next run",
            "restora snapshots --why",
        )
        for name, (gone, there) in counts.items()
    ]


def _below(field: FieldChange) -> str:
    """A changed field without the policy's own path, which the line above names."""
    return str(replace(field, path=field.path[2:] or field.path))


def _told(style: str, message: str, hint: str) -> RenderableType:
    """A message with its way out below it, indented when it wraps."""
    from rich.padding import Padding
    from rich.text import Text

    text = Text(message, style=style)
    if hint:
        text.append(f"\n→ {hint}", style="default")
    return Padding(text, (0, 0, 0, 2))


def _facts(change: PolicyChange, zone: tzinfo) -> list[RenderableType]:
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    if change.proof:
        several = sum(item.claim is Claim.RTO for item in change.proof.items) > 1
        for item in change.proof.items:
            if item.claim in {Claim.RPO, Claim.RTO}:
                whose = f"{escape(item.subject)} " if several and item.claim is Claim.RTO else ""
                table.add_row(f"  {NAMES[item.claim]}", whose + _item(item))
        table.add_row("  space", _space(change.figures))
        cost = change.figures.get("cost_month")
        if cost and cost.value:
            table.add_row("  cost", f"{cost.value:.2f} USD a month in a year {_origin(cost)}")
        table.add_row("  holds", _holds(change.proof))
        for item in change.proof.refuted:
            table.add_row(f"  [red]{NAMES[item.claim]}[/]", f"[red]{_refuted(item)}[/]")
    if change.slots:
        next_runs = ", ".join(f"{slot.due.astimezone(zone):%a %d %b %H:%M}" for slot in change.slots[:3])
        table.add_row("  next runs", next_runs)
    return [table] if table.row_count else []


def figure(found: Figure | None) -> str:
    """A number in words, with where it comes from."""
    if found is None:
        return "not known"
    return f"{_number(found)} {_origin(found)}"


def _number(found: Figure) -> str:
    words = {"B": human_size, "s": human_time}.get(found.unit)
    text = words(found.value) if words else f"{found.value:.2f} {found.unit}"
    return ("~" if found.origin.value in {"estimated", "assumed"} else "") + text


def _origin(found: Figure) -> str:
    basis = f": {found.basis}" if found.basis else ""
    return f"[dim]({escape(found.origin.value + basis)})[/]"


def _item(item: Item) -> str:
    told = item.why not in {Why.NONE, Why.SCHEDULE, Why.RATE}
    because = f" · {item.why.value}" if told else ""
    night = f" · worst night {item.date.isoformat()}" if item.date and told else ""
    limit = f" · limit {_number(item.limit)}" if item.limit else " · limit: none set"
    return f"{figure(item.worst)}{night}{because}{limit}"


def _space(figures: Mapping[str, Figure]) -> str:
    now, low, high = (figures.get(name) for name in ("space_now", "space_year_low", "space_year_high"))
    if now is None or low is None or high is None:
        return "not known"
    return f"{_number(now)} now, {human_size(low.value)} to {human_size(high.value)} in a year {_origin(high)}"


def _holds(proof: Proof) -> str:
    kept = dict.fromkeys(NAMES[item.claim] for item in proof.items if item.holds)
    if not kept:
        return "nothing was demanded that could be proven"
    return f"{', '.join(kept)} on each of the next {proof.days} days ({proof.runs} runs)"


def _refuted(item: Item) -> str:
    when = f" from {item.date.isoformat()}" if item.date else ""
    mend = f"; would do: {' or '.join(str(r) for r in item.remedies)}" if item.remedies else ""
    why = f" ({item.why.value})" if item.why is not Why.NONE else ""
    return f"does not hold{when}: {figure(item.worst)} against {figure(item.limit)}{why}{mend}"


def _value(choice: Choice, found: Mapping[str, str]) -> str:
    if choice.field == "datasets":
        names = choice.value.split(", ")
        return escape("; ".join(f"{name}: {found[name]}" if name in found else name for name in names))
    return escape(choice.value) + (f" [dim]· {escape(choice.why)}[/]" if choice.why else "")
