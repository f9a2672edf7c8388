"""The names of a whole request against the catalog: each word, and words that lean on the others ("the rest", "both")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from planner.language import groups, lookup
from planner.language.asking import SlotQuestion, pick
from planner.language.groups import Group
from planner.language.intent import Intent, Question, Reading
from planner.language.known import Known
from policies.capture import Candidate
from policies.catalog import Catalog

LOOKING = frozenset({"status", "diagnose", "optimize"})  # nothing is done: a name with one slip is taken as it is meant
PARTS_COUNT = frozenset({"restore", "drill", "recover"})
NEW_MAY_BE = frozenset({"protect", "backup"})
MOST_SHOWN = 12


@dataclass(slots=True)
class Named:
    """What the names of one intent mean. `patterns`: what is left out that is no dataset."""

    datasets: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)


class Naming:
    """Questions and proposals gather here while names are looked up."""

    def __init__(self, reading: Reading, catalog: Catalog, discovered: Sequence[Candidate]) -> None:
        self.reading = reading
        self.datasets = lookup.datasets(catalog, discovered)
        self.repositories = lookup.repositories(catalog)
        self.questions: list[Question] = list(reading.clarify)
        self.proposals: dict[str, Candidate] = {}
        self.found = [Named(items=list(intent.items)) for intent in reading.intents]
        for number, intent in enumerate(reading.intents):
            self._plain_names(number, intent)
        for number, intent in enumerate(reading.intents):
            self._groups(number, intent)
            self._left_out(number, intent)

    def ask(self, number: int, about: str, en: str, zh: str, choices: Sequence[str] = (), word: str = "") -> None:
        """Note a question about a slot of an intent, once."""
        text = pick(self.reading.language, en, zh)
        if not any(question.text == text for question in self.questions):
            self.questions.append(SlotQuestion(text, about, tuple(choices), number, word))

    def of(self, number: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(datasets, items) of an intent."""
        named = self.found[number]
        return tuple(dict.fromkeys(named.datasets)), tuple(dict.fromkeys(named.items))

    def places(self, number: int, words: Sequence[str], about: str = "destinations") -> tuple[str, ...]:
        """Repositories behind a person's words."""
        names: list[str] = []
        for word in words:
            scope = groups.group(word)
            found = lookup.match(word, self.repositories)
            if found.names:
                names += found.names
            elif (
                scope
                and about == "destinations"
                and not scope.but
                and (scope.scope != "both" or len(self.repositories) == 2)
            ):
                names += [k.name for k in self.repositories]
            else:
                self._unknown(number, word, found.choices, self.repositories, about)
        return tuple(dict.fromkeys(names))

    def is_place(self, word: str) -> bool:
        """Whether a word names a repository and no dataset."""
        return bool(lookup.match(word, self.repositories).names) and not lookup.match(word, self.datasets).names

    def _plain_names(self, number: int, intent: Intent) -> None:
        for word in intent.targets:
            if intent.action == "verify" and self.is_place(word):
                continue
            if self._scope(word) is None:
                self.found[number].datasets += self._one(number, intent, word)

    def _scope(self, word: str) -> Group | None:
        """A group, unless something is called so."""
        return None if any(k.name.casefold() == word.casefold() for k in self.datasets) else groups.group(word)

    def _one(self, number: int, intent: Intent, word: str, about: str = "targets") -> tuple[str, ...]:
        """Datasets behind one word."""
        found = lookup.match(word, self.datasets)
        if not found.names and intent.action in LOOKING and (meant := lookup.typo(word, self.datasets)):
            return (meant,)
        if found.names:
            if found.candidate:
                self.proposals[found.candidate.name] = found.candidate
            if found.part and intent.action in PARTS_COUNT:
                self.found[number].items.append(found.part)
            return found.names
        if word.startswith("/") and len(word) > 1 and intent.action in NEW_MAY_BE:
            patterns = [p for p in intent.exclude if not lookup.match(p, self.datasets).names]
            same = [c.name for c in self.proposals.values() if c.fields.get("paths") == [word.rstrip("/")]]
            if same:
                return (same[0],)
            new = lookup.proposal(word, [k.name for k in self.datasets] + list(self.proposals), patterns)
            self.proposals[new.name] = new
            return (new.name,)
        self._unknown(number, word, found.choices, self.datasets, about)
        return ()

    def _groups(self, number: int, intent: Intent) -> None:
        """Words for several: their names stand where the others are known by now."""
        for word in intent.targets:
            scope = self._scope(word)
            if scope is None or (intent.action == "verify" and self.is_place(word)):
                continue
            chosen = self._members(number, word, scope)
            for out in scope.but:
                gone = self._one(number, intent, out)
                chosen = [name for name in chosen if name not in gone]
            self.found[number].datasets += chosen

    def _members(self, number: int, word: str, scope: Group) -> list[str]:
        known = [k for k in self.datasets if k.candidate is None]
        if scope.kind:
            of_kind, _whole = groups.of_kind(scope.kind, known)
            known = of_kind
        others = [name for index, named in enumerate(self.found) for name in named.datasets if index != number]
        others += self.found[number].datasets
        if scope.scope == "rest":
            known = [k for k in known if k.name not in others]
        elif scope.scope == "both" and len(known) != 2:
            two = list(dict.fromkeys(others)) if not scope.kind else []
            if len(two) == 2:
                return two
            self._which(number, word, known or self.datasets)
            return []
        if not known:
            self._nothing(number, word)
        return [k.name for k in known]

    def _which(self, number: int, word: str, known: Sequence[Known]) -> None:
        names = [k.name for k in known][:MOST_SHOWN]
        self.ask(
            number, "targets", f"“{word}”: which ones ({', '.join(names)})?", f"“{word}”指哪些({'、'.join(names)})?",
            names, word,
        )  # fmt: skip

    def _nothing(self, number: int, word: str) -> None:
        if self.datasets:
            self._which(number, word, self.datasets)
            return
        self.ask(
            number, "targets", f"“{word}” of what? No dataset is defined yet.",
            f"“{word}”指什么?还没有定义任何数据集。", (), word,
        )  # fmt: skip

    def _left_out(self, number: int, intent: Intent) -> None:
        """What is left out: datasets of several, else patterns inside of them."""
        named = self.found[number]
        for word in intent.exclude:
            gone = () if word.startswith(("/", "*", ".")) else lookup.match(word, self.datasets).names
            if gone and len(named.datasets) > 1 and set(gone) < set(named.datasets):
                named.datasets = [name for name in named.datasets if name not in gone]
            else:
                named.patterns.append(word)

    def _unknown(self, number: int, word: str, choices: Sequence[str], known: Sequence[Known], about: str) -> None:
        places = known is self.repositories
        what, what_zh = ("repository", "仓库") if places else ("dataset", "数据集")
        names = [k.name for k in known][:MOST_SHOWN]
        if len(choices) == 1:
            self.ask(
                number, about, f"“{word}” is no {what}. Did you mean {choices[0]}?",
                f"没有叫“{word}”的{what_zh},是指 {choices[0]} 吗?", choices, word,
            )  # fmt: skip
        elif choices:
            self.ask(
                number, about, f"Which {what} do you mean by “{word}”: {', '.join(choices)}?",
                f"“{word}”指哪个{what_zh}:{'、'.join(choices)}?", choices, word,
            )  # fmt: skip
        else:
            there, there_zh = ", ".join(names) or "none is defined", "、".join(names) or "还没有"
            self.ask(
                number, about, f"“{word}” is no {what} (there is: {there}). Which one is meant?",
                f"没有叫“{word}”的{what_zh}(现有:{there_zh})。指哪一个?", names, word,
            )  # fmt: skip
