"""Log lines of long-lived processes: to stderr, one a line, secrets masked; JSON lines where asked."""

from __future__ import annotations

import json
import logging
import sys
from typing import Protocol


class Masking(Protocol):
    def __call__(self, text: str) -> str: ...


class _Lines(logging.Formatter):
    def __init__(self, masking: Masking, as_json: bool) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")
        self._masking = masking
        self._json = as_json

    def format(self, record: logging.LogRecord) -> str:
        if not self._json:
            return self._masking(super().format(record))
        line = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return self._masking(json.dumps(line, ensure_ascii=False))


def complain_to_stderr() -> None:
    """For commands that people wait for: only that a message could not be sent. How runs ended is what they show."""
    from adapters.redaction import Redactor

    logging.getLogger("restora").addHandler(logging.NullHandler())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(Redactor(tuple), as_json=False))  # what the notifier says is masked already
    logging.getLogger("restora.notify").addHandler(handler)


def log_to_stderr(masking: Masking, *, as_json: bool) -> None:
    """Send restora's log there; other packages' only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(masking, as_json))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("restora").setLevel(logging.INFO)
    # That a poll is skipped while another goes on, or comes late after a sleep, is as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
