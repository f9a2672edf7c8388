"""Entry point: global options, one command loaded, errors mapped to exit codes once.

Only the module of the command that was typed is imported; the others appear in `--help` by their line here. Words that are no
command are a request: `restora "back up db nightly"` is `restora ask "back up db nightly"`.
"""

from __future__ import annotations

import gc
import importlib
import io
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
    "eval": "Measure how well requests are read.",
    "feedback": "Corrections that the reader may learn from: keep, list, erase.",
    "model": "Models of the reader: list, choose, go back.",
    "train": "Train the reader on a corpus and on corrections.",
    "doctor": "Check the installation: programs, configuration, repositories, secrets.",
    "audit": "Show and verify the ledger of proposals, approvals and runs.",
}
EPILOG = "Everywhere: --home DIR, --config FILE, --json, --quiet, --yes, --no-color. Exit codes: docs/reference/exit-codes.md"
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> None:
    """The command `restora`."""
    gc.set_threshold(50_000, 20, 20)  # what imports make stays for good: looking through it again and again is waste
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # names of files may be no text: they are shown with escapes instead of ending in an error
            stream.reconfigure(errors="backslashreplace")
    try:
        invocation, words = extract(words)
    except UsageError as error:
        sys.exit(report(error, Invocation(json="--json" in words)))
    if invocation.no_color:
        os.environ["NO_COLOR"] = "1"  # Rich, and whatever we start, heed it
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
        # bash tells the line in one variable, zsh and fish in the other
        line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
        selected = next((word for word in line.split()[1:] if word in COMMANDS), None)
    if words == ["--version"]:
        from importlib.metadata import version

        print(f"restora {version('restora')}")
        return 0
    if selected is None and not completing and (unknown := next((w for w in words if not w.startswith("-")), None)):
        return report(_no_command(unknown), invocation)
    try:
        result = build(selected)(
            args=words,
            obj=invocation,
            prog_name="restora",
            standalone_mode=bool(completing) or (_wants_usage(words, selected) and not invocation.json),
        )
    except RestoraError as error:
        return report(error, invocation)
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        # whoever read has seen enough (head, less); nothing more can be said, at the end of the process neither
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
        from adapters.redaction import Redactor

        said = Redactor(tuple)(f"unexpected {type(error).__name__}: {error}")
        return report(RestoraError(said, hint="this is a defect of restora; --debug shows where"), invocation)
    if result == INTERRUPTED:  # what Typer makes of Ctrl-C
        return _interrupted()
    return result if isinstance(result, int) else 0


def _no_command(word: str) -> UsageError:
    import difflib

    near = difflib.get_close_matches(word, COMMANDS, 1)
    hint = f"did you mean restora {near[0]}?" if near else "restora --help lists the commands"
    return UsageError(f"{word!r} is no command, and no request", hint=hint, untouched="nothing was done")


def _wants_usage(words: list[str], selected: str | None) -> bool:
    return selected is None or "--help" in words or "-h" in words


def _interrupted() -> int:
    print("Interrupted. What was begun is resumed by the next run or the daemon.", file=sys.stderr)
    return INTERRUPTED


def _usage(error: Exception, invocation: Invocation) -> int:
    message = getattr(error, "format_message", lambda: str(error))()
    if type(error).__name__ in {"Exit"}:
        return int(getattr(error, "exit_code", 0))
    if type(error).__name__ == "Abort":  # the end of input at a question
        return _interrupted()
    return report(UsageError(message, hint="restora COMMAND --help shows what it takes"), invocation)


def report(error: RestoraError, invocation: Invocation) -> int:
    """Print an error, or its JSON twin; its exit code."""
    if invocation.json:
        import json

        print(json.dumps(error.as_dict(), ensure_ascii=False))
    else:
        from orchestrator.cli.present import harmless

        red, bold, plain = (
            ("\033[31m", "\033[1m", "\033[0m")
            if sys.stderr.isatty() and not os.environ.get("NO_COLOR")
            else ("", "", "")
        )
        for label, text in (("Error:", error.message), ("  Safe: ", error.untouched), ("  Next: ", error.hint)):
            if text:
                first, *rest = _lines(harmless(text))
                style = f"{red}{bold}{label}{plain}" if label == "Error:" else label
                print(f"{style} {first}", *(f"         {line}" for line in rest), sep="\n", file=sys.stderr)
    return error.exit_code


def _lines(text: str) -> list[str]:
    """At a terminal broken between words; elsewhere as it is, for programs that look for lines."""
    if not sys.stderr.isatty():
        return text.splitlines()
    import shutil
    import textwrap

    width = max(shutil.get_terminal_size().columns - 10, 30)
    return [
        part
        for line in text.splitlines()
        for part in textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
    ]


if __name__ == "__main__":
    main()
