"""Channels against a real SMTP server and a real HTTP server of the tests' own, and real commands."""

from __future__ import annotations

import json
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from adapters.notify import NotificationFailed, Notifier
from policies.capture import Command
from policies.catalog import Channel
from policies.errors import ConfigurationError, RestoraError
from tests.servers.s3 import free_ports

TOKEN = "T0K3N-in-the-path"


@dataclass
class Place:
    """Hands out one secret."""

    secret: str = ""

    def read(self, reference: object) -> str:
        return self.secret


@dataclass(frozen=True)
class Done:
    exit_code: int
    stdout: str
    stderr: str


def run(command: Command, *, timeout: float | None, stdin: bytes | None = None) -> Done:
    done = subprocess.run(
        command.argv, input=stdin, env=dict(command.env), capture_output=True, timeout=timeout, check=False
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def channel(**fields: Any) -> Channel:
    return Channel.model_validate(fields)


def notifier(url: str = "", **options: Any) -> Notifier:
    return Notifier(Place(url), run, timeout=options.pop("timeout", 5.0), host="db1.example", **options)


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- mail ---


@dataclass
class Mailbox:
    """What an SMTP server took, and how it behaves."""

    address: str = ""
    refuse: frozenset[str] = frozenset()
    broken: bool = False
    tls: Any = None
    mails: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    def mail(self) -> EmailMessage:
        parsed = message_from_bytes(self.mails[0], policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@contextmanager
def smtp(**behaviour: Any) -> Iterator[Mailbox]:
    """A small SMTP server (RFC 5321, as far as a client needs)."""
    box = Mailbox(**behaviour)

    class Session(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            secure = False
            self.say("220 box ESMTP")
            while line := self.rfile.readline():
                verb = line.decode().strip().upper()
                if verb.startswith("EHLO"):
                    self.say("250-box" if box.tls and not secure else "250 box")
                    if box.tls and not secure:
                        self.say("250 STARTTLS")
                elif verb == "STARTTLS":
                    self.say("220 go")
                    self.connection = box.tls.wrap_socket(self.connection, server_side=True)
                    self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                    secure = True
                elif verb.startswith("RCPT"):
                    address = line.decode().split("<")[1].split(">")[0]
                    if address in box.refuse:
                        self.say("550 no such user")
                    else:
                        box.recipients.append(address)
                        self.say("250 ok")
                elif verb == "DATA":
                    self.say("354 go")
                    lines = []
                    while (data := self.rfile.readline()) != b".\r\n":
                        lines.append(data)
                    box.mails.append(b"".join(lines))
                    box.encrypted.append(secure)
                    self.say("554 broken" if box.broken else "250 taken")
                else:
                    self.say("221 bye" if verb == "QUIT" else "250 ok")

    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server, serving(server):
        box.address = f"127.0.0.1:{server.server_address[1]}"
        yield box


def test_mail_arrives_whole() -> None:
    with smtp() as box:
        to = channel(kind="email", to=["ops@example.com", "dba@example.com"], smtp=box.address)
        notifier().send(
            to,
            "备份失败: db\nBcc: evil@example.com",
            "The backup of “db” failed.\n.\nend",
            {"policy": "db", "run": "r1"},
        )
    mail = box.mail()
    assert box.recipients == ["ops@example.com", "dba@example.com"]
    assert mail["Subject"] == "备份失败: db Bcc: evil@example.com"
    assert mail["From"] == "restora@db1.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Bcc"] is None
    text = mail.get_content().replace("\r\n", "\n")
    assert text.startswith("The backup of “db” failed.\n")
    assert "policy  db\nrun     r1" in text


def test_mail_uses_starttls_where_it_is_offered(tmp_path: Path) -> None:
    with smtp(tls=server_tls(tmp_path)) as box:
        notifier().send(channel(kind="email", to=["ops@example.com"], smtp=box.address), "s", "b", {})
    assert box.encrypted == [True]


def server_tls(folder: Path) -> Any:
    """A TLS context with a certificate of its own making."""
    import ssl

    key, certificate = folder / "key.pem", folder / "certificate.pem"
    argv = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    argv += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(argv, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_refused_addresses_are_named() -> None:
    with smtp(refuse=frozenset({"gone@example.com"})) as box:
        to = channel(kind="email", to=["ops@example.com", "gone@example.com"], smtp=box.address)
        with pytest.raises(NotificationFailed, match=r"refuses gone@example.com; the others were told"):
            notifier().send(to, "s", "b", {})
        only = channel(kind="email", to=["gone@example.com"], smtp=box.address)
        with pytest.raises(NotificationFailed, match=r"refuses gone@example.com$"):
            notifier().send(only, "s", "b", {})
    assert len(box.mails) == 1


def test_a_mail_server_that_does_not_take_it() -> None:
    with smtp(broken=True) as box, pytest.raises(NotificationFailed, match="does not take the mail"):
        notifier().send(channel(kind="email", to=["ops@example.com"], smtp=box.address), "s", "b", {})


def test_no_mail_server() -> None:
    (port,) = free_ports(1)
    with pytest.raises(NotificationFailed, match=f"127.0.0.1:{port} can't be reached: Connection refused"):
        notifier().send(channel(kind="email", to=["ops@example.com"], smtp=f"127.0.0.1:{port}"), "s", "b", {})


@pytest.mark.parametrize(
    "fields", [{"to": []}, {"to": ["ops@example.com"], "smtp": "::"}, {"to": ["a\nb: c@example.com"]}]
)
def test_an_unusable_mail_channel(fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        notifier().send(channel(kind="email", **fields), "s", "b", {})


# --- webhook ---


@contextmanager
def hook(status: int = 200, **headers: str) -> Iterator[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    """An HTTP server and what was posted to it."""
    posted: list[tuple[str, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            posted.append((self.path, {}))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, serving(server):
        yield f"http://127.0.0.1:{server.server_port}/{TOKEN}", posted


WEBHOOK = channel(kind="webhook", url={"file": "/etc/restora/webhook"})


def test_a_webhook_gets_json() -> None:
    with hook(204) as (url, posted):
        notifier(url + "\n").send(WEBHOOK, "db failed", "why", {"run": "r1"})
    expected = {"text": "db failed\nwhy", "subject": "db failed", "body": "why", "facts": {"run": "r1"}}
    assert posted == [(f"/{TOKEN}", expected)]


@pytest.mark.parametrize("status", [301, 307, 404, 500])
def test_a_webhook_that_does_not_take_it(status: int) -> None:
    with hook(status, Location=f"/elsewhere/{TOKEN}") as (url, posted):
        with pytest.raises(NotificationFailed, match=f"127.0.0.1 answers {status}") as caught:
            notifier(url).send(WEBHOOK, "s", "b", {})
        assert len(posted) == 1
    assert_hidden(caught.value)


def test_a_webhook_that_is_not_there() -> None:
    (port,) = free_ports(1)
    with pytest.raises(NotificationFailed, match="can't be reached: Connection refused") as caught:
        notifier(f"http://127.0.0.1:{port}/{TOKEN}").send(WEBHOOK, "s", "b", {})
    assert_hidden(caught.value)


def test_a_webhook_that_never_answers() -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(NotificationFailed, match="no answer in time"):
            notifier(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.3).send(WEBHOOK, "s", "b", {})


@pytest.mark.parametrize(
    "url",
    [
        f"http://example.com/{TOKEN}",
        f"http://127.0.0.1.example.com/{TOKEN}",
        f"file:///{TOKEN}",
        f"ftp://localhost/{TOKEN}",
        TOKEN,
        f"http://[{TOKEN}",
        f"https:///{TOKEN}",
    ],
)
def test_an_unsafe_webhook_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        notifier(url).send(WEBHOOK, "s", "b", {})
    assert_hidden(caught.value)


def test_a_webhook_url_with_strange_characters_stays_hidden() -> None:
    with pytest.raises(RestoraError) as caught:
        notifier(f"http://127.0.0.1:1/{TOKEN} x\x00").send(WEBHOOK, "s", "b", {})
    assert_hidden(caught.value)


def assert_hidden(error: RestoraError) -> None:
    chain = f"{error!r} {error.hint} {error.untouched} {error.__cause__!r}"
    assert TOKEN not in chain
    assert error.__suppress_context__ or error.__context__ is None


# --- command ---

ECHO = "import os, sys; open(sys.argv[1], 'w').write(os.environ['RESTORA_SUBJECT'] + '|' + sys.stdin.read())"


def test_a_command_gets_the_message_on_its_input(tmp_path: Path) -> None:
    to = channel(kind="command", command=[sys.executable, "-c", ECHO, str(tmp_path / "out")])
    notifier().send(to, "db failed", "why; rm -rf /", {"run": "r1"})
    assert (tmp_path / "out").read_text() == "db failed|db failed\n\nwhy; rm -rf /\n\nrun  r1\n"


def test_a_command_that_fails_is_named_with_its_words() -> None:
    to = channel(kind="command", command=[sys.executable, "-c", "import sys; sys.exit('no paper')"])
    with pytest.raises(NotificationFailed, match="ended with 1: no paper"):
        notifier().send(to, "s", "b", {})


def test_an_empty_command_channel() -> None:
    with pytest.raises(ConfigurationError, match="no command"):
        notifier().send(channel(kind="command"), "s", "b", {})


def test_known_secrets_are_masked_everywhere(tmp_path: Path) -> None:
    to = channel(kind="command", command=[sys.executable, "-c", ECHO, str(tmp_path / "out")])
    one = notifier(mask=lambda text: text.replace("hunter2", "***"))
    one.send(to, "pw hunter2", "is hunter2", {"password": "hunter2"})
    written = (tmp_path / "out").read_text()
    assert "hunter2" not in written
    assert written.count("***") == 4
