"""A request and what it means, without marks → the same with the words marked that carry each value, as the corpus has it.

Marks of a reading are taken where they carry the right value; else names are looked for as they stand, and other values by reading
every short run of words. What no words carry is told: such a request can be measured on, not learnt from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from planner.language.compose import LISTS, NAMES, TELLING, Heard, Mark, compose
from planner.language.intent import SLOTLESS
from planner.language.training import normal

WORD = re.compile(r"[\u3400-\u9fff]|(?:(?![\u3400-\u9fff])[^\s,;。,;、])+")
LONGEST = 14  # words (or Chinese characters) that carry one value
NEAR = 6  # words beside them that may belong to them
UNITS = re.compile(
    r"[点點时時分号號日天周月年]?"
)  # belongs to the number before it, even where the number alone reads the same
#: said by nearly any words: only the marks of a reading tell which
BARE = frozenset({"encrypt", "in_place", "dry_run", "immutable", "topic", "type", "policy"})


def align(
    text: str, intents: Sequence[Mapping[str, Any]], marks: Sequence[Mark], now: datetime
) -> tuple[str, list[str]]:
    """(the marked request, slots for which no words were found, such as `2.retention`). `marks`: those of a reading."""
    placed: list[Mark] = []
    missing: list[str] = []
    for number, intent in enumerate(intents):
        own = [mark for mark in marks if number in mark.intents]
        mine = [Mark(m.start, m.end, m.label, (number,)) for m in own if m.label in TELLING]
        if intent["action"] not in SLOTLESS:
            for slot, value in sorted(
                intent.items(), key=lambda item: item[0] not in NAMES
            ):  # names stand for nothing else
                if slot in TELLING:
                    continue
                found = _carriers(text, intent["action"], slot, value, [m for m in own if m.label == slot], now, mine)
                if found is None:
                    missing.append(f"{number + 1}.{slot}")
                mine += [Mark(start, end, slot, (number,)) for start, end in found or ()]
        placed += mine
    joined = _joined(placed)
    if joined is None:
        return text, [*missing, "overlapping words"]
    return _rendered(text, joined), missing


def _carriers(
    text: str, action: str, slot: str, value: Any, own: Sequence[Mark], now: datetime, taken: Sequence[Mark]
) -> list[tuple[int, int]] | None:
    """The words that carry a value; None where none do."""
    said = [(mark.start, mark.end) for mark in own]
    if said and _reads(text, action, slot, said, now) == _wanted(action, slot, value):
        return said
    if slot in BARE:
        return None
    if slot in NAMES:
        found: list[tuple[int, int]] = []
        for name in value if slot in LISTS else [value]:
            one = [name] if slot in LISTS else name
            blocked = [*taken, *(Mark(a, b, slot) for a, b in found)]
            place = next(_literal(text, str(name), blocked), None) or _run(text, action, slot, one, now, blocked)
            if place is None:
                return None
            found.append(place)
        return found
    place = _run(text, action, slot, value, now, taken)
    return None if place is None else [place]


def _literal(text: str, name: str, taken: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    edges = (r"(?<![\w-])" if name[:1].isascii() else "", r"(?![\w-])" if name[-1:].isascii() else "")
    for found in re.finditer(f"{edges[0]}{re.escape(name)}{edges[1]}", text, re.I | re.A):
        if not _overlaps(*found.span(), taken):
            yield found.span()


def _run(text: str, action: str, slot: str, value: Any, now: datetime, taken: Sequence[Mark]) -> tuple[int, int] | None:
    """The shortest run of words that reads as the value by itself; else the shortest that does with what stands around it."""
    words = [found.span() for found in WORD.finditer(text)]
    wanted = _wanted(action, slot, value)
    leaning: tuple[int, int] | None = None
    for length in range(1, min(LONGEST, len(words)) + 1):
        for first in range(len(words) - length + 1):
            start, end = words[first][0], words[first + length - 1][1]
            if _overlaps(start, end, taken) or _reads(text, action, slot, [(start, end)], now) != wanted:
                continue
            if _reads(text[start:end], action, slot, [(0, end - start)], now) == wanted:
                place = _with_unit(text, action, slot, (start, end), now, wanted)
                return _with_neighbours(text, action, slot, place, now, taken)
            leaning = leaning or (start, end)
    return leaning


def _with_unit(
    text: str, action: str, slot: str, place: tuple[int, int], now: datetime, wanted: Any
) -> tuple[int, int]:
    """The run with the unit of its last number, where that reads the same."""
    start, end = place
    unit = UNITS.match(text, end)
    if unit is None or not text[end - 1].isnumeric():
        return place
    longer = start, unit.end()
    return longer if _reads(text, action, slot, [longer], now) == wanted else place


def _with_neighbours(
    text: str, action: str, slot: str, place: tuple[int, int], now: datetime, taken: Sequence[Mark]
) -> tuple[int, int]:
    """The run with the words right beside it that say something of the same kind and change nothing: `每天` before `2点`."""
    wanted = _reads(text, action, slot, [place], now)
    words = [found.span() for found in WORD.finditer(text)]
    before = [start for start, end in words if end <= place[0]][-NEAR:]
    after = [end for start, end in words if start >= place[1]][:NEAR]
    for side in [(start, place[0]) for start in before] + [(place[1], end) for end in reversed(after)]:
        wider = min(side[0], place[0]), max(side[1], place[1])
        said = text[side[0] : side[1]]
        if (
            wider != place
            and not _overlaps(*side, taken)
            and _reads(said, action, slot, [(0, len(said))], now) is not None
            and _reads(text, action, slot, [wider], now) == wanted
        ):
            place = wider
    return place


def _reads(text: str, action: str, slot: str, places: Sequence[tuple[int, int]], now: datetime) -> Any:
    """The value that the product reads from these words, in normal form; None where it reads none."""
    heard = Heard((action,), (None,), tuple(Mark(start, end, slot) for start, end in places))
    (draft,) = compose(text, heard, now)
    return None if draft.questions else normal.intent(draft.fields).get(slot)


def _wanted(action: str, slot: str, value: Any) -> Any:
    return normal.intent({"action": action, slot: value}).get(slot)


def _overlaps(start: int, end: int, taken: Sequence[Mark]) -> bool:
    return any(start < mark.end and mark.start < end for mark in taken)


def _joined(marks: Sequence[Mark]) -> list[Mark] | None:
    """Marks in order, those of several intents on the same words as one; None where different ones overlap."""
    found: dict[tuple[int, int, str], tuple[int, ...]] = {}
    for mark in marks:
        key = mark.start, mark.end, mark.label
        found[key] = tuple(sorted({*found.get(key, ()), *mark.intents}))
    joined = sorted((Mark(*key, intents) for key, intents in found.items()), key=lambda mark: (mark.start, mark.end))
    clash = any(after.start < before.end for before, after in pairwise(joined))
    return None if clash else joined


def _rendered(text: str, marks: Sequence[Mark]) -> str:
    parts, last = [], 0
    for mark in marks:
        numbers = ",".join(str(number + 1) for number in mark.intents)
        parts += [text[last : mark.start], f"⟦{text[mark.start : mark.end]}|{numbers}.{mark.label}⟧"]
        last = mark.end
    return "".join([*parts, text[last:]])
