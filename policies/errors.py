"""Every failure that restora names, as one tree; each class carries its exit code.

RestoraError                 1   anything without a class of its own
├─ UsageError                2   the request or its options can't be read
│  └─ ClarificationNeeded    3   the request is doubtful: the question is the message
├─ ConfigurationError        4   restora.yaml or the environment is wrong
├─ SourceError               5   the data to be saved can't be reached or is not what it was
├─ RepositoryError           6   the repository can't be used
│  ├─ RepositoryMissing          no repository at that place
│  ├─ RepositoryLocked           another process holds it (retryable)
│  ├─ RepositoryPassword         the password opens no key
│  ├─ RepositoryDamaged          its content failed a check
│  └─ StorageUnavailable         disk full, read-only, unreachable or refused
├─ VerificationFailed        7   a backup, restore or drill was not proven
├─ ApprovalRequired          8   nothing was done: approval is missing
├─ GuardrailViolation        9   no plan may do this
├─ Busy                     10   another run holds the lease (retryable)
├─ ToolMissing              11   a program that is needed is not installed or too old
├─ StateError               12   restora's own state can't be used
└─ Cancelled                13   a person or a stop ended it; nothing else is wrong

A message says what failed and the value; `hint` says the way out; `untouched` what was left as it was.
Exit code 0 is success; 20 to 22 are `restora status`: 20 attention, 21 overdue or failed, 22 daemon not alive.
"""

from __future__ import annotations


class RestoraError(Exception):
    """A failure with a way out. `retryable`: the same call may succeed later, unchanged."""

    exit_code = 1
    retryable = False
    kind = "error"

    def __init__(self, message: str, *, hint: str = "", untouched: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.untouched = untouched

    def as_dict(self) -> dict[str, object]:
        """The error as `--json` prints it."""
        return {
            "error": self.kind,
            "message": self.message,
            "hint": self.hint,
            "untouched": self.untouched,
            "exit_code": self.exit_code,
            "retryable": self.retryable,
        }


class UsageError(RestoraError):
    exit_code = 2
    kind = "usage"


class ClarificationNeeded(UsageError):
    exit_code = 3
    kind = "question"


class ConfigurationError(RestoraError):
    exit_code = 4
    kind = "configuration"


class SourceError(RestoraError):
    exit_code = 5
    kind = "source"


class RepositoryError(RestoraError):
    exit_code = 6
    kind = "repository"


class RepositoryMissing(RepositoryError):
    kind = "repository.missing"


class RepositoryLocked(RepositoryError):
    kind = "repository.locked"
    retryable = True


class RepositoryPassword(RepositoryError):
    kind = "repository.password"


class RepositoryDamaged(RepositoryError):
    kind = "repository.damaged"


class StorageUnavailable(RepositoryError):
    kind = "repository.storage"
    retryable = True


class VerificationFailed(RestoraError):
    exit_code = 7
    kind = "verification"


class ApprovalRequired(RestoraError):
    exit_code = 8
    kind = "approval"


class GuardrailViolation(RestoraError):
    exit_code = 9
    kind = "guardrail"


class Busy(RestoraError):
    exit_code = 10
    kind = "busy"
    retryable = True


class ToolMissing(RestoraError):
    exit_code = 11
    kind = "tool"


class StateError(RestoraError):
    exit_code = 12
    kind = "state"


class Cancelled(RestoraError):
    exit_code = 13
    kind = "cancelled"
    retryable = True
