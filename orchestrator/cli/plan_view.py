"""How a plan looks: what was chosen and why, what changes, what is proven of it, each figure with its origin."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING

from orchestrator.cli.plan_terms import ENGLISH, TERMS, Language, Terms
from orchestrator.cli.present import escape
from planner.language import plan_words
from planner.proof import Claim, Item, Proof, Why
from planner.proposal import Choice, Draft, FieldChange, Plan, PolicyChange
from policies.figure import Figure
from policies.quantity import human_size, human_time

if TYPE_CHECKING:
    from rich.console import RenderableType

QUIET = frozenset({"origin"})  # the words a policy came from: kept in the file, said above
SIGNS = {"added": "[green]+[/]", "removed": "[red]-[/]", "changed": "[yellow]~[/]", "kept": "[dim]=[/]"}


def drafted(
    draft: Draft, found: Mapping[str, str], missing: Mapping[str, str], language: Language = "en"
) -> list[RenderableType]:
    """The choices of one draft: said ones first, assumed ones marked; `found` says of datasets what they are, `missing` why
    they can't be seen now."""
    from rich.table import Table

    terms = TERMS[language]

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for choice in sorted(draft.choices, key=lambda c: not c.said):
        # what was said in an earlier request, or in an answer, has no words in this one
        otherwise = terms.word("before" if choice.said else "assumed")
        words = escape(choice.words) if choice.said and choice.words else f"[dim]{otherwise}[/]"
        table.add_row(f"  {terms.field(choice.field)}", words, _value(choice, draft, found, language))
    problems = [(p, plan_words.problem_zh(p) if language == "zh" else p.message) for p in draft.problems]
    lines = dict.fromkeys(("red" if p.blocks else "yellow", said, _way(p.hint, language)) for p, said in problems)
    told = [_told(*line) for line in lines]
    unseen = [
        _told("yellow", terms.word("unseen").format(name=name, why=why), terms.word("mend"))
        for name, why in missing.items()
        if name in (draft.policy.datasets if draft.policy else missing)
    ]
    return [table, *told, *unseen]


def planned(plan: Plan, zone: tzinfo, told: Collection[str] = (), language: Language = "en") -> list[RenderableType]:
    """What changes, and what is proven and estimated of it; `told`: messages that were shown before."""
    terms = TERMS[language]
    parts: list[RenderableType] = []
    for change in plan.changes:
        head = f"{SIGNS[change.kind.value]} {terms.word('policy')} [bold]{escape(change.name)}[/]"
        parts.append(f"[bold]{terms.word('plan')}[/]  {head}")
        if change.kind.value == "changed":
            parts += [f"    {escape(_below(field))}" for field in change.fields if field.path[-1] not in QUIET]
        parts += _facts(change, zone, terms)
        parts += [
            _told(
                "red" if v.severity.value == "violation" else "yellow",
                plan_words.violation_zh(v) if language == "zh" else v.message,
                _way(v.hint, language),
            )
            for v in change.violations
            if v.message not in told
        ]
    if plan.others and not plan.changes:
        parts.append(f"[bold]{terms.word('plan')}[/]")
    parts += [f"  {escape(str(field))}" for field in plan.others]
    return parts


def going(counts: Mapping[str, tuple[int, int]], language: Language = "en") -> list[RenderableType]:
    """What a shorter retention takes away: approving the plan approves that."""
    return [
        _told(
            "yellow",
            TERMS[language].word("going").format(gone=gone, there=there, name=name),
            "restora snapshots --why",
        )
        for name, (gone, there) in counts.items()
    ]


def _way(hint: str, language: Language) -> str:
    return plan_words.hint_zh(hint) if language == "zh" else hint


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


def _facts(change: PolicyChange, zone: tzinfo, terms: Terms) -> list[RenderableType]:
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    if change.proof:
        several = sum(item.claim is Claim.RTO for item in change.proof.items) > 1
        for item in change.proof.items:
            if item.claim in {Claim.RPO, Claim.RTO}:
                whose = f"{escape(item.subject)} " if several and item.claim is Claim.RTO else ""
                table.add_row(f"  {terms.claim(item.claim)}", whose + _item(item, terms))
        table.add_row(f"  {terms.word('space')}", _space(change.figures, terms))
        cost = change.figures.get("cost_month")
        if cost and cost.value:
            spent = terms.word("cost of").format(cost=f"{cost.value:.2f} USD")
            table.add_row(f"  {terms.word('cost')}", f"{spent} {_origin(cost, terms)}")
        table.add_row(f"  {terms.word('holds')}", _holds(change.proof, terms))
        for item in change.proof.refuted:
            table.add_row(f"  [red]{terms.claim(item.claim)}[/]", f"[red]{_refuted(item, terms)}[/]")
    if change.slots:
        next_runs = ", ".join(terms.moment(slot.due.astimezone(zone)) for slot in change.slots[:3])
        table.add_row(f"  {terms.word('next runs')}", next_runs)
    return [table] if table.row_count else []


def figure(found: Figure | None, terms: Terms = ENGLISH) -> str:
    """A number in words, with where it comes from."""
    if found is None:
        return terms.word("not known")
    return f"{_number(found)} {_origin(found, terms)}"


def _number(found: Figure) -> str:
    words = {"B": human_size, "s": human_time}.get(found.unit)
    text = words(found.value) if words else f"{found.value:.2f} {found.unit}"
    return ("~" if found.origin.value in {"estimated", "assumed"} else "") + text


def _origin(found: Figure, terms: Terms) -> str:
    basis = f": {terms.basis(found.basis)}" if found.basis else ""
    return f"[dim]({escape(terms.word(found.origin.value) + basis)})[/]"


def _item(item: Item, terms: Terms) -> str:
    told = item.why not in {Why.NONE, Why.SCHEDULE, Why.RATE}
    because = f" · {terms.why(item.why)}" if told else ""
    night = f" · {terms.word('worst night')} {item.date.isoformat()}" if item.date and told else ""
    limit = f" · {terms.word('limit')} {_number(item.limit)}" if item.limit else f" · {terms.word('no limit')}"
    return f"{figure(item.worst, terms)}{night}{because}{limit}"


def _space(figures: Mapping[str, Figure], terms: Terms) -> str:
    now, low, high = (figures.get(name) for name in ("space_now", "space_year_low", "space_year_high"))
    if now is None or low is None or high is None:
        return terms.word("not known")
    said = terms.word("space of").format(now=_number(now), low=human_size(low.value), high=human_size(high.value))
    return f"{said} {_origin(high, terms)}"


def _holds(proof: Proof, terms: Terms) -> str:
    kept = dict.fromkeys(terms.claim(item.claim) for item in proof.items if item.holds)
    if not kept:
        return terms.word("nothing proven")
    return terms.word("holds on").format(what=terms.listed(kept), days=proof.days, runs=proof.runs)


def _refuted(item: Item, terms: Terms) -> str:
    when = f" {terms.word('from')} {item.date.isoformat()}" if item.date else ""
    remedies = terms.word("or").join(terms.remedy(r) for r in item.remedies)
    mend = f"; {terms.word('would do')} {remedies}" if item.remedies else ""
    why = f" ({terms.why(item.why)})" if item.why is not Why.NONE else ""
    against = terms.word("against").format(worst=figure(item.worst, terms), limit=figure(item.limit, terms))
    return f"{terms.word('refuted')}{when}: {against}{why}{mend}"


def _value(choice: Choice, draft: Draft, found: Mapping[str, str], language: Language) -> str:
    value = plan_words.value_zh(choice, draft) if language == "zh" else choice.value
    why = plan_words.reason_zh(choice) if language == "zh" else choice.why
    if choice.field == "datasets":
        names = value.split(", ")
        return escape("; ".join(f"{name}: {found[name]}" if name in found else name for name in names))
    return escape(value) + (f" [dim]· {escape(why)}[/]" if why else "")
