"""Printing: people's text through Rich, or its JSON twin; questions only where there is a terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from orchestrator.cli.invocation import Invocation
from policies.errors import ApprovalRequired

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def console(*, error: bool = False) -> Console:
    """A Rich console; without a terminal it keeps to 80 columns, unless COLUMNS says otherwise."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            """Rich would end the process with exit code 1 here."""
            raise BrokenPipeError

    stream = sys.stderr if error else sys.stdout
    return Piped(stderr=error, soft_wrap=False, highlight=False, width=None if stream.isatty() else _width())


def harmless(text: str) -> str:
    """Text from outside without what commands a terminal: control characters and changes of direction are written out."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def escape(text: str) -> str:
    """Text from outside, so that its brackets are not taken for style, nor its control characters for commands."""
    from rich.markup import escape as escaped

    return escaped(harmless(text))


def show(invocation: Invocation, data: Mapping[str, Any] | Sequence[Any], *parts: RenderableType) -> None:
    """Print the data as JSON where asked, else the parts."""
    if invocation.json:
        print(json.dumps(data, ensure_ascii=False, default=_as_json))
        return
    out = console()
    for part in parts:
        out.print(part)


def confirm(
    invocation: Invocation,
    question: str,
    *,
    choices: str = "yn",
    default: str = "n",
    hint: str = "repeat it with --yes to approve",
) -> str:
    """The letter that the person chose. With --yes the first choice; without a terminal ApprovalRequired, with the question."""
    if invocation.yes:
        return choices[0]
    if invocation.json or not sys.stdin.isatty():
        raise ApprovalRequired(question, hint=hint, untouched="nothing was changed")
    while True:
        # escaped: the brackets of [y/n] are no style
        answer = console().input(f"[bold]{escape(question)}[/bold] ").strip().casefold()[:1] or default
        if answer in choices:
            return answer


def _as_json(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _width() -> int:
    import os

    text = os.environ.get("COLUMNS", "")
    return int(text) if text.isdigit() and int(text) >= 40 else 80
