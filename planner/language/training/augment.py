"""More phrasing from the same lines: names and numbers re-drawn, requests joined, noise of people's typing. Seeded."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from planner.language.labels import MOST
from planner.language.training.corpus import Example, Marked

NAMES = frozenset({"targets", "items", "exclude", "destinations", "to", "source"})
#: slots whose wording may be swapped for another line's where both begin with the same word
WORDED = frozenset({"schedule", "retention", "window", "limits", "rpo", "rto", "notify", "until", "immutable", "read"})
JOINTS_EN = (
    ". ",
    ", and ",
    " and ",
    "; ",
    ". Also, ",
    ", then ",
    " and then ",
    ". Then ",
    ", also ",
    "\n",
    ". Oh and ",
    " - and ",
    ". And ",
)
JOINTS_ZH = (",", "。", ";", ",然后", ",再", ",另外", "。另外", ",顺便", "。还有", ",同时", "\n", " ")
BEFORE_EN = (
    "hi, ",
    "hey ",
    "please ",
    "hello - ",
    "ok so ",
    "quick one: ",
    "could you ",
    "morning! ",
    "hi all, ",
    "um, ",
    "so, ",
    "right, ",
    "pls ",
)
AFTER_EN = (
    " thanks",
    " please",
    ", thx",
    " - thanks!",
    " cheers",
    ". Thank you.",
    " asap",
    " ok?",
    " :)",
    "!!",
    " tia",
)
BEFORE_ZH = ("请", "麻烦", "你好,", "那个,", "师傅,", "帮忙", "嗯,", "早,", "老师好,")
AFTER_ZH = (",谢谢", ",谢了", "。谢谢!", ",辛苦", "吧", ",多谢", "~", "!", ",拜托了")
NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "k": "jl", "l": "k", "m": "n",
    "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "y": "tu",
}  # fmt: skip
FULL = str.maketrans(",;:!?()", "，；：！？（）")
HALF = str.maketrans("，；：！？（）。", ",;:!?().")


class Augmenter:
    """Draws another form of an example each time. `pool`: the examples whose names and wordings are drawn from."""

    def __init__(self, pool: Sequence[Example], seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  no secret: the same seed gives the same data
        self.pool = pool
        self.names: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        self.worded: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        self.single: dict[str, list[Example]] = defaultdict(list)
        for example in pool:
            if _joinable(example) and len(example.text) < 90:
                self.single[example.language].append(example)
            for mark in example.marks:
                words = example.text[mark.start : mark.end]
                if mark.label in NAMES:
                    self.names[mark.label, example.language, _shape(words)].append(words)
                elif mark.label in WORDED:
                    self.worded[mark.label, example.language, _opening(words)].append(words)

    def draw(self, example: Example) -> Example:
        """The example itself or a changed form of it."""
        chance = self.random.random
        if chance() < 0.15:
            example = self._joined(example)
        if chance() < 0.6:
            example = self._redrawn(example)
        if chance() < 0.35:
            example = self._noisy(example)
        return example

    def _redrawn(self, example: Example) -> Example:
        """Names for names of the same shape; numbers for numbers where no digits carry a name."""
        new: dict[Marked, str] = {}
        drawn: dict[str, str] = {}
        for mark in example.marks:
            words = example.text[mark.start : mark.end]
            if mark.label in NAMES and self.random.random() < 0.6:
                choices = self.names[mark.label, example.language, _shape(words)]
                new[mark] = drawn.setdefault(words.casefold(), self.random.choice(choices) if choices else words)
            elif mark.label in WORDED and not example.ambiguous and self.random.random() < 0.3:
                choices = self.worded[mark.label, example.language, _opening(words)]
                new[mark] = self.random.choice(choices) if choices else words
            elif mark.label in WORDED | {"point"} and not example.ambiguous and self.random.random() < 0.4:
                new[mark] = re.sub(r"(?<![\w.])\d{1,2}(?![\w.])", self._number, words)
        return _rewritten(example, new)

    def _number(self, found: re.Match[str]) -> str:
        number = int(found[0])
        return str(self.random.randint(1, 12 if number <= 12 else 23 if number <= 23 else 59))

    def _joined(self, example: Example) -> Example:
        """Two requests in one message."""
        other = self.random.choice(self.single[example.language] or [example])
        if (
            len(example.actions) >= MOST
            or not _joinable(example, MOST - 1)
            or len(example.text) > 140
            or other is example
        ):
            return example
        first, second = (example, other) if self.random.random() < 0.5 else (other, example)
        chinese = example.language == "zh"
        head = (
            re.sub(r"[\s.,;。,;!]+$", "", first.text)
            if not first.text.rstrip().endswith(("?", "?"))
            else first.text.rstrip()
        )
        cut = [m for m in first.marks if m.end <= len(head)]
        joint = self.random.choice(JOINTS_ZH if chinese else JOINTS_EN)
        if head.endswith(("?", "?")):
            joint = "" if chinese else " "
        if len(cut) < len(first.marks):
            return example
        shift, number = len(head) + len(joint), len(first.actions)
        moved = [
            Marked(m.start + shift, m.end + shift, m.label, tuple(i + number for i in m.intents)) for m in second.marks
        ]
        tail = second.text
        if not chinese and "." not in joint and "\n" not in joint and re.match(r"[A-Z][a-z]", tail):
            tail = tail[0].lower() + tail[1:]
        return replace(
            example, text=head + joint + tail, marks=(*cut, *moved), actions=first.actions + second.actions,
            topics=first.topics + second.topics, gold=(),
        )  # fmt: skip

    def _noisy(self, example: Example) -> Example:
        draw = self.random
        chinese = example.language == "zh"
        if draw.random() < 0.3:
            before = draw.choice(BEFORE_ZH if chinese else BEFORE_EN)
            example = _shifted(example, before)
        if draw.random() < 0.3:
            tail = re.sub(r"[\s.。!!]+$", "", example.text)
            if all(m.end <= len(tail) for m in example.marks):
                example = replace(example, text=tail + draw.choice(AFTER_ZH if chinese else AFTER_EN))
        if draw.random() < 0.3:
            example = replace(example, text=_same_length(example.text, example.text.lower()))
        elif draw.random() < 0.06:
            example = replace(example, text=_same_length(example.text, example.text.upper()))
        if draw.random() < 0.3:
            tail = re.sub(r"[\s.?!。?!]+$", "", example.text)
            if all(m.end <= len(tail) for m in example.marks):
                example = replace(example, text=tail)
        if chinese and draw.random() < 0.4:
            example = replace(example, text=example.text.translate(FULL if draw.random() < 0.5 else HALF))
        if not chinese and draw.random() < 0.3:
            example = self._typo(example)
        return example

    def _typo(self, example: Example) -> Example:
        """One word outside of names mistyped: a letter doubled, lost, swapped or missed by a key."""
        taken = bytearray(len(example.text))
        for mark in example.marks:
            if mark.label in NAMES or any(c.isdigit() for c in example.text[mark.start : mark.end]):
                taken[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
        words = [m for m in re.finditer(r"[a-z]{4,}", example.text) if not any(taken[m.start() : m.end()])]
        if not words:
            return example
        word = self.random.choice(words)
        at = self.random.randrange(word.start() + 1, word.end() - 1)
        letter, kind = example.text[at], self.random.randrange(4)
        change = {
            0: letter * 2, 1: "", 2: example.text[at + 1] + letter, 3: self.random.choice(NEIGHBOURS.get(letter, letter)),
        }[kind]  # fmt: skip
        return _spliced(example, at, at + (2 if kind == 2 else 1), change)


def _joinable(example: Example, most: int = 1) -> bool:
    """Whether it stays what it is beside another request: one that names nothing would take over the other's names."""
    named = {i for m in example.marks if m.label == "targets" for i in m.intents}
    return len(example.actions) <= most and not example.ambiguous and len(named) == len(example.actions)


def _shape(words: str) -> str:
    """What a name looks like: a path, one word, several; in Latin or Han letters. Others of its shape fit in its place."""
    han = "zh" if re.search(r"[\u4e00-\u9fff]", words) else "latin"
    kind = (
        "path"
        if re.match(r"[/~]|[a-zA-Z]:\\", words)
        else "glob"
        if "*" in words
        else "host"
        if re.search(r"\d", words)
        else "name"
    )
    return f"{han} {kind} {min(3, len(words.split()))}"


def _opening(words: str) -> str:
    """The first word with digits blanked: "every 6 hours" stands where "every night at 2" does."""
    first = re.match(r"[A-Za-z]+|[\u4e00-\u9fff]|\d+\S*|\S", words.strip())
    return re.sub(r"\d+", "0", first[0].lower()) if first else ""


def _rewritten(example: Example, new: dict[Marked, str]) -> Example:
    """The text with other words for some marks; overlapping marks stay as they are."""
    marks = sorted(example.marks, key=lambda m: (m.start, m.end))
    if any(a.end > b.start for a, b in pairwise(marks)):
        return example
    text, out, last = "", [], 0
    for mark in marks:
        text += example.text[last : mark.start]
        words = new.get(mark, example.text[mark.start : mark.end])
        out.append(replace(mark, start=len(text), end=len(text) + len(words)))
        text += words
        last = mark.end
    return replace(example, text=text + example.text[last:], marks=tuple(out), gold=())


def _shifted(example: Example, before: str) -> Example:
    by = len(before)
    marks = tuple(replace(m, start=m.start + by, end=m.end + by) for m in example.marks)
    return replace(example, text=before + example.text, marks=marks)


def _spliced(example: Example, start: int, end: int, words: str) -> Example:
    by = len(words) - (end - start)

    def moved(place: int) -> int:
        return place + by if place >= end else place

    marks = tuple(replace(m, start=moved(m.start), end=moved(m.end)) for m in example.marks)
    return replace(example, text=example.text[:start] + words + example.text[end:], marks=marks)


def _same_length(text: str, changed: str) -> str:
    return changed if len(changed) == len(text) else text
