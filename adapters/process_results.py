"""What came of processes, as values, and how a command may be shown. Starts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import join

from adapters.process_output import masked
from policies.capture import Command
from policies.errors import RestoraError


class ProcessFailed(RestoraError):
    """A process whose lines were being read ended with a code other than 0."""

    kind = "process"

    def __init__(self, message: str, completed: Completed, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.completed = completed


@dataclass(frozen=True, slots=True)
class Completed:
    """A process that ended. Texts are masked and hold at most the end of what came
    (`truncated`: there was more).

    `exit_code` is negative for a signal; `seconds` is wall time."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    truncated: bool = False

    def tail(self, lines: int = 5) -> str:
        """The last words, for messages: of stderr, else of stdout."""
        return "\n".join((self.stderr.strip() or self.stdout.strip()).splitlines()[-lines:])


@dataclass(frozen=True, slots=True)
class Piped:
    """Two processes and what flowed between them. `accepted` false: the consumer was killed before it saw an end;
    `refused`: it ended by itself while there was more."""

    producer: Completed
    consumer: Completed
    head: bytes
    bytes: int
    accepted: bool
    refused: bool = False


def shown(command: Command, mask: Sequence[str] = ()) -> str:
    """A command as it may be shown: its arguments, masked; never its environment."""
    secrets = [*command.secret_env.values(), *mask]
    return join(masked(word, secrets) for word in command.argv)  # first masked: quoting would take a secret apart
