"""YAML text as a tree that knows where everything stands. Only the parser's events are used, so that depth, aliases and
duplicate keys are under our control, and scalars mean what YAML 1.2 says: `on`, `no` and `01:40` are text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from adapters.configuration.problems import Problem, dotted, without_secrets

MOST_BYTES = 5_000_000
MOST_EXPANSIONS = 100_000
MOST_DEPTH = 30

NULL = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"[-+]?[0-9]{1,30}|0o[0-7]{1,30}|0x[0-9a-fA-F]{1,30}")
FLOAT = re.compile(r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,3})?")
TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})


@dataclass(slots=True)
class Node:
    """A value of the document. `start` and `end` are offsets of its content (`end` may be behind trailing comments for
    block collections: see `last`); `line` and `column` count from 1. `size` counts nodes with aliases expanded."""

    kind: Literal["scalar", "map", "list"]
    start: int
    end: int
    line: int
    column: int
    value: Any = None
    flow: bool = True
    size: int = 1
    aliased: bool = False
    keys: dict[str, Node] = field(default_factory=dict)
    children: dict[Any, Node] = field(default_factory=dict)
    open: bool = True

    def plain(self) -> Any:
        """The value in Python's own types. Bounded: the reader refuses deep trees and those that aliases blow up."""
        if self.kind == "scalar":
            return self.value
        if self.kind == "list":
            return [child.plain() for child in self.children.values()]
        return {key: child.plain() for key, child in self.children.items()}

    def last(self) -> int:
        """Offset behind the last character of its content."""
        if self.kind == "scalar" or self.flow:
            return self.end
        return max((child.last() for child in self.children.values() if not child.aliased), default=self.end)


def scalar(text: str) -> Any:
    """The value of a plain scalar in YAML 1.2's core schema."""
    if text in NULL:
        return None
    if text in BOOLEAN:
        return BOOLEAN[text]
    if INTEGER.fullmatch(text):
        return int(text, 0 if text[:2] in {"0o", "0x"} else 10)
    return float(text) if FLOAT.fullmatch(text) else text


class UnreadableError(Exception):
    """The text is no document that we take; carries the problems found so far."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = list(problems)


def events(text: str, *, fast: bool = True) -> Iterator[Any]:
    """The parser's events: libyaml's where it is installed (twenty times as fast), else those of ruamel.yaml itself."""
    if fast:
        try:
            from _ruamel_yaml import CParser  # type: ignore[import-not-found]
        except ImportError:
            pass
        else:
            parser = CParser(text)
            while parser.check_event():
                yield parser.get_event()
            return
    from ruamel.yaml import YAML

    yield from YAML(typ="safe", pure=True).parse(text)


class Reader:
    """Builds the tree of one text. `problems` are those that leave the tree usable, such as duplicate keys."""

    def __init__(self, text: str, file: str, *, fast: bool = True) -> None:
        self.text, self.file, self.fast = text, file, fast
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node] = {}
        self.expansions = 0
        self.roots: list[Node] = []
        self.stack: list[tuple[Node, list[Node], str | int]] = []  # open collection, key that waits for its value, name

    def read(self) -> Node:
        """The root. Raises UnreadableError for what is too big, too deep or has several documents, and the parser's."""
        for event in events(self.text, fast=self.fast):
            kind = type(event).__name__
            if kind == "ScalarEvent":
                self._tag(event)
                plain = event.implicit[0] and event.style in {None, ""} and event.tag is None
                self._place(event, self._node(event, "scalar", scalar(event.value) if plain else event.value))
            elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
                self._tag(event)
                node = self._node(event, "map" if kind[0] == "M" else "list")
                node.flow = bool(event.flow_style)
                self.stack.append((node, [], self._place(event, node)))
                if len(self.stack) > MOST_DEPTH:
                    self._stop(
                        event, f"is nested more than {MOST_DEPTH} levels deep", "a configuration has six at most"
                    )
            elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
                self._close(event)
            elif kind == "AliasEvent":
                self._alias(event)
        if not self.roots:
            raise UnreadableError(
                [
                    *self.problems,
                    Problem(self.file, 0, 0, "", "", "is empty", "`restora init` writes one to start from"),
                ]
            )
        if len(self.roots) > 1:
            extra = self.roots[1]
            message = "a second document begins here"
            raise UnreadableError(
                [*self.problems, Problem(self.file, extra.line, extra.column, "", "", message, "remove the line ---")]
            )
        return self.roots[0]

    def _node(self, event: Any, kind: Literal["scalar", "map", "list"], value: Any = None) -> Node:
        mark = event.start_mark
        return Node(
            kind, mark.index, event.end_mark.index, mark.line + 1, mark.column + 1, value, open=kind != "scalar"
        )

    def _problem(self, event: Any, message: str, hint: str = "", value: str = "") -> Problem:
        mark = event.start_mark
        return Problem(self.file, mark.line + 1, mark.column + 1, "", value, message, hint)

    def _stop(self, event: Any, message: str, hint: str = "") -> None:
        raise UnreadableError([*self.problems, self._problem(event, message, hint)])

    def _tag(self, event: Any) -> None:
        tag = str(event.ctag) if getattr(event, "ctag", None) is not None else event.tag
        if tag is not None and tag not in TEXT_TAGS:
            self.problems.append(self._problem(event, f"{tag} is a YAML tag, which has no meaning here", "remove it"))

    def _alias(self, event: Any) -> None:
        known = self.anchors.get(event.anchor)
        if known is None or known.open:
            what = f"*{event.anchor} refers to " + ("itself" if known else "nothing")
            self._stop(event, what, "" if known else f"name the value it stands for with &{event.anchor}")
            return
        self.expansions += known.size
        if self.expansions > MOST_EXPANSIONS:
            self._stop(event, f"aliases stand for more than {MOST_EXPANSIONS} values", "write the values out")
        mark = event.start_mark
        alias = Node(
            known.kind, mark.index, event.end_mark.index, mark.line + 1, mark.column + 1, known.value, size=known.size
        )
        alias.keys, alias.children, alias.aliased, alias.open = known.keys, known.children, True, False
        self._place(None, alias)

    def _place(self, event: Any, node: Node) -> str | int:
        """Put a node where it belongs; its name or number there."""
        if event is not None and event.anchor:
            self.anchors[event.anchor] = node
        if not self.stack:
            self.roots.append(node)
            return ""
        parent, waiting, _ = self.stack[-1]
        parent.size += node.size if node.kind == "scalar" or node.aliased else 0
        if parent.kind == "list":
            parent.children[len(parent.children)] = node
            return len(parent.children) - 1
        if not waiting:
            waiting.append(node)
            return ""
        key = waiting.pop()
        self._entry(parent, key, node)
        return str(key.value)

    def _entry(self, parent: Node, key: Node, value: Node) -> None:
        if key.kind != "scalar":
            message = "a key is a word, not a list or mapping"
            self.problems.append(
                Problem(self.file, key.line, key.column, "", "", message, "braces and brackets in a key: quote it")
            )
            return
        if key.value == "<<" and value.kind in {"map", "list"}:
            self._merge(parent, value)
            return
        if value.kind == "scalar" and value.start == value.end and not value.aliased:
            # an empty value: parsers put it anywhere behind the colon, even lines below
            colon = self.text.find(":", key.end)
            value.start = value.end = colon + 1 if colon >= 0 else key.end
            value.line, value.column = key.line, key.column
        name = self.text[key.start : key.end] if not isinstance(key.value, str) and not key.aliased else str(key.value)
        earlier = parent.keys.get(name)
        if earlier and earlier.kind == "scalar" and not earlier.aliased:
            message = f"{name} stands here twice: first on line {earlier.line}"
            path = dotted([*self._path(), name])
            self.problems.append(Problem(self.file, key.line, key.column, path, "", message, "keep one of them"))
        parent.keys[name], parent.children[name] = key, value

    def _path(self) -> list[str | int]:
        """Where the reader is."""
        return [name for _, _, name in self.stack[1:]]

    def _merge(self, parent: Node, value: Node) -> None:
        """`<<: *other`: keys that are not there yet come from the other mapping."""
        for source in [value] if value.kind == "map" else value.children.values():
            for name, child in source.children.items():
                if name not in parent.children:
                    merged = Node(
                        child.kind, value.start, value.end, value.line, value.column, child.value, size=child.size
                    )
                    merged.keys, merged.children, merged.aliased, merged.open = child.keys, child.children, True, False
                    key = source.keys.get(name, value)
                    parent.children[name] = merged
                    parent.keys[name] = Node("scalar", key.start, key.end, value.line, value.column, name, aliased=True)

    def _close(self, event: Any) -> None:
        node, _, _ = self.stack.pop()
        node.open = False
        node.end = event.end_mark.index
        if self.stack:
            self.stack[-1][0].size += node.size


def lines_of(text: str) -> list[str]:
    return text.splitlines()


def syntax_problems(text: str, file: str, error: Any) -> list[Problem]:
    """A parser's error as problems that say what to do; every line that is indented with a tab is told at once."""
    lines = lines_of(text)
    tabs = [number for number, line in enumerate(lines, 1) if re.match(r" *\t+[ \t]*[^\s#]", line)]
    if tabs:
        hint = "YAML indents with spaces: replace each tab with two"
        return [
            Problem(file, number, 1, "", "", f"is indented with a tab: {excerpt(lines, number)}", hint)
            for number in tabs
        ]
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        position = getattr(error, "position", 0) or 0
        line = text.count("\n", 0, position) + 1
        return [
            Problem(
                file, line, 1, "", "", "holds a character that no text has (a control character)", "retype that line"
            )
        ]
    number, column = min(mark.line + 1, max(len(lines), 1)), mark.column + 1
    said = str(getattr(error, "problem", "") or getattr(error, "context", "") or "can't be read")
    return [
        Problem(
            file,
            number,
            column,
            "",
            "",
            f"is no YAML: {said}: {excerpt(lines, number)}",
            syntax_hint(said, lines, number, error),
        )
    ]


def excerpt(lines: list[str], number: int) -> str:
    """The line itself, shortened, without secrets."""
    line = without_secrets(lines[number - 1].strip()) if 0 < number <= len(lines) else ""
    return line if len(line) <= 80 else line[:79] + "…"


def syntax_hint(said: str, lines: list[str], number: int, error: Any) -> str:
    """The usual cause of a parser's message."""
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    opened = getattr(error, "context_mark", None)
    if "mapping values are not allowed" in said:
        return "a value that holds ': ' needs quotes, and a key must stand under its siblings"
    if "quoted scalar" in str(getattr(error, "context", "")):
        return f"a quote opened on line {opened.line + 1} is not closed" if opened else "close the quote"
    if "flow" in str(getattr(error, "context", "")):
        return f"the bracket opened on line {opened.line + 1} is not closed" if opened else "close the bracket"
    if re.search(r"[:\-]\s+[@`%*&!|>]", line):
        return "quote a value that begins with one of @ ` % * & ! | >"
    if "expected <block end>" in said or "could not find expected ':'" in said or "did not find expected key" in said:
        return "keys of one mapping begin in the same column, and each has a colon"
    return ""
