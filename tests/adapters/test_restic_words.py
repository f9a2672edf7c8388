"""restic's words, as restic 0.14 and 0.19 said them, and the cause that each means."""

from __future__ import annotations

import pytest

from adapters.restic.behaviour import Behaviour
from adapters.restic.classify import failure, found_damage
from policies.errors import (
    RepositoryDamaged,
    RepositoryError,
    RepositoryLocked,
    RepositoryMissing,
    RepositoryPassword,
    StorageUnavailable,
)

OLD, NEW = Behaviour((0, 14, 0)), Behaviour((0, 19, 1))
LOCKED = "unable to create lock in backend: repository is already locked exclusively by PID 4711 on host by user (UID 0, GID 0)"


@pytest.mark.parametrize(
    ("behaviour", "code", "text", "kind"),
    [
        (OLD, 1, "Fatal: wrong password or no key found", RepositoryPassword),
        (NEW, 12, "anything", RepositoryPassword),
        (OLD, 1, "Fatal: unable to open config file: stat /r/config: no such file or directory", RepositoryMissing),
        (NEW, 10, "Fatal: repository does not exist: unable to open config file", RepositoryMissing),
        (NEW, 10, "unable to open config file: Stat: Access Denied.\nIs there a repository …", StorageUnavailable),
        (OLD, 1, LOCKED, RepositoryLocked),
        (NEW, 11, "anything", RepositoryLocked),
        (OLD, 1, "Fatal: unable to save snapshot: write: no space left on device", StorageUnavailable),
        (NEW, 1, "Put: 503 Service Unavailable", StorageUnavailable),
        (NEW, 1, "Save(<data/12>) returned error: unexpected EOF", StorageUnavailable),
        (NEW, 1, "ciphertext verification failed", RepositoryDamaged),
        (NEW, 1, "something new", RepositoryError),
        (NEW, 99, "", RepositoryError),
        (OLD, 11, "something new", RepositoryError),  # the code has no meaning yet
        (OLD, -9, "", RepositoryError),
    ],
)
def test_causes(behaviour: Behaviour, code: int, text: str, kind: type[RepositoryError]) -> None:
    assert type(failure("local", "work", code, text, behaviour)) is kind


@pytest.mark.parametrize(
    ("text", "damage"),
    [
        ("pack 1234: unexpected EOF\nFatal: repository contains errors", True),
        ("[0:01] 100.00%  503 / 503 packs\nFatal: repository contains errors", True),
        ("error loading index db4b: load <index/db4b>: invalid data returned\nFatal: LoadIndex returned errors", True),
        (
            "load <data/12>: Get: dial tcp 10.0.0.1:9000: connect: connection refused\nFatal: repository contains errors",
            False,
        ),
        ("connection refused\npack 1234: does not exist\nFatal: repository contains errors", True),
        (LOCKED, False),
        ("Fatal: unable to open config file: Stat: 503 Service Unavailable", False),
        ("", False),
    ],
)
def test_a_check_that_found_damage_says_so_last(text: str, damage: bool) -> None:
    assert found_damage(text) is damage
