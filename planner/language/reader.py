"""Words to intents: the model marks words, normalisers read their values, doubt decides what is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from planner.language import doubt, runtime
from planner.language.compose import compose
from planner.language.intent import Intent, Question, Reading
from planner.language.normalise.text import is_chinese, pattern

LONGEST = 4000  # characters; what is longer is no request


def read(text: str, *, now: datetime, names: Collection[str] = (), model: Path = runtime.SHIPPED) -> Reading:
    """What one request asks for. `now` is local time; `names`: known datasets and repositories, which are not taken for words
    that nobody understood; `model`: the folder of another model than the shipped one.

    Never raises on any text: one that is not understood has a low confidence and a question. OSError or ValueError where the
    model can't be used."""
    return next(read_all([(text, now)], names=names, model=model))


def read_all(
    requests: Sequence[tuple[str, datetime]], *, names: Collection[str] = (), model: Path = runtime.SHIPPED
) -> Iterator[Reading]:
    """The reading of each (text, now), in order; requests of like length go through the model together."""
    heard = iter(runtime.load(model).hear_all([text for text, _now in requests if not _unread(text)]))
    for text, now in requests:
        known = _unread(text)
        if known is not None:
            yield known
            continue
        marks, sure, was_cut = next(heard)
        drafts = compose(text, marks, now.replace(tzinfo=None))
        reading = doubt.judged(drafts, sure, text, language(text), names, runtime.load(model).card["doubt"])
        yield _too_long(text) if was_cut else reading


def language(text: str) -> Literal["en", "zh"]:
    """The language that a request is answered in."""
    return "zh" if is_chinese(text[:LONGEST]) else "en"


def _unread(text: str) -> Reading | None:
    """What needs no model: no letter at all, or far too long."""
    if len(text) > LONGEST:
        return _too_long(text)
    if not pattern(r"[a-zA-Z\u4e00-\u9fff]").search(text):
        asked = Question("What should be backed up, restored or checked?", "action")
        return Reading((Intent(action="unsupported"),), 0.1, (asked,), text=text)
    return None


def _too_long(text: str) -> Reading:
    asked = {
        "en": f"That is {len(text)} characters long; please say it in fewer words, at most {LONGEST} characters.",
        "zh": f"这段话有 {len(text)} 个字符,太长了;请说得短一些,最多 {LONGEST} 个字符。",
    }[language(text)]
    question = Question(asked, "action")
    return Reading((Intent(action="unsupported"),), 0.0, (question,), text=text[:LONGEST], language=language(text))
