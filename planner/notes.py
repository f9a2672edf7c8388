"""What is written down while a wish becomes a policy: every choice with its reason, every problem."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from planner.proposal import Choice, Problem


@dataclass(slots=True)
class Notes:
    """`words` are the wish's: the words behind each field that was said."""

    words: Mapping[str, str]
    choices: list[Choice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def said(self, name: str, value: str, *keys: str) -> None:
        """A field as it was said. `keys`: further keys under which its words may stand."""
        tail = name.rpartition(".")[2]
        words = next((self.words[key] for key in (name, tail, *keys) if self.words.get(key)), "")
        self.choices.append(Choice(name, value, True, words, code="said"))

    def assume(self, name: str, value: str, code: str, why: str, **facts: str) -> None:
        """A field that was not said, and why it is so."""
        self.choices.append(Choice(name, value, False, "", why, code, facts))

    def kept(self, name: str, value: str, policy: str) -> None:
        """A field that a change leaves as it is in force."""
        self.assume(name, value, "kept", f"as in force in policy {policy}", policy=policy)

    def problem(
        self, code: str, name: str, value: str, message: str, hint: str = "", *, question: bool = False,
        blocks: bool = True, options: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """Something in the way (`blocks`), or worth knowing."""
        self.problems.append(Problem(code, name, value, message, hint, question, blocks, options))

    def unknown(self, name: str, word: str, what: str, known: Collection[str], hint: str) -> None:
        """A name that is not there, with the nearest ones that are."""
        near = tuple(get_close_matches(word, list(known), n=3, cutoff=0.6))
        have = ", ".join(known) or "none is defined"
        hint = f"did you mean {' or '.join(near)}?" if near else hint
        self.problem(
            "unknown", name, word, f"{word!r} is no {what} (there is: {have})", hint, question=bool(near), options=near
        )
