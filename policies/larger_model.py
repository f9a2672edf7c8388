"""The optional larger model: which one, where it runs, what it is asked for."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from policies.secret import SecretReference
from policies.value import Value

Purpose = Literal["doubtful", "answers", "rephrase"]


class LargerModelFacts(Value):
    """What every larger model has."""

    timeout: float = Field(20.0, gt=0, le=600, description="Seconds that one answer may take")
    max_tokens: int = Field(800, ge=16, le=8192, description="Most tokens of one answer")
    use: tuple[Purpose, ...] = Field(
        ("doubtful",), description="What it is asked for: doubtful requests, answers, rephrased texts"
    )


class LocalModel(LargerModelFacts):
    """A causal model that transformers runs inside restora; needs the `llm` extra."""

    provider: Literal["transformers"]
    model: str = Field(min_length=1, description="Hub id, folder of a model, or path of a GGUF file")

    @property
    def shown(self) -> str:
        """How messages name it."""
        return self.model

    @property
    def redacts(self) -> bool:
        """Nothing leaves this host."""
        return False


class ModelServer(LargerModelFacts):
    """A server that speaks OpenAI's chat completions: Ollama, vLLM, llama.cpp, a provider."""

    provider: Literal["openai"]
    url: str = Field(description="URL up to the version, as in http://localhost:11434/v1")
    model: str = Field(min_length=1, description="Name of the model on the server")
    key: SecretReference | None = Field(None, description="Where the server's key is found; none: no key is sent")
    redact: bool | None = Field(
        None, description="Whether names are replaced before they are sent; none: yes where the server is another host"
    )

    @field_validator("url")
    @classmethod
    def _reachable_and_private(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname, parts.port  # reading a port that is no number raises
        except ValueError:
            host, parts = None, urlsplit("")
        if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
            raise ValueError(f"{value[:80]!r} is no http(s) URL of a server: write it as http://localhost:11434/v1")
        if "@" in parts.netloc:
            raise ValueError(f"the URL of {host} holds a user or a password: name the place of the server's key as key")
        if parts.scheme == "http" and not is_loopback(host):
            raise ValueError(f"{host} would get requests and key unencrypted: use https, or a server on this host")
        return value.rstrip("/")

    @property
    def shown(self) -> str:
        """How messages name it."""
        return f"{self.model} at {urlsplit(self.url).hostname}"

    @property
    def is_remote(self) -> bool:
        """Whether requests leave this host."""
        return not is_loopback(urlsplit(self.url).hostname or "")

    @property
    def redacts(self) -> bool:
        """Whether names are replaced by placeholders before anything is sent."""
        return self.is_remote if self.redact is None else self.redact


LargerModel = Annotated[LocalModel | ModelServer, Field(discriminator="provider")]


def is_loopback(host: str) -> bool:
    """Whether a host of a URL is this one, by its name or address alone: nothing is looked up."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
