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

from orchestrator.assemble import controller
from orchestrator.daemon import Daemon
from orchestrator.drilling import drill_now, due_drills
from orchestrator.run_now import take_requests
from orchestrator.scheduler import Alarm
from orchestrator.startup import clean_up
from orchestrator.wiring import Application
from policies.catalog import Catalog
from policies.errors import RestoraError

log = logging.getLogger("restora.daemon")

DRILL_LOOK = 600.0
JITTER = 30.0


def serve(application: Application, *, grace: float = 60.0) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    for what in clean_up(application):
        log.info("left behind by an earlier process and removed: %s", what)
    running = controller(application)
    left = running.start()
    if left:
        log.info("%d unfinished runs are resumed: %s", len(left), ", ".join(record.dataset for record in left))
    daemon = Daemon(
        running, application.state, application.clock, application.catalog, load=_Reload(application),
        requests=take_requests, jitter=_jitter(),
    )  # fmt: skip
    alarm = Alarm(daemon, application.clock)
    alarm.start()
    drills = threading.Thread(target=_drills, args=(application, stop), name="drills", daemon=True)
    drills.start()
    log.info(
        "restora daemon at work: %d policies, time zone %s",
        len(application.catalog.policies),
        application.catalog.site.timezone,
    )
    stop.wait()
    log.info("stopping: nothing new begins, what runs has %.0f s", grace)
    alarm.stop()
    application.engine.stop(timeout=grace)
    unfinished = application.state.runs(unfinished=True, limit=1000)
    if unfinished:
        log.info("%d runs go on at the next start: %s", len(unfinished), ", ".join(r.dataset for r in unfinished))
        logging.shutdown()
        # Leave as a kill would: what runs must stay unfinished, not be recorded as failed. A restic that goes on keeps its
        # lease; the next start waits for it and finds its snapshot.
        os._exit(0)
    return 0


class _Reload:
    """Reads restora.yaml again when its file changed."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._seen = self._mark()

    def __call__(self) -> Catalog | None:
        mark = self._mark()
        if mark == self._seen:
            return None
        self._seen = mark
        self._application.forget_catalog()
        return self._application.catalog

    def _mark(self) -> tuple[int, int]:
        try:
            facts = self._application.settings.config.stat()
        except OSError:
            return (0, 0)
        return (facts.st_mtime_ns, facts.st_size)


def _jitter() -> Callable[[str], float]:
    """Seconds by which a policy's runs are put off: fixed for the life of the process."""
    spread: dict[str, float] = {}
    return lambda policy: spread.setdefault(policy, random.uniform(0, JITTER))  # noqa: S311  spreads load, guards nothing


def _drills(application: Application, stop: threading.Event) -> None:
    """Carry out due drills one after the other, between looks every ten minutes."""
    while not stop.wait(DRILL_LOOK):
        try:
            for dataset in due_drills(application)[:1]:
                record = drill_now(application, dataset, None, lambda _progress: None)
                log.log(
                    logging.INFO if record.verdict == "proven" else logging.ERROR, "drill of %s: %s%s", dataset, record.verdict,
                    f" ({record.reason})" if record.reason else "",
                )  # fmt: skip
        except RestoraError as error:
            log.error("drills could not be looked at: %s", error.message)
        application.state.put_note("heartbeat:drills", application.clock.now().isoformat())
