"""restic's exclude patterns, so that a walk counts what restic saves."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import reduce

Excludes = Callable[[str], bool]


def _component(glob: str) -> str:
    """One path component of a pattern as a regular expression (Go's filepath.Match)."""
    out, at = "", 0
    while at < len(glob):
        char = glob[at]
        at += 1
        if char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "\\" and at < len(glob):
            out += re.escape(glob[at])
            at += 1
        elif char == "[" and (end := glob.find("]", at + 1)) > 0:
            body = glob[at:end].replace("\\", "\\\\")
            out += f"[{body}]"
            at = end + 1
        else:
            out += re.escape(char)
    return out


def _expression(pattern: str, *, ignore_case: bool) -> str:
    absolute = pattern.startswith("/")
    parts = [part for part in pattern.split("/") if part not in {"", "."}]
    body = reduce(
        lambda done, part: done + ("(?:/[^/]+)*" if part == "**" else "/" + _component(part)),
        parts,
        "" if absolute else "(?:/[^/]+)*",
    )
    body = f"(?:{body})(?:/|$)"
    return f"(?i:{body})" if ignore_case else body


def excludes(patterns: Sequence[str]) -> Excludes | None:
    """Whether an absolute path is left out; None where nothing is. A later `!pattern` takes a path in again."""
    rules = [
        (p.startswith("!"), re.compile(_expression(p.removeprefix("!"), ignore_case=False)))
        for p in patterns
        if p.strip("! /")
    ]
    if not rules:
        return None
    if not any(negated for negated, _ in rules):
        whole = re.compile("|".join(rule.pattern for _, rule in rules))
        return lambda path: whole.match(path) is not None

    def left_out(path: str) -> bool:
        out = False
        for negated, rule in rules:
            if out == negated and rule.match(path):
                out = not negated
        return out

    return left_out
