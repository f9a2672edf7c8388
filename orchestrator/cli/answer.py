"""One request's answer while it comes together: text as it happens, or all of it as one JSON document at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from orchestrator.cli.present import show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from orchestrator.cli.invocation import Invocation
    from policies.errors import RestoraError


class Answer:
    """What is said about a request. `code` is the exit code so far: the worst of its parts; `language` is the one to speak;
    `approved`: datasets of a plan that was approved a moment ago, so that a run of them needs no further question."""

    def __init__(self, invocation: Invocation, language: Literal["en", "zh"] = "en") -> None:
        self.invocation = invocation
        self.language = language
        self.approved: frozenset[str] = frozenset()
        self.data: dict[str, Any] = {}
        self.code = 0

    def say(self, *parts: RenderableType) -> None:
        """Print for people; nothing where JSON is wanted."""
        if not self.invocation.json:
            show(self.invocation, {}, *parts)

    def add(self, action: str, code: int = 0, **facts: Any) -> None:
        """Note one thing that was done or answered, and what came of it."""
        self.data.setdefault("done", []).append({"action": action, **facts, "exit_code": code})
        self.code = max(self.code, code)

    def fail(self, error: RestoraError) -> None:
        """Raise it for people; where JSON is wanted it joins what is known so far, in one document."""
        if not self.invocation.json:
            raise error
        self.data = {**error.as_dict(), **self.data}
        self.code = error.exit_code

    def close(self) -> int:
        """Print the JSON document where it is wanted; the exit code."""
        if self.invocation.json:
            show(self.invocation, self.data)
        return self.code
