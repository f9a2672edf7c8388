"""Secrets by reference: read where they lie, kept in memory only, masked wherever text goes out."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import Protocol

from adapters.redaction import RedactingFilter, Redactor
from policies.capture import Command
from policies.errors import ConfigurationError, ToolMissing
from policies.secret import SecretReference

__all__ = ["RedactingFilter", "Redactor", "RunCommand", "SecretReader"]

COMMAND_SECONDS = 60.0
LARGEST = 1 << 16


class _Completed(Protocol):
    @property
    def exit_code(self) -> int: ...
    @property
    def stdout(self) -> str: ...
    @property
    def stderr(self) -> str: ...


class RunCommand(Protocol):
    """`adapters.process.run`, as far as it is needed here."""

    def __call__(self, command: Command, *, timeout: float | None) -> _Completed: ...


class SecretReader:
    """Reads secrets. Files and environment variables are read anew each time, commands and keyrings once."""

    def __init__(self, run: RunCommand) -> None:
        self._run = run
        self._asked: dict[str, str] = {}
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def read(self, reference: object) -> str:
        """The secret; ConfigurationError where the place is missing, empty or readable by others."""
        if not isinstance(reference, SecretReference):
            raise ConfigurationError("a secret is named by its place", hint="write {file: /etc/restora/password}")
        if reference.file is not None:
            value = _from_file(Path(reference.file).expanduser())
        elif reference.environment is not None:
            value = os.environ.get(reference.environment, "")
        else:
            with self._lock:
                value = self._asked.get(repr(reference), "") or self._ask(reference)
                self._asked[repr(reference)] = value
        if not value:
            raise ConfigurationError(
                f"the secret {reference} is empty or not set", hint="put the secret there, then try again"
            )
        with self._lock:
            self._known.add(value)
        return value

    def known(self) -> frozenset[str]:
        """The values read so far, so that they can be masked."""
        with self._lock:
            return frozenset(self._known)

    def _ask(self, reference: SecretReference) -> str:
        if reference.command is not None:
            return self._from_command(reference.command, str(reference))
        return _from_keyring(reference.keyring or "")

    def _from_command(self, command: tuple[str, ...], shown: str) -> str:
        if not command:
            raise ConfigurationError("the command that prints a secret is empty", hint="write [program, argument, …]")
        done = self._run(Command(argv=command), timeout=COMMAND_SECONDS)
        if done.exit_code != 0:
            # its output may hold the secret: only the last line of its complaints is shown
            said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise ConfigurationError(
                f"the secret {shown} can't be read: the command ended with {done.exit_code} ({said})",
                hint="run the command by hand as the same user",
            )
        return done.stdout.rstrip("\r\n")


def _from_file(path: Path) -> str:
    try:
        # NONBLOCK: a pipe at this place must not hang us
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise ConfigurationError(
            f"the secret file {path} can't be opened: {error.strerror}",
            hint="correct its place in restora.yaml, or create it with mode 0600",
        ) from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ConfigurationError(
                f"the secret file {path} is no regular file", hint="name a file that holds the secret"
            )
        if found.st_mode & 0o077:
            raise ConfigurationError(
                f"the secret file {path} is open to others (mode {stat.S_IMODE(found.st_mode):04o})",
                hint=f"chmod 600 {path}",
            )
        content = os.read(descriptor, LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f"the secret file {path} can't be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    if len(content) > LARGEST:
        raise ConfigurationError(
            f"the secret file {path} is larger than {LARGEST} bytes", hint="name a file that holds the secret alone"
        )
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        # without the cause: its text would quote the content
        raise ConfigurationError(
            f"the secret file {path} is no text (UTF-8)", hint="name a file that holds the secret"
        ) from None


def _from_keyring(entry: str) -> str:
    service, slash, user = entry.partition("/")
    if not slash or not service or not user:
        raise ConfigurationError(f"{entry!r} is no keyring entry", hint="write service/user")
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise ToolMissing("the keyring package is not installed", hint="pip install 'restora[keyring]'") from error
    try:
        found = keyring.get_password(service, user)
    except KeyringError as error:
        raise ConfigurationError(
            f"the keyring does not answer for {entry}: {type(error).__name__}",
            hint="unlock the keyring, or use a file with mode 0600",
        ) from error
    if not found:
        raise ConfigurationError(f"the keyring has no {entry}", hint=f"keyring set {service} {user}")
    return str(found)
