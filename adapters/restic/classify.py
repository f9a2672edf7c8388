"""What went wrong, from restic's exit code and words. An unknown code is a failure, never a success."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from adapters.restic.behaviour import Behaviour
from policies.errors import (
    RepositoryDamaged,
    RepositoryError,
    RepositoryLocked,
    RepositoryMissing,
    RepositoryPassword,
    StorageUnavailable,
)


@dataclass(frozen=True, slots=True)
class Cause:
    """A kind of failure: how restic words it, what it is, the way out. `lasting`: trying again does not help."""

    words: re.Pattern[str]
    error: type[RepositoryError]
    meaning: str
    hint: str
    lasting: bool = True


def _cause(words: str, error: type[RepositoryError], meaning: str, hint: str, *, lasting: bool = True) -> Cause:
    return Cause(re.compile(words, re.I), error, meaning, hint, lasting)


PASSWORD = _cause(
    r"wrong password or no key found|an empty password is not",
    RepositoryPassword,
    "the password opens none of its keys",
    "see that the password's place holds the password of this repository; the recovery key opens it too",
)
LOCKED = _cause(
    r"repository is already locked|repo already locked|unable to create lock in backend: repository",
    RepositoryLocked,
    "another process holds it",
    "wait for it; a lock left behind is removed by restora once it is provably old (restora doctor shows it)",
    lasting=False,
)
MISSING = _cause(
    r"repository does not exist|unable to open config file: (?:l?stat|open)\b.*no such file|"
    r"Is there a repository at the following location",
    RepositoryMissing,
    "there is no repository at that place",
    "restora init makes it; if it was there before, see whether its disk is mounted and its path is right",
)
DAMAGED = _cause(
    r"repository contains errors|ciphertext verification failed|Pack ID does not match|unexpected pack id|"
    r"repository is damaged|hash does not match id|load\w*\(<(?:index|data)/.*no such file|invalid data returned|"
    r"pack \w+: does not exist|config or key \w+ is damaged|returned invalid hash|not found in index|"
    r"config cannot be loaded",
    RepositoryDamaged,
    "its content is damaged",
    "forget and prune nothing; restore from another copy, then see restic's troubleshooting guide (repair)",
)
UNREACHED = _cause(
    r"connection refused|no route to host|network is unreachable|i/o timeout|TLS handshake|deadline exceeded|"
    r"connection reset|x509:|50[0234] (?:Internal|Bad Gateway|Service|Gateway)|Client\.Timeout|server closed idle connection",
    StorageUnavailable,
    "it can't be reached",
    "see whether its server runs and the network is there",
    lasting=False,
)
CUT = replace(UNREACHED, words=re.compile(r"unexpected EOF"))  # after damage: a pack that was cut short reads like this
# `check` has its own last word. Whatever else it said on the way (a cut pack reads as "unexpected EOF"), this is damage
FOUND_ERRORS = re.compile(r"repository contains errors|is damaged and must be repaired|LoadIndex returned errors", re.I)
CAUSES = (
    _cause(
        r"no space left on device|disk quota exceeded|not enough space|XMinioStorageFull|QuotaExceeded",
        StorageUnavailable,
        "its disk is full",
        "make room on it, or remove snapshots and run a prune",
    ),
    _cause(
        r"read-only file system",
        StorageUnavailable,
        "its file system is mounted read-only",
        "look at the kernel log for disk errors, then mount it writable again",
    ),
    _cause(r"input/output error", StorageUnavailable, "its disk reports errors", "look at the kernel log"),
    _cause(
        r": not a directory",
        StorageUnavailable,
        "something in the path is no folder",
        "see the path of this repository, or what lies at the target",
    ),
    _cause(
        r"specified bucket does not exist|NoSuchBucket|bucket does not exist",
        StorageUnavailable,
        "its bucket does not exist",
        "make the bucket, correct its name, or set create_bucket and run restora init",
    ),
    _cause(
        r"access key id you provided does not exist|InvalidAccessKeyId|signature we calculated does not match|"
        r"SignatureDoesNotMatch|AWS_ACCESS_KEY_ID\S* is empty|no credentials found|ExpiredToken|InvalidToken",
        StorageUnavailable,
        "the store does not accept the access key",
        "see access_key and secret_key of this repository",
    ),
    _cause(
        r"RequestTimeTooSkewed|difference between the request time and the",
        StorageUnavailable,
        "this host's clock differs too much from the store's",
        "set the clock right (timedatectl, chrony)",
    ),
    _cause(
        r"region .{0,40} is wrong|AuthorizationHeaderMalformed|PermanentRedirect|must be addressed using the specified",
        StorageUnavailable,
        "the bucket lies in another region",
        "set region of this repository to that of the bucket",
    ),
    _cause(
        r"Access ?Denied|403 Forbidden|permission denied|operation not permitted",
        StorageUnavailable,
        "access to it is denied",
        "run restora as the user who owns it, or grant the key the right to read, write, list and delete there",
    ),
    _cause(
        r"no such host|server misbehaving|Temporary failure in name resolution",
        StorageUnavailable,
        "its host name is not known",
        "see endpoint of this repository, and DNS on this host",
        lasting=False,
    ),
    _cause(
        r"encountered an internal error|InternalError|SlowDown|ServiceUnavailable",
        StorageUnavailable,
        "its store answers that it is overloaded or broken",
        "look at the store's own log; it is tried again later",
        lasting=False,
    ),
    UNREACHED,
)  # fmt: skip
BY_CODE = {"missing": MISSING, "locked": LOCKED, "password": PASSWORD}
NO_SNAPSHOT = re.compile(r"no matching ID found|failed to (?:find|load) snapshot|multiple IDs with prefix", re.I)


def recognise(text: str) -> Cause | None:
    """The cause that these words tell of. What a store refuses comes before "is there a repository?", which restic adds
    to every failure to open one."""
    for cause in (PASSWORD, LOCKED, *CAUSES, DAMAGED, CUT, MISSING):
        if cause.words.search(text):
            return cause
    return None


def found_damage(text: str) -> bool:
    """Whether a check that failed found damage, rather than that it could not reach the store."""
    rest = "\n".join(line for line in text.splitlines() if not FOUND_ERRORS.search(line))
    if DAMAGED.words.search(rest):
        return True
    return bool(FOUND_ERRORS.search(text)) and not UNREACHED.words.search(rest)


def damaged(repository: str, doing: str, text: str) -> RepositoryError:
    """The error for a check that found damage."""
    message = f"repository {repository}: could not {doing}: {DAMAGED.meaning} ({_said(text, DAMAGED)})"
    return DAMAGED.error(message, hint=DAMAGED.hint, untouched="everything: a check changes nothing")


def failure(
    repository: str, doing: str, code: int, text: str, behaviour: Behaviour, *, untouched: str = ""
) -> RepositoryError:
    """The error for a call that failed. `text`: its last words, free of secrets."""
    cause = BY_CODE.get(behaviour.exit_codes.get(code, ""))
    if cause is None and NO_SNAPSHOT.search(text) and not DAMAGED.words.search(text):
        return RepositoryError(
            f"repository {repository}: could not {doing}: no such snapshot ({_said(text)})",
            hint="list what is there with restora snapshots",
            untouched=untouched,
        )
    if cause is MISSING:  # restic takes a failure to reach a store for a missing repository
        reached = recognise(text)
        cause = reached if reached is not None and issubclass(reached.error, StorageUnavailable) else cause
    cause = cause or recognise(text)
    if cause is not None:
        message = f"repository {repository}: could not {doing}: {cause.meaning} ({_said(text, cause)})"
        return cause.error(message, hint=cause.hint, untouched=untouched)
    how = f"ended by signal {-code}" if code < 0 else f"exit code {code}"
    return RepositoryError(
        f"repository {repository}: could not {doing}: restic {behaviour} {how}: {_said(text)}",
        hint="run restora doctor; the words after the colon are restic's own",
        untouched=untouched,
    )


def _said(text: str, cause: Cause | None = None) -> str:
    """The line that shows it, shortened; without a cause the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    shown = [line for line in lines if cause and cause.words.search(line)] or lines[-1:] or ["it said nothing"]
    return shown[0][:300]
