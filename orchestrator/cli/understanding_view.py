"""How an understanding looks: the request with its meaning words coloured, or a table of them where there is no colour."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from orchestrator.cli.present import escape, harmless
from planner.language.asking import pick

if TYPE_CHECKING:
    from rich.console import RenderableType

    from orchestrator.understanding import Understood
    from planner.language.intent import Reading, Span

COLOURS = ("cyan", "green", "magenta", "yellow", "blue")


def understood(reading: Reading) -> RenderableType:
    """What each word was taken for: colours in a terminal, a table elsewhere and with NO_COLOR."""
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        return coloured(reading)
    return table(reading)


def coloured(reading: Reading) -> RenderableType:
    """The request with the words that carried meaning coloured by what they mean, and the colours explained."""
    from rich.text import Text

    text = Text(pick(reading.language, "Understood  ", "理解为  "), style="bold")
    labels = list(dict.fromkeys(span.label for span in _in_order(reading)))
    style = {label: COLOURS[index % len(COLOURS)] for index, label in enumerate(labels)}
    position = 0
    for span in _in_order(reading):
        if span.start < position:
            continue
        text.append(harmless(reading.text[position : span.start]), style="dim")
        text.append(harmless(span.text), style=style[span.label])
        position = span.end
    text.append(harmless(reading.text[position:]), style="dim")
    names = _labels(reading)
    if labels:
        text.append("\n  ")
    for label in labels:
        text.append(f"{names.get(label, label)}  ", style=style[label])
    return text


def table(reading: Reading) -> RenderableType:
    """What was understood, a line for each slot of each intent: its label and the request's own words."""
    from rich.table import Table
    from rich.text import Text

    out = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    out.add_column(no_wrap=True)
    out.add_column(overflow="fold")
    names = _labels(reading)
    several = len(reading.intents) > 1
    out.add_row(Text(pick(reading.language, "Understood", "理解为")), Text(harmless(reading.text)))
    for number, _intent in enumerate(reading.intents):
        words: dict[str, list[str]] = {}
        for span in _in_order(reading):
            if number in span.intent and span.text.strip():
                words.setdefault(span.label, []).append(harmless(span.text))
        for label, said in words.items():
            which = f"{number + 1} " if several else ""
            out.add_row(Text(f"  {which}{names.get(label, label)}"), Text(" · ".join(said)))
    return out


def taken(found: Understood) -> list[RenderableType]:
    """What came from an earlier request of the dialogue, in words."""
    from planner.language.sentences import slot, target

    lines: list[RenderableType] = []
    language = found.language
    for number, intent in enumerate(found.reading.intents):
        slots = [name for of, name in found.taken if of == number]
        words = [target(intent, language) if name == "targets" else slot(name, intent, language) for name in slots]
        if words:
            said = escape(" · ".join(word for word in words if word))
            lines.append(f"[dim]{pick(language, 'From before', '沿用之前')}[/]  {said}")
    return lines


def leftover(found: Understood) -> list[RenderableType]:
    """Words that nothing was made of."""
    left = found.reading.leftover
    return [f"[yellow]{pick(found.language, 'Not used:', '没有用到:')}[/]   {escape(', '.join(left))}"] if left else []


def unheeded(found: Understood) -> list[RenderableType]:
    """What was said and has no effect."""
    names = _labels(found.reading)
    said = [
        f"{names.get(slot, slot)} ({words})" if words else names.get(slot, slot)
        for slot, words in found.resolution.unheeded
    ]
    if not said:
        return []
    head = pick(found.language, "Without effect in this version:", "此版本不支持,不会生效:")
    return [f"[yellow]{head}[/] {escape(', '.join(said))}"]


def _labels(reading: Reading) -> dict[str, str]:
    from planner.language import words_en, words_zh

    return words_zh.LABELS if reading.language == "zh" else words_en.LABELS


def _in_order(reading: Reading) -> list[Span]:
    return sorted(reading.spans, key=lambda span: (span.start, span.end))
