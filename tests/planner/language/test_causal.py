"""A causal model that really runs: its answers keep to the schema, however small it is."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from planner.language.causal import CausalModel, load
from planner.language.intent import Intent, Question, Reading
from planner.language.prompting import messages
from planner.language.second import second
from planner.language.training import lora
from planner.language.training.lora import Lesson, Step, train_lora
from policies.errors import ConfigurationError, ToolMissing
from policies.language_model import LanguageModelFailed, Message
from policies.larger_model import LocalModel
from tests.servers.small_model import runtime, small_model

NOW = datetime(2026, 3, 11, 10, 30)
SHAPE = {
    "type": "object",
    "properties": {
        "action": {"enum": ["protect", "backup"]},
        "copies": {"type": "integer", "minimum": 1, "maximum": 9},
    },
    "required": ["action", "copies"],
    "additionalProperties": False,
}
ASKED = (Message("system", "Answer in JSON."), Message("user", "back up db, keep 3 copies"))


def model(path: Path | str, **fields: Any) -> CausalModel:
    return CausalModel(
        LocalModel.model_validate({"provider": "transformers", "model": str(path), "timeout": 600} | fields)
    )


@pytest.mark.slow  # for what it loads before it can tell
@pytest.mark.integration
@pytest.mark.parametrize("name", ["none.gguf", "folder"])
def test_what_is_no_model_is_named(tmp_path: Path, name: str) -> None:
    runtime()
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigurationError) as caught:
        model(tmp_path / name).complete(ASKED, SHAPE)
    assert caught.value.message.startswith("llm.model: ")
    assert name in caught.value.message
    assert "\n" not in caught.value.message


def test_without_the_extra_the_way_to_get_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def fails(name: str, *rest: Any) -> Any:
        if name in {"torch", "transformers", "llguidance"}:
            raise ImportError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", fails)
    with pytest.raises(ToolMissing) as caught:
        load("any/model")
    assert caught.value.hint == "pip install 'restora[llm]'"


@pytest.fixture(scope="module")
def running() -> Iterator[CausalModel]:
    yield model(small_model(), max_tokens=60)


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.timeout(1800)
class TestRunning:
    """The real one. It is far too small to read requests well: what holds here holds for any."""

    def test_an_answer_is_json_after_the_schema(self, running: CausalModel) -> None:
        answer = json.loads(running.complete(ASKED, SHAPE))
        assert answer.keys() == {"action", "copies"}
        assert answer["action"] in {"protect", "backup"}
        assert 1 <= answer["copies"] <= 9
        assert json.loads(running.complete(ASKED, SHAPE)) == answer

    def test_a_second_reading_of_the_contract_leaves_the_first_one(self, running: CausalModel) -> None:
        asks = Question("I understood: … Is that right?", "action", ("yes", "no"))
        intents = (Intent.model_validate({"action": "protect", "targets": ["db"]}),)
        first = Reading(intents, 0.5, (asks,), text="always save db, will you")
        found = second(first, running, now=NOW)
        assert found.outcome in {"agrees", "differs", "ignored", "failed"}
        assert found.reading.intents == first.intents
        assert found.reading.clarify, "half a doubt stays a doubt even where both agree"

    def test_an_answer_that_can_not_be_whole_is_none(self, running: CausalModel) -> None:
        cramped = model("unused", max_tokens=16)
        cramped.__dict__["_loaded"] = running._loaded
        with pytest.raises(LanguageModelFailed, match="wrote no whole answer within 600 s and 16 tokens"):
            cramped.complete(
                ASKED, SHAPE | {"properties": {"words": {"type": "string", "minLength": 200}}, "required": ["words"]}
            )

    def test_a_few_steps_of_training_teach_the_shape_of_an_answer(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # without rules and examples before it: the same steps in a tenth of the time
        monkeypatch.setattr(lora, "messages", lambda text, now: messages(text, now)[-1:])
        intent = Intent.model_validate({"action": "protect", "targets": ["db"], "schedule": {"every": "1d"}})
        taught = [Lesson("save db daily", NOW, (intent,))]
        seen: list[Step] = []
        out = train_lora(str(small_model()), taught, tmp_path / "tuned", epochs=3, seed=7, progress=seen.append)
        assert [(step.done, step.of) for step in seen] == [(1, 3), (2, 3), (3, 3)]
        assert seen[-1].loss < seen[0].loss
        card = json.loads((out / "training.json").read_text("utf-8"))
        assert (card["method"], card["lessons"], card["seed"]) == ("lora", 1, 7)
        tuned = model(out, max_tokens=120)
        assert json.loads(tuned.complete(ASKED, SHAPE))["action"] in {"protect", "backup"}
