"""Catalog changes → restora.yaml: only the touched keys change, and the file is replaced as a whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.configuration.document import Node
from adapters.configuration.load import Loaded, content, decoded, parse, read, tree
from adapters.configuration.problems import ConfigurationProblems, dotted
from adapters.configuration.render import block, order, plain, whole
from adapters.configuration.splice import Splice, TooTangledError
from policies.catalog import Catalog
from policies.errors import ConfigurationError
from policies.value import Value

Changes = Mapping[str, Mapping[str, Value | None] | Value | None]
"""Section → name → the new value, or None to remove it; for `site` and `tools` the value itself."""

BOM = "\ufeff"


def write(path: Path, changes: Changes, *, sha256: str | None = None) -> Loaded:
    """Change entries of a configuration file and return what stands there now.

    `sha256` is the file's checksum when it was read: a file that changed since is left alone. The text before
    the change stays beside it as `….before`. Raises ConfigurationError: nothing was written then.
    """
    path = path.resolve()  # a link stays a link to the file that is replaced
    with _alone(path.parent):
        before = read(path)
        if sha256 is not None and before.sha256 != sha256:
            message = f"{path} was changed by someone else since it was read"
            raise ConfigurationError(message, hint="look at it, then repeat the request", untouched=str(path))
        wanted = _wanted(before.catalog, changes, path)
        text = edited(before.text, changes, str(path))
        if text == before.text:
            return before
        if _catalog_of(text, path) != wanted:
            raise _by_hand(
                path, changes, "the change would touch more than was asked: a value is shared by an alias or anchor"
            )
        data = (BOM if content(path).startswith(BOM.encode()) else "").encode() + text.encode()
        _replace(path, data)
        return Loaded(wanted, text, hashlib.sha256(data).hexdigest())


def adopt(path: Path, wanted: Path) -> Loaded:
    """Put an edited copy in the place of restora.yaml: the bytes of `wanted`, checked first; the old ones stay beside it as
    `….before`. ConfigurationError tells every problem of the copy, and then nothing is written."""
    data = content(wanted)
    parse(decoded(data, str(wanted)), str(wanted))
    path = path.resolve()
    with _alone(path.parent):
        _replace(path, data)
    return read(path)


def edited(text: str, changes: Changes, file: str = "restora.yaml") -> str:
    """The text with the changes; only the lines of touched keys differ. Raises ConfigurationError."""
    for section, items in changes.items():
        if items is None or isinstance(items, Value):
            text = _edit(text, (section,), items, file)
            continue
        for name, item in items.items():
            text = _edit(text, (section, name), item, file)
    return text


def text_of(catalog: Catalog) -> str:
    """A whole catalog as the text of a configuration file."""
    lines = ["version: 1"]
    for key, value in plain(catalog).items():
        if key != "version":
            lines += ["", *block({key: value})]
    return "\n".join(lines) + "\n"


def _edit(text: str, path: tuple[str, ...], value: Value | None, file: str) -> str:
    root, _ = tree(text, file)
    splice = Splice(text, root)
    try:
        _apply(splice, root, path, value, parse(text, file))
        return splice.result()
    except TooTangledError as tangled:
        raise _by_hand(Path(file), {path[0]: {path[-1]: value} if len(path) > 1 else value}, str(tangled)) from None


def _apply(splice: Splice, root: Node, path: tuple[str, ...], value: Value | None, catalog: Catalog) -> None:
    section, name = path[0], path[-1]
    parent, old = root, getattr(catalog, section)
    if len(path) == 2:
        inner = root.children.get(section)
        if inner is None or not inner.children:
            if value is not None:
                splice.put(root, section, {name: plain(value)}, order(Catalog))
            return
        if inner.aliased:
            raise TooTangledError(f"{section} is an alias")
        parent, old = inner, old.get(name)
    child = parent.children.get(name)
    if value is None:
        if child is not None:
            splice.remove(parent, name)
    elif child is None or old is None or not child.children or child.aliased:
        if child is None or value != old:
            splice.put(parent, name, plain(value), order(Catalog) if len(path) == 1 else ())
    else:
        splice.merge(child, whole(old), whole(value), plain(value))


def _wanted(catalog: Catalog, changes: Changes, path: Path) -> Catalog:
    sections: dict[str, Any] = {}
    for section, items in changes.items():
        if items is None or isinstance(items, Value):
            sections[section] = (
                items if items is not None else Catalog.model_fields[section].get_default(call_default_factory=True)
            )
            continue
        merged = {**getattr(catalog, section), **items}
        sections[section] = {name: item for name, item in merged.items() if item is not None}
    wanted = catalog.changed(**sections)
    if dangling := wanted.dangling():
        lines = "\n".join(f"{dotted(where)}: {message}" for where, message in dangling)
        raise ConfigurationError(f"the change would leave {path} with loose ends:\n{lines}", untouched=str(path))
    return wanted


def _catalog_of(text: str, path: Path) -> Catalog | None:
    try:
        return parse(text, str(path))
    except ConfigurationProblems:
        return None  # what comes of it is told as "would touch more": the file itself has no problem


def _by_hand(path: Path, changes: Changes, why: str) -> ConfigurationError:
    shown = "\n".join(block({key: plain(value) for key, value in changes.items() if value is not None}))
    return ConfigurationError(
        f"{path} can't be changed without a person: {why}",
        hint=f"write it there by hand:\n{shown}",
        untouched=str(path),
    )


def _replace(path: Path, data: bytes) -> None:
    """The file with new content: whole, with its mode, owner and attributes, and the old content kept beside it."""
    try:
        kept = path.with_name(path.name + ".before")
        _write_beside(path, path.read_bytes(), kept)
        _write_beside(path, data, path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        message = f"{path} can't be replaced: {error.strerror}"
        hint = f"see to it that {path.parent} can be written by its owner and has space"
        raise ConfigurationError(message, hint=hint, untouched=str(path)) from error


def _write_beside(model: Path, data: bytes, target: Path) -> None:
    """Write `target` in one move, with mode, owner and attributes of `model`."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            facts = model.stat()
            now = os.fstat(file.fileno())
            if (now.st_uid, now.st_gid) != (facts.st_uid, facts.st_gid):
                os.fchown(file.fileno(), facts.st_uid, facts.st_gid)
            os.fsync(file.fileno())
        shutil.copystat(model, name)
        os.utime(name)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer at a time in a folder; the lock is on the folder itself, so nothing is left behind."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ConfigurationError(f"{folder} can't be opened: {error.strerror}", hint=f"ls -ld {folder}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
