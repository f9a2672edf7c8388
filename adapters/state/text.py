"""Moments as text and back; standard library only, for the quick path too."""

from __future__ import annotations

from datetime import UTC, datetime


def text_of(moment: datetime) -> str:
    """`2026-03-11T10:30:00.000000Z`; ValueError for a moment without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: moments are aware")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def moment_of(text: str | None) -> datetime | None:
    """The moment that `text_of` wrote."""
    return datetime.fromisoformat(text) if text else None
