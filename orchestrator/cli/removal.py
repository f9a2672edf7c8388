"""Old snapshots removed on request: what retention no longer keeps, shown, approved, then removed."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.cli.answer import Answer
from orchestrator.cli.present import confirm, escape
from orchestrator.retain_now import Due, due_now, remove
from orchestrator.wiring import Application
from planner.language.asking import pick
from planner.language.explain import duration


def carry_out(
    application: Application, out: Answer, datasets: Sequence[str], older_than: str | None, *, dry_run: bool
) -> None:
    """Show what would go and what stays, ask, remove; what came of it goes to `out`."""
    found = due_now(application, datasets, older_than)
    for due in found:
        out.say(*_lines(due, older_than, out.language))
    going = [due for due in found if due.ids]
    if not going:
        out.say(pick(out.language, "Nothing is due: nothing was removed.", "没有可以删除的快照,没有删除任何内容。"))
    elif dry_run:
        out.say(pick(out.language, "Dry run: nothing was removed.", "试运行:没有删除任何内容。"))
    else:
        count = sum(len(due.ids) for due in going)
        question = pick(out.language, f"Remove {count} snapshots? [y]es, [n]o", f"删除 {count} 个快照吗?[y] 是,[n] 否")
        if confirm(out.invocation, question) != "y":
            out.say(pick(out.language, "Nothing was removed.", "没有删除任何内容。"))
            going = []
    for due in going if not dry_run else ():
        done = remove(application, due, older_than)
        where = escape(f"{due.place[1]} / {due.place[2]}")
        en, zh = f"[green]Removed[/] {len(done.ids)}: {where}", f"[green]已删除[/] {len(done.ids)} 个:{where}"
        out.say(pick(out.language, en, zh))
    places = [{"policy": d.place[0], "dataset": d.place[1], "repository": d.place[2], "due": list(d.ids), "kept": d.kept,
               "warning": d.warning} for d in found]  # fmt: skip
    out.add("forget", places=places, removed=bool(going) and not dry_run, dry_run=dry_run)


def _lines(due: Due, older_than: str | None, language: str) -> list[str]:
    where = escape(f"{due.place[1]} / {due.place[2]}")
    lines = [
        pick(
            language, f"{where}: {len(due.ids)} snapshots that retention of policy {escape(due.place[0])} no longer keeps",
            f"{where}:{len(due.ids)} 个快照已不在策略 {escape(due.place[0])} 的保留范围内",
        )
    ]  # fmt: skip
    if due.kept and older_than:
        en = f"  {due.kept} older than {duration(older_than)} stay: retention keeps them (restora snapshots --why)"
        zh = f"  {due.kept} 个早于{duration(older_than, 'zh')}的快照会留下:保留规则需要它们(restora snapshots --why)"
        lines.append(pick(language, en, zh))
    if due.warning:
        lines.append(f"  [yellow]{escape(due.warning)}[/]")
    return lines
