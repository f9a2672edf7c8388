"""What is wrong with a configuration file: every problem with its place and the way out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policies.errors import ConfigurationError

SHOWN = 50
SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)?$|^pw$|secret|token|credential|(access|api|private|encryption)_?key|^dsn$|^url$", re.I
)
# user:password@ in a URL; the password ends at the last @ before a slash
URL_PASSWORD = re.compile(r"(?P<before>\b[a-z][a-z0-9+.\-]*://[^/\s:@]*:)[^/\s]+(?=@)", re.I)
CLEAR_SECRET = re.compile(
    r"(?P<before>[\w\-]*(?:pass|secret|token|credential|access_?key|api_?key|private_?key|dsn|url|\bkey)[\w\-]*['\"]?\s*[:=]\s*).+",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `line` and `column` count from 1 (0: the whole file); `path` as in `policies.db.schedule.every`;
    `value` is what stands there, shortened, and empty where it may be a secret."""

    file: str
    line: int
    column: int
    path: str
    value: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        return where + (f"{self.path}: " if self.path else "") + self.message + (f" ({self.hint})" if self.hint else "")


class ConfigurationProblems(ConfigurationError):  # the tree's names say what is, not Error
    """A configuration file that can't be used. `problems` are in the order of the file; the message has one a line."""

    kind = "configuration.file"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"… and {len(self.problems) - SHOWN} more")
        file = self.problems[0].file if self.problems else "the configuration"
        super().__init__(
            "\n".join(lines), hint=f"correct {file} and try again: nothing was read from it", untouched=file
        )

    def as_dict(self) -> dict[str, object]:
        """The error as `--json` prints it, with each problem's fields."""
        fields = ("file", "line", "column", "path", "value", "message", "hint")
        return {
            **super().as_dict(),
            "problems": [{name: getattr(one, name) for name in fields} for one in self.problems],
        }


def dotted(path: Sequence[str | int]) -> str:
    """`policies.db.repositories[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean …?` for a word that is close to a known one, or nothing."""
    folded = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f"did you mean {folded[close[0]]}?" if close else ""


def is_secret(key: object) -> bool:
    """Whether a value under this key may be a secret."""
    return isinstance(key, str) and bool(SECRET_KEY.search(key))


def leads_to_secret(path: Sequence[str | int], value: object) -> bool:
    """Whether the value at a path may be a secret. A model server's plain `key` is one, its address is none unless it says
    who asks."""
    if path[:1] == ("llm",):
        return "key" in path or any(is_secret(part) for part in path if part != "url" or "@" in str(value))
    return any(is_secret(part) for part in path)


def without_secrets(text: str) -> str:
    """A line of the file as it may be shown."""
    return CLEAR_SECRET.sub(r"\g<before>***", URL_PASSWORD.sub(r"\g<before>***", text))


def shown(value: object) -> str:
    """A value as it may be shown: one line, at most 60 characters; nothing for collections."""
    if value is None or isinstance(value, dict | list):
        return ""
    text = URL_PASSWORD.sub(r"\g<before>***", " ".join(str(value).split()))
    return text if len(text) <= 60 else text[:59] + "…"
