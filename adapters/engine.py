"""Durable workflows on DBOS: what was killed goes on at its first unfinished step when the engine starts again.

DBOS sees text only. Results and errors are wrapped as JSON, so that an error comes out of a resumed workflow as it came
out of the first run, and nothing that lies on disk is ever unpickled."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast

from adapters.engine_text import Outcome, StoppedShort, TextSerializer, of_error, of_text, opened
from adapters.lease_database import DatabaseLease, database_lease
from adapters.state.place import prepare_file, sqlite_path
from policies.errors import Busy, Cancelled, RestoraError, StateError

NAME = "restora"  # with the two below: what makes a new start the heir of every earlier one
EXECUTOR = "controller"
VERSION = "1"
LEASE = "engine"
LISTENER_SECONDS = 0.1  # DBOS joins this thread when it stops, and its idle round costs nothing
STATUS_SECONDS = 0.5
SETTLE_SECONDS = 0.01
RUNNING_SECONDS = (
    5.0  # a body of ours tells when it ends: asking the database meanwhile costs a hundredth of a processor
)
BATCH = 500
UNFINISHED = ["PENDING", "ENQUEUED", "DELAYED"]
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

logger = logging.getLogger(__name__)
_one_per_process = threading.Lock()  # DBOS is one object per process

Work = Callable[[], str]


class _Steps(Protocol):
    def step(self, name: str, work: Work) -> str: ...


class _Leases(Protocol):
    def take(self, *names: str, wait: float = 0.0, holder: str = "") -> AbstractContextManager[Sequence[int]]: ...


Body = Callable[[_Steps, str], str]


class DurableEngine:
    """Workflows in a SQLite file (`sqlite:////path/engine.db`) or PostgreSQL; `concurrency` of them at a time.

    One engine at a time works on a database: it holds the lease `engine`. Failures of the database are StateErrors."""

    def __init__(self, url: str, leases: _Leases, *, concurrency: int = 4) -> None:
        self._url = url
        self._leases = leases
        self._concurrency = concurrency
        self._bodies: dict[str, Body] = {}
        self._workflows: dict[str, Callable[[str], str]] = {}
        self._held = ExitStack()
        self._lease: DatabaseLease | None = None
        self._changed = threading.Condition()
        self._running = 0
        self._last_end = 0.0
        self._started = False
        self._draining = False  # no workflow begins any more
        self._stopping = False  # no step begins any more

    def register(self, name: str, body: Body) -> None:
        """Name a workflow; before `start`. Its body takes every step in its own thread, in the same order each time."""
        if self._started:
            raise StateError(f"workflow {name} was named after the engine had started")
        self._bodies[name] = body

    def start(self) -> None:
        """Open the engine and resume what was left unfinished. Busy: another engine works on this database."""
        if self._started:
            return
        with ExitStack() as stack:
            if not _one_per_process.acquire(blocking=False):
                raise Busy("another engine runs in this process", hint="stop it first", untouched="all workflows")
            stack.callback(_one_per_process.release)
            stack.enter_context(self._leases.take(LEASE, holder="restora"))
            if not sqlite_path(self._url):  # the lock files of other hosts are not ours
                self._lease = stack.enter_context(database_lease(self._url))
            with self._told():
                self._launch()
            self._held = stack.pop_all()
        self._started, self._draining, self._stopping = True, False, False

    def submit(self, name: str, key: str, argument: str) -> None:
        """Run once for this key, in the background; a second submit of the key does nothing, now or after a restart."""
        from dbos import DBOS, SetWorkflowID

        self._must_run()
        if self._draining:
            raise Busy("the engine stops", hint="submit it again when it has started", untouched="all workflows")
        if name not in self._workflows:
            raise StateError(f"no workflow is named {name!r}", hint=f"there is: {', '.join(self._workflows) or 'none'}")
        with self._told(), SetWorkflowID(key):
            DBOS.start_workflow(self._workflows[name], argument)

    def wait(self, key: str, timeout: float | None = None) -> str:
        """Its result; re-raises the workflow's error. Busy after `timeout` seconds; StateError for an unknown key."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (outcome := self._outcome(key)) is None:
            # DBOS writes the outcome a moment after the body has returned
            settling = time.monotonic() - self._last_end < STATUS_SECONDS
            pause = SETTLE_SECONDS if settling else RUNNING_SECONDS if self._running else STATUS_SECONDS
            left = pause if deadline is None else min(pause, deadline - time.monotonic())
            if left <= 0:
                raise Busy(f"{key} has not ended after {timeout:g} s", hint="it goes on; wait for it again")
            with self._changed:
                self._changed.wait(left)
        return opened(outcome)

    def run(self, name: str, key: str, argument: str) -> str:
        """Submit and wait."""
        self.submit(name, key, argument)
        return self.wait(key)

    def pending(self) -> list[str]:
        """Keys of workflows that have not ended, oldest first."""
        return [each.workflow_id for each in self._listed(status=UNFINISHED)]

    def forget_ended(self, before: datetime) -> int:
        """Drop workflows that ended before then, and their steps; how many.

        Their keys would run again: keep them for longer than anybody may submit a key twice."""
        from dbos import DBOS

        gone = 0
        while found := self._listed(status=ENDED, completed_before=before.isoformat(), limit=BATCH):
            with self._told():
                DBOS.delete_workflows([each.workflow_id for each in found])
            gone += len(found)
        return gone

    def stop(self, timeout: float = 0.0, interrupt: Callable[[], None] = lambda: None, patience: float = 0.0) -> None:
        """Begin nothing new; wait this long for running workflows; what is left resumes next time. Idempotent.

        `interrupt` is called when the time is over: it may ask running steps to end with Cancelled, which is not recorded,
        and they get `patience` seconds for it. A step that still runs then goes on unseen; the lease is given back when
        the last of them has ended."""
        from dbos import DBOS

        if not self._started:
            return
        with self._changed:
            self._draining = True
            self._changed.notify_all()
            if timeout > 0:
                self._changed.wait_for(lambda: self._running == 0, timeout)
            self._stopping = True
            self._started = False
            if self._running:
                interrupt()
                self._changed.wait_for(lambda: self._running == 0, patience)
        with self._told():
            DBOS.destroy(destroy_registry=True)
        with self._changed:
            if self._running == 0:
                self._held.close()

    def _launch(self) -> None:
        from dbos import DBOS, Serializer

        _refuse_pickles()
        quiet = logging.getLogger("dbos")
        if not quiet.handlers:
            quiet.addHandler(logging.NullHandler())  # DBOS writes to stderr by itself only where there is no handler
        path = sqlite_path(self._url)
        if path:
            _prepare(path)
        DBOS(
            config={
                "name": NAME,
                "system_database_url": self._url,
                "executor_id": EXECUTOR,
                "application_version": VERSION,
                "serializer": cast(Serializer, TextSerializer()),
                "log_level": "WARNING",
                "enable_otlp": False,
                "use_listen_notify": False,
                "max_executor_threads": self._concurrency + 1,  # one more for DBOS's own short errands
                "notification_listener_polling_interval_sec": LISTENER_SECONDS,
                "scheduler_polling_interval_sec": 3600.0,  # schedules are ours
                "sys_db_pool_size": 3 if path else self._concurrency + 3,
            }
        )
        try:
            self._workflows = {name: self._durable(name, body) for name, body in self._bodies.items()}
            DBOS.launch()
        except BaseException:
            DBOS.destroy(destroy_registry=True)
            raise

    def _durable(self, name: str, body: Body) -> Callable[[str], str]:
        from dbos import DBOS

        def workflow(argument: str) -> str:
            with self._counted():
                if self._draining:
                    raise StoppedShort
                try:
                    return of_text(body(self, argument))
                except RestoraError as error:
                    return of_error(error)
                except Exception as error:  # a defect of the body ends it, or it would be resumed for ever
                    logger.exception("workflow %s failed", name)
                    return of_error(error)

        workflow.__qualname__ = workflow.__name__ = f"workflow_{name}"
        return DBOS.workflow(name=name)(workflow)

    def step(self, name: str, work: Work) -> str:
        """Do `work` once; after a crash the recorded result is returned, an unrecorded one done again.

        Its error is recorded and raised likewise; one that is no RestoraError becomes one, now and after a crash."""
        from dbos import DBOS

        if self._stopping:
            raise StoppedShort
        if self._lease is not None and not self._lease.still_held():
            logger.error("the engine lost its lease on the database: nothing more is begun until it starts again")
            raise StoppedShort
        causes: list[Exception] = []

        def recorded() -> str:
            try:
                return of_text(work())
            except RestoraError as error:
                if self._stopping and isinstance(error, Cancelled):
                    raise StoppedShort from error  # the stop interrupted it: it has no result, the next start does it again
                causes.append(error)
                return of_error(error)
            except Exception as error:  # anything that a step meets must be told the same way after a crash
                logger.exception("step %s failed", name)
                causes.append(error)
                return of_error(error)

        outcome: Outcome = DBOS.run_step({"name": name}, recorded)
        return opened(outcome, causes[0] if causes else None)

    def _outcome(self, key: str) -> Outcome | None:
        """How the workflow ended; None while it has not."""
        found = self._listed(workflow_ids=[key], load_output=True)
        if not found:
            raise StateError(f"no workflow has the key {key!r}", hint="submit it first")
        status, output = found[0].status, found[0].output
        if status == "SUCCESS":
            return str(output)
        if status in UNFINISHED:
            return None
        return of_error(StateError(f"{key} was given up ({status.lower().replace('_', ' ')})", hint="start it anew"))

    def _listed(self, *, load_output: bool = False, **which: Any) -> list[Any]:
        from dbos import DBOS

        self._must_run()
        with self._told():
            return list(DBOS.list_workflows(**which, load_input=False, load_output=load_output))

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._last_end = time.monotonic()
                self._changed.notify_all()
                if self._running == 0 and self._stopping:
                    self._held.close()  # the last step that outlived `stop`

    def _must_run(self) -> None:
        if self._stopping:
            raise Busy("the engine stops", hint="what was left goes on when it starts again")
        if not self._started:
            raise StateError("the engine is not running", hint="start it first")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Failures of the database and of DBOS as StateErrors."""
        from dbos import error as dbos_error
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except (SQLAlchemyError, dbos_error.DBOSException, sqlite3.Error, OSError) as error:
            place = sqlite_path(self._url) or "database of the engine"
            cause = str(getattr(error, "orig", None) or error).splitlines()
            raise StateError(
                f"the {place} can't be used: {cause[0] if cause else type(error).__name__}",
                hint="check that it can be written, then run the same command again",
            ) from error


def _prepare(path: Path) -> None:
    """A file for its owner alone, in WAL mode (it stays with the file): readers and the writer do not wait."""
    prepare_file(path)
    connection = sqlite3.connect(path, timeout=15)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _refuse_pickles() -> None:
    """DBOS unpickles whatever row says that it is pickled, whichever serializer is configured: whoever can write to the
    database could run code here."""
    from dbos._serialization import DefaultSerializer

    def refuse(_serializer: object, _data: str) -> NoReturn:
        raise ValueError("a pickled value was found in the engine's database: it is never read")

    DefaultSerializer.deserialize = refuse  # type: ignore[method-assign, assignment]
