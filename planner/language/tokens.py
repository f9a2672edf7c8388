"""A request as the model sees it: pieces with their place in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: pieces that one request can have; what is longer is cut and asked about
LONGEST = 256
#: a Han character, a digit's neighbour or a punctuation mark is a piece of its own, so that every span can be told exactly
ALONE = "▁?[\u4e00-\u9fff]|▁?[^\\w\\s▁\u4e00-\u9fff]"


@dataclass(frozen=True, slots=True)
class Pieces:
    """`ids` with the two ends; `ranges`: of each piece in the text, empty where it stands for no character."""

    ids: tuple[int, ...]
    ranges: tuple[tuple[int, int], ...]
    cut: bool


def pieces(tokenizer: Any, text: str) -> Pieces:
    """The pieces of a text. The bare `▁` before Han characters shares its range with the next piece, so it has none here."""
    coded = tokenizer.encode(text)
    ranges = []
    for piece, (left, end) in zip(coded.tokens, coded.offsets, strict=True):
        start = left
        while start < end and text[start].isspace():
            start += 1
        ranges.append((start, start if piece == "▁" else end))
    if len(coded.ids) <= LONGEST:
        return Pieces(tuple(coded.ids), tuple(ranges), False)
    keep = LONGEST - 1
    return Pieces((*coded.ids[:keep], coded.ids[-1]), (*ranges[:keep], (0, 0)), True)
