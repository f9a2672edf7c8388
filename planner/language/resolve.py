"""From what was said to what is meant: names found in the catalog, values typed, every problem told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from pydantic import ValidationError

from planner.language import asks, lookup
from planner.language.asks import Ask
from planner.language.intent import Intent, Question, Reading, RetentionSaid, WindowSaid
from policies.capture import Candidate
from policies.catalog import Catalog
from policies.duration import Duration
from policies.quantity import parse_size
from policies.retention import Retention
from policies.schedule import NthWeekday
from policies.window import WEEKDAYS, Window, parse_clock
from policies.wish import Wish


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is to be planned (`wishes`) or done (`asks`). With questions nothing of it is to be carried out before an answer.
    `proposals`: datasets that are not in the catalog yet and would have to be added."""

    wishes: tuple[Wish, ...] = ()
    asks: tuple[Ask, ...] = ()
    questions: tuple[Question, ...] = ()
    proposals: tuple[Candidate, ...] = ()


class _Resolver:
    def __init__(self, reading: Reading, catalog: Catalog, discovered: Sequence[Candidate]) -> None:
        self.reading, self.catalog = reading, catalog
        self.datasets = lookup.datasets(catalog, discovered)
        self.repositories = lookup.repositories(catalog)
        self.questions: list[Question] = list(reading.clarify)
        self.proposals: dict[str, Candidate] = {}

    def ask(self, en: str, zh: str, about: str, choices: Sequence[str] = ()) -> None:
        question = Question(zh if self.reading.language == "zh" else en, about, tuple(choices))
        if question not in self.questions:
            self.questions.append(question)

    def names(self, intent: Intent) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(datasets, items) of an intent's targets."""
        names: list[str] = []
        items = list(intent.items)
        for word in intent.targets:
            if word == "all":
                names += [k.name for k in self.datasets if k.candidate is None]
                if not self.datasets:
                    self.ask(
                        "“All” of what? No dataset is defined yet.", "“全部”指什么?还没有定义任何数据集。", "targets"
                    )
                continue
            found = lookup.match(word, self.datasets)
            if found.names:
                names += found.names
                if found.candidate:
                    self.proposals[found.candidate.name] = found.candidate
                if found.part and intent.action in {"restore", "drill", "recover"}:
                    items.append(found.part)
            elif word.startswith("/") and intent.action in {"protect", "backup"}:
                new = lookup.proposal(word, [k.name for k in self.datasets] + list(self.proposals))
                self.proposals[new.name] = new
                names.append(new.name)
            else:
                self._unknown(word, found.choices, "dataset", "数据集", [k.name for k in self.datasets], "targets")
        return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(items))

    def places(self, words: Sequence[str], about: str = "destinations") -> tuple[str, ...]:
        """Repositories behind a person's words."""
        names: list[str] = []
        for word in words:
            found = lookup.match(word, self.repositories)
            if found.names:
                names += found.names
            else:
                self._unknown(word, found.choices, "repository", "仓库", [k.name for k in self.repositories], about)
        return tuple(dict.fromkeys(names))

    def _unknown(
        self, word: str, choices: Sequence[str], what: str, what_zh: str, known: Sequence[str], about: str
    ) -> None:
        there = ", ".join(known[:12]) or "none is defined"
        if len(choices) == 1:
            self.ask(
                f"“{word}” is no {what}. Did you mean {choices[0]}?",
                f"没有叫“{word}”的{what_zh},是指 {choices[0]} 吗?",
                about,
                choices,
            )
        elif choices:
            several = ", ".join(choices)
            self.ask(
                f"Which {what} do you mean by “{word}”: {several}?",
                f"“{word}”指哪个{what_zh}:{several}?",
                about,
                choices,
            )
        else:
            self.ask(
                f"“{word}” is no {what} (there is: {there}). Which one is meant?",
                f"没有叫“{word}”的{what_zh}(现有:{there})。指哪一个?",
                about,
                known[:12],
            )

    def wish(self, intent: Intent) -> Wish:
        """The standing policy that an intent asks for."""
        names, _items = self.names(intent)
        said, limits, notify = intent.schedule, intent.limits, intent.notify
        continuous = said is not None and said.every == "continuous"
        if continuous:
            self.ask(
                "Continuous protection is not offered. Is every 5 minutes close enough?",
                "不支持持续保护。每 5 分钟一次可以吗?",
                "schedule",
                ("5min",),
            )
        if said and said.trigger:
            self.ask(
                f"Runs can't follow “{said.trigger}” by themselves. On which schedule?",
                f"无法由“{said.trigger}”触发。请给出时间安排。",
                "schedule",
            )
        if intent.exclude:
            self.ask(
                f"Leave out {', '.join(intent.exclude)}? Exclusions belong to the dataset in restora.yaml.",
                f"排除 {'、'.join(intent.exclude)}?排除项写在 restora.yaml 的数据集里。",
                "exclude",
            )
        return Wish(
            datasets=names,
            repositories=self.places(intent.destinations),
            every=Duration.parse(said.every) if said and said.every and not continuous else None,
            at=tuple(parse_clock(t) for t in said.at) if said else (),
            part=said.part if said else None,
            days=said.days if said else (),
            month_days=said.month_days if said else (),
            months=said.months if said else (),
            nth_weekday=NthWeekday(n=said.nth_weekday.n, day=said.nth_weekday.day)
            if said and said.nth_weekday
            else None,
            times=said.times if said else None,
            timezone=said.timezone if said else None,
            window=self.window(intent.window),
            retention=self.retention(intent.retention),
            tier=intent.policy,
            rpo=Duration.parse(intent.rpo) if intent.rpo else None,
            rto=Duration.parse(intent.rto) if intent.rto else None,
            bandwidth=limits.bandwidth if limits else None,
            storage=parse_size(limits.storage) if limits and limits.storage else None,
            channels=notify.channels if notify else (),
            notify_on=notify.on if notify else None,
            text=self.reading.text,
            words=self.words(intent),
        )

    def words(self, intent: Intent) -> dict[str, str]:
        """The words behind each slot."""
        index = self.reading.intents.index(intent)
        found: dict[str, list[str]] = {}
        for span in self.reading.spans:
            if index in span.intent:
                found.setdefault(span.label, []).append(span.text)
        return {label: ", ".join(dict.fromkeys(texts)) for label, texts in found.items()}

    def retention(self, said: RetentionSaid | None) -> Retention | None:
        """Retention as a policy holds it."""
        if said is None:
            return None
        try:
            return Retention.model_validate(said.as_contract())
        except ValidationError as error:
            reason = str(error.errors()[0].get("msg", "")).removeprefix("Value error, ")
            self.ask(f"How long should copies be kept? {reason}", f"副本保留多久?{reason}", "retention")
            return None

    def window(self, said: WindowSaid | None) -> Window | None:
        """A window in the site's own hours."""
        if said is None:
            return None
        site = self.catalog.site
        if said.part == "night":
            return site.night
        if said.part == "off_hours":
            return Window(start=site.business_hours.until, until=site.business_hours.start)
        if said.part == "weekend":
            return Window(start=time(0), until=time(0), days=WEEKDAYS[5:])
        start = parse_clock(said.start) if said.start else (site.night.start if said.until else time(0))
        until = parse_clock(said.until) if said.until else (site.night.until if said.start else time(0))
        return Window(start=start, until=until, days=said.days)

    def other(self, intent: Intent) -> Ask:
        """What an intent asks for beside standing policies."""
        text, action = self.reading.text, intent.action
        if action == "explain":
            return asks.ExplainWish(text)
        if action == "unsupported":
            return asks.Unsupported(text)
        if action == "verify":
            return self._verify(intent)
        names, items = self.names(intent)
        when = _moment(intent.schedule.date) if intent.schedule and intent.schedule.date else None
        if action == "backup":
            return asks.RunNow(names, self.places(intent.destinations), when, intent.type, intent.dry_run, text)
        if action in {"restore", "recover"}:
            source = next(iter(self.places([intent.source], "source")), None) if intent.source else None
            return asks.RestoreWish(
                names,
                items,
                intent.point,
                source,
                intent.to,
                intent.in_place,
                action == "recover",
                intent.dry_run,
                text,
            )
        if action == "drill":
            source = next(iter(self.places([intent.source], "source")), None) if intent.source else None
            return asks.DrillWish(names, items, intent.point, source, intent.to, when, text)
        if action == "replicate":
            source = next(iter(self.places([intent.source], "source")), None) if intent.source else None
            return asks.ReplicateWish(names, self.places(intent.destinations), source, text)
        if action == "forget":
            return asks.ForgetWish(names, intent.point, intent.retention, intent.dry_run, text)
        if action in {"pause", "resume", "unprotect"}:
            return asks.Hold(action, names, intent.until, text)
        if action == "status":
            return asks.StatusWish(intent.topic or "general", names, intent.point, text)
        if action == "diagnose":
            return asks.DiagnoseWish(names, intent.point, text)
        return asks.OptimizeWish(names, text)

    def _verify(self, intent: Intent) -> Ask:
        """Repositories where the words name one, datasets otherwise."""
        places = [t for t in intent.targets if lookup.match(t, self.repositories).names]
        repos = self.places([*places, *([intent.source] if intent.source else [])])
        names, _items = self.names(
            intent.model_copy(update={"targets": tuple(t for t in intent.targets if t not in places)})
        )
        every = intent.schedule.every if intent.schedule and intent.schedule.every != "continuous" else None
        return asks.VerifyWish(names, repos, intent.read, Duration.parse(every) if every else None, self.reading.text)


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)


def resolve(reading: Reading, catalog: Catalog, *, now: datetime, known_names: Sequence[Candidate] = ()) -> Resolution:
    """Resolve a reading against the catalog and discovered candidates. `now` is local; it dates nothing by itself yet
    but keeps the signature whole for relative ends of pauses. Never raises on a reading; problems are questions."""
    del now
    work = _Resolver(reading, catalog, known_names)
    wishes: list[Wish] = []
    others: list[Ask] = []
    for intent in reading.intents:
        recurs = intent.schedule is not None and intent.schedule.every is not None
        if intent.action == "protect" or (intent.action == "replicate" and recurs):
            wishes.append(work.wish(intent))
        elif intent.action == "drill" and recurs and intent.schedule and intent.schedule.every != "continuous":
            _drill(work, intent, wishes)
        else:
            others.append(work.other(intent))
    return Resolution(tuple(wishes), tuple(others), tuple(work.questions), tuple(work.proposals.values()))


def _drill(work: _Resolver, intent: Intent, wishes: list[Wish]) -> None:
    """`… and drill it monthly` joins the wish for the same datasets; alone it is a change of its own."""
    names, _items = work.names(intent)
    every = Duration.parse(str(intent.schedule.every)) if intent.schedule else None
    for index, wish in enumerate(wishes):
        if wish.datasets == names:
            wishes[index] = replace(
                wish, drill_every=every, words={**wish.words, "drill": work.words(intent).get("schedule", "")}
            )
            return
    wishes.append(Wish(datasets=names, drill_every=every, text=work.reading.text, words=work.words(intent)))
