"""Versions of the reader's model on disk: which there are, which one is used, and whether its files are whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policies.errors import StateError, UsageError

SHIPPED = "shipped"  # the name of the model in the package
SUMS = "SHA256SUMS"  # as sha256sum writes it: `sha256sum -c SHA256SUMS` checks it without us
NEEDED = ("card.json", "reader.onnx", "tokenizer.json")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
MOST_BEFORE = 20


@dataclass(frozen=True, slots=True)
class Version:
    """One model. `broken`: why it can't be used, empty where it can; `card`: what its card.json says; `size` in bytes."""

    name: str
    folder: Path
    card: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model to read with: None for the shipped one. `warning`: why it is not the one that was meant to be used."""

    name: str
    folder: Path | None
    warning: str = ""


class ModelStore:
    """`folder/<version>/` and `folder/active.json`, the pointer, which is replaced as a whole. Nothing here is needed: where the
    folder, the pointer or the model is missing or damaged, the shipped model is used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pointer = folder / "active.json"

    def versions(self) -> list[Version]:
        """Every version that lies there, oldest name first, each with its files checked."""
        if not self.folder.is_dir():
            return []
        names = [path.name for path in self.folder.iterdir() if path.is_dir() and NAME.fullmatch(path.name)]
        return [self.version(name) for name in sorted(names)]

    def version(self, name: str) -> Version:
        """One version, checked; `broken` says what is wrong with it, that there is none included."""
        if not NAME.fullmatch(name) or name == SHIPPED:
            return Version(name, self.folder, broken=f"{name!r} is no name of a version")
        return inspect(self.folder / name, sealed=True)

    def active(self) -> str:
        """The name of the version that is meant to be used, `shipped` where none was chosen. StateError where the pointer is damaged."""
        return self._pointed()[0]

    def chosen(self) -> Chosen:
        """The model to read with. Never fails: what can't be used is told once, in `warning`, and the shipped model is used."""
        try:
            name = self.active()
        except StateError as error:
            return Chosen(SHIPPED, None, f"{error.message}: the shipped model is used; restora model use shipped")
        if name == SHIPPED:
            return Chosen(SHIPPED, None)
        found = self.version(name)
        if found.broken:
            way = "restora model rollback, or restora model use shipped"
            return Chosen(
                SHIPPED, None, f"model {name} can't be used ({found.broken}): the shipped model is used; {way}"
            )
        return Chosen(name, found.folder)

    def activate(self, name: str) -> str:
        """Use this version from now on; the name of the one before. UsageError where it can't be used: nothing changes then."""
        if name != SHIPPED and (broken := self.version(name).broken):
            raise UsageError(
                f"model {name!r} can't be used: {broken}", hint="restora model list", untouched="the active model"
            )
        try:
            now, before = self._pointed()
        except StateError:
            now, before = SHIPPED, []
        if now != name:
            self._point(name, [*before, now])
        return now

    def rollback(self) -> tuple[str, str]:
        """Back to the version that was used before; (from, to). Versions that can't be used any more are passed over.
        UsageError where there is nothing to go back to."""
        now, before = self._pointed()
        while before:
            name = before.pop()
            if name == SHIPPED or not self.version(name).broken:
                self._point(name, before)
                return now, name
        raise UsageError(
            f"model {now} is in use and none was before it",
            hint="restora model use VERSION chooses one; restora model list shows them",
            untouched="the active model",
        )

    def add(self, source: Path, name: str) -> Version:
        """Copy a model folder here under a name, whole or not at all. UsageError where the name is taken or no name, or where
        the folder is no model; StateError where the disk refuses."""
        if not NAME.fullmatch(name) or name == SHIPPED:
            raise UsageError(f"{name!r} is no name for a version", hint="letters, digits, dot, dash, underscore")
        if (self.folder / name).exists():
            raise UsageError(f"there is a model {name} already", hint="restora model list", untouched="that model")
        if broken := inspect(source).broken:
            raise UsageError(f"{source} is no model: {broken}", hint=f"a model is a folder with {', '.join(NEEDED)}")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder, prefix=".new-") as place:
                copy = Path(place) / name
                copy.mkdir(mode=0o700)
                seal(source, copy)  # before the copy: a slip of the disk is seen as one
                for file in NEEDED:
                    shutil.copyfile(source / file, copy / file)
                if broken := inspect(copy, sealed=True).broken:
                    raise StateError(f"model {name} could not be copied: {broken}", hint=f"df -h {self.folder}")
                copy.rename(self.folder / name)
        except OSError as error:
            raise StateError(f"model {name} can't be stored in {self.folder}: {error.strerror}") from error
        return self.version(name)

    def remove(self, name: str) -> None:
        """Delete a version. UsageError for the active one, and where there is none."""
        if not NAME.fullmatch(name) or not (self.folder / name).is_dir():
            raise UsageError(f"there is no model {name!r}", hint="restora model list", untouched="every model")
        if self.chosen().name == name or self._named() == name:
            raise UsageError(f"model {name} is in use", hint="restora model rollback first", untouched="that model")
        shutil.rmtree(self.folder / name)

    def _named(self) -> str:
        try:
            return self.active()
        except StateError:
            return ""

    def _pointed(self) -> tuple[str, list[str]]:
        """(active, those before it, the latest last)."""
        try:
            said = json.loads(self._pointer.read_text("utf-8"))
            now, before = said["active"], said["before"]
            if not isinstance(now, str) or not all(isinstance(one, str) for one in before):
                raise TypeError("names are texts")
        except FileNotFoundError:
            return SHIPPED, []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StateError(f"{self._pointer} can't be read ({error})", hint="restora model use shipped") from error
        return now, list(before)

    def _point(self, name: str, before: list[str]) -> None:
        data = json.dumps({"active": name, "before": before[-MOST_BEFORE:]}).encode()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, path = tempfile.mkstemp(dir=self.folder, prefix=".active-")
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(path).replace(self._pointer)
        except OSError as error:
            raise StateError(
                f"{self._pointer} can't be written: {error.strerror}", untouched="the active model"
            ) from error


def inspect(folder: Path, *, sealed: bool = False) -> Version:
    """A model folder, its files checked against their checksums; `sealed`: it must have some."""
    if not folder.is_dir():
        return Version(folder.name, folder, broken="there is no such folder")
    missing = [name for name in (*NEEDED, *([SUMS] if sealed else [])) if not (folder / name).is_file()]
    if missing:
        return Version(folder.name, folder, broken=f"{', '.join(missing)} is missing")
    try:
        card = json.loads((folder / "card.json").read_text("utf-8"))
        size = sum((folder / name).stat().st_size for name in NEEDED)
        differs = _differs(folder)
    except (OSError, ValueError) as error:
        return Version(folder.name, folder, broken=f"card.json can't be read: {error}")
    if not isinstance(card, dict):
        return Version(folder.name, folder, broken="card.json holds no object")
    return Version(folder.name, folder, card, size, differs)


def seal(folder: Path, place: Path | None = None) -> None:
    """Write the checksums of a model's files beside them, or into another place."""
    lines = [f"{_sum(folder / name)}  {name}\n" for name in NEEDED]
    ((place or folder) / SUMS).write_text("".join(lines), "utf-8")


def _differs(folder: Path) -> str:
    """Which file is not the one that was sealed, in words; empty where all are, or where nothing was sealed."""
    if not (folder / SUMS).exists():
        return ""
    told = {name: digest for digest, _, name in (line.partition("  ") for line in _lines(folder / SUMS))}
    changed = [name for name in NEEDED if told.get(name) != _sum(folder / name)]
    return f"{', '.join(changed)} is not what was stored: its checksum differs" if changed else ""


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", errors="replace").splitlines()


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
