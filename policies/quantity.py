"""Sizes, rates and shares with their units, as configuration and people write them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

UNITS = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
SIZE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?b?)\s*$", re.I)
RATE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([KMG])(bit|B)/s\s*$")


def parse_size(value: Any) -> int:
    """Bytes of `500GB`, `1.5 TiB` or a plain number; raises ValueError naming the value."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = SIZE.match(value) if isinstance(value, str) else None
    unit = (found[2].lower() + ("" if found[2].lower().endswith("b") or not found[2] else "b")) if found else "?"
    if not found or unit not in UNITS:
        raise ValueError(f"{value!r} is no size: write a number with B, KB, MB, GB or TB, as in 500GB")
    return round(float(found[1]) * UNITS[unit])


def parse_rate(value: Any) -> int:
    """Bytes a second of `20Mbit/s` or `5MB/s`; raises ValueError naming the value."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    found = RATE.match(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{value!r} is no bandwidth: write it as in 5MB/s or 20Mbit/s")
    return round(float(found[1]) * {"K": 10**3, "M": 10**6, "G": 10**9}[found[2]] / (8 if found[3] == "bit" else 1))


def human_size(count: float) -> str:
    """`4.1 GB`: three significant figures at most, decimal units."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if abs(count) < 999.5 or unit == "TB":
            return f"{count:.0f} {unit}" if unit == "B" or abs(count) >= 99.95 else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError("unreachable")


def human_time(seconds: float) -> str:
    """`3 s`, `4 min`, `24 h 06 min`, `12 d`: two units at most."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 72 * 60:
        return f"{minutes // 60} h" + (f" {minutes % 60:02d} min" if minutes % 60 else "")
    return f"{minutes / 1440:.0f} d"


Bytes = Annotated[
    int, BeforeValidator(parse_size), WithJsonSchema({"type": ["string", "integer"], "examples": ["500GB", "1.5TB"]})
]
BytesPerSecond = Annotated[
    int, BeforeValidator(parse_rate), WithJsonSchema({"type": ["string", "integer"], "examples": ["20Mbit/s", "5MB/s"]})
]
