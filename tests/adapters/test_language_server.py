"""The client of OpenAI-compatible servers, against one that really listens."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from adapters.language_server import MOST_BYTES, LanguageServer
from adapters.redaction import Redactor
from policies.errors import ConfigurationError
from policies.language_model import LanguageModelFailed, Message
from policies.larger_model import ModelServer
from tests.servers.language_model import Server, language_server

MESSAGES = (Message("system", "Read."), Message("user", '{"request": "hi"}'))
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def ask(server: Server, **fields: Any) -> str:
    return LanguageServer(server.config(**fields), mask=Redactor(tuple)).complete(MESSAGES, SCHEMA)


def failure(server: Server, **fields: Any) -> LanguageModelFailed:
    with pytest.raises(LanguageModelFailed) as caught:
        ask(server, **fields)
    return caught.value


def test_what_is_asked_and_what_comes_back() -> None:
    with language_server(content='{"a": 1}') as server:
        assert ask(server, max_tokens=77) == '{"a": 1}'
    (heard,) = server.heard
    assert heard.path == "/v1/chat/completions"
    assert "authorization" not in heard.headers
    assert heard.body["messages"] == [
        {"role": "system", "content": "Read."},
        {"role": "user", "content": '{"request": "hi"}'},
    ]
    assert (heard.body["model"], heard.body["temperature"], heard.body["max_tokens"]) == ("tiny", 0, 77)
    assert heard.body["response_format"] == {
        "type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA},
    }  # fmt: skip


def test_the_key_travels_as_a_header_and_nowhere_else() -> None:
    with language_server(content="{}") as server:
        LanguageServer(server.config(), key=lambda: "sk-Hush\n").complete(MESSAGES, SCHEMA)
    assert server.heard[0].headers["authorization"] == "Bearer sk-Hush"
    assert "Hush" not in server.heard[0].text


def test_a_key_that_could_smuggle_headers_is_refused() -> None:
    with language_server() as server, pytest.raises(ConfigurationError) as caught:
        LanguageServer(server.config(key={"file": "/k"}), key=lambda: "sk-Hush\r\nX: y").complete(MESSAGES, SCHEMA)
    assert "Hush" not in caught.value.message
    assert not server.heard


def test_a_server_without_response_format_is_told_the_schema_in_words_and_remembered() -> None:
    with language_server(content="{}", takes_schema=False) as server:
        client = LanguageServer(server.config())
        assert [client.complete(MESSAGES, SCHEMA) for _ in range(2)] == ["{}", "{}"]
    first, second, third = server.heard
    assert "response_format" in first.body
    assert "response_format" not in second.body
    assert "response_format" not in third.body
    system, user = second.body["messages"]
    assert json.dumps(SCHEMA) in system["content"]
    assert user["content"] == MESSAGES[1].content


def test_a_server_that_refuses_everything_is_asked_twice_at_most() -> None:
    with language_server(status=400) as server:
        assert "answers 400 (out of memory" in failure(server).message
    assert len(server.heard) == 2


def test_an_error_of_the_server_is_told_once_and_without_secrets() -> None:
    with language_server(status=500) as server:
        error = failure(server)
    assert len(server.heard) == 1
    assert "tiny at 127.0.0.1 answers 500 (out of memory" in error.message
    assert "abcdefgh" not in error.message
    assert error.retryable


@pytest.mark.parametrize("how", ["hangs", "drips"])
def test_an_answer_that_does_not_end_is_given_up(how: str) -> None:
    with language_server(content="{}" * 200, **{how: True}) as server:
        error = failure(server, timeout=0.3)
    assert "did not answer within 0.3 s" in error.message
    assert "llm.timeout" in error.hint


def test_a_huge_answer_is_not_taken_in() -> None:
    with language_server(content="x" * (MOST_BYTES + 10)) as server:
        assert "more than 1 MB" in failure(server).message


NO_COMPLETIONS = (
    b"", b"<html>", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}', b"\xff", b"[" * 100_000,
)  # fmt: skip


@pytest.mark.parametrize("raw", NO_COMPLETIONS, ids=range(len(NO_COMPLETIONS)))
def test_what_is_no_chat_completion_is_named_so(raw: bytes) -> None:
    with language_server(raw=raw) as server:
        assert "something else than a chat completion" in failure(server).message


def test_an_answer_that_was_cut_off_is_no_answer() -> None:
    with language_server(content='{"a":', finish="length") as server:
        assert "needs more than 800 tokens" in failure(server).message


def test_a_redirect_is_not_followed() -> None:
    with language_server() as elsewhere, language_server(status=307, location=elsewhere.url) as server:
        assert "answers 307" in failure(server).message
    assert not elsewhere.heard


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with language_server(content="{}") as proxy, language_server(content='{"a": 1}') as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setitem(os.environ, name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        assert ask(server) == '{"a": 1}'
    assert not proxy.heard


def test_nobody_listens() -> None:
    with language_server() as server:
        config = server.config()
    with pytest.raises(LanguageModelFailed, match="can't be reached: Connection refused"):
        LanguageServer(config).complete(MESSAGES, SCHEMA)


def test_a_server_that_speaks_no_tls_is_not_talked_to() -> None:
    with language_server() as server:
        config = ModelServer.model_validate(
            {"provider": "openai", "url": server.url.replace("http:", "https:"), "model": "m", "timeout": 5}
        )
        with pytest.raises(LanguageModelFailed, match="TLS fails"):
            LanguageServer(config).complete(MESSAGES, SCHEMA)
    assert not server.heard
