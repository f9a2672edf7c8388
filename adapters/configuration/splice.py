"""Changes to a YAML text that leave every other byte as it stands: comments, order, quotes, blank lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from adapters.configuration.document import Node
from adapters.configuration.render import below, fits, flow, scalar_text

COMMENT = re.compile(r"( *)#")


class TooTangledError(Exception):
    """The text can't be changed there without touching more than was asked; says why."""


class Splice:
    """Edits of one text, collected against its tree and applied together. `step`: columns per level."""

    def __init__(self, text: str, root: Node) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.step = next(
            (child.column - 1 for child in root.children.values() if child.kind == "map" and not child.flow), 2
        )
        self.edits: list[tuple[int, int, str]] = []

    def result(self) -> str:
        """The text with all edits."""
        parts, position = [], 0
        for start, end, new in sorted(self.edits, key=lambda edit: edit[:2]):
            if start < position:
                raise TooTangledError("two changes meet in one place")
            parts += [self.text[position:start], new]
            position = end
        return "".join([*parts, self.text[position:]])

    def merge(self, node: Node, before: Mapping[str, Any], after: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        """Bring a mapping from one state to another: keys with equal values stay as they are written. `before` and
        `after` are complete, in the order in which keys are written; `wanted` is what is written of `after`."""
        gone = [key for key in node.children if key in before and key not in wanted and before[key] != after.get(key)]
        if gone and node.flow:
            self._replace_flow(node, dict(wanted))
            return
        for key in gone:
            self._remove(node, key)
        for key, value in wanted.items():
            if key in before and before[key] == after.get(key):
                continue
            child = node.children.get(key)
            deep = child is not None and child.kind == "map" and child.children and not child.aliased
            if child is not None and deep and isinstance(value, Mapping) and isinstance(before.get(key), Mapping):
                self.merge(child, before[key], after[key], value)
            else:
                self.put(node, key, value, list(after))

    def put(self, node: Node, key: str, value: Any, order: Sequence[str] = ()) -> None:
        """Set one key of a mapping; a new key is placed behind the last of those that precede it in `order`."""
        child = node.children.get(key)
        if child is None or node.keys[key].aliased:  # absent, or merged in from elsewhere: then it is overridden here
            self._insert(node, key, value, order)
        elif isinstance(value, list) and child.kind == "list" and child.children and not child.aliased:
            self._list(child, key, value)
        elif node.flow or (fits(key, value) and (child.kind == "scalar" or child.flow)):
            self._inline(child, flow(value))
        else:
            self._below(node, child, key, value)

    def remove(self, node: Node, key: str) -> None:
        """Remove one key of a mapping, with the comments on its own lines only."""
        if node.flow:
            raise TooTangledError(f"{key} stands in braces with others")
        self._remove(node, key)

    def _remove(self, node: Node, key: str) -> None:
        name, child = node.keys[key], node.children[key]
        start = self._line_start(name.start)
        if name.aliased or self.text[start : name.start].strip():
            raise TooTangledError(f"{key} does not stand on lines of its own")
        self.edits.append((start, self._next_line(child.last()), ""))

    def _insert(self, node: Node, key: str, value: Any, order: Sequence[str]) -> None:
        own = {name: child for name, child in node.children.items() if not node.keys[name].aliased}
        if node.flow:
            text = f"{scalar_text(key)}: {flow(value)}"
            at = max((child.end for child in node.children.values()), default=0)
            self.edits.append((at, at, f", {text}") if at else (node.start + 1, node.start + 1, text))
            return
        if not own:
            raise TooTangledError(f"there is no key beside which {key} could stand")
        known = order[: order.index(key)] if key in order else ()
        earlier = [name for name in own if name in known]
        neighbour = own[max(earlier, key=list(known).index)] if earlier else list(own.values())[-1]
        indent = node.keys[next(iter(own))].column - 1
        lines = [f"{' ' * indent}{scalar_text(key)}: {flow(value)}"]
        if not fits(key, value):
            lines = [f"{' ' * indent}{scalar_text(key)}:", *below(value, indent + self.step, self.step)]
        self._add_lines(neighbour.last(), ["", *lines] if self._spaced(node, own, order) else lines)

    def _spaced(self, node: Node, own: Mapping[str, Node], order: Sequence[str]) -> bool:
        """Whether an empty line belongs before a new entry, as there is between its siblings."""
        keys = [node.keys[name] for name in own]
        if node.column == 1 or order:
            return node.column == 1
        last = list(own.values())
        return len(own) > 1 and any(
            not line.strip() for line in self.text[last[-2].last() : keys[-1].start].splitlines()[1:-1]
        )

    def _inline(self, child: Node, text: str) -> None:
        if child.start == child.end:  # nothing stands behind the colon
            text = f" {text}"
        self.edits.append((child.start, child.end, text))

    def _below(self, node: Node, child: Node, key: str, value: Any) -> None:
        """Replace a value by one of several lines, or a value of several lines by anything."""
        indent = node.keys[key].column - 1
        single = child.kind == "scalar" or child.flow
        if single and not fits(key, value):
            if child.end > child.start:
                start = len(self.text[: child.start].rstrip(" "))
                self.edits.append((start, child.end, ""))
            self._add_lines(child.end, below(value, indent + self.step, self.step))
            return
        colon = self.text.index(":", node.keys[key].end) + 1
        new = (
            f" {flow(value)}"
            if fits(key, value)
            else self.newline + self.newline.join(below(value, indent + self.step, self.step))
        )
        self._refuse_comments(colon, child.last(), key)
        self.edits.append((colon, child.last(), new))

    def _list(self, node: Node, key: str, wanted: list[Any]) -> None:
        items = list(node.children.values())
        if any(item.kind != "scalar" for item in items) or not wanted:
            self._refuse_comments(node.start, node.last(), key)
            self.edits.append((node.start, node.last(), flow(wanted)))
            return
        written = [item.value for item in items]
        changes = [
            change
            for change in SequenceMatcher(a=written, b=wanted, autojunk=False).get_opcodes()
            if change[0] != "equal"
        ]
        if node.flow and any(
            kind == "delete" or (kind == "insert" and to == 0) or b - a < to - start
            for kind, start, to, a, b in changes
        ):
            self._replace_flow(node, wanted)
            return
        for _, start, to, first, last in changes:
            new = wanted[first:last]
            common = min(to - start, len(new))
            for item, value in zip(items[start : start + common], new, strict=False):
                self.edits.append((item.start, item.end, flow(value)))
            for item in items[start + common : to]:
                begin = self._line_start(item.start)
                if self.text[begin : item.start].strip() != "-":
                    raise TooTangledError(f"an entry of {key} shares its line")
                self.edits.append((begin, self._next_line(item.last()), ""))
            self._add_items(node, items, start + common, new[common:])

    def _add_items(self, node: Node, items: list[Node], at: int, new: list[Any]) -> None:
        if not new:
            return
        if node.flow:
            end = items[at - 1].end
            self.edits.append((end, end, "".join(f", {flow(value)}" for value in new)))
            return
        lines = [f"{' ' * (node.column - 1)}- {flow(value)}" for value in new]
        if at == 0:
            begin = self._line_start(items[0].start)
            self.edits.append((begin, begin, "".join(line + self.newline for line in lines)))
        else:
            self._add_lines(items[at - 1].last(), lines)

    def _replace_flow(self, node: Node, value: Any) -> None:
        self._refuse_comments(node.start, node.end, "a value in brackets")
        self.edits.append((node.start, node.end, flow(value)))

    def _refuse_comments(self, start: int, end: int, what: str) -> None:
        if any(line.lstrip().startswith("#") or " #" in line for line in self.text[start:end].splitlines()):
            raise TooTangledError(f"{what} has comments inside, which would be lost")

    def _add_lines(self, after: int, lines: list[str]) -> None:
        """Whole lines behind the line on which `after` lies, and behind comments that stand deeper than they do."""
        at = self._next_line(after)
        indent = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
        while comment := COMMENT.match(self.text, at):
            if len(comment[1]) <= indent:
                break
            at = self._next_line(at)
        text = "".join(line + self.newline for line in lines)
        if at == len(self.text) and not self.text.endswith("\n"):
            text = self.newline + text.removesuffix(self.newline)
        self.edits.append((at, at, text))

    def _line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def _next_line(self, offset: int) -> int:
        found = self.text.find("\n", offset)
        return len(self.text) if found < 0 else found + 1
