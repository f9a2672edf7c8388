"""Secrets masked in any text that goes out: log lines, messages, reports, the text of other programs."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

from policies.secret import PLACES

MASK = "***"
SHORT = 4  # secrets below this length are masked as whole words only: "a" must not eat every a
LONG_LINE = 16
NAMES = r"password|passwd|passphrase|secret|token|secret[_-]?key|api[_-]?key|access[_-]?key|private[_-]?key"
# a value that is a reference, masked already, or the beginning of a structure stays readable
KEPT = rf"(?!(?:{'|'.join(PLACES)}):|\*\*\*|[{{\[]|null\b|none\b|true\b|false\b)"
PATTERNS = (
    (re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.S), MASK),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+@", re.I), rf"\1{MASK}@"),
    (re.compile(rf"((?:{NAMES})[\"']?\s*[=:]\s*)\"{KEPT}(?:[^\"\\\n]|\\.)*\"", re.I), rf'\1"{MASK}"'),
    (re.compile(rf"((?:{NAMES})[\"']?\s*[=:]\s*)'{KEPT}(?:[^'\\\n]|\\.)*'", re.I), rf"\1'{MASK}'"),
    (re.compile(rf"((?:{NAMES})[\"']?\s*[=:]\s*){KEPT}[^\s,;&\"'}}\]]+", re.I), rf"\1{MASK}"),
    (re.compile(r"(\b(?:bearer|basic)\s+)[\w.+/=~-]{8,}", re.I), rf"\1{MASK}"),
    (re.compile(r"(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s\"']+", re.I), rf"\1{MASK}"),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"), rf"\1{MASK}"),
)


class Redactor:
    """Masks the secrets that `known` names, as they are and as URLs and JSON write them, and what looks like one."""

    def __init__(self, known: Callable[[], Iterable[str]]) -> None:
        self._known = known
        self._values: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def __call__(self, text: str) -> str:
        values = frozenset(self._known())
        if values != self._values:
            self._pattern, self._values = _pattern_of(values), values
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        for pattern, replacement in PATTERNS:
            text = pattern.sub(replacement, text)
        return text


class RedactingFilter(logging.Filter):
    """For handlers: every record that passes is masked, with its traceback."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._redactor(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._redactor(record.exc_text)
        if record.stack_info:
            record.stack_info = self._redactor(record.stack_info)
        return True


def _pattern_of(values: Iterable[str]) -> re.Pattern[str] | None:
    forms: set[str] = set()
    for value in values:
        lines = [line for line in value.splitlines() if len(line) >= LONG_LINE]
        for each in (value, *lines):
            forms |= {each, quote(each, safe=""), quote(each), quote_plus(each), json.dumps(each)[1:-1]}
            forms.add(json.dumps(each, ensure_ascii=False)[1:-1])
    # the longest first: a secret that contains another is masked as a whole
    parts = [_part(form) for form in sorted(forms - {""}, key=len, reverse=True)]
    return re.compile("|".join(parts)) if parts else None


def _part(form: str) -> str:
    return re.escape(form) if len(form) >= SHORT else rf"(?<!\w){re.escape(form)}(?!\w)"
