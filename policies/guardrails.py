"""What no plan may do, whoever asks: rules with a code, a message that names the value, and a way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import PurePosixPath

from policies.catalog import Catalog
from policies.dataset import Dataset, FilesDataset, SqliteDataset
from policies.errors import ApprovalRequired, GuardrailViolation
from policies.policy import Policy
from policies.quantity import human_time, parse_rate
from policies.repository import LocalRepository
from policies.retention import Verdict
from policies.run import RunState
from policies.window import Window

ABNORMAL_SHARE, ABNORMAL_COUNT = 0.5, 3


class Severity(StrEnum):
    """A violation forbids the plan; a warning is shown beside it."""

    VIOLATION = "violation"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule. `code` is stable; `subject` is the name of the policy, dataset or repository it is about."""

    code: str
    message: str
    hint: str
    severity: Severity = Severity.VIOLATION
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


def check_policy(name: str, policy: Policy, catalog: Catalog, *, run_seconds: float | None = None) -> list[Violation]:
    """Everything that is wrong with a policy in its catalog, violations first. `run_seconds`: how long a run is expected to take."""
    found = [*_references(name, policy, catalog), *_promises(name, policy, catalog), *_time(name, policy, run_seconds)]
    for dataset in policy.datasets:
        for repository in policy.repositories:
            found += _places(dataset, repository, catalog)
    if len(policy.datasets) != len(set(policy.datasets)) or len(policy.repositories) != len(set(policy.repositories)):
        found.append(Violation("repeated", f"policy {name!r} names something twice", "name each once", subject=name))
    return sorted(found, key=lambda violation: violation.severity is Severity.WARNING)


def enforce(violations: Sequence[Violation]) -> None:
    """Raise GuardrailViolation with all violations; warnings pass."""
    broken = [violation for violation in violations if violation.severity is Severity.VIOLATION]
    if broken:
        raise GuardrailViolation(
            "; ".join(violation.message for violation in broken),
            hint="; ".join(dict.fromkeys(violation.hint for violation in broken if violation.hint)),
            untouched="nothing was changed",
        )


def check_removal(verdicts: Sequence[Verdict], *, approved: bool = False) -> None:
    """Raise GuardrailViolation where more than half of the points, and more than three, would go at once without approval."""
    gone = sum(not verdict.keep for verdict in verdicts)
    if not approved and gone > ABNORMAL_COUNT and gone > ABNORMAL_SHARE * len(verdicts):
        raise GuardrailViolation(
            f"retention would remove {gone} of {len(verdicts)} recovery points at once: that is not how points age",
            hint="restora snapshots --why shows them; if it is meant: restora run POLICY --approve-removal",
            untouched=f"all {len(verdicts)} recovery points",
        )


def check_forget(newest: RunState, *, check_passed: bool, subject: str = "") -> None:
    """Raise GuardrailViolation unless the newest run is proven good and the repository's last check passed: nothing old goes
    before the new one is proven."""
    if newest is not RunState.SUCCEEDED or not check_passed:
        what = (
            f"the newest run ended as {newest.value}"
            if newest is not RunState.SUCCEEDED
            else "the repository's last check failed"
        )
        raise GuardrailViolation(
            f"nothing is forgotten{f' of {subject}' if subject else ''}: {what}",
            hint="restora status shows the cause; after the next good run retention goes on by itself",
            untouched="all recovery points",
        )


def check_in_place(target: str, approved_for: str | None) -> None:
    """Raise ApprovalRequired unless the approval names exactly the object that an in-place restore overwrites."""
    if approved_for != target:
        given = f"the approval names {approved_for!r}" if approved_for else "there is no approval"
        raise ApprovalRequired(
            f"restoring in place overwrites {target!r}: {given}",
            hint=f"repeat it with --approve {target}, or leave out --in-place to restore to a safe place",
            untouched=f"{target!r} is as it was",
        )


def window_length(window: Window) -> timedelta:
    """Its length on a day without clock change."""
    start, until = (timedelta(hours=at.hour, minutes=at.minute) for at in (window.start, window.until))
    return until - start if until > start else until - start + timedelta(days=1)


def contains(folder: str, path: str) -> bool:
    """Whether `path` is `folder` or lies below it (both absolute, compared as written, `..` and doubled slashes resolved)."""
    return _plain(path).is_relative_to(_plain(folder))


def _plain(path: str) -> PurePosixPath:
    parts: list[str] = []
    for part in PurePosixPath(path).parts[1:]:
        if part == "..":
            parts[-1:] = []
        else:
            parts.append(part)
    return PurePosixPath("/", *parts)


def sources(dataset: Dataset) -> tuple[str, ...]:
    """The paths on this host that a dataset is read from; none for a database server."""
    if isinstance(dataset, FilesDataset):
        return dataset.paths
    return (dataset.path,) if isinstance(dataset, SqliteDataset) else ()


def _references(name: str, policy: Policy, catalog: Catalog) -> list[Violation]:
    unknown = [(word, "dataset") for word in policy.datasets if word not in catalog.datasets]
    unknown += [(word, "repository") for word in policy.repositories if word not in catalog.repositories]
    return [
        Violation("unknown", f"{word!r} is no {what} of restora.yaml", "define it, or name another", subject=name)
        for word, what in unknown
    ]


def _promises(name: str, policy: Policy, catalog: Catalog) -> list[Violation]:
    found = []
    known = {
        dataset: catalog.datasets[dataset].objectives.rpo for dataset in policy.datasets if dataset in catalog.datasets
    }
    promises = [
        (policy.rpo, f"policy {name!r} promises"),
        *((rpo, f"dataset {dataset!r} wants") for dataset, rpo in known.items()),
    ]
    for rpo, who in promises:
        if rpo and rpo.delta() < policy.schedule.every.delta():
            message = f"{who} to lose at most {rpo}, and policy {name!r} runs only every {policy.schedule.every}"
            found.append(Violation("rpo.period", message, "run more often than that, or promise less", subject=name))
    if policy.verification.drill_every is None:
        message = f"policy {name!r} never restores anything to prove that it comes back"
        found.append(Violation("drill.never", message, "set verification.drill_every", Severity.WARNING, name))
    if policy.bandwidth:
        try:
            parse_rate(policy.bandwidth)
        except ValueError as error:
            found.append(Violation("bandwidth", str(error), "write it as in 5MB/s or 20Mbit/s", subject=name))
    return found


def _time(name: str, policy: Policy, run_seconds: float | None) -> list[Violation]:
    found = []
    if policy.window:
        length = window_length(policy.window)
        if run_seconds is not None and run_seconds > length.total_seconds():
            message = f"window {policy.window} is {human_time(length.total_seconds())} long, a run takes {human_time(run_seconds)}"
            found.append(Violation("window.short", message, "widen the window, or split the dataset", subject=name))
        if not policy.schedule.is_subdaily:
            outside = [at for at in policy.schedule.at if not _open_at(policy.window, at.hour * 60 + at.minute)]
            found += [
                Violation(
                    "window.at",
                    f"{at:%H:%M} lies outside window {policy.window}",
                    "move the time into the window",
                    subject=name,
                )
                for at in outside
            ]
    return found


def _open_at(window: Window, minute: int) -> bool:
    start, until = (at.hour * 60 + at.minute for at in (window.start, window.until))
    return start <= minute < until if start < until else minute >= start or minute < until


def _places(dataset_name: str, repository_name: str, catalog: Catalog) -> list[Violation]:
    dataset, repository = catalog.datasets.get(dataset_name), catalog.repositories.get(repository_name)
    if dataset is None or repository is None:
        return []
    found = []
    excluded = dataset.exclude if isinstance(dataset, FilesDataset) else ()
    for source in sources(dataset):
        if isinstance(repository, LocalRepository):
            place = repository.path
            if contains(source, place) and not any(
                entry.startswith("/") and contains(entry, place) for entry in excluded
            ):
                message = f"repository {repository_name!r} ({place}) lies inside dataset {dataset_name!r} ({source}): it would save itself"
                found.append(
                    Violation(
                        "repository.inside",
                        message,
                        f"move the repository, or exclude {place}",
                        subject=repository_name,
                    )
                )
            elif contains(place, source):
                message = f"dataset {dataset_name!r} ({source}) lies inside repository {repository_name!r} ({place})"
                found.append(
                    Violation("dataset.inside", message, "keep data and repository apart", subject=repository_name)
                )
            elif _same_disk(source, place, dataset, repository):
                message = (
                    f"repository {repository_name!r} and dataset {dataset_name!r} may share a disk: its loss takes both"
                )
                hint = "add a repository elsewhere, or name the repository's mount"
                found.append(Violation("repository.same-disk", message, hint, Severity.WARNING, repository_name))
        secret = repository.password.file
        if secret and contains(source, secret):
            message = (
                f"the password of {repository_name!r} ({secret}) lies in dataset {dataset_name!r}:"
                " lost with it, the copies can't be read"
            )
            hint = "keep a copy of the password elsewhere, and of the recovery key that restora init made"
            found.append(Violation("password.inside", message, hint, Severity.WARNING, repository_name))
    return found


def _same_disk(source: str, place: str, dataset: Dataset, repository: LocalRepository) -> bool:
    """Whether they may lie on one disk, as far as paths can tell: neither says that it is a mount of its own."""
    if repository.mount and not contains(repository.mount, source):
        return False
    mounts = dataset.mounts if isinstance(dataset, FilesDataset) else ()
    return not any(contains(mount, source) and not contains(mount, place) for mount in mounts)
