"""The command line's reference, written from the commands themselves: `python -m orchestrator.cli.reference`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from orchestrator.cli.main import COMMANDS, build

PLACE = Path("docs/reference/cli.md")
HEAD = """\
# Commands

<!-- made by python -m orchestrator.cli.reference: change the commands, not this page -->

Words that are no command are a request: `restora "back up db nightly"` is `restora ask "back up db nightly"`
([requests](../how-to/requests.md)). What the exit codes mean: [exit codes](exit-codes.md).

| everywhere | |
|---|---|
| `--home DIR` | all of restora's folders below DIR (also `RESTORA_HOME`) |
| `--config FILE` | another restora.yaml |
| `--json` | print JSON only |
| `--quiet` | no progress |
| `--yes`, `-y` | approve what the guardrails allow |
| `--debug` | show where an unforeseen error happened |
| `--version` | alone: the version |
"""


def reference() -> str:
    """The page."""
    import typer.main

    group: Any = typer.main.get_command(build("*"))
    parts = [HEAD]
    for name in COMMANDS:
        command = group.commands[name]
        arguments = " ".join(
            _metavar(parameter) for parameter in command.params if parameter.param_type_name == "argument"
        )
        line = f"restora {name} {arguments}".strip()
        parts.append(f"## restora {name}\n\n`{line}`\n\n{_clean(command.help)}\n")
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
        return f"`{_metavar(parameter)}`".replace("|", "\\|")
    value = "" if parameter.is_flag else " …"
    return ", ".join(f"`{name}{value}`" for name in (*parameter.opts, *parameter.secondary_opts))


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
        current = PLACE.exists() and PLACE.read_text(encoding="utf-8") == reference()
        sys.exit(0 if current else f"{PLACE} is not what the commands say: make reference")
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    PLACE.write_text(reference(), encoding="utf-8")
