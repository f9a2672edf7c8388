"""Entry point: global options, one command loaded, errors mapped to exit codes once.

Only the module of the command that was typed is imported; the others appear in `--help` by their line here. Words that are no
command are a request: `restora "back up db nightly"` is `restora ask "back up db nightly"`.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from orchestrator.cli.invocation import Invocation, extract
from policies.errors import RestoraError, UsageError

if TYPE_CHECKING:
    import typer

COMMANDS: dict[str, str] = {
    "ask": 'Say what you want; the same as restora "TEXT".',
    "init": "Write restora.yaml, make repository and password, find data on this host.",
    "parse": "Show how a request is understood, nothing else.",
    "plan": "Show what would change, with proof, cost, RPO and RTO.",
    "apply": "Put a stored proposal or an edited restora.yaml in force.",
    "run": "Run policies now, with live progress.",
    "daemon": "Run the scheduler in the foreground.",
    "install-service": "Write the systemd unit of the daemon.",
    "status": "The board: last good backup, age, last proven restore, next run.",
    "snapshots": "List recovery points.",
    "browse": "List the files of a recovery point.",
    "restore": "Bring data back, to a safe place unless told otherwise.",
    "drill": "Prove that a restore works, and measure RPO and RTO.",
    "doctor": "Check the installation: programs, configuration, repositories, secrets.",
    "audit": "Show and verify the ledger of proposals, approvals and runs.",
}
EPILOG = "Everywhere: --home DIR, --config FILE, --json, --quiet, --yes. Exit codes: docs/reference/exit-codes.md"


def main(argv: Sequence[str] | None = None) -> None:
    """The command `restora`."""
    gc.set_threshold(50_000, 20, 20)  # what imports make stays for good: looking through it again and again is waste
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        invocation, words = extract(words)
    except UsageError as error:
        sys.exit(report(error, Invocation(json="--json" in words)))
    words = _request_as_ask(words)
    sys.exit(_run(words, invocation))


def build(selected: str | None) -> typer.Typer:
    """The whole command line; only the selected command (or with "*" every one) is really there, the rest are names."""
    import typer

    app = typer.Typer(
        name="restora", no_args_is_help=True, rich_markup_mode=None, epilog=EPILOG, pretty_exceptions_enable=False,
        help="Say what must never be lost; restora backs it up, proves that it comes back, and brings it back.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip

    @app.callback()
    def root() -> None: ...

    for name, summary in COMMANDS.items():
        function = _load(name) if selected in {name, "*"} else _name_only
        app.command(name, help=None if selected in {name, "*"} else summary, epilog=EPILOG, short_help=summary)(
            function
        )
    return app


def _load(name: str) -> Callable[..., None]:
    module = importlib.import_module(f"orchestrator.cli.{name.replace('-', '_')}")
    function: Callable[..., None] = module.command
    return function


def _name_only() -> None:
    raise AssertionError("only the selected command runs")


def _request_as_ask(words: list[str]) -> list[str]:
    first = next((word for word in words if not word.startswith("-")), None)
    if first is None and not words and sys.stdin.isatty():
        return ["ask"]
    if first is None or first in COMMANDS or os.environ.get("_RESTORA_COMPLETE"):
        return words
    if len(words) == 1 and first.isascii() and first.replace("-", "").isalpha() and len(first) < 16:
        return words  # one plain word is a mistyped command: Typer names the nearest ones
    return ["ask", *words]


def _run(words: list[str], invocation: Invocation) -> int:
    completing = os.environ.get("_RESTORA_COMPLETE")
    selected = next((word for word in words if word in COMMANDS), None)
    if completing:
        selected = next((word for word in os.environ.get("COMP_WORDS", "").split()[1:] if word in COMMANDS), None)
    if words == ["--version"]:
        from importlib.metadata import version

        print(f"restora {version('restora')}")
        return 0
    try:
        result = build(selected)(
            args=words,
            obj=invocation,
            prog_name="restora",
            standalone_mode=bool(completing) or _wants_usage(words, selected),
        )
    except RestoraError as error:
        return report(error, invocation)
    except KeyboardInterrupt:
        print("Interrupted. What was begun is resumed by the next run or the daemon.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 141
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except (
        Exception
    ) as error:  # the edge: anything unforeseen becomes a report instead of a traceback, unless asked for
        if type(error).__module__.partition(".")[0] in {"typer", "click"}:
            return _usage(error, invocation)
        if invocation.debug:
            raise
        return report(
            RestoraError(
                f"unexpected {type(error).__name__}: {error}", hint="this is a defect of restora; --debug shows where"
            ),
            invocation,
        )
    return result if isinstance(result, int) else 0


def _wants_usage(words: list[str], selected: str | None) -> bool:
    return selected is None or "--help" in words or "-h" in words


def _usage(error: Exception, invocation: Invocation) -> int:
    message = getattr(error, "format_message", lambda: str(error))()
    if type(error).__name__ in {"Exit"}:
        return int(getattr(error, "exit_code", 0))
    if type(error).__name__ == "Abort":
        return 130
    return report(UsageError(message, hint="restora COMMAND --help shows what it takes"), invocation)


def report(error: RestoraError, invocation: Invocation) -> int:
    """Print an error, or its JSON twin; its exit code."""
    if invocation.json:
        import json

        print(json.dumps(error.as_dict(), ensure_ascii=False))
    else:
        red, bold, plain = ("\033[31m", "\033[1m", "\033[0m") if sys.stderr.isatty() else ("", "", "")
        print(f"{red}{bold}Error:{plain} {error.message}", file=sys.stderr)
        if error.untouched:
            print(f"  Safe:  {error.untouched}", file=sys.stderr)
        if error.hint:
            print(f"  Next:  {error.hint}", file=sys.stderr)
    return error.exit_code


if __name__ == "__main__":
    main()
