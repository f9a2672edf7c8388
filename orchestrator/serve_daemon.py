"""The daemon's process: one controller, the alarm clock, drills in quiet moments, and a stop that loses nothing.

At a stop nothing new begins; what runs gets `grace` seconds to end, and what is left is resumed by the next start from its last
finished step, as after a kill."""

from __future__ import annotations

import logging
import os
import random
import signal
import threading
from collections.abc import Callable

from orchestrator import ledger
from orchestrator.assemble import controller
from orchestrator.controller import Controller
from orchestrator.daemon import Daemon, counted
from orchestrator.drilling import keep_drilling
from orchestrator.run_now import take_requests
from orchestrator.scheduler import Alarm
from orchestrator.startup import clean_up
from orchestrator.wiring import Application
from planner.difference import difference
from policies.catalog import Catalog
from policies.errors import Busy
from policies.run import RunRecord

log = logging.getLogger("restora.daemon")

JITTER = 30.0
PATIENCE = 25.0  # restic gets 20 s between SIGINT and SIGKILL
TAKE_OVER_EVERY = 5.0
NUDGE_EVERY = 15.0
ENGINE = "engine"  # the lease of whoever carries out runs


def serve(application: Application, *, grace: float = 60.0) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    reload = Reload(application)
    catalog = application.catalog  # what is wrong with it is told before anything begins
    running = controller(application)
    left = _take_over(application, running, stop)
    if left is None:
        return 0
    for what in clean_up(application):
        log.info("left behind by an earlier process and removed: %s", what)
    if left:
        log.info("%s resumed: %s", counted(len(left), "unfinished run is", "unfinished runs are"), _named(left))
    daemon = Daemon(
        running, application.state, application.clock, catalog, load=reload, requests=take_requests,
        jitter=_jitter(),
    )  # fmt: skip
    alarm = Alarm(daemon, application.clock)
    drills = threading.Thread(target=keep_drilling, args=(application, stop), name="drills", daemon=True)
    log.info(
        "restora daemon at work: %s, time zone %s",
        counted(len(catalog.policies), "policy", "policies"),
        catalog.site.timezone,
    )
    alarm.start()
    drills.start()
    while not stop.wait(NUDGE_EVERY):
        alarm.nudge()
    log.info("stopping: nothing new begins, what runs has %.0f s", grace)
    alarm.stop()
    # What does not end in time is asked to end: restic then takes its lock away, and the next start does the step again.
    application.engine.stop(timeout=grace, interrupt=application.cancel.set, patience=PATIENCE)
    application.cancel.set()
    drills.join(PATIENCE)
    unfinished = application.state.runs(unfinished=True, limit=1000)
    if unfinished:
        log.info("%s on at the next start: %s", counted(len(unfinished), "run goes", "runs go"), _named(unfinished))
    log.info("stopped")
    if unfinished or drills.is_alive():
        logging.shutdown()
        # Leave as a kill would: what runs must stay unfinished, not be recorded as failed. A restic that goes on keeps its
        # lease; the next start waits for it and finds its snapshot.
        os._exit(0)
    return 0


def _take_over(application: Application, running: Controller, stop: threading.Event) -> list[RunRecord] | None:
    """Become the one controller of this installation; None when a stop came first. `restora run` may be at work here: a
    daemon that gave up then would be missing all night."""
    told = ""
    while True:
        try:
            return running.start()
        except Busy as error:
            holder = str(application.leases.holder(ENGINE) or error.message)
            if holder != told:
                told = holder
                log.warning("another restora is at work here; this daemon waits until it has ended: %s", told)
            if stop.wait(TAKE_OVER_EVERY):
                return None


def _named(runs: list[RunRecord]) -> str:
    return ", ".join(f"{run.dataset} into {run.repository} (run {run.id}, {run.state})" for run in runs)


class Reload:
    """Reads restora.yaml again when its file changed. One that is not valid is raised, and changes nothing."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._seen = self._mark()
        self._wrong = False

    def __call__(self) -> Catalog | None:
        mark = self._mark()
        if mark == self._seen:
            return None
        self._seen = mark
        before = self._application.catalog
        self._wrong, was_wrong = True, self._wrong
        catalog = self._application.read_catalog()
        self._wrong = False
        if was_wrong:
            log.info("restora.yaml is valid again")
        if catalog == before:
            return None
        if catalog.state != before.state:
            log.warning("`state` changed in restora.yaml: it takes effect when the daemon is started again")
        # Which fields, not their values: the address of a database may hold a password.
        fields = sorted({".".join(change.path) for change in difference(before, catalog)})
        ledger.note(
            self._application.state, self._application.clock, "configuration", {"read_again": fields}, "restora"
        )
        return self._application.adopt_catalog(catalog)

    def _mark(self) -> tuple[int, int, int]:
        try:
            facts = self._application.settings.config.stat()
        except OSError:
            return (0, 0, 0)
        return (facts.st_mtime_ns, facts.st_size, facts.st_ino)


def _jitter() -> Callable[[str], float]:
    """Seconds by which a policy's runs are put off: fixed for the life of the process."""
    spread: dict[str, float] = {}
    return lambda policy: spread.setdefault(policy, random.uniform(0, JITTER))  # noqa: S311  spreads load, guards nothing
