"""Small plots as SVG, drawn here: a report stays one file, and no plotting library has to be installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from planner.language.training.scores import Bin

INK, FILL, QUIET = "#1c1c1c", "#2f6f9f", "#bbb"
SIDE, LEFT, BELOW, TOP = 280, 60, 50, 14  # of the square plot and its margins, in pixels
ROW, LABEL, LENGTH = 24, 120, 360  # of bars


def reliability(bins: Sequence[Bin]) -> str:
    """Claimed against true share of right readings; a dot's area is its number of requests, the diagonal is perfect."""
    most = max((b.requests for b in bins), default=1)

    def x(share: float) -> float:
        return LEFT + share * SIDE

    def y(share: float) -> float:
        return TOP + (1 - share) * SIDE

    marks = [f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}" stroke="{QUIET}" stroke-dasharray="4 4"/>']
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        marks.append(_text(x(tick), y(0) + 18, f"{tick:.0%}", "middle"))
        marks.append(_text(x(0) - 8, y(tick) + 4, f"{tick:.0%}", "end"))
    marks.append(f'<rect x="{x(0)}" y="{y(1)}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{INK}"/>')
    line = " ".join(f"{x(b.confidence):.1f},{y(b.exact):.1f}" for b in bins)
    marks.append(f'<polyline points="{line}" fill="none" stroke="{FILL}" stroke-width="1.5"/>')
    for b in bins:
        told = f"{b.requests} requests: claimed {b.confidence:.0%}, right {b.exact:.0%}"
        marks.append(
            f'<circle cx="{x(b.confidence):.1f}" cy="{y(b.exact):.1f}" r="{3 + 9 * (b.requests / most) ** 0.5:.1f}" '
            f'fill="{FILL}" fill-opacity="0.6"><title>{escape(told)}</title></circle>'
        )
    marks.append(_text(x(0.5), y(0) + 40, "confidence", "middle"))
    turned = f'transform="rotate(-90 14 {y(0.5)})"'
    marks.append(_text(14, y(0.5), "read rightly", "middle", turned))
    return _svg(
        LEFT + SIDE + 20, TOP + SIDE + BELOW, marks, "Reliability: claimed against true share of right readings"
    )


def bars(shares: Mapping[str, tuple[float, int]], what: str) -> str:
    """A bar a name: (share from 0 to 1, number of requests)."""
    marks = []
    for row, (name, (share, count)) in enumerate(shares.items()):
        y = TOP + row * ROW
        marks.append(_text(LABEL - 8, y + 15, name, "end"))
        marks.append(f'<rect x="{LABEL}" y="{y + 3}" width="{LENGTH}" height="{ROW - 8}" fill="#eee"/>')
        marks.append(f'<rect x="{LABEL}" y="{y + 3}" width="{share * LENGTH:.1f}" height="{ROW - 8}" fill="{FILL}"/>')
        marks.append(_text(LABEL + LENGTH + 8, y + 15, f"{share:.0%} of {count}", "start"))
    return _svg(LABEL + LENGTH + 110, TOP + len(shares) * ROW + 10, marks, f"Share of {what}")


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="12" fill="{INK}" {more}>{escape(text)}</text>'
    )


def _svg(width: float, height: float, marks: Sequence[str], title: str) -> str:
    box = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {box}><title>{escape(title)}</title>{"".join(marks)}</svg>'
    )
