"""restora train: teach the reader, and use what was learnt only where it reads better."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from orchestrator.cli.present import escape, show

if TYPE_CHECKING:
    from orchestrator.training import Material, Trained


def command(
    context: typer.Context,
    from_feedback: bool = typer.Option(
        False, "--from-feedback", help="Learn from the corrections of restora feedback as well; they decide."
    ),
    corpus: str = typer.Option(
        "", "--corpus", help="Folder of marked requests (*.jsonl); without it the one that comes with restora."
    ),
    resume: bool = typer.Option(False, "--resume", help="Go on with the same training where it was interrupted."),
    out: str = typer.Option("", "--out", help="Write the model into this folder and switch nothing."),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Show what would be learnt from and judged by; train nothing."
    ),
    epochs: int = typer.Option(9, "--epochs", min=1, help="How often everything is gone through."),
    layers: int = typer.Option(
        12, "--layers", min=1, max=12, help="Layers of the encoder that are kept: fewer are faster and read worse."
    ),
    seed: int = typer.Option(7, "--seed", min=0, help="The same seed and data give the same model."),
) -> None:
    """Train the reader on this host and compare it with the present one.

    It is switched to only where it reads more of the held-out requests as a person would want, by more than chance; loses none of the
    shipped checks; and has no more silent misreadings, none that destroys. restora model rollback goes back. Takes hours on a
    small host; needs pip install 'restora[llm]'.
    """
    from orchestrator.cli.progress import stepping
    from orchestrator.training import Order, default_corpus, fitting, gather, train_reader

    application = context.obj.application()
    order = Order(
        Path(corpus) if corpus else default_corpus(), from_feedback, Path(out) if out else None, resume,
        seed=seed, epochs=epochs, layers=layers,
    )  # fmt: skip
    material = gather(application, order)
    if dry_run:
        show(
            context.obj,
            {"dry_run": True, "material": material.as_dict()},
            *_material(material),
            "[dim]Dry run: nothing was trained.[/]",
        )
        return
    train = fitting()
    if not context.obj.json:
        show(context.obj, {}, *_material(material))
    with stepping(context.obj) as progress:
        done = train_reader(application, order, material, train, progress)
    show(context.obj, done.as_dict(), *_result(done))


def _material(material: Material) -> list[str]:
    lines = [f"learn from  {material.lines} lines of the corpus and {len(material.learn)} corrections"]
    if material.unmarked:
        lines.append(
            f"[yellow]left out[/]    {len(material.unmarked)} corrections: no words of theirs carry what was meant"
        )
    judges = f"judge by    {len(material.held_out)} {material.name}, {len(material.checks)} shipped checks"
    return [*lines, judges + (f", {len(material.guards)} requests to guard" if material.guards else "")]


def _result(done: Trained) -> list[str]:
    reasons = [f"  {escape(reason)}" for reason in done.decision.reasons]
    counts = [
        f"  {one.name}: {one.won} won, {one.lost} lost of {len(one.present)}; silent misreadings {one.silent[0]}, now {one.silent[1]}"
        for one in done.decision.compared
    ]
    if done.switched:
        head = f"[green]Switched[/] to model {escape(done.version)} (before: {escape(done.before)}; restora model rollback goes back)"
    elif done.version:
        head = f"[yellow]Not switched:[/] {escape(done.before)} stays in use; the new model is {escape(done.version)} in restora model list"
    else:
        better = "would be switched to" if done.decision.switch else "would not be switched to"
        head = f"Written to {escape(str(done.folder))}; it {better} (restora model use {escape(str(done.folder))})"
    return [head, *reasons, *counts]
