"""What a person said when a request was read wrongly, or rightly after all: an example to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Occasion = Literal["corrected", "edited", "answered", "confirmed", "added"]
Contract = Mapping[str, Any]
"""One intent as the intent contract's JSON has it."""
Mark = tuple[int, int, str, tuple[int, ...]]
"""Words `text[start:end]`, their label, and the intents (from 0) that they belong to."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A request with what was meant by it. `read`: what the reader had made of it, `confidence` and `asked` with it; `now`: the
    local moment at which it was said (naive); `time`: when it was noted; `marks`: the words that the reader had used, where they
    are known. Secrets were masked before it was made."""

    id: str
    time: datetime
    occasion: Occasion
    language: str
    text: str
    now: datetime
    intents: tuple[Contract, ...]
    read: tuple[Contract, ...] = ()
    confidence: float | None = None
    asked: bool = False
    marks: tuple[Mark, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """A line of a gold file of the intent contract, with the reading beside it."""
        return {
            "id": self.id, "lang": self.language, "text": self.text, "now": self.now.isoformat(timespec="minutes"),
            "gold": [dict(one) for one in self.intents], "ambiguous": False, "tags": [self.occasion],
            "time": self.time.isoformat(timespec="seconds"),
            "read": {"intents": [dict(one) for one in self.read], "confidence": self.confidence, "asked": self.asked},
            "marks": [[start, end, label, list(numbers)] for start, end, label, numbers in self.marks],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, said: Contract) -> Correction:
        """The value of such a line. KeyError, TypeError or ValueError where it is none."""
        if not isinstance(said, Mapping) or not isinstance(said.get("read") or {}, Mapping):
            raise ValueError("it is no object")
        read = said.get("read") or {}
        marks = [
            (int(a), int(b), str(label), tuple(map(int, numbers))) for a, b, label, numbers in said.get("marks") or []
        ]
        text, intents = said["text"], said["gold"]
        if (
            not isinstance(text, str)
            or not isinstance(intents, list)
            or not all(isinstance(one, dict) for one in intents)
        ):
            raise ValueError("text and gold are a text and a list of objects")
        return cls(
            str(said["id"]), datetime.fromisoformat(said["time"]), said["tags"][0], str(said["lang"]), text,
            datetime.fromisoformat(said["now"]), tuple(intents), tuple(read.get("intents") or ()), read.get("confidence"),
            bool(read.get("asked")), tuple(marks),
        )  # fmt: skip
