"""Bad input and a hostile world: a clear error with its way out, nothing lost, nothing half-made, and it works once mended."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import SENTENCE
from tests.cli.installation import Called, Installation
from tests.conftest import unable
from tests.servers.postgres import PostgresServer
from tests.servers.s3 import free_ports

pytestmark = [pytest.mark.integration, pytest.mark.slow]


class Kept:
    """What an installation held before something went wrong."""

    def __init__(self, installation: Installation) -> None:
        self.of = installation
        self.config = installation.config.read_bytes()
        self.secrets = self._secrets()
        self.points = self._points()

    def unharmed(self) -> None:
        """The same recovery points, configuration and secrets; the ledger whole; nothing left lying about."""
        assert self.of.config.read_bytes() == self.config
        assert self._secrets() == self.secrets
        assert self._points() == self.points
        self.of.call("audit", "verify").ended(0)
        left = [path for path in (self.of.home / "cache/scratch").rglob("*") if path.is_file()]
        assert not left
        restores = self.of.home / "data/restores"
        assert not restores.exists() or not list(restores.iterdir())

    def _secrets(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.of.home / "secrets").iterdir()}

    def _points(self) -> list[str]:
        points = self.of.call("snapshots", "--refresh", "--json").ended(0).json()["points"]
        return [point["id"] for point in points if point["repository"] == "local"]


def told(called: Called, *parts: str) -> None:
    """It names these objects and values, and what to do next."""
    for part in parts:
        assert part in called.text, called.text
    assert "Next:" in called.text


def failed_run(installation: Installation, *names: str) -> str:
    """The reason of the one run that failed."""
    runs = installation.call("run", *names, "--json").ended(6).json()["runs"]
    (run,) = [run for run in runs if run["state"] == "failed"]
    assert run["snapshots"] == []
    return str(run["reason"])


# --- restic -------------------------------------------------------------------------------------------------------------


def test_restic_is_missing(own: Installation) -> None:
    kept = Kept(own)
    own.edit("version: 1\n", "version: 1\ntools: {restic: /opt/nowhere/restic}\n")
    for words in (("snapshots", "--refresh"), ("restore", "docs"), ("browse", "docs")):
        told(own.call(*words).ended(11), "/opt/nowhere/restic was not found", "install restic")
    told(own.call("run", "docs").ended(6), "/opt/nowhere/restic was not found", "restora doctor; then restora run docs")
    assert "was not found" in own.call("doctor").ended(1).out
    assert own.call("drill", "docs").ended(25)
    own.config.write_bytes(kept.config)
    kept.unharmed()
    own.call("run", "docs").ended(0)


def test_restic_is_missing_from_the_beginning(tmp_path: Path) -> None:
    made = Installation(tmp_path, {"PATH": str(tmp_path / "empty")})
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/paper").write_text("paper")
    told(made.call("init", "--path", str(tmp_path / "docs")).ended(11), "restic was not found", "install restic")
    assert not (made.repository / "config").exists()
    Installation(tmp_path).call("init").ended(0)
    assert (made.repository / "config").exists()


# --- the repository -------------------------------------------------------------------------------------------------------


def test_the_password_is_wrong(own: Installation) -> None:
    kept = Kept(own)
    place = own.home / "secrets/local.password"
    right = place.read_bytes()
    place.write_text("tr0ub4dor&3\n")
    for words in (("snapshots", "--refresh"), ("restore", "docs"), ("init",)):
        told(own.call(*words).ended(6), "repository local", "the password opens none of its keys")
    assert "the password opens none of its keys" in failed_run(own, "docs")
    place.write_bytes(right)
    kept.unharmed()
    own.call("run", "docs").ended(0)


def test_the_password_can_not_be_read(own: Installation) -> None:
    kept = Kept(own)
    place = own.home / "secrets/local.password"
    right = place.read_bytes()
    place.chmod(0o644)
    told(own.call("restore", "docs").ended(4), f"{place} is open to others", f"chmod 600 {place}")
    place.unlink()
    told(own.call("restore", "docs").ended(4), str(place), "No such file")
    assert str(place) in failed_run(own, "docs")
    place.write_bytes(right)
    place.chmod(0o600)
    kept.unharmed()


def test_the_repository_is_gone(own: Installation) -> None:
    """It is not made anew in silence: an empty one would look like a healthy one."""
    kept = Kept(own)
    aside = own.folder / "aside"
    own.repository.rename(aside)
    told(own.call("restore", "docs").ended(6), "there is no repository at that place", "mounted")
    assert "there is no repository" in failed_run(own, "docs")
    assert not own.repository.exists()
    aside.rename(own.repository)
    kept.unharmed()


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of its own, of this size."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        unable("a small file system needs root and mount(8)")
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "restora-test", str(folder)], check=False
    )
    if done.returncode != 0:
        unable(f"mount -t tmpfs {folder} is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def repository_on_small_disk(installation: Installation, size: str) -> Iterator[Path]:
    """Its repository moved there."""
    aside = installation.folder / "aside"
    installation.repository.rename(aside)
    with small_disk(installation.repository, size):
        shutil.copytree(aside, installation.repository, dirs_exist_ok=True)
        yield installation.repository


def test_the_disk_is_full(own: Installation) -> None:
    with repository_on_small_disk(own, "4m"):
        kept = Kept(own)
        (own.docs / "large").write_bytes(os.urandom(9_000_000))
        reason = failed_run(own, "docs")
        assert "repository local: could not save: its disk is full" in reason
        assert "make room on it" in reason
        (own.docs / "large").unlink()
        kept.unharmed()
        own.call("run", "docs").ended(0)
        own.call("drill", "docs").ended(0)


def test_the_disk_is_full_where_a_restore_goes(own: Installation) -> None:
    place = own.folder / "small"
    (own.docs / "large").write_bytes(os.urandom(3_000_000))
    own.call("run", "docs").ended(0)
    with small_disk(place, "1m"):
        called = own.call("restore", "docs", "--to", str(place / "back"))
        assert called.code not in {0, 1}
        called.ended(called.code)
        told(called, "there is no space left at")
    own.call("restore", "docs").ended(0)


def test_the_state_has_no_room(own: Installation) -> None:
    """Nothing can be recorded: that is told, and what is there stays."""
    state, aside = own.home / "state", own.folder / "state-aside"
    state.rename(aside)
    with small_disk(state, "600k"):
        shutil.copytree(aside, state, dirs_exist_ok=True)
        (state / "filler").write_bytes(b"")
        with contextlib.suppress(OSError), (state / "filler").open("wb", buffering=0) as filler:
            while filler.write(bytes(4096)):
                pass
        called = own.call("back up docs weekly", "--yes")
        assert called.code == 12
        told(called.ended(12), str(state / "state.sqlite"), "the disk is full")
    aside.rename(state) if not any(state.iterdir()) else shutil.copytree(aside, state, dirs_exist_ok=True)
    own.call("audit", "verify").ended(0)


def test_the_repository_is_read_only(own: Installation) -> None:
    with repository_on_small_disk(own, "8m") as folder:
        kept = Kept(own)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        reason = failed_run(own, "docs")
        assert "read-only" in reason and "repository local" in reason
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        kept.unharmed()
        own.call("run", "docs").ended(0)


S3 = """\
repositories:
  offsite:
    kind: s3
    bucket: example-bucket
    endpoint: http://127.0.0.1:{port}
    password: {{environment: OFFSITE_PASSWORD}}
    access_key: {{environment: OFFSITE_KEY}}
    secret_key: {{environment: OFFSITE_SECRET}}
"""


def test_s3_can_not_be_reached(own: Installation) -> None:
    """The other repository is written all the same."""
    (port,) = free_ports(1)
    kept = Kept(own)
    own.environment.update(OFFSITE_PASSWORD="a password", OFFSITE_KEY="a key", OFFSITE_SECRET="a secret")
    own.edit("repositories:\n", S3.format(port=port))
    own.edit("repositories: [local]", "repositories: [offsite, local]")
    runs = own.call("run", "docs", "--json").ended(6).json()["runs"]
    assert {run["repository"]: run["state"] for run in runs} == {"offsite": "failed", "local": "succeeded"}
    (reason,) = [run["reason"] for run in runs if run["state"] == "failed"]
    assert f"repository offsite: could not save: http://127.0.0.1:{port} refuses the connection" in reason
    own.config.write_bytes(kept.config)
    kept.points = [runs[[run["repository"] for run in runs].index("local")]["id"], *kept.points]
    kept.unharmed()


def test_a_restore_takes_the_repository_that_opens(own: Installation) -> None:
    (port,) = free_ports(1)
    own.environment.update(OFFSITE_KEY="a key", OFFSITE_SECRET="a secret")
    own.edit("repositories:\n", S3.format(port=port))
    own.edit("repositories: [local]", "repositories: [offsite, local]")
    done = own.call("restore", "docs", "--json").ended(0).json()
    assert done["order"]["repository"] == "local"
    told(own.call("restore", "docs", "--from", "offsite").ended(4), "environment:OFFSITE_PASSWORD is empty or not set")


def test_init_with_s3_that_can_not_be_reached(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    made = Installation(tmp_path, {"AWS_ACCESS_KEY_ID": "a key", "AWS_SECRET_ACCESS_KEY": "a secret"})
    called = made.call("init", "--repository", f"s3://example-bucket/x?endpoint=http://127.0.0.1:{port}").ended(6)
    told(called, f"127.0.0.1:{port}", "where it is wrong, then restora init again")
    made.edit("kind: s3", "kind: local\n    path: /nope")
    assert "is no key here" in made.call("init").ended(4).err


# --- the configuration -----------------------------------------------------------------------------------------------------


def test_the_configuration_is_corrupt(own: Installation) -> None:
    kept = Kept(own)
    broken = kept.config.replace(b"kind: sqlite", b"kind: sqlight") + b"polices: {}\n"
    own.config.write_bytes(broken)
    line = broken[: broken.index(b"sqlight")].count(b"\n") + 1
    for words in (
        ("run",),
        ("status",),
        (SENTENCE, "--yes"),
        ("restore", "docs"),
        ("plan",),
        ("drill",),
        ("daemon",),
        ("init",),
    ):
        called = own.call(*words).ended(4)
        told(called, "'sqlight' is none of files, sqlite, postgres", "did you mean sqlite?", "did you mean policies?")
        assert f"{own.config}:{line - 0}" in called.err or f"{own.config}:{line - 1}" in called.err
    assert own.config.read_bytes() == broken
    own.config.write_bytes(kept.config)
    kept.unharmed()


def test_a_change_by_hand_is_checked_before_it_is_in_force(own: Installation, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.yaml"
    wanted.write_text(own.config.read_text().replace("keep_within: 30d", "keep_within: 30"))
    told(own.call("plan", str(wanted)).ended(4), "30 is no duration", str(wanted))
    wanted.write_text(own.config.read_text().replace("keep_within: 30d", "keep_within: 90d"))
    assert "90d" in own.call("plan", str(wanted)).ended(0).out


# --- requests ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("back up nobody nightly", 3, "nobody"),
        ("back up docs at 25:00", 3, "at 25:00"),
        ("back up docs on 30 february", 3, "on 30 february"),
        ("back up docs every 7 hours", 2, "7h does not divide the day"),
        ("back up docs to nowhere nightly", 3, "nowhere"),
        ("", 3, "What should be backed up"),
        ("   ", 3, "What should be backed up"),
        ("备份 不存在的东西 每天", 3, "不存在的东西"),
    ],
)
def test_requests_that_can_not_be_carried_out(own: Installation, text: str, code: int, part: str) -> None:
    """The question or the reason is the message; --yes is no answer to it; nothing is stored."""
    config = own.config.read_bytes()
    told(own.call(text, "--yes").ended(code), part)
    assert own.call(text, "--yes", "--json").ended(code).json()["exit_code"] == code
    assert own.config.read_bytes() == config
    assert own.call("apply", "--list", "--json").json()["proposals"] == []


@pytest.mark.parametrize("text", ["asdf qwer zxcv", "???", "lorem ipsum dolor sit amet", "1 2 3"])
def test_nonsense_is_never_carried_out(own: Installation, text: str) -> None:
    pytest.importorskip("orchestrator.cli.perform", reason="what immediate requests do is not written yet")
    config = own.config.read_bytes()
    called = own.call(text, "--yes")
    assert called.code in {2, 3}
    called.ended(called.code)
    assert own.config.read_bytes() == config


# --- the data ------------------------------------------------------------------------------------------------------------------


def test_the_data_is_gone(own: Installation) -> None:
    kept = Kept(own)
    own.docs.rename(own.folder / "elsewhere")
    assert f"{own.docs}: is missing" in failed_run(own, "docs")
    own.shop.rename(own.folder / "elsewhere.db")
    assert f"{own.shop}: is missing" in failed_run(own, "shop")
    (own.folder / "elsewhere").rename(own.docs)
    (own.folder / "elsewhere.db").rename(own.shop)
    kept.unharmed()
    own.call("run").ended(0)


POSTGRES = """\
datasets:
  till:
    kind: postgres
    {how}
"""


def test_postgres_with_wrong_addresses_and_passwords(own: Installation, postgres_server: PostgresServer) -> None:
    kept = Kept(own)
    name = postgres_server.database("CREATE TABLE sold (n int); INSERT INTO sold SELECT generate_series(1, 100)")
    role = f"role_{name}"
    postgres_server.run(f"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD 'right-horse'")
    (free,) = free_ports(1)
    secret = own.folder / "till.dsn"
    own.edit("datasets:\n", POSTGRES.format(how=f"dsn: {{file: {secret}}}"))
    own.edit("datasets: [docs, shop]", "datasets: [till]")
    port = postgres_server.port
    wrong = {
        f"postgresql://{role}:battery-staple@127.0.0.1:{port}/{name}": ("the password is wrong", f"127.0.0.1:{port}"),
        f"postgresql://{role}:right-horse@127.0.0.1:{free}/{name}": ("no server listens there", f"127.0.0.1:{free}"),
        f"postgresql://{role}:right-horse@127.0.0.1:{port}/nope": ("database nope: does not exist", f"one of: {name}"),
        f"postgresql://{role}:right-horse@nowhere.invalid:{port}/{name}": ("there is no such host", "nowhere.invalid"),
        "postgresql://[::right-horse": ("the connection string in", str(secret)),
        "right-horse nonsense": ("the connection string in", str(secret)),
    }
    for line, parts in wrong.items():
        secret.write_text(line)
        secret.chmod(0o600)
        reason = failed_run(own, "till")
        assert all(part in reason for part in parts), reason
        doctor = own.call("doctor").ended(1)
        shown = "".join(doctor.out.split())  # a long path breaks anywhere
        assert all("".join(part.split()) in shown for part in parts), doctor.out
        assert "right-horse" not in reason + doctor.out and "battery-staple" not in reason + doctor.out
    secret.write_text(f"postgresql://{role}:right-horse@127.0.0.1:{port}/{name}")
    own.call("run", "till").ended(0)
    own.call("restore", "till", "--to", f"{name}_back").ended(0)
    assert f"{name}_back" in postgres_server.databases()
    refused = own.call("restore", "till", "--to", f"{name}_back")
    assert refused.code in {2, 5}
    told(refused.ended(refused.code), f"{name}_back")
    own.config.write_bytes(kept.config)
    own.call("audit", "verify").ended(0)
