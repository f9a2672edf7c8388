"""Versions of the reader's model: found, checked, chosen, rolled back."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import sampled_from

from adapters.models import NEEDED, SHIPPED, SUMS, ModelStore, inspect, seal
from policies.errors import StateError, UsageError


def model_folder(place: Path, version: str = "v1") -> Path:
    """What training leaves: three files, of which two are nonsense here."""
    place.mkdir(parents=True)
    (place / "card.json").write_text(json.dumps({"version": version, "data": "abc", "scores": {"exact": 0.5}}))
    (place / "reader.onnx").write_bytes(f"weights of {version}".encode())
    (place / "tokenizer.json").write_text("{}")
    return place


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    found = ModelStore(tmp_path / "state/models")
    for name in ("v1", "v2", "v3"):
        found.add(model_folder(tmp_path / name, name), name)
    return found


def test_the_shipped_model_is_used_where_nothing_was_chosen(tmp_path: Path) -> None:
    empty = ModelStore(tmp_path / "none")
    assert (empty.versions(), empty.active(), empty.chosen().folder) == ([], SHIPPED, None)
    assert not (tmp_path / "none").exists()


def test_a_version_is_copied_sealed_and_used(store: ModelStore, tmp_path: Path) -> None:
    assert [one.name for one in store.versions()] == ["v1", "v2", "v3"]
    assert not any(one.broken for one in store.versions())
    shutil.rmtree(tmp_path / "v1")
    assert store.activate("v1") == SHIPPED
    chosen = store.chosen()
    assert chosen.name == "v1" and chosen.folder is not None and not chosen.warning
    done = subprocess.run(["sha256sum", "-c", SUMS], cwd=chosen.folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def test_rollback_goes_back_step_by_step(store: ModelStore) -> None:
    for name in ("v1", "v2", "v3"):
        store.activate(name)
    assert store.rollback() == ("v3", "v2")
    shutil.rmtree(store.folder / "v1")
    assert store.rollback() == ("v2", SHIPPED), "what is gone is passed over"
    with pytest.raises(UsageError, match="none was before it"):
        store.rollback()
    assert store.active() == SHIPPED


def truncated(folder: Path) -> None:
    (folder / "reader.onnx").write_bytes(b"weights")


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def garbled(folder: Path) -> None:
    (folder / "card.json").write_text("{")


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (truncated, "reader.onnx is not what was stored"),
        (shutil.rmtree, "no such folder"),
        (without("tokenizer.json"), "tokenizer.json is missing"),
        (without(SUMS), "SHA256SUMS is missing"),
        (garbled, "card.json can't be read"),
        (lambda folder: (folder / SUMS).write_bytes(b"\xff\n\n a b"), "checksum differs"),
    ],
)
def test_a_damaged_model_falls_back_to_the_shipped_one(
    store: ModelStore, damage: Callable[[Path], None], named: str
) -> None:
    store.activate("v2")
    damage(store.folder / "v2")
    chosen = store.chosen()
    assert (chosen.name, chosen.folder) == (SHIPPED, None)
    assert named in chosen.warning and "restora model rollback" in chosen.warning
    with pytest.raises(UsageError, match="can't be used"):
        store.activate("v2")
    assert store.rollback() == ("v2", SHIPPED)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"active": 1, "before": []}', '{"active": "v1"}', '"v1"'])
def test_a_damaged_pointer_is_told_and_written_anew(store: ModelStore, text: str) -> None:
    (store.folder / "active.json").write_text(text)
    assert store.chosen().folder is None and "active.json can't be read" in store.chosen().warning
    with pytest.raises(StateError):
        store.active()
    store.activate("v1")
    assert store.chosen().name == "v1"


@pytest.mark.parametrize("name", ["../v1", "", ".hidden", "a/b", SHIPPED, "x" * 70, "-v"])
def test_names_stay_within_the_folder(store: ModelStore, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        store.add(model_folder(tmp_path / "other"), name)
    with pytest.raises(UsageError):
        store.remove(name)
    if name != SHIPPED:
        with pytest.raises(UsageError):
            store.activate(name)
    (store.folder / "active.json").write_text(json.dumps({"active": name, "before": []}))
    assert store.chosen().folder is None


def test_what_is_no_model_is_not_added(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is missing"):
        store.add(tmp_path, "v4")
    with pytest.raises(UsageError, match="there is a model v1 already"):
        store.add(model_folder(tmp_path / "new"), "v1")
    changed = model_folder(tmp_path / "changed")
    seal(changed)
    truncated(changed)
    with pytest.raises(UsageError, match="checksum differs"):
        store.add(changed, "v4")
    assert [one.name for one in store.versions()] == ["v1", "v2", "v3"]
    assert not list(store.folder.glob(".new-*"))


def test_the_active_one_is_not_removed(store: ModelStore) -> None:
    store.activate("v1")
    with pytest.raises(UsageError, match="in use"):
        store.remove("v1")
    store.remove("v2")
    assert [one.name for one in store.versions()] == ["v1", "v3"]


def test_an_unsealed_folder_of_a_persons_own_can_be_looked_at(tmp_path: Path) -> None:
    assert inspect(model_folder(tmp_path / "own")).broken == ""
    assert {name for name in NEEDED if "json" in name} == {"card.json", "tokenizer.json"}


class Choosing(RuleBasedStateMachine):
    """Against a list: activate pushes, rollback pops what is there."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.place = Path(tempfile.mkdtemp(prefix="restora-models-"))
        self.store = ModelStore(self.place / "models")
        for name in ("v1", "v2"):
            self.store.add(model_folder(self.place / name, name), name)
        self.history = [SHIPPED]

    @rule(name=sampled_from(["v1", "v2", SHIPPED]))
    def activate(self, name: str) -> None:
        assert self.store.activate(name) == self.history[-1]
        if self.history[-1] != name:
            self.history.append(name)

    @rule()
    def rollback(self) -> None:
        if len(self.history) == 1:
            with pytest.raises(UsageError):
                self.store.rollback()
        else:
            assert self.store.rollback() == (self.history.pop(), self.history[-1])

    @invariant()
    def the_same_is_active(self) -> None:
        assert self.store.active() == self.store.chosen().name == self.history[-1]

    def teardown(self) -> None:
        shutil.rmtree(self.place)


TestChoosing = Choosing.TestCase
TestChoosing.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
