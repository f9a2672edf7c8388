"""The prompt: one request after the other, with history, each of which may lean on the ones before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from orchestrator.cli.present import console
from planner.language.asking import pick
from policies.errors import RestoraError

if TYPE_CHECKING:
    from orchestrator.cli.invocation import Invocation
    from orchestrator.wiring import Application
    from planner.language.dialogue import Turn

REMEMBERED = 20  # requests that a follow-up may lean on
LAST_WORDS = frozenset({"exit", "quit", "bye", "退出", "再见"})


def prompt(application: Application, invocation: Invocation, *, dry_run: bool) -> None:
    """Read requests until an empty line or the end of input; errors are told and the dialogue goes on."""
    from orchestrator.cli.ask import answer
    from orchestrator.cli.main import report

    history = application.settings.state / "prompt-history"
    application.settings.make_folders()
    try:
        import readline

        if history.exists():
            readline.read_history_file(history)
    except ImportError:  # Python without readline: a prompt without history
        readline = None  # type: ignore[assignment]
    console().print(
        pick(
            application.catalog.site.language,
            "Say what you want, for example [bold]back up db nightly, keep 30 days[/]. Then [bold]make that hourly[/] or "
            "[bold]same for the wiki[/] change or repeat it. Empty line or Ctrl-D ends.",
            "请说出需求,例如 [bold]每晚备份 db,保留30天[/]。之后可以说 [bold]改成每小时[/] 或 [bold]wiki 也一样[/]。空行或 Ctrl-D 结束。",
        )
    )
    turns: list[Turn] = []
    while True:
        try:
            line = input("restora> ").strip()
        except EOFError:
            break
        if not line or line.casefold() in LAST_WORDS:
            break
        try:
            answer(application, invocation, line, dry_run=dry_run, turns=turns)
        except typer.Exit:
            pass
        except RestoraError as error:
            report(error, invocation)
        del turns[:-REMEMBERED]
    if readline is not None:
        readline.write_history_file(history)
