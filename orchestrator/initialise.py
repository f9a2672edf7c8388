"""The first minutes on a host: find its data, write restora.yaml, make password, repository and state.

Everything may be repeated: what is there already is left as it is and said to be there."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator.wiring import Application
from policies.capture import Candidate
from policies.catalog import Site
from policies.errors import ConfigurationError, RestoraError, UsageError
from policies.repository import LocalRepository, Repository, S3Repository
from policies.secret import SecretReference


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that init did or found done. `ok` false: it could not be done, `text` says why and what then, and
    `exit_code` of which class that is."""

    what: str
    text: str
    ok: bool = True
    exit_code: int = 0

    @classmethod
    def failed(cls, what: str, error: RestoraError) -> Step:
        """A step that ended in this error."""
        hint = f" → {error.hint}" if error.hint else ""
        return cls(what, error.message + hint, ok=False, exit_code=error.exit_code)


def discover(folders: Sequence[Path], paths: Sequence[Path]) -> list[Candidate]:
    """Databases and data on this host, as datasets ready for restora.yaml."""
    from adapters.sources.discover import discover as look

    for path in (*folders, *paths):
        if not path.exists():
            raise UsageError(
                f"{path} does not exist", hint="name folders and paths that are there", untouched="nothing was written"
            )
    return look([folder.absolute() for folder in folders], [path.absolute() for path in paths])


def write_configuration(
    application: Application, repository: str, candidates: Sequence[Candidate], *, unused: Sequence[str] = ()
) -> Step:
    """restora.yaml with what was found, and a password for the repository; an existing file stays as it is, and
    `unused` are the options that say nothing then."""
    from adapters.configuration.starter import starter
    from adapters.host import hostname, local_timezone

    settings = application.settings
    if settings.config.exists():
        left = f"; {', '.join(unused)} changes nothing in it: edit the file" if unused else ""
        return Step("configuration", f"{settings.config} is there already and stays as it is{left}")
    name = "local" if "://" not in repository else "s3"
    password = settings.secrets / f"{name}.password"
    place = described(repository or str(settings.data / "repository"), password)
    site = Site(name=hostname(), timezone=local_timezone())
    text = starter({name: place}, candidates, site=site)
    # the password first: a file that names a password which is not there would be no beginning
    make_secret(password)
    _make_folder(settings.config.parent)
    _write_new(settings.config, text, 0o644)
    application.forget_catalog()
    return Step("configuration", f"wrote {settings.config} with {len(candidates)} datasets")


def described(text: str, password: Path) -> Repository:
    """A repository's facts from a folder or `s3://bucket/prefix` (endpoint from `?endpoint=URL&region=R`).

    UsageError for what can't become one: a file, a folder that holds something else, a bucket's name that is none."""
    from urllib.parse import parse_qs

    reference = SecretReference(file=str(password))
    if "://" not in text:
        return LocalRepository(kind="local", path=str(_free_folder(text)), password=reference)
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that are no address
        parts = urlsplit("")
    if parts.scheme != "s3" or not re.fullmatch(r"[A-Za-z0-9][\w.\-]{1,61}[A-Za-z0-9]", parts.netloc):
        raise UsageError(
            f"{_without_password(text)!r} is no repository",
            hint="write a folder, or s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION",
            untouched="nothing was written",
        )
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    keys = {
        field: SecretReference(environment=variable)
        for field, variable in (("access_key", "AWS_ACCESS_KEY_ID"), ("secret_key", "AWS_SECRET_ACCESS_KEY"))
        if os.environ.get(variable)
    }
    extra = {key: query[key] for key in ("endpoint", "region") if key in query}
    return S3Repository(
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
    _make_folder(path.parent)
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
                found = bucket.create(application.clock.now()) if config.create_bucket else []
                bucket.probe()
                found = found or bucket.check(application.clock.now())
                bad = [str(finding) for finding in found if not finding.ok]
                steps += [Step(f"bucket {config.bucket}", text, ok=False, exit_code=4) for text in bad]
            made = application.repository(name).initialise()
            steps.append(
                Step(f"repository {name}", f"made at {config.location}" if made else f"is there at {config.location}")
            )
        except RestoraError as error:
            steps.append(Step.failed(f"repository {name}", error))
    there = [place for name in application.catalog.repositories if (place := application.recovery_key(name)).exists()]
    if there:
        keys = ", ".join(map(str, there))
        steps.append(
            Step(
                "recovery keys",
                f"{keys}: keep a copy away from this host; without it or the password nothing comes back",
            )
        )
    return steps


def _free_folder(text: str) -> Path:
    """The folder of a repository to be: new, empty, or one that restic made."""
    place = Path(text).expanduser().absolute()
    why = ""
    try:
        inside = {entry.name for entry in place.iterdir()} - {"lost+found"} if place.is_dir() else set()
        if place.exists() and not place.is_dir():
            why = "is a file"
        elif inside and not inside & {"config", "keys"}:
            why = "holds other things already"
    except (OSError, ValueError) as error:
        why = f"can't be looked into ({getattr(error, 'strerror', '') or error})"
    if why:
        raise UsageError(
            f"{place} {why}: it can be no repository",
            hint="name a new or empty folder: restora init --repository FOLDER",
            untouched="nothing was written",
        )
    return place


def _without_password(text: str) -> str:
    return re.sub(r"//[^/@]*@", "//***@", text)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"the folder {folder} cannot be made: {error.strerror}",
            hint="use --home DIR, or make the folder above it writable",
            untouched="nothing was written",
        ) from error


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
