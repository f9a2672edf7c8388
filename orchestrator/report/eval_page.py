"""An evaluation as one HTML page with plots, or as Markdown tables: no scripts, no outside files, readable in print."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from orchestrator.evaluation import Measured
from orchestrator.report.plots import bars, reliability
from planner.language.training.scores import Figures

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c;background:#fff}
h2{margin-top:2.5rem}table{border-collapse:collapse}td,th{text-align:right;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}.wrong td{text-align:left;vertical-align:top;overflow-wrap:anywhere}
.bad{color:#a40e0e}svg{max-width:100%;height:auto}"""
GROUP = ("", "requests", "exact", "actions", "slot F1", "asked", "needless", "silent", "destructive", "served", "ECE")
MOST_WRONG = 200
Rows = Sequence[Sequence[str]]
Section = tuple[str, Sequence[str], Rows]


def page(found: Measured, where: str, model: str) -> str:
    """The HTML page; every value is escaped."""
    scores = found.scores
    plots = {
        "Calibration": reliability(scores.reliability),
        "By action": bars(
            {name: (f.exact or 0.0, f.clear) for name, f in scores.by_action.items() if f.clear}, "exact readings"
        ),
    }
    body = [f"<h1>How requests are read</h1><p>{escape(_head(found, where, model))}</p>"]
    for title, head, rows in _sections(found):
        body.append(f"<h2>{escape(title)}</h2>{plots.get(title, '')}{_html(head, rows)}")
    wrong = "".join(
        f"<tr><td>{escape(one.gold.id)}</td><td>{'<b class=bad>silent</b> ' if one.silent else ''}{escape(one.gold.text)}</td>"
        f"<td>{escape(json.dumps(one.best, ensure_ascii=False))}</td><td>{escape(json.dumps(one.said, ensure_ascii=False))}</td>"
        f"<td>{one.confidence:.2f}</td></tr>"
        for one in found.errors[:MOST_WRONG]
    )
    if wrong:
        head = "<tr><th>id</th><th>request</th><th>wanted</th><th>read</th><th>confidence</th></tr>"
        body.append(f'<h2>Not served</h2><table class="wrong">{head}{wrong}</table>')
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>How requests are read</title>'
        f"<style>{STYLE}</style><body>{''.join(body)}</body></html>\n"
    )


def markdown(found: Measured, where: str, model: str) -> str:
    """The tables alone, for a repository or a ticket."""
    parts = ["# How requests are read", _head(found, where, model)]
    for title, head, rows in _sections(found):
        lines = [f"| {' | '.join(head)} |", "|---" + "|---:" * (len(head) - 1) + "|"]
        lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
        parts += [f"## {title}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _head(found: Measured, where: str, model: str) -> str:
    speed = f"; {found.median_milliseconds:.1f} ms a request (median)" if found.median_milliseconds is not None else ""
    return f"{len(found.outcomes)} requests of {where}, read with model {model}{speed}."


def _sections(found: Measured) -> list[Section]:
    scores = found.scores
    sections: list[Section] = [
        ("All", GROUP, [_figures(name, f) for name, f in {"all": scores.all, **scores.by_language}.items()]),
        ("By action", GROUP, [_figures(name, f) for name, f in scores.by_action.items()]),
        ("By tag", GROUP, [_figures(name, f) for name, f in scores.by_tag.items()]),
        ("Slots", ("slot", "precision", "recall", "F1", "wanted", "given"), [
            (name, _share(s.precision), _share(s.recall), _share(s.f1), str(s.wanted), str(s.given)) for name, s in scores.slots.items()
        ]),
        ("Calibration", ("confidence", "requests", "claimed", "right"), [
            (f"{b.low:.1f}-{b.high:.1f}", str(b.requests), _share(b.confidence), _share(b.exact)) for b in scores.reliability
        ]),
        ("Actions taken for others", ("wanted", "read as", "times"), [
            (wanted, given, str(count)) for (wanted, given), count in scores.confusion.items() if wanted != given
        ]),
    ]  # fmt: skip
    if found.worded:
        w = found.worded
        sections.append(
            ("Wording", ("texts", "BLEU", "ROUGE-L"), [(str(w.texts), f"{w.bleu:.3f}", f"{w.rouge_l:.3f}")])
        )
    return [section for section in sections if section[2]]


def _figures(name: str, f: Figures) -> list[str]:
    shares: list[float | None] = [f.exact, f.actions, f.slot_f1 if f.clear else None, f.asked, f.needless, f.silent]
    error = "-" if f.ece is None else f"{f.ece:.3f}"
    return [name, str(f.requests), *map(_share, shares), str(f.destructive), _share(f.served), error]


def _html(head: Sequence[str], rows: Rows) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
