"""restic repositories whose store, disk or password is not as it should be: told within seconds, in words, nothing made."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import pytest

from adapters.object_store import Credentials, S3Bucket
from policies.errors import RepositoryMissing, StorageUnavailable
from tests.adapters.repository_contract import quiet, save, save_stream, stream
from tests.adapters.restic_places import LocalPlace, S3Place
from tests.servers.restic_template import PASSWORD, Templates
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server, free_ports

pytest_plugins = ["tests.servers.s3_fixtures"]
pytestmark = pytest.mark.integration


@pytest.fixture
def local(restic: Path, restic_templates: Templates, fast_path: Path) -> LocalPlace:
    return LocalPlace(fast_path, restic, restic_templates)


@pytest.fixture
def s3(rclone_s3: S3Server, restic: Path, restic_templates: Templates, fast_path: Path) -> S3Place:
    return S3Place(fast_path, restic, restic_templates, rclone_s3, f"wire-{uuid.uuid4().hex[:8]}")


@pytest.mark.slow
def test_nobody_listens(s3: S3Place) -> None:
    (port,) = free_ports(1)
    s3.server = S3Server(f"http://127.0.0.1:{port}", s3.server.process)
    began = time.monotonic()
    with pytest.raises(StorageUnavailable, match="can't be reached"):
        s3.open().probe()
    assert time.monotonic() - began < 45


@pytest.mark.slow
def test_wrong_access_keys(s3: S3Place) -> None:
    s3.server = S3Server(s3.server.endpoint, s3.server.process, secret_key="not the secret key")
    with pytest.raises(StorageUnavailable) as told:
        s3.open().probe()
    assert "not the secret key" not in str(told.value.as_dict())


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_not_made(s3: S3Place) -> None:
    s3.bucket = "never-made"
    bucket = S3Bucket(s3.config("here"), Credentials(ACCESS_KEY, SECRET_KEY))
    with pytest.raises((RepositoryMissing, StorageUnavailable)):
        s3.open().probe()
    with pytest.raises(StorageUnavailable, match="does not exist"):
        s3.open(bucket_exists=bucket.exists).initialise()
    assert "never-made" not in [b["Name"] for b in s3.client.list_buckets()["Buckets"]]


def test_what_a_shell_has_set_for_restic_does_not_reach_ours(
    local: LocalPlace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "RESTIC_REPOSITORY": "/nowhere", "RESTIC_REPOSITORY_FILE": "/nowhere", "RESTIC_PASSWORD": "wrong",
        "RESTIC_PASSWORD_COMMAND": "false", "RESTIC_HOST": "elsewhere", "RESTIC_CACHE_DIR": str(tmp_path / "theirs"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    (tmp_path / "tree").mkdir()
    save(local.open(), tmp_path / "tree")
    assert local.open().snapshots()[0].host == "host1"
    assert not (tmp_path / "theirs").exists()


def test_the_password_stands_in_no_argument_and_no_environment(local: LocalPlace, tmp_path: Path) -> None:
    """Neither restic's nor that of a command that restic runs, which gets nothing of the repository's."""
    seen = tmp_path / "seen"
    real = local.restic
    spy = local.folder / "restic-spy"
    spy.write_text(f'#!/bin/sh\n{{ echo "$@"; env; }} >> {seen}\nexec {real} "$@"\n')
    spy.chmod(0o755)
    local.restic = spy
    repository = local.open(credentials=lambda: {"AWS_SECRET_ACCESS_KEY": "a-secret-key"})
    saved = save_stream(repository, stream("env"))
    assert PASSWORD not in seen.read_text()
    repository.dump_to(saved.snapshot, "/db.dump", tmp_path / "out")
    theirs = (tmp_path / "out").read_text()
    assert "a-secret-key" not in theirs
    assert PASSWORD not in theirs
    assert not [line for line in theirs.splitlines() if line.startswith("RESTIC_")]


def test_a_file_in_the_way(local: LocalPlace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    began = time.monotonic()
    with pytest.raises(StorageUnavailable, match="no folder"):
        local.at(tmp_path / "file").initialise()
    assert time.monotonic() - began < 30  # restic would try again for a quarter of an hour
    assert (tmp_path / "file").read_text() == "in the way"
    with pytest.raises(RepositoryMissing):
        local.at(tmp_path / "gone" / "deeper").check(quiet)
    assert not (tmp_path / "gone").exists()
