"""Questions that know where their answer goes."""

from __future__ import annotations

from dataclasses import dataclass

from planner.language.intent import Question


@dataclass(frozen=True, slots=True)
class SlotQuestion(Question):
    """A question whose answer goes into the slot `about` of the intent numbered `intent`, in place of `word` ('': it was empty)."""

    intent: int = 0
    word: str = ""


YES_NO = ("yes", "no")


def pick(language: str, en: str, zh: str) -> str:
    """The text in the language of the request."""
    return zh if language == "zh" else en
