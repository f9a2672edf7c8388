"""Secrets read from every place, refused where others could read them, and masked in whatever goes out."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.secrets import RedactingFilter, Redactor, SecretReader
from policies.capture import Command
from policies.errors import ConfigurationError, ToolMissing
from policies.secret import SecretReference


@dataclass(frozen=True)
class Done:
    exit_code: int
    stdout: str
    stderr: str


class Shell:
    """Runs real commands, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, command: Command, *, timeout: float | None) -> Done:
        self.count += 1
        done = subprocess.run(command.argv, capture_output=True, text=True, timeout=timeout, check=False)
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def shell() -> Shell:
    return Shell()


@pytest.fixture
def reader(shell: Shell) -> SecretReader:
    return SecretReader(shell)


def secret_file(folder: Path, content: bytes = b"hunter2\n", mode: int = 0o600) -> SecretReference:
    path = folder / "password"
    path.write_bytes(content)
    path.chmod(mode)
    return SecretReference(file=str(path))


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner(reader: SecretReader, tmp_path: Path, mode: int) -> None:
    assert reader.read(secret_file(tmp_path, mode=mode)) == "hunter2"
    assert reader.known() == {"hunter2"}


@pytest.mark.parametrize("content", [b"hunter2", b"hunter2\n", b"hunter2\r\n", b"hunter2\n\n"])
def test_line_ends_are_no_part_of_it(reader: SecretReader, tmp_path: Path, content: bytes) -> None:
    assert reader.read(secret_file(tmp_path, content)) == "hunter2"


def test_blanks_are_part_of_it(reader: SecretReader, tmp_path: Path) -> None:
    assert reader.read(secret_file(tmp_path, "  pass wörd ".encode())) == "  pass wörd "


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o601])
def test_a_file_that_others_can_reach_is_refused(reader: SecretReader, tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigurationError, match=f"{mode:04o}") as caught:
        reader.read(secret_file(tmp_path, mode=mode))
    assert caught.value.hint == f"chmod 600 {tmp_path}/password"
    assert reader.known() == frozenset()


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "empty"), (b"\n", "empty"), (b"\xff\xfesecret", "no text"), (b"x" * 70_000, "larger")]
)
def test_content_that_is_no_secret(reader: SecretReader, tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as caught:
        reader.read(secret_file(tmp_path, content))
    assert caught.value.__cause__ is None


def test_places_that_are_no_file(reader: SecretReader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, why in (("pipe", "no regular file"), ("missing", "can't be opened"), ("", "regular file")):
        with pytest.raises(ConfigurationError, match=why):
            reader.read(SecretReference(file=str(tmp_path / name)))


def test_a_file_is_read_anew(reader: SecretReader, tmp_path: Path) -> None:
    reader.read(secret_file(tmp_path))
    assert reader.read(secret_file(tmp_path, b"changed")) == "changed"
    assert reader.known() == {"hunter2", "changed"}


def test_environment(reader: SecretReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    assert reader.read(SecretReference(environment="DB_PASSWORD")) == "hunter2"
    with pytest.raises(ConfigurationError, match="environment:NOT_SET"):
        reader.read(SecretReference(environment="NOT_SET"))


def test_a_command_is_asked_once(reader: SecretReader, shell: Shell) -> None:
    reference = SecretReference(command=("printf", "hunter2\\n"))
    assert reader.read(reference) == reader.read(reference) == "hunter2"
    assert shell.count == 1


def test_a_command_that_fails(reader: SecretReader, shell: Shell) -> None:
    reference = SecretReference(command=("sh", "-c", "echo hunter2; echo the vault is sealed >&2; exit 3"))
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"ended with 3 .the vault is sealed") as caught:
            reader.read(reference)
        assert "hunter2" not in str(caught.value)
    assert shell.count == 2
    with pytest.raises(ConfigurationError, match="empty"):
        reader.read(SecretReference(command=("true",)))


def test_keyring(reader: SecretReader, monkeypatch: pytest.MonkeyPatch) -> None:
    class KeyringError(Exception):
        pass

    def get_password(service: str, user: str) -> str | None:
        if service == "locked":
            raise KeyringError("hunter2")
        return "hunter2" if (service, user) == ("restora", "local/main") else None

    package, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    package.get_password, errors.KeyringError = get_password, KeyringError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", package)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    assert reader.read(SecretReference(keyring="restora/local/main")) == "hunter2"
    for entry, why in (("restora/other", "has no"), ("restora", "no keyring entry"), ("locked/x", "does not answer")):
        with pytest.raises(ConfigurationError, match=why) as caught:
            reader.read(SecretReference(keyring=entry))
        assert "hunter2" not in str(caught.value)


def test_keyring_is_not_installed(reader: SecretReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ToolMissing) as caught:
        reader.read(SecretReference(keyring="a/b"))
    assert caught.value.hint == "pip install 'restora[keyring]'"


def test_a_secret_itself_is_no_reference(reader: SecretReader) -> None:
    with pytest.raises(ConfigurationError) as caught:
        reader.read("hunter2")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://me:s3cr3t@host/db", "postgresql://me:***@host/db"),
        ("redis://:s3cr3t@host", "redis://:***@host"),
        ("PGPASSWORD=s3cr3t pg_dump", "PGPASSWORD=*** pg_dump"),
        ('{"password": "s3 \\" cr3t", "user": "me"}', '{"password": "***", "user": "me"}'),
        ("{'dbPassword': 's3 cr3t', 'user': 'me'}", "{'dbPassword': '***', 'user': 'me'}"),
        ("secret_key: s3cr3t, x", "secret_key: ***, x"),
        ("aws_secret_access_key = s3cr3t/+x", "aws_secret_access_key = ***"),
        ("AWS_ACCESS_KEY_ID AKIAIOSFODNN7EXAMPLE", "AWS_ACCESS_KEY_ID AKIA***"),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer ***"),
        ("GET /x?X-Amz-Signature=deadbeef&a=1", "GET /x?X-Amz-Signature=***&a=1"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nok", "***\nok"),
        # what must stay readable
        ("RESTIC_PASSWORD_FILE=/etc/restora/password", "RESTIC_PASSWORD_FILE=/etc/restora/password"),
        ("password: file:/etc/restora/password", "password: file:/etc/restora/password"),
        ("{'password': {'file': '/x'}}", "{'password': {'file': '/x'}}"),
        ("wrong password or no key found", "wrong password or no key found"),
        ("https://host:8080/path", "https://host:8080/path"),
        ("s3:http://localhost:9000/bucket at 10:30", "s3:http://localhost:9000/bucket at 10:30"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, masked: str) -> None:
    redact = Redactor(tuple)
    assert redact(text) == masked
    assert redact(redact(text)) == masked


@given(secret=st.text(min_size=4), before=st.text(), after=st.text())
def test_known_secrets_never_come_out(secret: str, before: str, after: str) -> None:
    assume(secret not in "***" and secret.strip("*"))
    redact = Redactor(lambda: [secret])
    assert secret not in redact(before + secret + after)
    for form in (quote(secret, safe=""), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        assert form not in redact(f"{before} {form} {after}")


def test_short_secrets_do_not_eat_other_words() -> None:
    redact = Redactor(lambda: ["db", ""])
    assert redact("db of mydb: db.") == "*** of mydb: ***."


def test_secrets_learned_later_are_masked_too(reader: SecretReader, monkeypatch: pytest.MonkeyPatch) -> None:
    redact = Redactor(reader.known)
    assert redact("tiger77") == "tiger77"
    monkeypatch.setenv("LATER", "tiger77")
    reader.read(SecretReference(environment="LATER"))
    assert redact("say tiger77!") == "say ***!"


def test_log_lines_and_tracebacks_are_masked() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(Redactor(lambda: ["hunter2"])))
    logger = logging.Logger("redacted")
    logger.addHandler(handler)
    logger.warning("opened %s with %s", "db", "hunter2")
    try:
        raise ValueError("hunter2 is wrong")
    except ValueError:
        logger.exception("failed", stack_info=True)
    said = stream.getvalue()
    assert "opened db with ***" in said
    assert "ValueError: *** is wrong" in said
    assert "hunter2" not in said.replace('"hunter2 is wrong"', "")
