"""A second reading by a larger model, and what it may change: a doubt may end where both readings agree, and become a
question between the two where they don't. It never takes the first reading's place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from planner.language.contract_schema import MOST_INTENTS, schema
from planner.language.grounding import ungrounded
from planner.language.intent import Intent, Question, Reading
from planner.language.placeholders import Placeholders
from planner.language.prompting import messages
from planner.language.saying import say
from policies.errors import RestoraError
from policies.language_model import LanguageModel

Outcome = Literal["agrees", "differs", "ignored", "failed"]

LONGEST_ANSWER = 20_000
#: How many times as likely a right reading is than a wrong one to be read the same way again. A guess on the careful side,
#: not a measurement: two readers that make the same mistake in every value are rare, but both see the same words.
AGREEMENT_ODDS = 6.0
#: the confidence from which nothing is asked, where the reader's model says no other
SURE = 0.9
#: what takes data or protection away is asked about however many agree
TAKES = frozenset({"forget", "unprotect", "pause", "recover"})
#: words that turn a wish round: if the first reading made no use of one, the second may have missed it as well
TURNS = frozenset(
    [
        "not",
        "no",
        "never",
        "except",
        "excluding",
        "only",
        "but",
        "without",
        "instead",
        "unless",
        "don't",
        "dont",
        "不",
        "别",
        "除",
        "只",
        "仅",
        "勿",
        "非",
        "未",
        "没",
    ]
)


@dataclass(frozen=True, slots=True)
class Second:
    """What came of a second reading. `reading`: the first one with what agreement or difference made of its doubt; unchanged
    where the verdict was ignored or none came. `reason` says why, for people; `verdict` what the model read, if it counts."""

    reading: Reading
    outcome: Outcome
    reason: str = ""
    verdict: tuple[Intent, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The twin for `--json`."""
        verdict = [intent.as_contract() for intent in self.verdict]
        return {"outcome": self.outcome, "reason": self.reason, "intents": verdict}


class _Verdict(BaseModel):
    """The only shape of an answer that counts."""

    model_config = ConfigDict(extra="forbid")

    intents: tuple[Intent, ...] = Field(min_length=1, max_length=MOST_INTENTS)


class _Ignored(Exception):
    """Why an answer does not count."""


def doubtful(reading: Reading, sure: float = SURE) -> bool:
    """Whether a second reading could help: only the whole is in doubt, not what policy asks about."""
    return bool(reading.text.strip()) and (
        any(is_mere(question) for question in reading.clarify) or (not reading.clarify and reading.confidence < sure)
    )


def is_mere(question: Question) -> bool:
    """Whether a question only asks if the whole was understood."""
    return question.about == "action" and question.choices == ("yes", "no")


def second(
    reading: Reading,
    model: LanguageModel,
    *,
    now: datetime,
    sure: float = SURE,
    mask: Callable[[str], str] = str,
    hidden: Placeholders | None = None,
) -> Second:
    """Have a request read again and weigh both readings. `now` is local time; `sure`: the confidence from which the reader
    asks nothing; `mask` takes secrets out for good before anything is handed over; `hidden`: names that stay here.

    Never raises for what a model or server does; nothing but the masked request and `now` is handed over."""
    now = now.replace(tzinfo=None)
    sent = mask(reading.text)
    sent = hidden.hide(sent) if hidden else sent
    try:
        text = model.complete(messages(sent, now), schema())
    except RestoraError as error:
        return Second(reading, "failed", error.message)
    try:
        verdict = _counted(text, reading, now, hidden)
    except _Ignored as why:
        return Second(reading, "ignored", str(why))
    if same(verdict, reading.intents):
        return Second(_lifted(reading, sure), "agrees", verdict=verdict)
    return Second(_asking(reading, verdict), "differs", verdict=verdict)


def _counted(text: str, reading: Reading, now: datetime, hidden: Placeholders | None) -> tuple[Intent, ...]:
    """The answer's intents, if they have the contract's shape and say only what the request says."""
    value = _json(text)
    value = hidden.show(value) if hidden else value
    try:
        verdict = _Verdict.model_validate(value).intents
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise _Ignored(f"the answer is not of the contract's shape, first at {where[:80] or 'its root'}") from None
    missing = ungrounded(verdict, reading.text, now, reading.intents)
    if missing:
        slot, said = missing[0]
        raise _Ignored(f"the answer says {slot} {str(said)[:60]!r}, which the request does not say")
    return verdict


def _json(text: str) -> Any:
    """The JSON of an answer; models think aloud before it and put fences around it."""
    if len(text) > LONGEST_ANSWER:
        raise _Ignored(f"the answer is {len(text)} characters long, more than {LONGEST_ANSWER}")
    bare = text.rpartition("</think>")[2].strip()
    fenced = re.fullmatch(r"```(?:json)?\s*(.*?)\s*```", bare, re.S)
    try:
        return json.loads(fenced[1] if fenced else bare)
    except (ValueError, RecursionError):
        raise _Ignored("the answer is no JSON") from None


def same(one: Sequence[Intent], other: Sequence[Intent]) -> bool:
    """Whether two readings ask for the same; the order of names and the case of letters do not count."""
    return [_comparable(i.as_contract()) for i in one] == [_comparable(i.as_contract()) for i in other]


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((_comparable(one) for one in value), key=str)
    return value.casefold() if isinstance(value, str) else value


def _lifted(reading: Reading, sure: float) -> Reading:
    """The reading after agreement: surer, and no longer asked about as a whole where it is sure enough and takes nothing away."""
    if any(intent.action in TAKES or intent.in_place for intent in reading.intents) or _turned(reading.leftover):
        return reading
    if any(not is_mere(question) for question in reading.clarify):
        return reading
    odds = AGREEMENT_ODDS * reading.confidence / max(1 - reading.confidence, 1e-9)
    confidence = max(reading.confidence, round(odds / (1 + odds), 4))
    return replace(reading, confidence=confidence, clarify=() if confidence >= sure else reading.clarify)


def _turned(left: Sequence[str]) -> bool:
    return any(word.casefold() in TURNS or any(char in TURNS for char in word) for word in left)


def _asking(reading: Reading, verdict: Sequence[Intent]) -> Reading:
    """The reading with the question which of the two is meant, in the place of the one whether it is right."""
    choices = (say(reading.intents, reading.language), say(verdict, reading.language))
    if reading.language == "zh":
        text = f"两种理解:{choices[0]};或者:{choices[1]}。是哪一种?"
    else:
        text = f"I understood: {choices[0]}. It may also mean: {choices[1]}. Which is meant?"
    rest = tuple(question for question in reading.clarify if not is_mere(question))
    confidence = min(reading.confidence, 0.5)  # of two readings that differ one at most is right
    return replace(reading, confidence=confidence, clarify=(Question(text, "action", choices), *rest))
