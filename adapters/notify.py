"""Telling people: by mail, by webhook, or through a command of theirs."""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import urlsplit

from policies.capture import Command
from policies.catalog import Channel
from policies.errors import ConfigurationError, RestoraError


class NotificationFailed(RestoraError):  # named after what happened, as the rest of the tree
    """Nobody, or not everybody, was told."""

    kind = "notification"
    retryable = True


class _Completed(Protocol):
    @property
    def exit_code(self) -> int: ...
    @property
    def stdout(self) -> str: ...
    @property
    def stderr(self) -> str: ...


class RunCommand(Protocol):
    """`adapters.process.run`, as far as it is needed here."""

    def __call__(self, command: Command, *, timeout: float | None, stdin: bytes | None = None) -> _Completed: ...


class ReadSecret(Protocol):
    """`orchestrator.ports.SecretsPort`."""

    def read(self, reference: object) -> str: ...


class Notifier:
    """Sends messages through channels. `mask` takes known secrets out of a text; `timeout` in seconds per message;
    `host` is the name that mail comes from."""

    def __init__(
        self,
        secrets: ReadSecret,
        run: RunCommand,
        *,
        mask: Callable[[str], str] = str,
        timeout: float = 20.0,
        host: str = "",
    ) -> None:
        self._secrets, self._run, self._mask, self._timeout = secrets, run, mask, timeout
        self._host = host or socket.gethostname() or "localhost"

    def send(self, channel: Channel, subject: str, body: str, facts: Mapping[str, str]) -> None:
        """Send one message. `facts` go along as fields. Repeating a call sends it again. Raises NotificationFailed
        (it may work later) or ConfigurationError (the channel says too little, or something unsafe)."""
        subject = self._mask(" ".join(subject.split()))
        body = self._mask(body)
        facts = {key: self._mask(value) for key, value in facts.items()}
        if channel.kind == "email":
            self._mail(channel, subject, body, facts)
        elif channel.kind == "webhook":
            self._post(channel, subject, body, facts)
        else:
            self._command(channel, subject, body, facts)

    def _mail(self, channel: Channel, subject: str, body: str, facts: Mapping[str, str]) -> None:
        import smtplib
        import ssl

        if not channel.to:
            raise ConfigurationError("a mail channel has no addresses", hint="name them: to: [ops@example.com]")
        host, port = _host_and_port(channel.smtp)
        message = self._message(channel, subject, body, facts)
        tls = ssl.create_default_context()
        if _is_loopback(host):  # reached over no network: its certificate, mostly self-made, would prove nothing
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        try:
            if port == 465:
                server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=tls)
            else:
                server = smtplib.SMTP(host, port, timeout=self._timeout)
            with server:
                server.ehlo()
                if port != 465 and server.has_extn("starttls"):
                    server.starttls(context=tls)
                refused = server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise NotificationFailed(
                f"{channel.smtp} refuses {', '.join(error.recipients)}", hint="check the addresses"
            ) from None
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason
            raise NotificationFailed(f"TLS with {channel.smtp} fails: {reason}", hint="check its certificate") from None
        except smtplib.SMTPException as error:
            text = self._mask(f"{type(error).__name__} {getattr(error, 'smtp_error', b'')!r}")
            raise NotificationFailed(
                f"{channel.smtp} does not take the mail: {text}", hint="see that server's log"
            ) from None
        except OSError as error:
            hint = "check smtp of the channel, and that the mail server runs"
            raise NotificationFailed(f"{channel.smtp} can't be reached: {_cause(error)}", hint=hint) from None
        if refused:
            raise NotificationFailed(
                f"{channel.smtp} refuses {', '.join(refused)}; the others were told", hint="check the addresses"
            )

    def _message(self, channel: Channel, subject: str, body: str, facts: Mapping[str, str]) -> EmailMessage:
        message = EmailMessage()
        try:
            message["From"] = f"restora@{self._host}"
            message["To"] = ", ".join(channel.to)
        except ValueError as error:
            raise ConfigurationError(
                f"a mail channel has a bad address: {error}", hint="one address an entry"
            ) from None
        message["Subject"] = subject
        message["Date"] = formatdate(localtime=True)
        message["Message-ID"] = make_msgid(domain=self._host)
        message["Auto-Submitted"] = "auto-generated"  # no out-of-office replies, please (RFC 3834)
        message.set_content(_text(body, facts))
        return message

    def _post(self, channel: Channel, subject: str, body: str, facts: Mapping[str, str]) -> None:
        import http.client
        import urllib.error
        import urllib.request

        if channel.url is None:
            raise ConfigurationError(
                "a webhook channel has no url", hint="name its place: url: {file: /etc/restora/webhook}"
            )
        url = self._secrets.read(channel.url).strip()
        host = _safe_host(url, str(channel.url))

        class Stay(urllib.request.HTTPRedirectHandler):
            """A redirect would carry the message, and the token in its address, to somewhere that nobody configured."""

            def redirect_request(self, *_: object, **__: object) -> None:
                return None

        # `text` is what chat services show; the rest is for programs
        content = {"text": f"{subject}\n{body}".strip(), "subject": subject, "body": body, "facts": dict(facts)}
        headers = {"Content-Type": "application/json", "User-Agent": "restora"}
        try:
            request = urllib.request.Request(url, json.dumps(content).encode(), headers, method="POST")  # noqa: S310
            with urllib.request.build_opener(Stay).open(request, timeout=self._timeout) as answer:
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            hint = "check the webhook's URL" if error.code < 500 else ""
            raise NotificationFailed(f"the webhook at {host} answers {error.code}", hint=hint) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            # from None, and only the cause: the error may repeat the URL, whose path is often the secret
            raise NotificationFailed(
                f"the webhook at {host} can't be reached: {_cause(error)}", hint="check the network"
            ) from None
        if not 200 <= status < 300:
            raise NotificationFailed(f"the webhook at {host} answers {status}", hint="check the webhook's URL")

    def _command(self, channel: Channel, subject: str, body: str, facts: Mapping[str, str]) -> None:
        if not channel.command:
            raise ConfigurationError("a command channel has no command", hint="name it: command: [/usr/local/bin/tell]")
        text = f"{subject}\n\n{_text(body, facts)}"
        command = Command(channel.command, env={"RESTORA_SUBJECT": subject})
        done = self._run(command, timeout=self._timeout, stdin=text.encode())
        if done.exit_code:
            said = self._mask((done.stderr.strip() or done.stdout.strip())[-300:])
            message = f"{channel.command[0]} ended with {done.exit_code}" + (f": {said}" if said else "")
            raise NotificationFailed(message, hint="run it by hand with a line on its standard input")


def _text(body: str, facts: Mapping[str, str]) -> str:
    width = max((len(key) for key in facts), default=0)
    lines = [f"{key:<{width}}  {value}" for key, value in facts.items()]
    return "\n".join([body.rstrip(), "", *lines] if lines else [body.rstrip()]) + "\n"


def _host_and_port(address: str) -> tuple[str, int]:
    """Host and port of `host`, `host:port` or `[::1]:port`."""
    try:
        parts = urlsplit(f"//{address}")
        if parts.hostname:
            return parts.hostname, parts.port or 25
    except ValueError:
        pass
    raise ConfigurationError(f"{address!r} is no mail server", hint="write host:port, as in localhost:25")


def _safe_host(url: str, place: str) -> str:
    """The host of a URL that may be posted to; nothing else of it may be shown."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if not host or parts.scheme not in {"http", "https"}:
        raise ConfigurationError(f"{place} holds no http(s) URL", hint="it holds the webhook's whole URL, nothing else")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigurationError(f"the webhook at {host} is not encrypted", hint="use its https URL")
    return host


def _is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _cause(error: Exception) -> str:
    inner = getattr(error, "reason", error)
    if isinstance(inner, TimeoutError) or "timed out" in str(inner):
        return "no answer in time"
    if isinstance(inner, OSError):
        return inner.strerror or type(inner).__name__
    return type(inner).__name__ if isinstance(inner, Exception) else type(error).__name__
