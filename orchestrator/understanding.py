"""A request as it is understood: read, completed from the dialogue, resolved against restora.yaml. Nothing is looked at beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from orchestrator.consult import Consulted, consult
from orchestrator.wiring import Application
from planner.language import lookup
from planner.language.asks import Ask
from planner.language.dialogue import Followed, Turn, follow
from planner.language.intent import Question, Reading
from planner.language.resolve import Resolution, resolve

NAMES = frozenset({"targets", "items", "exclude", "destinations", "source", "to"})


@dataclass(frozen=True, slots=True)
class Understood:
    """A request as it was read and resolved: standing wishes, and other things to do now.

    `taken`: (intent, slot) that an earlier request of the dialogue gave. `which`: the question which part of it is meant; until
    it is answered nothing else counts. `consulted`: what a larger model said of it, where one was asked."""

    reading: Reading
    resolution: Resolution
    taken: tuple[tuple[int, str], ...] = ()
    which: Question | None = None
    consulted: Consulted | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        """All that must be answered first; those of the reading are among them."""
        return (self.which,) if self.which else self.resolution.questions

    @property
    def asks(self) -> tuple[Ask, ...]:
        return self.resolution.asks

    @property
    def language(self) -> Literal["en", "zh"]:
        """The language to answer in."""
        return self.reading.language


def understand(
    application: Application, text: str, now: datetime | None = None, *, turns: Sequence[Turn] = (), which: str = ""
) -> Understood:
    """Read and resolve one request. `turns`: the requests before it, which it may lean on; `which`: the answer to the
    question which of them is meant."""
    moment = _moment(application, now)
    catalog = application.catalog
    known = [*catalog.datasets.items(), *catalog.repositories.items()]
    names = [word for name, thing in known for word in (name, *thing.aliases)]
    local = moment.replace(tzinfo=None)
    consulted = consult(application, application.read(text, now=local, names=names), now=local)
    found = follow(turns, spoken(application, consulted.reading), now=local, known=_namer(application), which=which)
    return replace(_resolved(application, found, moment), consulted=consulted)


def again(application: Application, before: Understood, reading: Reading, now: datetime | None = None) -> Understood:
    """The same request with answers in it, resolved anew."""
    return _resolved(application, Followed(reading, before.taken), _moment(application, now))


def spoken(application: Application, reading: Reading) -> Reading:
    """The reading in the language of the site, or where that is `auto` of the request: Chinese where Han characters stand
    outside of its names, however many Latin names and paths there are."""
    language = application.catalog.site.language
    if language == "auto":
        told = set(range(len(reading.text)))
        for span in reading.spans:
            told -= set(range(span.start, span.end)) if span.label in NAMES else set()
        han = any("\u4e00" <= reading.text[place] <= "\u9fff" for place in told)
        language = "zh" if han else "en" if reading.spans else reading.language
    return reading if language == reading.language else replace(reading, language=language)


def _resolved(application: Application, found: Followed, moment: datetime) -> Understood:
    resolution = resolve(found.reading, application.catalog, now=moment)
    return Understood(found.reading, resolution, found.taken, found.question)


def _moment(application: Application, now: datetime | None) -> datetime:
    return (now or application.clock.now()).astimezone(application.catalog.zone())


def _namer(application: Application) -> lookup.Namer:
    datasets, repositories = lookup.datasets(application.catalog), lookup.repositories(application.catalog)

    def named(word: str) -> Literal["dataset", "repository"] | None:
        if lookup.match(word, datasets).names:
            return "dataset"
        return "repository" if lookup.match(word, repositories).names else None

    return named
