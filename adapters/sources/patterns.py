"""restic's exclude patterns, so that a walk counts what restic saves."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from policies.errors import ConfigurationError

Excludes = Callable[[str], bool]
DEEPER = "(?:/[^/]+)*"  # any number of folders


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


def _expression(pattern: str) -> str:
    absolute = pattern.startswith("/")
    parts = [part for part in pattern.split("/") if part not in {"", "."}]
    body = "" if absolute else DEEPER
    for part in parts:
        body += DEEPER if part == "**" else "/" + _component(part)
    return f"(?:{body})(?:/|$)"


def _rule(pattern: str) -> tuple[bool, re.Pattern[str]]:
    """Whether it takes in again, and what it matches."""
    try:
        return pattern.startswith("!"), re.compile(_expression(pattern.removeprefix("!")))
    except re.error as error:
        raise ConfigurationError(
            f"exclude pattern {pattern!r} can't be read: {error}",
            hint="write it as in *.tmp, /srv/data/cache or **/node_modules",
        ) from error


def excludes(patterns: Sequence[str]) -> Excludes | None:
    """Whether an absolute path is left out; None where nothing is. A later `!pattern` takes a path in again."""
    rules = [_rule(pattern) for pattern in patterns if pattern.strip("! /")]
    if not rules:
        return None
    if not any(again for again, _ in rules):
        whole = re.compile("|".join(rule.pattern for _, rule in rules))
        return lambda path: whole.match(path) is not None

    def left_out(path: str) -> bool:
        out = False
        for again, rule in rules:
            if out == again and rule.match(path):
                out = not again
        return out

    return left_out
