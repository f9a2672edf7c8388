"""What a request asks for beside standing policies, carried out by the same use cases as the commands.

What this version can't do is said with the command or sentence that comes nearest; nothing is guessed."""

from __future__ import annotations

from functools import partial, singledispatch
from typing import TYPE_CHECKING, Any

from orchestrator.cli.answer import Answer
from orchestrator.cli.present import confirm, escape
from orchestrator.cli.progress import reporting
from orchestrator.wiring import Application
from planner.language import asks
from planner.language.asking import pick
from policies.errors import UsageError

if TYPE_CHECKING:
    from policies.run import DrillRecord


def perform(application: Application, out: Answer, ask: asks.Ask, *, dry_run: bool) -> None:
    """Do one thing that was asked for; what comes of it goes to `out`."""
    _do(ask, application, out, dry_run)


@singledispatch
def _do(ask: object, application: Application, out: Answer, dry_run: bool) -> None:
    # a new kind of request without a rule is a mistake of ours: loud, and nothing is done
    raise NotImplementedError(f"{type(ask).__name__} has no rule here")


def _refuse(what: str, hint: str) -> UsageError:
    return UsageError(what, hint=hint, untouched="nothing was changed")


@_do.register
def _run(ask: asks.RunNow, application: Application, out: Answer, dry_run: bool) -> None:
    from orchestrator.cli import run as shown
    from orchestrator.run_now import run_now, work_of

    if ask.when is not None:
        raise _refuse(
            f"a single backup at {ask.when:%Y-%m-%d %H:%M} can't be kept in mind",
            f"back up now (restora run {' '.join(ask.datasets)}), or give it a schedule",
        )
    work = work_of(application.catalog, ask.datasets, ask.repositories)
    places = ", ".join(f"{dataset} into {repository}" for _, dataset, repository in work)
    if dry_run:
        en = f"Would back up {escape(places)} now. Nothing was done."
        out.say(pick(out.language, en, f"会立即备份 {escape(places)}。没有做任何事。"))
        out.add("backup", work=[list(item) for item in work], dry_run=True)
        return
    approved = bool(ask.datasets) and set(ask.datasets) <= out.approved  # with the plan that added them
    question = pick(out.language, f"Back up {places} now? [y]es, [n]o", f"现在备份 {places} 吗?[y] 是,[n] 否")
    if not approved and confirm(out.invocation, question) != "y":
        out.say(pick(out.language, "Nothing was done.", "没有做任何事。"))
        return
    with reporting(out.invocation) as reporter:
        records = run_now(application, work, reporter.of_run)
    out.say(shown.table(records, out.language), *shown.notes(records, out.language))
    out.add("backup", shown.exit_code(records), runs=[shown.as_dict(record) for record in records])


@_do.register
def _restore(ask: asks.RestoreWish, application: Application, out: Answer, dry_run: bool) -> None:
    from orchestrator.cli.restore import carry_out
    from orchestrator.points import wished
    from orchestrator.restoring import order_for

    if ask.disaster:
        names = " ".join(ask.datasets) or "DATASET"
        raise _refuse(
            "a whole host or site is not brought back in one go by this version",
            f"bring its datasets back one after the other: restora restore {names.split()[0]} (of: {names})",
        )
    wish = wished(ask.point, application.catalog.zone())
    orders = [
        order_for(
            application,
            dataset,
            wish,
            target=_place(ask, dataset),
            items=ask.items,
            in_place=ask.in_place,
            repository=ask.source or "",
        )
        for dataset in ask.datasets
    ]  # fmt: skip  every doubt about any of them is an error before anything is touched
    for order in orders:
        out.add("restore", **carry_out(application, out, order, dry_run=dry_run))


def _place(ask: asks.RestoreWish, dataset: str) -> str:
    """Where one of the datasets goes: several never into the same folder."""
    if ask.in_place or not ask.to:
        return ""
    if len(ask.datasets) == 1:
        return ask.to
    if "/" not in ask.to:  # the name of a database: two would be one
        raise _refuse(
            f"{len(ask.datasets)} datasets can't go to {ask.to}",
            "name a folder: each goes to a folder of its own in it",
        )
    return f"{ask.to.rstrip('/')}/{dataset}"


@_do.register
def _drill(ask: asks.DrillWish, application: Application, out: Answer, dry_run: bool) -> None:
    from orchestrator.cli import drill as shown
    from orchestrator.drilling import drill_now, due_drills

    if ask.when is not None:
        raise _refuse(
            f"a single drill at {ask.when:%Y-%m-%d %H:%M} can't be kept in mind",
            "drill now, or give it a cadence: restora “drill db monthly”",
        )
    names = list(ask.datasets) or due_drills(application)
    if dry_run or not names:
        told = escape(", ".join(names))
        en, zh = f"Would drill {told}.", f"会演练恢复 {told}。"
        none, none_zh = "No drill is due: name a dataset.", "没有到期的演练:请指定数据集。"
        out.say(pick(out.language, en if names else none, zh if names else none_zh))
        out.add("drill", datasets=names, dry_run=dry_run)
        return
    with reporting(out.invocation) as reporter:

        def one(name: str) -> DrillRecord:
            return drill_now(
                application, name, None, lambda step: reporter.show(name, step), repository=ask.source or ""
            )

        records = [one(name) for name in names]
    out.say(*[part for record in records for part in shown.parts(record, application.catalog.zone(), out.language)])
    out.add("drill", shown.exit_code(records), drills=[shown.as_dict(record) for record in records])


@_do.register
def _verify(ask: asks.VerifyWish, application: Application, out: Answer, dry_run: bool) -> None:
    from orchestrator.assemble import repositories_of
    from orchestrator.checking import check_now

    if ask.every is not None:
        raise _refuse(
            f"how often repositories are checked ({ask.every}) is part of a policy",
            f"set verification.check_every of the policy in {application.settings.config}",
        )
    named = ask.repositories or tuple(place for name in ask.datasets for place in repositories_of(application, name))
    names = list(dict.fromkeys(named or application.catalog.repositories))
    if dry_run:
        told = escape(", ".join(names))
        out.say(pick(out.language, f"Would check {told}.", f"会校验 {told}。"))
        out.add("verify", repositories=names, dry_run=True)
        return
    for name in names:
        with reporting(out.invocation) as reporter:
            found = check_now(application, name, ask.read, partial(reporter.show, name))
        damaged, sound = pick(out.language, "damaged", "已损坏"), pick(out.language, "sound", "完好")
        mark = f"[red bold]{damaged}[/]" if found.problem else f"[green]{sound}[/]"
        out.say(f"{mark}  [bold]{escape(name)}[/]  {escape(found.problem or found.what)}")
        out.add("verify", 6 if found.problem else 0, repository=name, checked=found.what, problem=found.problem)


@_do.register
def _hold(ask: asks.Hold, application: Application, out: Answer, dry_run: bool) -> None:
    from orchestrator.cli.ask import standing
    from orchestrator.propose import held

    standing(application, out, held(application, ask), dry_run=dry_run)


@_do.register
def _status(ask: asks.StatusWish, application: Application, out: Answer, dry_run: bool) -> None:
    from orchestrator.board import read_board
    from orchestrator.cli.status import as_dict, parts

    del dry_run
    board = read_board(application).about(ask.datasets)
    out.say(*parts(board, application.catalog.zone(), out.language, all_rows=bool(ask.datasets)))
    out.add("status", topic=ask.topic, **as_dict(board))


@_do.register
def _diagnose(ask: asks.DiagnoseWish, application: Application, out: Answer, dry_run: bool) -> None:
    del dry_run
    from orchestrator.cli import run as shown
    from policies.run import RunState

    bad = {RunState.FAILED, RunState.SUSPECT, RunState.PARTIAL, RunState.SKIPPED}
    runs = [
        r for r in application.state.runs(limit=500) if r.state in bad and r.dataset in (ask.datasets or {r.dataset})
    ]
    found = runs[:5]
    lines: list[Any] = (
        [shown.table(found, out.language), *shown.notes(found, out.language)]
        if found
        else [pick(out.language, "No run went wrong lately.", "最近没有出错的运行。")]
    )
    looks = pick(out.language, "restora doctor looks at the installation as it is now", "restora doctor 检查当前的安装")
    out.say(*lines, f"[dim]{looks}[/]")
    out.add("diagnose", runs=[shown.as_dict(record) for record in found])


@_do.register
def _forget(ask: asks.ForgetWish, application: Application, out: Answer, dry_run: bool) -> None:
    from orchestrator.cli.removal import carry_out

    name = next(iter(ask.datasets), "db")
    chosen = ask.point is not None and not ask.point.older_than
    if chosen or ask.retention:
        raise _refuse(
            "snapshots are removed by a policy's retention only, so that each removal has a reason",
            f'restora "back up {name}, keep 14 days" changes what is kept; restora snapshots {name} --why shows why each one stays',
        )
    carry_out(application, out, ask.datasets, ask.point.older_than if ask.point else None, dry_run=dry_run)


@_do.register
def _replicate(ask: asks.ReplicateWish, application: Application, out: Answer, dry_run: bool) -> None:
    del application, out, dry_run
    name, place = next(iter(ask.datasets), "db"), next(iter(ask.repositories), "s3")
    raise _refuse(
        "copying existing snapshots from repository to repository is not offered by this version",
        f'let every run go to both places: restora "back up {name} nightly to local and {place}"',
    )


@_do.register
def _optimize(ask: asks.OptimizeWish, application: Application, out: Answer, dry_run: bool) -> None:
    del ask, application, out, dry_run
    raise _refuse(
        "what-if questions and the cheapest schedule are not offered by this version",
        "restora plan shows cost, space, RPO and RTO of what is in force",
    )


@_do.register
def _explain(ask: asks.ExplainWish, application: Application, out: Answer, dry_run: bool) -> None:
    del ask, application, out, dry_run
    raise _refuse(
        "general questions are not answered by this version", "the manual explains its words in docs/glossary.md"
    )


@_do.register
def _unsupported(ask: asks.Unsupported, application: Application, out: Answer, dry_run: bool) -> None:
    del application, out, dry_run
    raise _refuse(
        f"“{ask.text.strip()[:80]}” is nothing that restora does",
        'it backs up, restores and drills: restora "back up db nightly, keep 30 days"',
    )
