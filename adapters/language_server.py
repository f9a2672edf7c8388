"""A language model behind a server that speaks OpenAI's chat completions, over HTTP.

One question, one answer: no retries, no redirects, no proxies from the environment (requests would go where nobody configured),
certificates checked, time and size of an answer bounded."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from policies.errors import ConfigurationError
from policies.language_model import LanguageModelFailed, Message
from policies.larger_model import ModelServer

MOST_BYTES = 1_000_000
#: how servers say that they don't know `response_format` or don't take the schema
REFUSED = frozenset({400, 422, 501})


class LanguageServer:
    """One model on one server. `key` reads its secret when it is needed; `mask` takes secrets out of a server's complaints."""

    def __init__(
        self, config: ModelServer, *, key: Callable[[], str] | None = None, mask: Callable[[str], str] = str
    ) -> None:
        self._config, self._key, self._mask = config, key, mask
        self._takes_schema = True

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
        """As `LanguageModel.complete`. A server that refuses the schema as `response_format` is asked once more with the schema
        among the messages, and from then on only so."""
        if self._takes_schema:
            wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(schema)}}
            status, body = self._post(self._body(messages) | {"response_format": wanted})
            if status not in REFUSED:
                return self._content(status, body)
        told = f"Answer with one JSON object and nothing else, after this JSON schema:\n{json.dumps(schema)}"
        status, body = self._post(self._body((Message("system", told), *messages), merged=True))
        content = self._content(status, body)
        self._takes_schema = False  # it is the schema, not the request: the same request without it was answered
        return content

    def _body(self, messages: Sequence[Message], *, merged: bool = False) -> dict[str, Any]:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        if merged and len(turns) > 1 and turns[1]["role"] == "system":  # many templates take one system message only
            turns[:2] = [{"role": "system", "content": f"{turns[1]['content']}\n\n{turns[0]['content']}"}]
        return {
            "model": self._config.model, "messages": turns, "temperature": 0, "max_tokens": self._config.max_tokens,
            "stream": False,
        }  # fmt: skip

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "restora"}
        if self._key:
            key = self._key().strip()
            if not key.isascii() or not key.isprintable():
                raise ConfigurationError(
                    f"the key at {self._config.key} is no key: it has line breaks or letters beyond ASCII",
                    hint="the place of llm.key holds the key alone",
                )
            headers["Authorization"] = f"Bearer {key}"
        return headers

    def _post(self, body: Mapping[str, Any]) -> tuple[int, bytes]:
        """Status and body of the answer. Raises LanguageModelFailed where none came, or too late, or too much of it."""
        content, headers = json.dumps(body, ensure_ascii=False).encode(), self._headers()
        parts = urlsplit(self._config.url)
        connection = _connection(parts.scheme, parts.hostname or "", parts.port, self._config.timeout)
        late = threading.Event()

        def give_up() -> None:
            late.set()
            with suppress(OSError):  # not connected yet, or closed already
                if connection.sock:
                    connection.sock.shutdown(socket.SHUT_RDWR)

        # The socket's own time-out starts anew with every byte; this one ends the answer as a whole.
        alarm = threading.Timer(self._config.timeout, give_up)
        alarm.daemon = True
        alarm.start()
        try:
            connection.request("POST", f"{parts.path}/chat/completions", content, headers)
            answer = connection.getresponse()
            data = answer.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            if late.is_set() or isinstance(error, TimeoutError):
                raise self._too_late() from None
            raise self._failed(
                f"can't be reached: {_cause(error)}", "check llm.url, and that the server runs"
            ) from None
        finally:
            alarm.cancel()
            connection.close()
        if late.is_set():
            raise self._too_late()
        if len(data) > MOST_BYTES:
            raise self._failed(f"answers with more than {MOST_BYTES // 1_000_000} MB", "check llm.url")
        return answer.status, data

    def _content(self, status: int, body: bytes) -> str:
        """The text that the model wrote."""
        if status != 200:
            hint = "check llm.key" if status in {401, 403} else "check llm.url and llm.model" if status < 500 else ""
            raise self._failed(f"answers {status}{self._complaint(body)}", hint)
        value = _json(body)
        try:
            choice = value["choices"][0]
            text, end = choice["message"]["content"], choice.get("finish_reason")
        except (LookupError, TypeError, AttributeError):
            text, end = None, None
        if not isinstance(text, str):
            raise self._failed("answers with something else than a chat completion", "check llm.url: it ends in /v1")
        if end == "length":
            raise self._failed(f"needs more than {self._config.max_tokens} tokens", "raise llm.max_tokens")
        return text

    def _complaint(self, body: bytes) -> str:
        """What a server says about an error, in one short line without secrets."""
        value = _json(body)
        error = value.get("error") if isinstance(value, dict) else None
        said = error.get("message") if isinstance(error, dict) else error
        return f" ({self._mask(' '.join(said.split()))[:200]})" if isinstance(said, str) and said.strip() else ""

    def _too_late(self) -> LanguageModelFailed:
        return self._failed(f"did not answer within {self._config.timeout:g} s", "raise llm.timeout")

    def _failed(self, what: str, hint: str) -> LanguageModelFailed:
        return LanguageModelFailed(f"the model server {self._config.shown} {what}", hint=hint)


def _connection(scheme: str, host: str, port: int | None, timeout: float) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=timeout)
    import ssl

    return http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # bytes that are no UTF-8 are a ValueError too
        return None


def _cause(error: Exception) -> str:
    import ssl

    if isinstance(error, ssl.SSLError):
        return f"TLS fails: {getattr(error, 'verify_message', '') or error.reason}"
    return (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
