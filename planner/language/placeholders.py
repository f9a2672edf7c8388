"""Names replaced before a text leaves this host, and put back into what returns."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from planner.language.normalise.text import pattern

#: what people call their things and what would tell nobody anything; hiding it would hide the request
ORDINARY = frozenset(
    [
        "all",
        "any",
        "archive",
        "backup",
        "backups",
        "copy",
        "daily",
        "data",
        "database",
        "db",
        "everything",
        "files",
        "home",
        "hourly",
        "keep",
        "local",
        "main",
        "monthly",
        "nightly",
        "offsite",
        "restore",
        "s3",
        "snapshot",
        "snapshots",
        "test",
        "usb",
        "weekly",
        "yearly",
        "备份",
        "全部",
        "数据",
        "数据库",
        "本地",
    ]
)
#: (kind, shape), in the order in which they are looked for at each place of the text; \w is ASCII, for in Chinese nothing
#: stands between a name and the words around it
SHAPES = (
    ("url", r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>，。、；]+"),
    ("address", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*"),
    ("path", r"(?:\\\\[\w.$-]+|\b[a-z]:)(?:[\\/](?:[\w.$ -]*\w[\w.$-]*|[一-鿿]+))+\\?"),
    ("path", r"(?<![\w/])(?:~[\w.-]*|\.{1,2})?/(?:[\w@%+=:.~*-]+|[一-鿿]+)(?:/(?:[\w@%+=:.~*-]+|[一-鿿]+)?)*"),
    ("address", r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?![\w.])"),
    ("address", r"(?<![\w:])(?=[0-9a-f:]*(?:[a-f]|::))(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])"),
    ("name", r"(?<![\w.-])[a-z0-9_][\w-]*(?:\.[\w-]+)*\.[a-z][\w-]+(?![\w-])"),
    ("host", r"(?<![\w.-])[a-z]{2,}[a-z_-]*\d[\w-]*"),
)  # fmt: skip


class Placeholders:
    """One mapping for one conversation: the same name always gets the same placeholder, whatever its case.

    `known`: names to hide beside what has the shape of a path, an address, a host or a file."""

    def __init__(self, known: Collection[str] = ()) -> None:
        names = sorted({name.strip() for name in known} - {""}, key=len, reverse=True)
        listed = "|".join(_whole(name) for name in names if len(name) > 1 and name.casefold() not in ORDINARY)
        shapes = [rf"(?P<known>{listed})"] if listed else []
        shapes += [rf"(?P<{kind}{number}>{shape})" for number, (kind, shape) in enumerate(SHAPES)]
        self._shapes = re.compile("|".join(shapes), re.IGNORECASE | re.ASCII)
        self._given: dict[str, str] = {}
        self._meant: dict[str, str] = {}

    def hide(self, text: str) -> str:
        """The text with a placeholder such as `name_1` for everything that may tell who or where."""
        taken = text.casefold()
        return self._shapes.sub(lambda found: self._placeholder(found, taken), text)

    def show(self, value: Any) -> Any:
        """A text, or lists and mappings of texts, with the names put back; other values as they are."""
        if isinstance(value, str):
            return pattern(r"(?i)(?<![a-z0-9_])[a-z]+_\d+(?![a-z0-9_])").sub(
                lambda found: self._meant.get(found[0].casefold(), found[0]), value
            )
        if isinstance(value, list):
            return [self.show(one) for one in value]
        if isinstance(value, dict):
            return {key: self.show(one) for key, one in value.items()}
        return value

    def _placeholder(self, found: re.Match[str], taken: str) -> str:
        words = found[0]
        end = ""
        if found.lastgroup != "known":  # the full stop of a sentence is no part of its last name
            words = found[0].rstrip(".,;:")
            end = found[0][len(words) :]
        key = words.casefold()
        if key not in self._given:
            kind = (found.lastgroup or "name").rstrip("0123456789")
            number = len(self._given) + 1
            name = f"{'name' if kind == 'known' else kind}_{number}"
            while name in taken or name in self._meant:
                number += 1
                name = f"{name.partition('_')[0]}_{number}"
            self._given[key], self._meant[name] = name, words
        return self._given[key] + end


def _whole(name: str) -> str:
    """The name where no letter or digit continues it; Han names have no such borders."""
    before = r"(?<![A-Za-z0-9_])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![A-Za-z0-9_])" if name[-1].isascii() and name[-1].isalnum() else ""
    return before + re.escape(name) + after
