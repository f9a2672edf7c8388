"""A person's word for a dataset or repository against the names that are known."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from planner.language import groups
from planner.language.known import GENERIC, Known, core, datasets, plain, repositories
from policies.capture import Candidate

__all__ = ["Known", "Match", "Namer", "datasets", "match", "near", "proposal", "repositories", "typo"]
MOST_CHOICES = 5
Namer = Callable[[str], Literal["dataset", "repository"] | None]  # what a word names for sure


@dataclass(frozen=True, slots=True)
class Match:
    """What a word means: names (sure), or choices (to be asked); `part`: the word named a part of the dataset."""

    names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    part: str | None = None
    candidate: Candidate | None = None


def match(word: str, known: Sequence[Known]) -> Match:
    """What a word means among the known names."""
    target = plain(word)
    # a name of its own goes before words that say what something is: `local` beside another local repository
    named = [k for k in known if plain(k.name) == target]
    exact = named or [k for k in known if target in {plain(w) for w in k.words}]
    if exact:
        return _one_or_ask(exact)
    if word.startswith("/"):
        return _path(word, known)
    stem = groups.bare(target)
    if stem and stem != target and (same := [k for k in known if stem in {plain(w) for w in k.words}]):
        return _one_or_ask(same)
    kind, whole = groups.of_kind(word, known)
    if kind:
        sure = [k for k in kind if k.candidate is None] or kind
        return Match(tuple(k.name for k in sure)) if whole else _one_or_ask(kind)
    part = [k for k in known if {target, core(word)} & {plain(p) for p in k.parts}]
    if part:
        found = _one_or_ask(part)
        return Match(found.names, found.choices, core(word), part[0].candidate)
    same = [k for k in known if core(word) in {core(w) for w in k.words}]
    if same:
        return _one_or_ask(same)
    slipped = typo(word, known)
    return Match(choices=(slipped,) if slipped else tuple(near(word, known)))


def _one_or_ask(found: Sequence[Known]) -> Match:
    if len(found) == 1:
        return Match((found[0].name,), candidate=found[0].candidate)
    return Match(choices=tuple(k.name for k in found))


def _path(path: str, known: Sequence[Known]) -> Match:
    """A path that equals a dataset's path, or lies below one (the longest)."""
    wanted = posixpath.normpath(path)
    best: tuple[int, Known] | None = None
    for k in known:
        for own in k.paths:
            base = posixpath.normpath(own)
            if (wanted == base or wanted.startswith(base.rstrip("/") + "/")) and (best is None or len(base) > best[0]):
                best = (len(base), k)
    if best is None:
        return Match()
    part = wanted if wanted not in {posixpath.normpath(p) for p in best[1].paths} else None
    return Match((best[1].name,), part=part, candidate=best[1].candidate)


def near(word: str, known: Sequence[Known]) -> list[str]:
    """Names that look or read like a word, best first."""
    target, tokens = plain(word), set(plain(word).split()) - GENERIC
    scored: dict[str, float] = {}
    for k in known:
        told = k.about and core(target) and core(target) in plain(k.about)
        for own in k.words:
            ratio = difflib.SequenceMatcher(None, core(target), core(own)).ratio()
            shared = tokens & (set(plain(own).split()) - GENERIC)
            contained = (len(core(own)) > 1 and core(own) in target) or (
                len(core(target)) > 1 and core(target) in plain(own)
            )
            likeness = max(ratio, 0.75 if shared else 0.0, 0.7 if contained else 0.0, 0.65 if told else 0.0)
            scored[k.name] = max(scored.get(k.name, 0.0), likeness)
    return [name for name, score in sorted(scored.items(), key=lambda item: -item[1]) if score >= 0.6][:MOST_CHOICES]


def typo(word: str, known: Sequence[Known]) -> str | None:
    """The one name that a word of four letters or more misses by a single slip (a letter more, less, other, or two swapped)."""
    target = core(word)
    if len(target) < 4 or not target.isascii():
        return None
    found = {k.name for k in known for own in k.words if _one_slip(target, core(own))}
    return found.pop() if len(found) == 1 else None


def _one_slip(said: str, meant: str) -> bool:
    if abs(len(said) - len(meant)) > 1 or len(meant) < 4:
        return False
    at = next((i for i, (a, b) in enumerate(zip(said, meant, strict=False)) if a != b), min(len(said), len(meant)))
    rest, own = said[at:], meant[at:]
    swapped = rest[:2] == own[1::-1] and len(own) > 1 and rest[2:] == own[2:]
    return rest[1:] == own or rest == own[1:] or rest[1:] == own[1:] or swapped


def proposal(path: str, taken: Sequence[str], exclude: Sequence[str] = ()) -> Candidate:
    """A new files dataset for an absolute path, named after its last parts."""
    clean = posixpath.normpath(path)
    parts = [re.sub(r"[^\w.-]+", "-", p).strip("-.") for p in clean.split("/") if p]
    name = (parts[-1] if parts else "root")[:50] or "files"
    if name in taken and len(parts) > 1:
        name = f"{parts[-2]}-{parts[-1]}"[:60]
    base, n = name, 2
    while name in taken:
        name, n = f"{base}-{n}", n + 1
    fields: dict[str, object] = {"kind": "files", "paths": [clean]}
    if exclude:
        fields["exclude"] = list(exclude)
    return Candidate(name=name, kind="files", fields=fields, detail=f"{clean} (not in the catalog yet)")
