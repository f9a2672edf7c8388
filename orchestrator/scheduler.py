"""APScheduler as an alarm clock, with nothing in it but the next look and the poll: what is due is computed elsewhere."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from orchestrator.daemon import Daemon
from orchestrator.ports import Clock
from policies.errors import RestoraError

log = logging.getLogger("restora.scheduler")

POLL_SECONDS = 2


class Alarm:
    """Calls `daemon.tick` at the moment that the last tick named, and `daemon.poll` every two seconds. Never drops a call
    because it is late (its own grace of one second is switched off)."""

    def __init__(self, daemon: Daemon, clock: Clock) -> None:
        self.daemon = daemon
        self.clock = clock
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        self._complained = ""
        self._seen = clock.now()
        self._timer = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    def start(self) -> None:
        """Begin; the first look is now."""
        self._timer.add_job(self._poll, IntervalTrigger(seconds=POLL_SECONDS), id="poll")
        self._timer.start()
        self._look()

    def stop(self) -> None:
        """Begin nothing more; a look that takes place now ends first."""
        self.stopped.set()
        if self._lock.acquire(timeout=10):
            self._lock.release()
        self._timer.shutdown(wait=False)

    def nudge(self) -> None:
        """To be called now and then. Where the wall clock was set back, what APScheduler waits for lies too far ahead: look now."""
        now = self.clock.now()
        back, self._seen = now < self._seen, now
        if back:
            log.warning("the clock was set back: looking for due work now")
            self._timer.modify_job("poll", next_run_time=now)
            self._look()

    def _look(self) -> None:
        with self._lock:
            if self.stopped.is_set():
                return
            following = self.clock.now() + timedelta(minutes=1)
            try:
                following = self.daemon.tick()
            except RestoraError as error:
                log.error("could not look for due work, trying again in a minute: %s", error.message)
            except Exception:  # an alarm clock that once fails and never rings again would be noticed weeks later
                log.exception("a defect met the look for due work, trying again in a minute")
            # A wall clock that jumps (sleep, NTP) must not put the next look off for long.
            following = min(following, self.clock.now() + timedelta(minutes=5))
            self._timer.add_job(self._look, DateTrigger(following), id="look", replace_existing=True)

    def _poll(self) -> None:
        try:
            changed = not self.stopped.is_set() and self.daemon.poll()
        except RestoraError as error:
            self._complain(error.message)
            return
        except Exception:
            log.exception("a defect met the poll for requests and configuration")
            return
        self._complained = ""
        if changed:
            self._look()

    def _complain(self, message: str) -> None:
        """Once, not every two seconds."""
        if message != self._complained:
            log.error("requests and configuration could not be looked at: %s", message)
        self._complained = message
