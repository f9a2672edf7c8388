"""The figures of an evaluation as tables for a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchestrator.cli.present import escape
from orchestrator.evaluation import Measured
from planner.language.training.scores import Figures

if TYPE_CHECKING:
    from rich.console import RenderableType

    from planner.language.training.scores import Outcome

MOST_TAGS = 12


def percent(share: float | None) -> str:
    """0.1234 as `12.3 %`; `-` for none."""
    return "-" if share is None else f"{share:.1%}".replace("%", " %")


def tables(found: Measured, errors: int = 0) -> list[RenderableType]:
    """All of it, the most telling first."""
    scores = found.scores
    parts: list[RenderableType] = ["", _groups("", {"all": scores.all, **scores.by_language})]
    parts += ["", _groups("by action", scores.by_action)]
    if scores.by_tag:
        common = sorted(scores.by_tag.items(), key=lambda item: -item[1].requests)[:MOST_TAGS]
        parts += ["", _groups("by tag", dict(sorted(common)))]
    slots = [
        (name, percent(s.precision), percent(s.recall), percent(s.f1), str(s.wanted))
        for name, s in scores.slots.items()
    ]
    parts += ["", _table(("slot", "precision", "recall", "F1", "wanted"), slots)]
    bins = [
        (f"{b.low:.1f}-{b.high:.1f}", str(b.requests), percent(b.confidence), percent(b.exact))
        for b in scores.reliability
    ]
    parts += ["", _table(("confidence", "requests", "claimed", "right"), bins)]
    mixed = sorted(((n, pair) for pair, n in scores.confusion.items() if pair[0] != pair[1]), reverse=True)
    if mixed:
        parts += ["", _table(("wanted", "read as", "times"), [(a, b, str(n)) for n, (a, b) in mixed])]
    parts += ["", *_last(found), *(line for one in found.errors[:errors] for line in _wrong(one))]
    return parts


def _groups(title: str, groups: Mapping[str, Figures]) -> RenderableType:
    rows = [
        (
            name, str(f.requests), percent(f.exact), percent(f.slot_f1 if f.clear else None), percent(f.asked), percent(f.needless),
            percent(f.silent),
            str(f.destructive), "-" if f.ece is None else f"{f.ece:.3f}",
        )
        for name, f in groups.items()
    ]  # fmt: skip
    return _table((title, "n", "exact", "slot F1", "asked", "needless", "silent", "destr.", "ECE"), rows)


def _last(found: Measured) -> list[str]:
    lines = []
    if found.median_milliseconds is not None:
        lines.append(
            f"{found.median_milliseconds:.1f} ms a request (median), 95 % within {found.p95_milliseconds:.1f} ms"
        )
    if found.worded:
        w = found.worded
        lines.append(f"wording of {w.texts} policies: BLEU {w.bleu:.2f}, ROUGE-L {w.rouge_l:.2f}")
    lines.append(
        "[dim]asked: of ambiguous requests · needless: questions on what was read rightly · silent: misread, sure and without a"
        " question · destr.: those that take away what was not to go · ECE: expected calibration error[/]"
    )
    return lines


def _wrong(one: Outcome) -> list[str]:
    what = "[red]destructive[/]" if one.destructive else "[red]silent[/]" if one.silent else "misread"
    if one.exact and not one.silent:
        what = "asked needlessly"
    if one.gold.ambiguous and not one.silent:
        what = "not asked, unsure"
    return [
        f"\n[bold]{escape(one.gold.id)}[/] {what}, confidence {one.confidence:.2f}: {escape(one.gold.text)}",
        f"  wanted {escape(_json(one.best))}" + (" [dim](ambiguous)[/]" if one.gold.ambiguous else ""),
        f"  read   {escape(_json(one.said))}",
    ]


def _json(intents: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(intents, ensure_ascii=False)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(titles):
        text = number == 0 or title == "read as"
        table.add_column(title, justify="left" if text else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    return table
