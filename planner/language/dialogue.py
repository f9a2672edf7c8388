"""A request that leans on the one before it, as a whole request: pure functions over what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from planner.language import bare_values, explain, sentences
from planner.language.answering import chosen
from planner.language.asking import YES_NO, SlotQuestion, pick
from planner.language.followups import FollowUp, Lean, follow_up
from planner.language.intent import SLOTLESS, Intent, Question, Reading
from planner.language.known import plain
from planner.language.lookup import Namer
from planner.language.merging import merged, said_slots

OWN = frozenset({"targets", "topic", "dry_run"})
TAKES_AWAY = frozenset({"forget", "unprotect"})
LONGEST_NAME = 4  # words


@dataclass(frozen=True, slots=True)
class Turn:
    """A request of this dialogue as it was understood in the end."""

    intents: tuple[Intent, ...]
    text: str = ""

    @property
    def subjects(self) -> tuple[tuple[str, ...], ...]:
        """The different sets of targets, in order."""
        return tuple(dict.fromkeys(intent.targets for intent in self.intents if intent.targets))


@dataclass(frozen=True, slots=True)
class Followed:
    """The request as a whole. `taken`: (intent, slot) that came from the earlier request. With a `question` it is unclear
    which part of the earlier request is meant: answer it through `which`, and nothing is done before."""

    reading: Reading
    taken: tuple[tuple[int, str], ...] = ()
    question: Question | None = None
    lean: Lean | None = None


def follow(
    turns: Sequence[Turn], reading: Reading, *, now: datetime, known: Namer = lambda _word: None, which: str = ""
) -> Followed:
    """Merge a reading with what was asked before, where its words lean on that; else it is left as it is.

    `known` tells what a word names in the catalog; `which`: the answer to the question of an earlier call."""
    last = next((t for t in reversed(turns) if any(i.action not in SLOTLESS for i in t.intents)), None)
    named = any(known(word) or word.startswith("/") for intent in reading.intents for word in intent.targets)
    cue = follow_up(reading.text, named=named) if last else None
    if last is None or cue is None:
        return Followed(reading)
    work = _Merge(Turn(tuple(i for i in last.intents if i.action not in SLOTLESS)), reading, cue, now, known, which)
    match cue.lean:
        case Lean.SAME | Lean.ALSO:
            return work.other_data()
        case Lean.MEANT:
            return work.corrected()
        case Lean.CHANGE:
            return work.changed()
        case _:
            return work.pointed()


@dataclass(frozen=True, slots=True)
class _Merge:
    last: Turn
    reading: Reading
    cue: FollowUp
    now: datetime
    known: Namer
    which: str

    def other_data(self) -> Followed:
        """The same for other names; values said beside them change."""
        names = self._names()
        if not names:
            return Followed(self.reading)
        base = self._meant(self.last.intents)
        if base is None:
            return self._ask(self.last.intents)
        said = self._said()
        new = tuple(self._with(_elsewhere(intent), said, targets=names) for intent in base)
        return self._done(new)

    def corrected(self) -> Followed:
        """Another name or value in the place of the one that was understood."""
        names = self._names()
        kinds = {self.known(name) or ("dataset" if name.startswith("/") else None) for name in names}
        if kinds == {"repository"}:
            slot = "source" if any(i.source for i in self.last.intents) else "destinations"
            return self._replaced(slot, names)
        if kinds == {"dataset"}:
            return self._replaced("targets", names)
        said = self._said()
        if said_slots(said):
            return self._values(said)
        if len(names) == 1 and len(names[0].split()) <= LONGEST_NAME and self._bare():
            return self._replaced("targets", names)
        return Followed(self.reading)

    def changed(self) -> Followed:
        """Other values; a place or a name is told from a value by the catalog."""
        said = self._said()
        if said_slots(said):
            return self._values(said)
        kinds = {self.known(name) for name in self.cue.names}
        if kinds in ({"repository"}, {"dataset"}):
            return self._replaced("destinations" if kinds == {"repository"} else "targets", self.cue.names)
        return Followed(self.reading)

    def pointed(self) -> Followed:
        """`it`: the data of the earlier request; a change of what was asked for there is merged with it."""
        open_ = [n for n, i in enumerate(self.reading.intents) if not i.targets and i.action not in SLOTLESS]
        if not open_ or not self.last.subjects:
            return Followed(self.reading)
        base = self._meant(self.last.intents)
        if base is None:
            return self._ask(self.last.intents)
        targets = tuple(dict.fromkeys(word for intent in base for word in intent.targets))
        new = list(self.reading.intents)
        for number in open_:
            own = new[number].model_copy(update={"targets": targets})
            same = next((b for b in base if b.action == own.action == "protect"), None)
            new[number] = merged(same, own, tuple(s for s in said_slots(own) if s not in OWN)) if same else own
        return self._done(tuple(new))

    def _names(self) -> tuple[str, ...]:
        """The names that were said: those of the reading where the catalog knows them, else the rest of the cue."""
        own = tuple(word for intent in self.reading.intents for word in (*intent.targets, *intent.destinations))
        names = self.cue.names
        if names and all(self._is_name(name) for name in names):
            return names
        inside = own and all(self._is_name(word) and plain(word) in plain(self.cue.rest) for word in own)
        if inside and self.cue.lean is not Lean.ALSO:  # "also back up the wiki" is a request of its own
            return tuple(dict.fromkeys(own))
        short = all(len(name.split()) <= LONGEST_NAME and len(name) <= 40 for name in names)
        if self.cue.lean is Lean.ALSO or not short:
            return ()
        return names

    def _is_name(self, word: str) -> bool:
        return word.startswith("/") or self.known(word) is not None

    def _bare(self) -> bool:
        """Whether the reading made nothing of the words beside names."""
        return all(set(said_slots(i)) <= OWN for i in self.reading.intents)

    def _said(self) -> Intent:
        """The values that were said: as they were read, else the rest of the cue by itself."""
        slots: dict[str, object] = {}
        for intent in self.reading.intents:
            slots |= {slot: getattr(intent, slot) for slot in said_slots(intent) if slot not in OWN}
        if not slots and (slot := bare_values.slot_of(self.cue.rest, self.last.intents[0].action)):
            value = bare_values.value_of(slot, self.cue.rest, self.now, self.last.intents[0].action)
            slots |= {} if value is None else {slot: value}
        return Intent.model_validate({"action": "protect", **slots})

    def _values(self, said: Intent) -> Followed:
        """Other values for what the earlier request asked; a single run that gets a period or retention becomes a policy."""
        slots = tuple(s for s in said_slots(said) if s not in OWN)
        having = tuple(i for i in self.last.intents if any(getattr(i, slot) for slot in slots))
        standing = tuple(i for i in self.last.intents if i.action == "protect")
        apt = having or standing or self.last.intents
        base = self._meant(apt)
        if base is None:
            return self._ask(apt)
        return self._done(tuple(self._with(intent, said) if intent in base else intent for intent in self.last.intents))

    def _with(self, before: Intent, said: Intent, **more: object) -> Intent:
        slots = tuple(s for s in said_slots(said) if s not in OWN and s not in {"destinations"} | set(more))
        if "destinations" in said_slots(said) and "destinations" not in more and said.destinations:
            slots = (*slots, "destinations")
        new = merged(before, said, slots)
        standing = (said.schedule and said.schedule.every) or said.retention
        action = "protect" if before.action == "backup" and standing else before.action
        return Intent.model_validate({**dict(new), "action": action, **more})

    def _replaced(self, slot: str, names: tuple[str, ...]) -> Followed:
        """Names in the place of the ones that were understood."""
        there = tuple(dict.fromkeys(w for i in self.last.intents for w in (i.targets if slot == "targets" else ())))
        old = [w for w in there if self.cue.instead_of and plain(w) in plain(self.cue.instead_of)]
        if not old and self.which and len(there) > 1:
            old = list(chosen(there, self.which, several=True) or ())
        if not old and len(there) > 1:
            text = pick(
                self.reading.language, f"{' + '.join(names)} in place of which: {', '.join(there)}?",
                f"用{'、'.join(names)}替换哪个:{'、'.join(there)}?",
            )  # fmt: skip
            return Followed(self.reading, (), Question(text, slot, there), self.cue.lean)
        new = []
        for intent in self.last.intents:
            if slot == "source":
                new.append(intent.model_copy(update={"source": names[0]}))
            elif slot == "destinations":
                new.append(intent.model_copy(update={"destinations": names}) if _goes(intent) else intent)
            else:
                kept = tuple(w for t in intent.targets for w in (names if t in (old or there) else (t,)))
                new.append(intent.model_copy(update={"targets": tuple(dict.fromkeys(kept or names))}))
        return self._done(tuple(new))

    def _meant(self, intents: tuple[Intent, ...]) -> tuple[Intent, ...] | None:
        """Which of several intents are meant; None where that has to be asked."""
        if len(intents) == 1 or self.cue.all:
            return intents
        if self.which:
            labels = _labels(intents, self.reading.language)
            picked = chosen(labels, self.which, several=True)
            return tuple(i for i, label in zip(intents, labels, strict=True) if label in picked) if picked else None
        alike = len({i.targets for i in intents}) == 1
        return intents if alike and self.cue.lean in {Lean.SAME, Lean.ALSO, Lean.POINTS} else None

    def _ask(self, intents: tuple[Intent, ...]) -> Followed:
        labels = _labels(intents, self.reading.language)
        text = pick(
            self.reading.language, f"Which of them do you mean: {', '.join(labels)}?", f"指的是哪一个:{'、'.join(labels)}?"
        )  # fmt: skip
        return Followed(self.reading, (), Question(text, "targets", labels), self.cue.lean)

    def _done(self, intents: tuple[Intent, ...]) -> Followed:
        """The merged reading: questions that the merge answered are gone; what takes data away is asked about."""
        own = {slot for intent in self.reading.intents for slot in said_slots(intent)}
        if self.cue.lean is not Lean.CHANGE:
            own.add("targets")
        taken = tuple(
            (n, s) for n, i in enumerate(intents) for s in ("action", *said_slots(i)) if not self._said_anew(s, i, own)
        )
        every = tuple(range(len(intents)))
        spans = tuple(
            replace(span, intent=every) for span in self.reading.spans if span.label not in {"action", "topic"}
        )
        left = tuple(w for w in self.reading.leftover if plain(w) in plain(self.cue.rest) and not _used(w, intents))
        clarify = tuple(
            q for q in self.reading.clarify if q.about != "action" and not (q.about == "targets" and all(i.targets for i in intents))
        )  # fmt: skip
        if left or any(i.action in TAKES_AWAY or i.in_place for i in intents):
            clarify = (*clarify, self._right(intents, left))
        whole = replace(
            self.reading, intents=intents, spans=spans, leftover=left, clarify=clarify, confidence=0.6 if clarify else 0.9
        )  # fmt: skip
        return Followed(whole, taken, None, self.cue.lean)

    def _said_anew(self, slot: str, intent: Intent, own: set[str]) -> bool:
        before = [getattr(i, slot) for i in self.last.intents]
        return slot in own or getattr(intent, slot) not in before

    def _right(self, intents: tuple[Intent, ...], left: tuple[str, ...]) -> SlotQuestion:
        language: explain.Language = "zh" if self.reading.language == "zh" else "en"
        said = "; ".join(sentences.sentence(intent, language) for intent in intents)
        more = pick(language, f" I made no use of: {', '.join(left)}.", f"没有用到:{'、'.join(left)}。") if left else ""
        text = pick(language, f"I understood: {said}.{more} Is that right?", f"我的理解是:{said}。{more}这样对吗?")
        return SlotQuestion(text, "action", YES_NO)


def _elsewhere(intent: Intent) -> Intent:
    """Without what belongs to the data it was said of."""
    point = None if intent.point and intent.point.snapshot else intent.point
    return intent.model_copy(update={"items": (), "point": point})


def _goes(intent: Intent) -> bool:
    return intent.action in {"protect", "backup", "replicate"}


def _labels(intents: tuple[Intent, ...], language: str) -> tuple[str, ...]:
    """A short name for each intent: its targets where these tell them apart, else what is done with them."""
    subjects = [", ".join(intent.targets) for intent in intents]
    if len(set(subjects)) == len(subjects) and all(subjects):
        return tuple(subjects)
    return tuple(sentences.deed(intent, "zh" if language == "zh" else "en") for intent in intents)


def _used(word: str, intents: tuple[Intent, ...]) -> bool:
    return any(plain(word) in plain(name) for i in intents for name in (*i.targets, *i.destinations))
