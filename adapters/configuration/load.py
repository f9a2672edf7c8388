"""restora.yaml → Catalog, or all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from adapters.configuration.document import (
    MOST_BYTES,
    Node,
    Reader,
    UnreadableError,
    syntax_problems,
)
from adapters.configuration.explain import clear_secrets, from_dangling, from_validation
from adapters.configuration.problems import ConfigurationProblems, Problem
from policies.catalog import Catalog
from policies.errors import ConfigurationError

MOST_SLOW = 1_000_000  # characters that the slower parser is asked about: some seconds


@dataclass(frozen=True, slots=True)
class Loaded:
    """A catalog and the very text that it came from; `sha256` is that of the file's bytes."""

    catalog: Catalog
    text: str
    sha256: str


def load(path: Path) -> Catalog:
    """The catalog of a configuration file. Raises ConfigurationError where it can't be read, ConfigurationProblems
    (every problem with its line) where its content is wrong."""
    return read(path).catalog


def read(path: Path) -> Loaded:
    """As `load`, with the text and its checksum, which `write` asks for."""
    data = content(path)
    text = decoded(data, str(path))
    return Loaded(parse(text, str(path)), text, hashlib.sha256(data).hexdigest())


def parse(text: str, file: str = "restora.yaml") -> Catalog:
    """The catalog of a configuration text; raises ConfigurationProblems."""
    root, problems = tree(text, file)
    problems += clear_secrets(root, file)
    try:
        catalog = Catalog.model_validate(root.plain())
    except ValidationError as error:
        # from None: pydantic's own message repeats the values, secrets among them
        raise ConfigurationProblems([*problems, *from_validation(error, root, file)]) from None
    problems += from_dangling(catalog, root, file)
    if problems:
        raise ConfigurationProblems(problems)
    return catalog


def tree(text: str, file: str) -> tuple[Node, list[Problem]]:
    """The document's tree and the problems that leave it usable; raises ConfigurationProblems if there is none."""
    from ruamel.yaml.error import YAMLError  # loaded with the parser, when there is something to parse

    reader = Reader(text, file)
    try:
        root = reader.read()
    except YAMLError as error:
        # libyaml refuses some good YAML, such as [01:40]: the slower parser has the last word, and the better messages
        if len(text) > MOST_SLOW:
            raise ConfigurationProblems(syntax_problems(text, file, error)) from None
        reader, root = _slowly(text, file)
    except UnreadableError as unreadable:
        raise ConfigurationProblems(unreadable.problems) from None
    if root.kind != "map":
        message = "is no mapping of keys and values"
        raise ConfigurationProblems(
            [Problem(file, root.line, root.column, "", "", message, "it begins with version: 1")]
        )
    return root, reader.problems


def content(path: Path) -> bytes:
    """The file's bytes, where there are not too many."""
    try:
        # NONBLOCK: a pipe at this place must not hang us; and what is read more than once can be no pipe
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigurationError(f"{path} is no regular file", hint="name a file, restora.yaml")
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ConfigurationError(f"there is no {path}", hint="`restora init` writes one") from None
    except IsADirectoryError:
        raise ConfigurationError(f"{path} is a folder", hint="name the file in it, restora.yaml") from None
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}", hint=f"ls -l {path}") from None
    if len(data) > MOST_BYTES:
        message = f"is larger than {MOST_BYTES // 1_000_000} MB"
        raise ConfigurationProblems([Problem(str(path), 0, 0, "", "", message, "this is no configuration file")])
    return data


def decoded(data: bytes, file: str) -> str:
    """The text of the bytes: UTF-8, with or without a byte order mark (which stays out of the text)."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "save it as UTF-8: iconv -f LATIN1 -t UTF-8"
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            line, hint = 1, "save it as UTF-8: iconv -f UTF-16 -t UTF-8"
        message = f"is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}"
        raise ConfigurationProblems([Problem(file, line, 1, "", "", message, hint)]) from None


def to_json(catalog: Catalog) -> str:
    """The catalog for the state's cache."""
    return catalog.model_dump_json(by_alias=True)


def from_json(text: str) -> Catalog:
    """The catalog that `to_json` wrote. Raises ConfigurationError where another version wrote it: read the file."""
    try:
        return Catalog.model_validate_json(text)
    except ValidationError as error:
        raise ConfigurationError(
            f"the cached configuration is of another version ({error.error_count()} differences)",
            hint="read the file again",
        ) from None


def _slowly(text: str, file: str) -> tuple[Reader, Node]:
    from ruamel.yaml.error import YAMLError

    reader = Reader(text, file, fast=False)
    try:
        return reader, reader.read()
    except UnreadableError as unreadable:
        raise ConfigurationProblems(unreadable.problems) from None
    except YAMLError as error:
        raise ConfigurationProblems(syntax_problems(text, file, error)) from None
