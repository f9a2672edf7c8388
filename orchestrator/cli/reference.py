"""The command line's reference, written from the commands themselves: `python -m orchestrator.cli.reference`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from orchestrator.cli.main import COMMANDS, build

PLACE = Path("docs/reference/cli.md")
GLOBAL = """| everywhere | |
|---|---|
| `--home DIR` | all of restora's folders below DIR (also `RESTORA_HOME`) |
| `--config FILE` | another restora.yaml |
| `--json` | print JSON only |
| `--quiet` | no progress |
| `--yes`, `-y` | approve what the guardrails allow |
| `--debug` | show where an unforeseen error happened |
"""


def reference() -> str:
    """The page."""
    import typer.main

    group: Any = typer.main.get_command(build("*"))
    parts = ["# Commands\n\nWritten from the program by `python -m orchestrator.cli.reference`.\n", GLOBAL]
    for name in COMMANDS:
        command = group.commands[name]
        arguments = " ".join(
            _metavar(parameter) for parameter in command.params if parameter.param_type_name == "argument"
        )
        parts.append(f"## restora {name}\n\n`restora {name} {arguments}`".rstrip() + f"\n\n{_clean(command.help)}\n")
        rows = [
            f"| {_names(p)} | {_text(p)} |" for p in command.params if getattr(p, "help", None) and p.name != "help"
        ]
        if rows:
            parts.append("| | |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _metavar(parameter: Any) -> str:
    word = parameter.metavar or parameter.name.upper()
    return word if parameter.required or word.startswith("[") else f"[{word}]"


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_metavar(parameter)}`"
    return ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))


def _text(parameter: Any) -> str:
    default = parameter.default
    shown = default not in (None, "", False, True, ()) and not callable(default)
    return _clean(parameter.help).replace("|", "\\|") + (f" Default: {default}." if shown else "")


def _clean(text: str | None) -> str:
    return (
        " ".join(line.strip() if line.strip() else "\n\n" for line in (text or "").splitlines())
        .replace(" \n\n ", "\n\n")
        .strip()
    )


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PLACE.read_text(encoding="utf-8") != reference())
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    PLACE.write_text(reference(), encoding="utf-8")
