"""Check a repository now, because a person asks."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator import ledger
from orchestrator.assemble import upkeep
from orchestrator.ports import OnProgress
from orchestrator.wiring import Application
from policies.errors import UsageError


@dataclass(frozen=True, slots=True)
class Checked:
    """`what` was looked at, in words; `problem` is empty where it is sound."""

    what: str
    problem: str


def check_now(application: Application, repository: str, read: str | None, progress: OnProgress) -> Checked:
    """Check structure, and of the data nothing, `all` or a percentage (`10%`: the next tenth in turn)."""
    part = _part(application, repository, read)
    with application.leases.take(f"repository:{repository}", wait=600.0, holder=f"check of {repository}") as held:
        problem = upkeep(application, repository, lambda: held).check(part, progress)
    what = "structure" + (f" and part {part[0]} of {part[1]} of the data" if part else "")
    ledger.note(
        application.state, application.clock, "check", {"repository": repository, "what": what, "problem": problem}
    )
    return Checked(what, problem)


def _part(application: Application, repository: str, read: str | None) -> tuple[int, int] | None:
    if not read:
        return None
    if read == "all":
        return (1, 1)
    share = float(read.removesuffix("%"))
    if not 0 < share <= 100:
        raise UsageError(f"{read} of the data can't be read", hint="name a share between 1% and 100%")
    total = max(1, round(100 / share))
    note = f"read-by-hand:{repository}:{total}"
    number = int(application.state.note(note) or "0") % total + 1
    application.state.put_note(note, str(number))
    return (number, total)
