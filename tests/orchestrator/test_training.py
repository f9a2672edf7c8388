"""restora train around a fit that is played: what is learnt from, what decides, what is switched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator import feedback
from orchestrator.reading import Read
from orchestrator.training import Material, Order, Progress, Trained, fitting, gather, train_reader
from orchestrator.wiring import Application
from planner.language.training.corpus import parse
from planner.language.training.gold import shipped_checks
from policies.errors import Busy, RestoraError, ToolMissing, UsageError
from tests.adapters.test_models import model_folder
from tests.orchestrator.readers import Binding, Told, application

NOW = "2026-03-11T10:30"


@dataclass
class Fitted:
    """Plays the fit: leaves a model of this version and notes what it was given."""

    version: str = "new"
    calls: list[dict[str, Any]] = field(default_factory=list)
    interrupted: bool = False

    def __call__(
        self, corpus: Path, out: Path, *, extra: Sequence[dict[str, Any]], seed: int, epochs: int, layers: int, resume: bool,
        progress: Progress,
    ) -> dict[str, Any]:  # fmt: skip
        self.calls.append({"corpus": corpus, "extra": list(extra), "seed": seed, "resume": resume})
        progress("fitting", 0.5)
        if self.interrupted:
            (out / "checkpoint").write_text("half")
            raise KeyboardInterrupt
        for path in model_folder(out / "made", self.version).iterdir():
            path.rename(out / path.name)
        (out / "made").rmdir()
        return {"exact": 0.9}


def corpus(folder: Path, lines: int = 80) -> Path:
    folder.mkdir()
    for name in ("a", "b"):
        made = [
            {"id": f"{name}{n}", "lang": "en", "now": NOW, "marked": f"⟦back up|action⟧ ⟦{name}{n}|targets⟧",
             "gold": [{"action": "backup", "targets": [f"{name}{n}"]}]}
            for n in range(lines)
        ]  # fmt: skip
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in made))
    return folder


def taught(folder: Path, count: int = 40) -> Application:
    """An installation with corrections."""
    made = application(folder, "learning: {store: true}\n")
    for number in range(count):
        intents = [{"action": "drill", "targets": [f"vault {number}"], "schedule": {"every": "1w"}}]
        feedback.add(made, f"rehearse vault {number} weekly", intents)
    return made


def run(made: Application, order: Order, material: Material, train: Fitted, present: Read, candidate: Read) -> Trained:
    assert isinstance(present, Told) and isinstance(candidate, Told)
    return train_reader(made, order, material, train, bind=Binding(present, {train.version: candidate}))


def test_corrections_are_split_marked_and_never_learnt_where_they_decide(tmp_path: Path) -> None:
    made, order = taught(tmp_path / "home"), Order(corpus(tmp_path / "corpus"), from_feedback=True)
    found = gather(made, order)
    held, learnt = {one.text for one in found.held_out}, {parse(one["marked"])[0] for one in found.learn}
    assert len(held) + len(learnt) == 40 and not held & learnt
    assert 4 <= len(held) <= 20
    assert (found.lines, len(found.guards), len(found.checks)) == (140, 20, len(shipped_checks()))
    marks = {
        (mark.label, parse(one["marked"])[0][mark.start : mark.end])
        for one in found.learn
        for mark in parse(one["marked"])[1]
    }
    assert ("schedule", "weekly") in marks
    assert gather(made, order) == found, "always the same split"
    feedback.add(made, "rehearse vault 1 weekly!", [{"action": "unsupported"}])
    again = gather(made, order)
    assert len(again.held_out) + len(again.learn) + len(again.unmarked) == 40, "the last word counts"


def test_a_correction_without_words_for_a_value_is_not_learnt(tmp_path: Path) -> None:
    made = application(tmp_path / "home", "learning: {store: true}\n")
    for number in range(12):
        feedback.add(
            made, f"the usual for thing{number}", [{"action": "backup", "targets": [f"thing{number}"], "rpo": "1h"}]
        )
    found = gather(made, Order(corpus(tmp_path / "corpus"), from_feedback=True))
    assert found.learn == () and len(found.unmarked) + len(found.held_out) == 12


def test_a_better_reader_is_stored_used_and_noted(tmp_path: Path) -> None:
    made, order = taught(tmp_path / "home"), Order(corpus(tmp_path / "corpus"), from_feedback=True)
    found, train = gather(made, order), Fitted()
    present = Told().knowing([*found.checks, *found.guards])
    done = run(made, order, found, train, present, present.knowing(found.held_out))
    assert done.switched and done.decision.switch and done.before == "shipped"
    assert made.models.active() == done.version and made.models.chosen().folder == done.folder
    assert train.calls[0]["extra"] == list(found.learn)
    assert not list(made.settings.models.glob(".training*"))
    (entry,) = made.state.ledger(kind="model")
    assert entry.body["version"] == done.version and entry.body["switched"] is True
    assert json.loads(json.dumps(done.as_dict()))["decision"]["compared"][0]["won"] == len(found.held_out)


def test_a_reader_that_loses_a_check_is_stored_and_not_used(tmp_path: Path) -> None:
    made, order = taught(tmp_path / "home"), Order(corpus(tmp_path / "corpus"), from_feedback=True)
    found = gather(made, order)
    present = Told().knowing([*found.checks, *found.guards])
    clear = [one for one in found.checks if not one.ambiguous]
    candidate = Told().knowing([*clear[1:], *found.guards, *found.held_out])
    done = run(made, order, found, Fitted(), present, candidate)
    assert not done.switched and "shipped checks" in done.decision.reasons[0]
    assert made.models.active() == "shipped"
    assert [one.name for one in made.models.versions()] == [done.version]


def test_without_feedback_the_corpus_decides_and_corrections_are_guarded(tmp_path: Path) -> None:
    made = taught(tmp_path / "home")
    found = gather(made, Order(corpus(tmp_path / "corpus")))
    assert (found.name, len(found.held_out), len(found.guards), found.learn) == ("held-out corpus lines", 20, 40, ())


def test_a_folder_of_ones_own_gets_the_model_and_nothing_is_switched(tmp_path: Path) -> None:
    made, order = application(tmp_path / "home"), Order(corpus(tmp_path / "corpus"), out=tmp_path / "model")
    found = gather(made, order)
    present = Told().knowing(found.checks)
    done = run(made, order, found, Fitted(), present, present.knowing(found.held_out))
    assert (done.folder, done.version, done.switched, done.decision.switch) == (tmp_path / "model", "", False, True)
    assert made.models.active() == "shipped" and made.models.versions() == []
    assert (tmp_path / "model/SHA256SUMS").is_file()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("precious")
    with pytest.raises(UsageError, match="is not empty"):
        run(made, replace(order, out=tmp_path / "mine"), found, Fitted(), present, present)
    assert (tmp_path / "mine/file").read_text() == "precious"


def test_what_was_interrupted_is_resumed_by_the_same_order_only(tmp_path: Path) -> None:
    made, order = application(tmp_path / "home"), Order(corpus(tmp_path / "corpus"))
    found, present = gather(made, order), Told()
    with pytest.raises(UsageError, match="no training was begun there"):
        run(made, replace(order, resume=True), found, Fitted(), present, present)
    with pytest.raises(KeyboardInterrupt):
        run(made, order, found, Fitted(interrupted=True), present, present)
    assert made.models.active() == "shipped" and made.models.versions() == []
    with pytest.raises(UsageError, match="another training was begun there"):
        run(made, replace(order, resume=True, epochs=3), found, Fitted(), present, present)
    out = made.settings.models / ".training/model"
    assert (out / "checkpoint").read_text() == "half"
    train = Fitted()
    run(made, replace(order, resume=True), found, train, present, present)
    assert train.calls[0]["resume"] is True and not out.exists()


def test_two_trainings_do_not_meet(tmp_path: Path) -> None:
    made, order = application(tmp_path / "home"), Order(corpus(tmp_path / "corpus"))
    found = gather(made, order)
    made.settings.make_folders()
    with made.leases.take("training", holder="the other"), pytest.raises(Busy, match="the other"):
        run(made, order, found, Fitted(), Told(), Told())


def test_a_fit_that_leaves_no_model_is_an_error(tmp_path: Path) -> None:
    made, order = application(tmp_path / "home"), Order(corpus(tmp_path / "corpus"))
    with pytest.raises(RestoraError, match="left no model"):
        train_reader(made, order, gather(made, order), lambda *_, **__: {}, bind=Binding(Told()))


def test_where_nothing_reads_so_far_the_candidate_is_compared_with_nothing(tmp_path: Path) -> None:
    made, order = application(tmp_path / "home"), Order(corpus(tmp_path / "corpus"))
    found, reader = gather(made, order), Told().knowing(shipped_checks())

    def bind(folder: Path | None) -> Read:
        if folder is None:
            raise ToolMissing("nothing to read with")
        return reader.knowing(found.held_out)

    done = train_reader(made, order, found, Fitted(), bind=bind)
    assert done.switched and done.before == "none"


def test_nothing_to_learn_from_is_told(tmp_path: Path) -> None:
    made = application(tmp_path / "home")
    with pytest.raises(UsageError, match="holds no corpus"):
        gather(made, Order(tmp_path / "none"))
    with pytest.raises(UsageError, match="no corrections"):
        gather(made, Order(corpus(tmp_path / "corpus"), from_feedback=True))
    (tmp_path / "corpus/c.jsonl").write_text("{bad\n")
    with pytest.raises(UsageError, match=r"c\.jsonl:1 is no JSON"):
        gather(made, Order(tmp_path / "corpus"))
    (tmp_path / "corpus/c.jsonl").write_text(json.dumps({"text": "a", "now": NOW, "gold": [{"action": "backup"}]}))
    with pytest.raises(UsageError, match="has no 'marked'"):
        gather(made, Order(tmp_path / "corpus"))


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "orchestrator.training.importlib.util.find_spec", lambda name: None if name == "torch" else name
    )
    with pytest.raises(ToolMissing, match="needs torch,") as told:
        fitting()
    assert told.value.hint == "pip install 'restora[llm]'"
