"""What every engine promises. Subclasses say how one is made over storage that outlives it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policies.errors import Busy, RepositoryLocked, RestoraError, StateError


class EngineContract:
    def make(self, storage: Any) -> Any:
        """An engine over this storage; every engine of one storage has the same memory."""
        raise NotImplementedError

    @pytest.fixture
    def storage(self) -> Any:
        raise NotImplementedError

    @pytest.fixture
    def did(self) -> list[str]:
        """What the steps did."""
        return []

    @pytest.fixture
    def engine(self, storage: Any, did: list[str]) -> Iterator[Any]:
        engine = self.named(self.make(storage), did)
        engine.start()
        yield engine
        engine.stop()

    @staticmethod
    def named(engine: Any, did: list[str]) -> Any:
        def note(word: str) -> str:
            did.append(word)
            return word

        def good(steps: Any, argument: str) -> str:
            first = steps.step("first", lambda: note(f"{argument}1"))
            return steps.step("second", lambda: note(f"{first}2"))

        def bad(steps: Any, argument: str) -> str:
            def fail() -> str:
                did.append("failed")
                raise RepositoryLocked(f"locked by {argument}", hint="wait", untouched="all")

            return steps.step("fail", fail)

        def patient(steps: Any, argument: str) -> str:
            try:
                bad(steps, argument)
            except RepositoryLocked as error:
                said = error.message
                return steps.step("then", lambda: note(f"went on after: {said}"))
            return "never"

        def defect(steps: Any, argument: str) -> str:
            return steps.step("divide", lambda: str(1 // 0))

        for name, body in (("good", good), ("bad", bad), ("patient", patient), ("defect", defect)):
            engine.register(name, body)
        return engine

    def test_runs_steps_in_order_and_gives_the_result(self, engine: Any, did: list[str]) -> None:
        assert engine.run("good", "k", "a") == "a12"
        assert did == ["a1", "a12"]
        assert engine.pending() == []

    def test_a_key_runs_once(self, engine: Any, did: list[str]) -> None:
        engine.submit("good", "k", "a")
        engine.submit("good", "k", "b")
        assert engine.wait("k") == "a12"
        assert engine.run("good", "k", "c") == "a12"
        assert did == ["a1", "a12"]

    def test_an_error_keeps_class_message_hint(self, engine: Any, did: list[str]) -> None:
        for _ in range(2):
            with pytest.raises(RepositoryLocked) as caught:
                engine.run("bad", "k", "X")
            assert (caught.value.message, caught.value.hint, caught.value.untouched) == ("locked by X", "wait", "all")
        assert did == ["failed"]

    def test_a_body_may_go_on_after_a_failed_step(self, engine: Any) -> None:
        assert engine.run("patient", "k", "X") == "went on after: locked by X"

    def test_a_defect_becomes_an_error_of_ours(self, engine: Any) -> None:
        with pytest.raises(RestoraError, match="ZeroDivisionError"):
            engine.run("defect", "k", "")

    def test_unknown_names_and_keys(self, engine: Any) -> None:
        with pytest.raises(StateError, match="nobody"):
            engine.submit("nobody", "k", "")
        with pytest.raises(StateError, match="nothing"):
            engine.wait("nothing", timeout=1)
        with pytest.raises(StateError):
            engine.register("late", lambda steps, argument: argument)

    def test_what_ended_is_known_after_a_restart(self, storage: Any, engine: Any, did: list[str]) -> None:
        engine.run("good", "k", "a")
        with pytest.raises(RepositoryLocked):
            engine.run("bad", "b", "X")
        engine.stop()
        again = self.named(self.make(storage), did)
        again.start()
        try:
            assert again.run("good", "k", "other") == "a12"
            with pytest.raises(RepositoryLocked, match="locked by X"):
                again.run("bad", "b", "Y")
        finally:
            again.stop()
        assert did == ["a1", "a12", "failed"]

    def test_one_engine_at_a_time(self, storage: Any, engine: Any) -> None:
        with pytest.raises(Busy):
            self.make(storage).start()

    def test_a_stopped_engine_takes_nothing(self, engine: Any) -> None:
        engine.stop()
        engine.stop()
        with pytest.raises(RestoraError):
            engine.submit("good", "k", "a")

    def test_ended_workflows_can_be_forgotten(self, engine: Any, did: list[str]) -> None:
        engine.run("good", "old", "a")
        assert engine.forget_ended(datetime.now(UTC) - timedelta(hours=1)) == 0
        assert engine.forget_ended(datetime.now(UTC) + timedelta(hours=1)) == 1
        with pytest.raises(StateError):
            engine.wait("old", timeout=1)
        assert engine.run("good", "old", "b") == "b12"
