"""The llm section of restora.yaml: what it may say, and what is said about mistakes in it."""

from __future__ import annotations

import pytest

from adapters.configuration.load import parse
from adapters.configuration.problems import ConfigurationProblems, Problem
from policies.larger_model import LocalModel, ModelServer, is_loopback

SERVER = "provider: openai, url: 'http://localhost:11434/v1', model: m"


def problems(section: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationProblems) as caught:
        parse(f"version: 1\nllm: {section}\n")
    return caught.value.problems


def server(**fields: object) -> ModelServer:
    return ModelServer.model_validate(
        {"provider": "openai", "url": "https://models.example/v1/", "model": "m"} | fields
    )


def test_there_is_no_larger_model_unless_it_is_configured() -> None:
    assert parse("version: 1\n").llm is None
    assert parse("version: 1\nllm:\n").llm is None


def test_what_is_not_said_has_careful_defaults() -> None:
    local = parse("version: 1\nllm: {provider: transformers, model: /models/m.gguf}\n").llm
    assert isinstance(local, LocalModel)
    assert (local.timeout, local.use, local.redacts) == (20.0, ("doubtful",), False)
    near = parse(f"version: 1\nllm: {{{SERVER}}}\n").llm
    assert isinstance(near, ModelServer)
    assert (near.is_remote, near.redacts, near.key) == (False, False, None)


@pytest.mark.parametrize(
    ("redact", "url", "redacts"),
    [
        (None, "https://models.example/v1", True),
        (False, "https://models.example/v1", False),
        (None, "http://[::1]:8000/v1", False),
        (True, "http://127.0.0.1:8000/v1", True),
    ],
)
def test_what_leaves_the_host_is_redacted_unless_somebody_says_otherwise(
    redact: bool | None, url: str, redacts: bool
) -> None:
    assert server(redact=redact, url=url).redacts is redacts


@pytest.mark.parametrize(
    ("section", "path", "says"),
    [
        ("{provider: opnai, model: m}", "llm", "provider: 'opnai' is none of transformers, openai"),
        ("{model: m}", "llm", "provider is missing"),
        ("{provider: openai, model: m}", "llm.url", "is missing"),
        ("{provider: transformers, model: m, url: x}", "llm.url", "is no key here"),
        (f"{{{SERVER}, modell: x}}", "llm.modell", "is no key here"),
        (f"{{{SERVER}, timeout: 0}}", "llm.timeout", "'0': input should be greater than 0"),
        (f"{{{SERVER}, use: [everything]}}", "llm.use[0]", "'everything' is none of doubtful, answers, rephrase"),
        (SERVER.replace("http:", "ftp:").join("{}"), "llm.url", "'ftp://localhost:11434/v1' is no http(s) URL"),
        (SERVER.replace("localhost", "models.example").join("{}"), "llm.url", "unencrypted: use https"),
    ],
)
def test_a_mistake_is_named_with_its_place(section: str, path: str, says: str) -> None:
    (only,) = problems(section)
    assert only.path == path
    assert says in only.message


@pytest.mark.parametrize(
    "section",
    [
        f"{{{SERVER}, key: sk-Hush}}",
        f"{{{SERVER}, key: [sk-Hush]}}",
        f"{{{SERVER}, api_key: sk-Hush}}",
        SERVER.replace("localhost", "sk-Hush@localhost").join("{}"),
        SERVER.replace("localhost", "u:sk-Hush@localhost").join("{}"),
        "{key: sk-Hush : 3",
    ],
)
def test_a_key_that_is_written_here_is_not_repeated(section: str) -> None:
    found = problems(section)
    assert found
    assert not any("Hush" in f"{one}{one.value}" for one in found)


@pytest.mark.parametrize(
    ("host", "near"),
    [("localhost", True), ("127.0.0.9", True), ("::1", True), ("localhost.example", False), ("10.0.0.1", False)],
)
def test_this_host_is_known_without_looking_names_up(host: str, near: bool) -> None:
    assert is_loopback(host) is near
