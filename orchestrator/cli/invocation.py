"""The global options, taken from anywhere in the line, and the application that they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policies.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.wiring import Application

FLAGS = {
    "--json": "json",
    "--quiet": "quiet",
    "--yes": "yes",
    "-y": "yes",
    "--debug": "debug",
    "--no-color": "no_color",
}
VALUES = {"--home": "home", "--config": "config"}


@dataclass(frozen=True, slots=True)
class Invocation:
    """What was said for the whole call. `json`: print JSON only; `quiet`: no progress; `yes`: approve what guardrails allow;
    `debug`: show tracebacks; `no_color`: as the variable NO_COLOR."""

    home: Path | None = None
    config: Path | None = None
    json: bool = False
    quiet: bool = False
    yes: bool = False
    debug: bool = False
    no_color: bool = False

    def application(self) -> Application:
        """Everything wired for this call's folders."""
        from orchestrator.wiring import Application

        return Application.open(home=self.home, config=self.config)


def extract(words: list[str]) -> tuple[Invocation, list[str]]:
    """Global options and what is left. After `--` everything is left as it is."""
    said: dict[str, Any] = {}
    left: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word == "--":
            left += [word, *rest]
        elif word in FLAGS:
            said[FLAGS[word]] = True
        elif name in VALUES:
            value = value if equals else next(rest, "")
            if not value:
                raise UsageError(f"{name} needs a value", hint=f"write {name} PATH")
            said[VALUES[name]] = Path(value)
        else:
            left.append(word)
    return Invocation(**said), left
