"""What restora asks of a language model, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from policies.errors import RestoraError


class LanguageModelFailed(RestoraError):  # named after what happened, as the rest of the tree
    """No usable answer came. Whoever asked goes on without one."""

    kind = "language_model"
    retryable = True


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class LanguageModel(Protocol):
    """Answers a conversation. Nothing is remembered between calls, and nothing but the messages is sent."""

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
        """The text of the answer, which should be JSON after `schema`; it is not trusted to be. Bounded in time and size.

        Raises LanguageModelFailed where none came in time, ConfigurationError or ToolMissing where none can come."""
