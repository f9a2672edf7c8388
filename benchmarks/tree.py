"""A tree of files that is the same on every machine: small ones and large ones, random ones and text, no holes."""

from __future__ import annotations

import random
from pathlib import Path

SEED = 2026
FILES_A_FOLDER = 200
TEXT_BYTES = 1 << 20


def grow(folder: Path, files: int, total: int) -> int:
    """Make `files` files of about `total` bytes together below a folder that is not there yet; the bytes written.

    Two thirds of the files are random bytes, the others words. Most files are small and few are large, as on disks:
    half lie below a seventh of the mean, the largest have some megabytes."""
    chance = random.Random(SEED)
    text = _words(chance)
    weights = [min(max(chance.lognormvariate(0, 2), 0.01), 500) for _ in range(files)]
    scale = total / sum(weights)
    written = 0
    for number, weight in enumerate(weights):
        if number % FILES_A_FOLDER == 0:
            place = folder / f"{number // FILES_A_FOLDER % 10}" / f"{number // FILES_A_FOLDER:04d}"
            place.mkdir(parents=True)
        size = max(1, round(weight * scale))
        if number % 3:
            content = chance.randbytes(size)
        else:
            start = chance.randrange(TEXT_BYTES)
            content = (text[start:] + text * (size // TEXT_BYTES + 1))[:size]
        (place / f"{number:06d}.bin").write_bytes(content)
        written += size
    return written


def change(folder: Path, files: int) -> None:
    """Give the first files (by path) other content of the same size: what a day does to a tree."""
    chance = random.Random(SEED + 1)
    for path in sorted(path for path in folder.rglob("*") if path.is_file())[:files]:
        path.write_bytes(chance.randbytes(path.stat().st_size))


def _words(chance: random.Random) -> bytes:
    words = [bytes(chance.choices(b"etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(3_000)]
    return b" ".join(chance.choices(words, k=TEXT_BYTES // 4))[:TEXT_BYTES]
