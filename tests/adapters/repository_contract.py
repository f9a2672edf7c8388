"""What every repository promises (orchestrator.ports.RepositoryPort). Subclasses provide a `place`; two more suites, for what
goes in and what comes back, stand in repository_saving.py and repository_reading.py."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from orchestrator.ports import RepositoryPort
from policies.capture import Command, Paths, Saved, Stream
from policies.errors import (
    Cancelled,
    RepositoryDamaged,
    RepositoryLocked,
    RepositoryMissing,
    RepositoryPassword,
    UsageError,
)
from policies.run import Progress
from tests.servers.restic_template import PASSWORD

MOMENT = datetime(2026, 3, 10, 1, 30, 0, tzinfo=UTC)
DEAD = 4_000_000  # above every pid that Linux hands out by default


class Place(Protocol):
    """Where one test's repository lies, and what can be done to it from outside."""

    local: bool

    def open(self, *, password: str = PASSWORD, cancel: threading.Event | None = None) -> RepositoryPort: ...

    def nowhere(self) -> RepositoryPort:
        """A repository that was never made."""

    def lock(self, moment: datetime, *, pid: int, exclusive: bool = True) -> None:
        """Leave a lock there, as that process on this host would have."""

    def flip(self) -> None:
        """Turn some bytes of the stored data: only reading it shows that."""

    def lose(self) -> None:
        """Remove some of the stored data: the structure shows that."""


def quiet(_progress: Progress) -> None:
    """Progress is not looked at."""


def save(repository: RepositoryPort, *paths: Path, tags: tuple[str, ...] = (), **options: object) -> Saved:
    """One snapshot of a tree, with what a test does not care about filled in."""
    given: dict[str, object] = {"host": "host1", "time": None, **options}
    exclude = tuple(given.pop("exclude", ()))  # type: ignore[call-overload]  # tests pass tuples of str
    return repository.save_paths(Paths(paths, exclude), tags=tags, progress=quiet, **given)  # type: ignore[arg-type]  # as above


def stream(*argv: str, name: str = "db.dump", minimum: int = 1, magic: bytes = b"", **env: str) -> Stream:
    return Stream(name, Command(argv, secret_env=env), minimum, magic)


def save_stream(repository: RepositoryPort, source: Stream, tags: tuple[str, ...] = ("run=s",)) -> Saved:
    return repository.save_stream(source, host="host1", tags=tags, time=None, progress=quiet)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Three files: 5, 4 and 300,000 bytes, the last incompressible."""
    root = tmp_path / "tree"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"hello")
    (root / "sub" / "b.log").write_bytes(b"logs")
    (root / "sub" / "c.bin").write_bytes(random.Random(7).randbytes(300_000))
    return root


class RepositoryContract:
    """Opening, listing, forgetting, pruning, checking, locks, cancelling."""

    @pytest.fixture
    def repository(self, place: Place) -> RepositoryPort:
        return place.open()

    def test_initialise_makes_it_once(self, place: Place) -> None:
        new = place.nowhere()
        assert new.initialise() is True
        assert new.initialise() is False
        new.probe()
        assert new.snapshots() == []

    def test_initialise_of_a_repository_in_use_changes_nothing(self, repository: RepositoryPort, tree: Path) -> None:
        saved = save(repository, tree)
        assert repository.initialise() is False
        assert [s.id for s in repository.snapshots()] == [saved.snapshot]

    def test_what_keeps_it_from_opening_is_told_apart(self, place: Place) -> None:
        place.open().probe()
        with pytest.raises(RepositoryMissing):
            place.nowhere().probe()
        with pytest.raises(RepositoryPassword) as wrong:
            place.open(password="wrong horse").probe()
        assert "wrong horse" not in f"{wrong.value.message} {wrong.value.hint}"
        place.lock(datetime.now(UTC), pid=DEAD)
        with pytest.raises(RepositoryLocked) as locked:
            place.open().probe()
        assert locked.value.retryable

    def test_a_missing_repository_is_never_made_by_saving(self, place: Place, tree: Path) -> None:
        for work in (lambda r: save(r, tree), lambda r: save_stream(r, stream("echo", "x")), lambda r: r.snapshots()):
            with pytest.raises(RepositoryMissing):
                work(place.nowhere())

    def test_snapshots_by_tags_and_host_oldest_first(self, repository: RepositoryPort, tree: Path) -> None:
        late = save(repository, tree, tags=("run=1", "dataset=a"), time=MOMENT + timedelta(days=1))
        early = save(repository, tree, tags=("run=2", "dataset=a"), time=MOMENT)
        other = save(repository, tree, tags=("run=1", "dataset=b"), time=MOMENT + timedelta(days=2), host="host2")

        def ids(**wish: object) -> list[str]:
            return [s.id for s in repository.snapshots(**wish)]  # type: ignore[arg-type]  # tags or host

        assert ids() == [early.snapshot, late.snapshot, other.snapshot]
        assert ids(tags=["dataset=a"]) == [early.snapshot, late.snapshot]
        assert ids(tags=["dataset=a", "run=1"]) == [late.snapshot]
        assert ids(tags=["dataset"]) == ids(tags=["run=9"]) == []
        assert ids(host="host2") == [other.snapshot]
        assert ids(host="host2", tags=["dataset=a"]) == []

    def test_forget_removes_exactly_the_named_ones_and_may_be_repeated(
        self, repository: RepositoryPort, tree: Path
    ) -> None:
        ids = [save(repository, tree, tags=(f"run={n}",), time=MOMENT + timedelta(hours=n)).snapshot for n in range(4)]
        repository.forget([ids[1], ids[2]])
        assert [s.id for s in repository.snapshots()] == [ids[0], ids[3]]
        repository.forget([ids[1], ids[3]])
        repository.forget([ids[1]])
        assert [s.id for s in repository.snapshots()] == [ids[0]]

    @pytest.mark.parametrize("wrong", [[], ["latest"], ["abcd1234"], ["--keep-last=1"], [""]])
    def test_forget_takes_full_ids_only(self, repository: RepositoryPort, tree: Path, wrong: list[str]) -> None:
        saved = save(repository, tree)
        with pytest.raises(UsageError):
            repository.forget(wrong)
        with pytest.raises(UsageError):
            repository.forget([*wrong, saved.snapshot[:8]])
        assert len(repository.snapshots()) == 1

    def test_prune_reclaims_space_and_leaves_the_rest_whole(
        self, repository: RepositoryPort, tree: Path, tmp_path: Path
    ) -> None:
        gone = save(repository, tree, tags=("run=1",)).snapshot
        (tree / "sub" / "c.bin").unlink()
        kept = save(repository, tree, tags=("run=2",)).snapshot
        repository.forget([gone])
        repository.prune(quiet)
        repository.prune(quiet)
        assert repository.stats()["stored_bytes"] < 100_000
        repository.check(quiet, read=(1, 1))
        assert repository.restore(kept, tmp_path / "back", progress=quiet) == 2

    def test_stats_count(self, repository: RepositoryPort, tree: Path) -> None:
        assert repository.stats() == {"stored_bytes": 0, "snapshots": 0}
        save(repository, tree, tags=("run=1",))
        save(repository, tree, tags=("run=2",))
        stats = repository.stats()
        assert stats["snapshots"] == 2
        assert 0 < stats["stored_bytes"] < 400_000

    def test_check_passes_on_a_sound_repository(self, repository: RepositoryPort, tree: Path) -> None:
        repository.check(quiet)
        save(repository, tree)
        repository.check(quiet)
        for part in range(1, 4):
            repository.check(quiet, read=(part, 3))

    def test_turned_bytes_are_found_by_reading_only(self, place: Place, repository: RepositoryPort, tree: Path) -> None:
        save(repository, tree)
        place.flip()
        repository.check(quiet)
        with pytest.raises(RepositoryDamaged):
            repository.check(quiet, read=(1, 1))

    def test_lost_data_is_found_by_the_structure(self, place: Place, repository: RepositoryPort, tree: Path) -> None:
        save(repository, tree)
        place.lose()
        with pytest.raises(RepositoryDamaged):
            repository.check(quiet)

    def test_a_lock_of_a_dead_process_goes_when_it_is_old(self, place: Place, repository: RepositoryPort) -> None:
        assert repository.unlock_stale() == []
        place.lock(datetime.now(UTC) - timedelta(hours=5), pid=DEAD)
        with pytest.raises(RepositoryLocked):
            repository.check(quiet)
        (removed,) = repository.unlock_stale()
        assert "lock" in removed
        repository.check(quiet)
        assert repository.unlock_stale() == []

    @pytest.mark.parametrize("age", [timedelta(0), timedelta(minutes=25), timedelta(hours=-3)])
    def test_a_young_lock_stays(self, place: Place, repository: RepositoryPort, age: timedelta) -> None:
        place.lock(datetime.now(UTC) - age, pid=DEAD)
        assert repository.unlock_stale() == []
        with pytest.raises(RepositoryLocked):
            repository.check(quiet)

    def test_one_living_lock_keeps_all(self, place: Place, repository: RepositoryPort) -> None:
        place.lock(datetime.now(UTC) - timedelta(hours=5), pid=DEAD, exclusive=False)
        place.lock(datetime.now(UTC), pid=DEAD, exclusive=False)
        assert repository.unlock_stale() == []

    def test_a_lock_beside_that_excludes_nobody_lets_saving_pass(
        self, place: Place, repository: RepositoryPort, tree: Path
    ) -> None:
        place.lock(datetime.now(UTC), pid=DEAD, exclusive=False)
        saved = save(repository, tree)
        with pytest.raises(RepositoryLocked):
            repository.prune(quiet)
        assert [s.id for s in repository.snapshots()] == [saved.snapshot]

    def test_cancelled_nothing_begins(self, place: Place, tree: Path) -> None:
        cancel = threading.Event()
        cancel.set()
        stopped = place.open(cancel=cancel)
        for work in (
            lambda: save(stopped, tree),
            lambda: save_stream(stopped, stream("echo", "x")),
            lambda: stopped.check(quiet),
            lambda: stopped.prune(quiet),
        ):
            with pytest.raises(Cancelled):
                work()
        assert place.open().snapshots() == []

    def test_free_space_is_known_where_it_means_something(self, place: Place, repository: RepositoryPort) -> None:
        free = repository.free_bytes()
        assert (free is not None and free > 0) if place.local else free is None
