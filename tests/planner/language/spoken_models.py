"""Stand-ins for a language model: they say what they are told to, and remember what they were asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.language_model import Message


@dataclass
class Says:
    """Answers with a text, what a function makes of the messages, or an error."""

    answer: str | Exception | Callable[[Sequence[Message]], str]
    asked: list[Sequence[Message]] = field(default_factory=list)

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
        self.asked.append(tuple(messages))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if isinstance(self.answer, str) else self.answer(messages)


def verdict(*intents: dict[str, Any]) -> str:
    """The answer with these intents."""
    return json.dumps({"intents": intents}, ensure_ascii=False)
