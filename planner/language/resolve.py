"""From what was said to what is meant: names found in the catalog, values typed, every problem told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from planner.language import asks, shares, wishing
from planner.language.asking import YES_NO, SlotQuestion
from planner.language.asks import Ask
from planner.language.intent import Intent, Question, Reading
from planner.language.naming import Naming
from policies.capture import Candidate
from policies.catalog import Catalog
from policies.dataset import FilesDataset
from policies.duration import Duration
from policies.wish import Wish

#: the slots that this version makes something of
HEEDED: dict[str, frozenset[str]] = {
    action: frozenset(f"targets topic dry_run {slots}".split())
    for action, slots in {
        "protect": "exclude schedule window retention destinations policy rpo rto limits notify encrypt",
        "backup": "destinations schedule encrypt",
        "restore": "items point source to in_place",
        "recover": "items point source to in_place",
        "drill": "items schedule",
        "verify": "source read schedule",
        "replicate": "destinations source schedule",
        "forget": "point retention",
        "pause": "until",
        "diagnose": "point",
        "status": "point",
    }.items()
}
ALL_SLOTS = frozenset(Intent.model_fields)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is to be planned (`wishes`) or done (`asks`). With questions nothing of it is to be carried out before an answer.

    `proposals`: datasets that are not in the catalog yet and would have to be added. `exclude`: patterns that the named
    dataset would leave out from now on. `unheeded`: slots that were said and have no effect, with their words."""

    wishes: tuple[Wish, ...] = ()
    asks: tuple[Ask, ...] = ()
    questions: tuple[Question, ...] = ()
    proposals: tuple[Candidate, ...] = ()
    exclude: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unheeded: tuple[tuple[str, str], ...] = ()


def resolve(reading: Reading, catalog: Catalog, *, now: datetime, known_names: Sequence[Candidate] = ()) -> Resolution:
    """Resolve a reading against the catalog and discovered candidates. `now` is local: moments that can't be are asked about.
    Never raises on a reading; problems are questions."""
    work = _Resolver(reading, catalog, now.replace(tzinfo=None), Naming(reading, catalog, known_names))
    for number, intent in enumerate(reading.intents):
        work.one(number, intent)
    return Resolution(
        tuple(work.wishes), tuple(work.asks), work.questions(), tuple(work.naming.proposals.values()), tuple(work.exclude.items()),
        tuple(dict.fromkeys(work.unheeded)),
    )  # fmt: skip


class _Resolver:
    def __init__(self, reading: Reading, catalog: Catalog, now: datetime, naming: Naming) -> None:
        self.reading, self.catalog, self.now, self.naming = reading, catalog, now, naming
        self.wishes: list[Wish] = []
        self.asks: list[Ask] = []
        self.exclude: dict[str, tuple[str, ...]] = {}
        self.unheeded: list[tuple[str, str]] = []

    def one(self, number: int, intent: Intent) -> None:
        """Resolve one intent."""
        self._moments(number, intent)
        said = intent.schedule
        recurs = said is not None and said.every is not None
        if intent.action == "protect" or (intent.action == "replicate" and recurs):
            self._protect(number, intent)
        elif intent.action == "drill" and recurs and said and said.every != wishing.CONTINUOUS:
            self._drill(number, Duration.parse(str(said.every)))
        else:
            self.asks.append(self._ask(number, intent))
        self._unheeded(number, intent)

    def _protect(self, number: int, intent: Intent) -> None:
        made = wishing.wish(
            self.naming, number, intent, self.catalog, self._words(number), self.reading.text
        )  # fmt: skip
        self._leave_out(number, made.datasets)
        unnamed = not intent.targets and any(q.about == "targets" for q in self.reading.clarify)
        named_in_vain = bool(intent.targets) and not made.datasets
        self.wishes += [made] if unnamed or named_in_vain else shares.shared_out(made, self.catalog)

    def _leave_out(self, number: int, names: Sequence[str]) -> None:
        """Patterns belong to the dataset: a new one is proposed with them, one of files gets them added."""
        patterns = tuple(self.naming.found[number].patterns)
        old = [name for name in names if name not in self.naming.proposals]
        if not patterns or not old:
            return
        files = [name for name in old if isinstance(self.catalog.datasets[name], FilesDataset)]
        if len(files) != 1 or len(old) > 1:
            left_out, left_out_zh = ", ".join(patterns), "、".join(patterns)
            self.naming.ask(
                number, "exclude", f"{left_out} can be left out of one dataset of files at a time. Go on without leaving it out?",
                f"一次只能从一个文件数据集中排除 {left_out_zh}。不排除而继续吗?", YES_NO,
            )  # fmt: skip
            return
        self.exclude[files[0]] = (*self.exclude.get(files[0], ()), *patterns)

    def _drill(self, number: int, every: Duration) -> None:
        """`… and drill it monthly` joins the wish for the same datasets; alone it is a change of its own."""
        names, _items = self.naming.of(number)
        words = self._words(number)
        same = [index for index, wish in enumerate(self.wishes) if wish.datasets and set(wish.datasets) <= set(names)]
        for index in same:
            wish = self.wishes[index]
            self.wishes[index] = replace(
                wish, drill_every=every, words={**wish.words, "drill": words.get("schedule", "")}
            )
        left = tuple(name for name in names if not any(name in self.wishes[index].datasets for index in same))
        if left or not same:
            made = Wish(datasets=left, drill_every=every, text=self.reading.text, words=words)
            self.wishes += shares.shared_out(made, self.catalog)

    def _ask(self, number: int, intent: Intent) -> Ask:
        """What an intent asks for beside standing policies."""
        text, action, work = self.reading.text, intent.action, self.naming
        names, items = work.of(number)
        source = next(iter(work.places(number, [intent.source], "source")), None) if intent.source else None
        when = self._when(number, intent)
        match action:
            case "explain":
                return asks.ExplainWish(text)
            case "unsupported":
                return asks.Unsupported(text)
            case "verify":
                return self._verify(number, intent, source)
            case "backup":
                places = work.places(number, intent.destinations)
                return asks.RunNow(names, places, when, intent.type, intent.dry_run, text)
            case "restore" | "recover":
                self._overwrite(number, intent)
                disaster = action == "recover"
                return asks.RestoreWish(
                    names, items, intent.point, source, intent.to, intent.in_place, disaster, intent.dry_run, text
                )
            case "drill":
                return asks.DrillWish(names, items, intent.point, source, intent.to, when, text)
            case "replicate":
                return asks.ReplicateWish(names, work.places(number, intent.destinations), source, text)
            case "forget":
                return asks.ForgetWish(names, intent.point, intent.retention, intent.dry_run, text)
            case "pause" | "resume" | "unprotect":
                return asks.Hold(action, names, intent.until, text)
            case "status":
                return asks.StatusWish(intent.topic or "general", names, intent.point, text)
            case "diagnose":
                return asks.DiagnoseWish(names, intent.point, text)
            case _:
                return asks.OptimizeWish(names, text)

    def _verify(self, number: int, intent: Intent, source: str | None) -> Ask:
        """Repositories where the words name one, datasets otherwise."""
        places = self.naming.places(number, [word for word in intent.targets if self.naming.is_place(word)])
        repositories = tuple(dict.fromkeys([*places, *([source] if source else [])]))
        names, _items = self.naming.of(number)
        if names and set(names) == set(self.catalog.datasets) and not repositories:
            names = ()  # everything: every repository, those without a policy too
        every = intent.schedule.every if intent.schedule and intent.schedule.every != wishing.CONTINUOUS else None
        return asks.VerifyWish(
            names, repositories, intent.read, Duration.parse(every) if every else None, self.reading.text
        )

    def _overwrite(self, number: int, intent: Intent) -> None:
        """Leaving something out can't be done while writing over the original: that must not pass unseen."""
        if intent.in_place and intent.exclude:
            left_out = ", ".join(intent.exclude)
            self.naming.ask(
                number, "in_place", f"A restore over the original can't leave out {left_out}. Restore beside it instead?",
                f"覆盖恢复不能排除 {left_out}。改为恢复到旁边的目录吗?", YES_NO,
            )  # fmt: skip

    def _when(self, number: int, intent: Intent) -> datetime | None:
        """The moment of a single run, in the site's own time."""
        said = intent.schedule
        if said is None or not said.date:
            return None
        moment = datetime.fromisoformat(said.date)
        if not said.timezone:
            return moment
        try:
            zone = ZoneInfo(said.timezone)
        except (KeyError, OSError, ValueError):  # what zoneinfo raises depends on what is wrong with the key
            self.naming.ask(
                number, "schedule", f"“{said.timezone}” is no time zone. When shall it run, in the time of this site?",
                f"没有“{said.timezone}”这个时区。按本地时间什么时候运行?", (), said.date,
            )  # fmt: skip
            return moment
        return moment.replace(tzinfo=zone).astimezone(self.catalog.zone()).replace(tzinfo=None)

    def _moments(self, number: int, intent: Intent) -> None:
        """Of what is to come there is no backup, and what is past can't be done any more."""
        point, said = intent.point, intent.schedule
        at = (point.at or point.before or point.date) if point else None
        if at and intent.action in {"restore", "recover", "drill"} and at[: len(at)] > self.now.isoformat()[: len(at)]:
            moment = at.replace("T", " ")
            self.naming.ask(
                number, "point", f"{moment} is still to come: there is no backup of it yet. Which moment is meant?",
                f"{moment} 还没有到,没有那时的备份。指的是哪个时间?", (), at,
            )  # fmt: skip
        if said and said.date and not said.every and said.date < self.now.isoformat()[: len(said.date)]:
            moment = said.date.replace("T", " ")
            self.naming.ask(
                number, "schedule", f"{moment} is past. When shall it run?", f"{moment} 已经过去。什么时候运行?", (), said.date
            )  # fmt: skip

    def _words(self, number: int) -> dict[str, str]:
        """The words behind each slot."""
        found: dict[str, list[str]] = {}
        for span in self.reading.spans:
            if number in span.intent:
                found.setdefault(span.label, []).append(span.text)
        return {label: ", ".join(dict.fromkeys(texts)) for label, texts in found.items()}

    def _unheeded(self, number: int, intent: Intent) -> None:
        """What was said and does not come to anything: never to be passed over in silence."""
        said = {slot for slot in intent.as_contract() if slot in ALL_SLOTS} - {"action"}
        heeded = HEEDED.get(intent.action)
        if heeded is None:
            return
        words = self._words(number)
        gone = said - heeded
        if not self.naming.found[number].patterns:  # only datasets were left out, and they are
            gone -= {"exclude"}
        if intent.type == "incremental":  # each run is
            gone -= {"type"}
        if intent.limits and intent.action == "protect" and (intent.limits.cost or intent.limits.cpu):
            gone |= {"limits"}
        self.unheeded += [(slot, words.get(slot, "")) for slot in intent.as_contract() if slot in gone]

    def questions(self) -> tuple[Question, ...]:
        """All questions; those for a missing name offer what there is."""
        known = tuple(k.name for k in self.naming.datasets if k.candidate is None)[:12]
        missing = [number for number, intent in enumerate(self.reading.intents) if not intent.targets]
        return tuple(
            SlotQuestion(q.text, q.about, known, missing[0])
            if q.about == "targets" and not q.choices and missing and not isinstance(q, SlotQuestion)
            else q
            for q in self.naming.questions
        )
