"""The first minutes on a host: find its data, write restora.yaml, make password, repository and state; or rebuild the state.

Everything may be repeated: what is there already is left as it is and said to be there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator import ledger
from orchestrator.assemble import upkeep
from orchestrator.wiring import Application
from policies.capture import Candidate
from policies.catalog import Site
from policies.errors import ConfigurationError, RestoraError, UsageError
from policies.repository import LocalRepository, Repository, S3Repository
from policies.run import ORDER, RunRecord, RunState, Trigger
from policies.secret import SecretReference
from policies.snapshot import TAG_POLICY, RecoveryPoint, recovery_points


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that init did or found done. `ok` false: it could not be done, `text` says why and what then."""

    what: str
    text: str
    ok: bool = True


def discover(folders: Sequence[Path], paths: Sequence[Path]) -> list[Candidate]:
    """Databases and data on this host, as datasets ready for restora.yaml."""
    from adapters.sources.discover import discover as look

    for path in (*folders, *paths):
        if not path.exists():
            raise UsageError(
                f"{path} does not exist", hint="name folders and paths that are there", untouched="nothing was written"
            )
    return look([folder.absolute() for folder in folders], [path.absolute() for path in paths])


def write_configuration(application: Application, repository: str, candidates: Sequence[Candidate]) -> Step:
    """restora.yaml with what was found, and a password for the repository; an existing file stays as it is."""
    from adapters.configuration.starter import starter
    from adapters.host import hostname, local_timezone

    settings = application.settings
    if settings.config.exists():
        return Step("configuration", f"{settings.config} is there already and stays as it is")
    password = make_secret(
        settings.secrets / "local.password" if "://" not in repository else settings.secrets / "s3.password"
    )
    name, place = described(repository or str(settings.data / "repository"), password)
    site = Site(name=hostname(), timezone=local_timezone())
    text = starter({name: place}, candidates, site=site)
    settings.config.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_new(settings.config, text, 0o644)
    application.forget_catalog()
    return Step("configuration", f"wrote {settings.config} with {len(candidates)} datasets")


def described(text: str, password: Path) -> tuple[str, Repository]:
    """A repository's name and facts from a folder or `s3://bucket/prefix` (endpoint from `?endpoint=URL&region=R`)."""
    from urllib.parse import parse_qs

    reference = SecretReference(file=str(password))
    if "://" not in text:
        return "local", LocalRepository(kind="local", path=str(Path(text).expanduser().absolute()), password=reference)
    parts = urlsplit(text)
    if parts.scheme != "s3" or not parts.netloc:
        raise UsageError(
            f"{text!r} is no repository",
            hint="write a folder, or s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION",
        )
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    keys = {
        field: SecretReference(environment=variable)
        for field, variable in (("access_key", "AWS_ACCESS_KEY_ID"), ("secret_key", "AWS_SECRET_ACCESS_KEY"))
        if os.environ.get(variable)
    }
    extra = {key: query[key] for key in ("endpoint", "region") if key in query}
    return "s3", S3Repository(
        kind="s3",
        bucket=parts.netloc,
        prefix=parts.path.strip("/"),
        password=reference,
        offsite=True,
        create_bucket=True,
        **keys,
        **extra,
    )


def make_secret(path: Path) -> Path:
    """A password of 256 random bits in a file of mode 0600; one that is there stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _write_new(path, secrets.token_urlsafe(32) + "\n", 0o600)
    return path


def make_repositories(application: Application) -> list[Step]:
    """Every configured repository, made where it is not there yet, each with its recovery key."""
    steps = []
    for name, config in application.catalog.repositories.items():
        try:
            if isinstance(config, S3Repository):
                bucket = application.bucket(name)
                if config.create_bucket:
                    bucket.create(application.clock.now())
                bad = [str(finding) for finding in bucket.check(application.clock.now()) if not finding.ok]
                steps += [Step(f"bucket {config.bucket}", text, ok=False) for text in bad]
            made = application.repository(name).initialise()
            steps.append(
                Step(f"repository {name}", f"made at {config.location}" if made else f"is there at {config.location}")
            )
        except RestoraError as error:
            steps.append(
                Step(f"repository {name}", f"{error.message}" + (f" → {error.hint}" if error.hint else ""), ok=False)
            )
    if any(step.ok for step in steps):
        keys = ", ".join(str(application.recovery_key(name)) for name in application.catalog.repositories)
        steps.append(
            Step(
                "recovery keys",
                f"{keys}: keep a copy away from this host; without it or the password nothing comes back",
            )
        )
    return steps


def rebuild(application: Application) -> list[Step]:
    """A new state from repositories and restora.yaml; the old one is set aside, never deleted."""
    from adapters.state.rebuild import set_aside

    aside = (
        set_aside(application.settings.state_url, application.clock.now()) if application.state_is_embedded() else None
    )
    steps = [Step("old state", f"set aside as {aside}")] if aside else []
    for name in application.catalog.repositories:
        try:
            found = recovery_points(name, upkeep(application, name).refresh())
        except RestoraError as error:
            steps.append(Step(f"repository {name}", error.message, ok=False))
            continue
        ours = [point for point in found if point.dataset]
        for point in reversed(ours):
            _remember(application, point)
        steps.append(
            Step(
                f"repository {name}",
                f"{len(ours)} recovery points of {len({p.dataset for p in ours})} datasets found again",
            )
        )
    for policy in application.catalog.policies:
        application.state.put_note(f"since:{policy}", application.clock.now().isoformat())
    ledger.note(application.state, application.clock, "rebuild", {"steps": [step.text for step in steps]})
    return steps


def _remember(application: Application, point: RecoveryPoint) -> None:
    """A recovery point as the run that left it: it was complete, and nothing else is known of it."""
    policy = point.parts[0].tag(TAG_POLICY) or ""
    record = RunRecord(
        id=point.id, key=f"{policy}@rebuilt!{point.id}", policy=policy, dataset=point.dataset, repository=point.repository,
        state=RunState.QUEUED, trigger=Trigger.SCHEDULE, due=point.time, started=point.time, snapshots=tuple(p.id for p in point.parts),
        files=point.files, bytes=point.bytes, reason="found again in the repository",
    )  # fmt: skip
    if application.state.add_run(record):
        application.state.update_run(replace(record, state=ORDER[-1]))
        application.state.update_run(replace(record, state=RunState.SUCCEEDED, ended=point.time))


def took_effect(application: Application, names: Sequence[str], moment: datetime) -> None:
    """Note from when on the slots of policies count."""
    for name in names:
        application.state.put_note(f"since:{name}", moment.isoformat())


def _write_new(path: Path, text: str, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}", hint="use --home DIR, or make the folder writable"
        ) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
