"""The only place where adapters are made. Everything is made when it is first asked for, so that a command loads no more
than it uses."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.run_drill import Place
from orchestrator.settings import Settings
from policies.catalog import Catalog
from policies.dataset import FilesDataset, PostgresDataset
from policies.duration import Duration
from policies.errors import ConfigurationError, SourceError
from policies.larger_model import LocalModel
from policies.policy import Policy
from policies.repository import S3Repository
from policies.retention import Retention
from policies.schedule import Schedule

if TYPE_CHECKING:
    from adapters.engine import DurableEngine
    from adapters.feedback import CorrectionFile
    from adapters.lease import FileLeases
    from adapters.models import ModelStore
    from adapters.notify import Notifier
    from adapters.object_store import S3Bucket
    from adapters.redaction import Redactor
    from adapters.restic.repository import ResticRepository
    from adapters.sandbox import Sandbox
    from adapters.secrets import SecretReader
    from adapters.state.store import StateStore
    from orchestrator.ports import Clock, SourcePort
    from orchestrator.reading import Read
    from policies.language_model import LanguageModel


SAFETY_POLICY = "safety"  # the policy of safety copies and single backups of datasets that none protects


class Application:
    """One installation, wired. `clock` may be another than the system's in simulations."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.cancel = threading.Event()
        self._clock = clock
        self.simulated = clock is not None  # snapshots carry its time

    @classmethod
    def open(cls, *, home: Path | None = None, config: Path | None = None) -> Application:
        """The installation in force; nothing is read or made yet."""
        return cls(Settings.find(home, config))

    @property
    def clock(self) -> Clock:
        if self._clock is None:
            from adapters.clock import SystemClock

            self._clock = SystemClock()
        return self._clock

    @cached_property
    def catalog(self) -> Catalog:
        """restora.yaml, validated; ConfigurationError with every problem, or with the way to make one."""
        return self.read_catalog()

    def read_catalog(self) -> Catalog:
        """restora.yaml as it lies there now, validated; what is in force stays in force."""
        from adapters.configuration import load

        if not os.path.lexists(self.settings.config):
            raise ConfigurationError(
                f"there is no {self.settings.config}",
                hint="restora init writes one; --home or --config point elsewhere",
            )
        return load(self.settings.config)

    def adopt_catalog(self, catalog: Catalog) -> Catalog:
        """Put a validated catalog in force: one that was remembered for the bytes of restora.yaml, or read from it."""
        self.__dict__["catalog"] = catalog
        return catalog

    def forget_catalog(self) -> None:
        """Read restora.yaml again at the next use."""
        self.__dict__.pop("catalog", None)

    @cached_property
    def state(self) -> StateStore:
        from adapters.state.store import StateStore

        self.settings.make_folders()
        return StateStore(self._state_url())

    def state_is_embedded(self) -> bool:
        """Whether the state is the file in the state folder; a shared one is named near the top of restora.yaml."""
        said = self.config_bytes()
        return bool(said) and b"\nstate:" not in b"\n" + said

    def config_bytes(self) -> bytes:
        """What stands in restora.yaml, unread; nothing where there is no such file."""
        path = self.settings.config
        try:
            return path.read_bytes() if path.is_file() else b""
        except OSError as error:
            raise ConfigurationError(f"{path} can't be read: {error.strerror}", hint=f"ls -l {path}") from error

    def _state_url(self) -> str:
        return self.catalog.state or self.settings.state_url

    @cached_property
    def leases(self) -> FileLeases:
        from adapters.lease import FileLeases

        self.settings.make_folders()
        return FileLeases(self.settings.leases, self.clock)

    @cached_property
    def engine(self) -> DurableEngine:
        from adapters.engine import DurableEngine

        self.settings.make_folders()
        return DurableEngine(self.catalog.state or self.settings.engine_url, self.leases)

    @cached_property
    def secrets(self) -> SecretReader:
        from adapters.process import run
        from adapters.secrets import SecretReader

        return SecretReader(run)

    @cached_property
    def redactor(self) -> Redactor:
        from adapters.redaction import Redactor

        return Redactor(self.secrets.known)

    @cached_property
    def corrections(self) -> CorrectionFile:
        """What people said when they were read wrongly."""
        from adapters.feedback import CorrectionFile

        return CorrectionFile(self.settings.feedback)

    @cached_property
    def read(self) -> Read:
        """Reads requests in words, with the active model. Raises the error of `reading.without_words` where restora.yaml says that
        none are read, or where there is nothing to read with; that another model had to be taken is logged, once."""
        from orchestrator.reading import LOGGER, open_reader

        opened = open_reader(self)
        if opened.warning:
            LOGGER.warning(opened.warning)
        return opened.read

    @cached_property
    def models(self) -> ModelStore:
        """Models of the reader that were trained here."""
        from adapters.models import ModelStore

        return ModelStore(self.settings.models)

    @cached_property
    def sandbox(self) -> Sandbox:
        from adapters.sandbox import Sandbox

        return Sandbox(self.settings.scratch / "drills", server_bin=self.catalog.tools.postgres_server_bin)

    def policy(self, name: str) -> Policy:
        """A policy in force; for copies of what none protects, one that keeps everything."""
        found = self.catalog.policies.get(name)
        if found is None and name == SAFETY_POLICY:
            return Policy(
                datasets=tuple(self.catalog.datasets), repositories=tuple(self.catalog.repositories),
                schedule=Schedule(every=Duration(1, "h")), retention=Retention(forever=True),
            )  # fmt: skip
        if found is None:
            raise ConfigurationError(
                f"{name!r} is no policy any more", hint=f"there is: {', '.join(self.catalog.policies) or 'none'}"
            )
        return found

    @property
    def host(self) -> str:
        """The stable host name that snapshots carry."""
        return self.catalog.site.name or socket.gethostname()

    def repository(self, name: str, keep_fds: Callable[[], Sequence[int]] = lambda: ()) -> ResticRepository:
        """One repository; its restic children inherit the descriptors."""
        from adapters.restic.repository import ResticRepository

        known = self.catalog.repositories
        if name not in known:
            raise ConfigurationError(
                f"{name!r} is no repository", hint=f"there is: {', '.join(known) or 'none; restora init'}"
            )
        config = known[name]
        in_s3 = isinstance(config, S3Repository)
        return ResticRepository(
            name, config, lambda: self.secrets.read(config.password), restic=self.catalog.tools.restic,
            cache_dir=self.settings.cache / "restic", scratch=self.settings.scratch / "restic" / name, keep_fds=keep_fds,
            cancel=self.cancel,
            credentials=lambda: self.credentials(name), recovery_key_file=self.recovery_key(name),
            bucket_exists=(lambda: self.bucket(name).exists()) if in_s3 else None,
            lock_times=(lambda: self.bucket(name).written("locks", self.clock.now())) if in_s3 else None,
            explain=(lambda: self.bucket(name).probe()) if in_s3 else None,
        )  # fmt: skip

    def credentials(self, repository: str) -> Mapping[str, str]:
        """Environment that the repository's transport needs, secrets included: only ever handed to a child process."""
        config = self.catalog.repositories[repository]
        if not isinstance(config, S3Repository):
            return {}
        return self.bucket(repository).environment()

    def bucket(self, repository: str) -> S3Bucket:
        """The bucket behind an S3 repository."""
        from adapters.object_store import Credentials, S3Bucket

        config = self.catalog.repositories[repository]
        if not isinstance(config, S3Repository):
            raise ConfigurationError(f"repository {repository!r} is not in S3")
        keys = None
        if config.access_key and config.secret_key:
            keys = Credentials(self.secrets.read(config.access_key), self.secrets.read(config.secret_key))
        return S3Bucket(config, keys)

    def recovery_key(self, repository: str) -> Path:
        """File of a repository's second key."""
        return self.settings.secrets / f"{repository}.recovery-key"

    @contextmanager
    def drill_place(self, dataset: str) -> Iterator[Place]:
        """A registered scratch place for a drill of a dataset; for PostgreSQL with a throw-away server of its major version."""
        from adapters.sources.open import open_source

        config = self.catalog.datasets[dataset]
        with self.sandbox.scratch("drill") as folder:
            if not isinstance(config, PostgresDataset):
                target = folder / ("restored" if isinstance(config, FilesDataset) else "database")
                yield Place(folder, self.source(dataset), str(target), in_place=False)
                return
            with self.sandbox.postgres(self._major(dataset)) as server:
                own = server.model_copy(update={"databases": config.databases})
                yield Place(folder, open_source(dataset, own, self.secrets.read, self.catalog.tools), "", in_place=True)

    def _major(self, dataset: str) -> int:
        """Major version of the server behind a dataset: asked, or where it is gone as it was last seen."""
        from adapters.sources.postgres import PostgresSource

        source = self.source(dataset)
        assert isinstance(source, PostgresSource)  # noqa: S101  the caller chose by the dataset's kind
        note = f"major:{dataset}"
        try:
            major = source.major()
        except SourceError:
            known = self.state.note(note)
            if known is None:
                raise
            return int(known)
        self.state.put_note(note, str(major))
        return major

    def tamper(self, kind: str, place: Place, facts: Mapping[str, str]) -> str:
        """Damage a drill's copy on purpose; how, in words."""
        from adapters.sources import tamper
        from adapters.sources.postgres import PostgresSource

        if isinstance(place.source, PostgresSource):
            return tamper.tamper_postgres(place.source, facts)
        return tamper.tamper_sqlite(place.target) if kind == "sqlite" else tamper.tamper_files(place.target, facts)

    @cached_property
    def notifier(self) -> Notifier:
        """Sends messages through the channels of restora.yaml."""
        from adapters.notify import Notifier
        from adapters.process import run

        return Notifier(self.secrets, run, mask=self.redactor, host=self.host)

    @cached_property
    def larger_model(self) -> LanguageModel | None:
        """The larger language model of restora.yaml; none unless one is configured. It is loaded or reached at its first use."""
        config = self.catalog.llm
        if config is None:
            return None
        if isinstance(config, LocalModel):
            from planner.language.causal import CausalModel

            return CausalModel(config)
        from adapters.language_server import LanguageServer

        place = config.key
        return LanguageServer(config, key=(lambda: self.secrets.read(place)) if place else None, mask=self.redactor)

    def source(self, dataset: str) -> SourcePort:
        """The data of one dataset."""
        from adapters.sources.open import open_source

        known = self.catalog.datasets
        if dataset not in known:
            raise ConfigurationError(
                f"{dataset!r} is no dataset", hint=f"there is: {', '.join(known) or 'none; restora init'}"
            )
        return open_source(dataset, known[dataset], self.secrets.read, self.catalog.tools)

    @property
    def program(self) -> str:
        """How this program is called, for units and hints."""
        return str(Path(sys.argv[0]).absolute()) if sys.argv[0] else "restora"
