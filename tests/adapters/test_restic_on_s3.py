"""restic itself on both S3 servers: the ground that repositories in S3 stand on."""

from __future__ import annotations

import os
import subprocess
import uuid
from pathlib import Path

import pytest

from tests.servers.s3 import S3Server

pytest_plugins = ["tests.servers.s3_fixtures"]
pytestmark = pytest.mark.integration


@pytest.mark.parametrize("server", ["seaweedfs", "rclone_s3"])
def test_init_backup_check_restore(server: str, restic: Path, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    s3: S3Server = request.getfixturevalue(server)
    bucket = f"bucket-{uuid.uuid4().hex[:8]}"
    s3.client().create_bucket(Bucket=bucket)
    source = tmp_path / "source"
    source.mkdir()
    (source / "words").write_bytes(os.urandom(2_000_000))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "RESTIC_PASSWORD": "for tests", **s3.environment}

    def run(*arguments: str) -> str:
        argv = [str(restic), "--repo", s3.location(bucket, "backups"), "--no-cache", "--quiet", *arguments]
        done = subprocess.run(
            argv, check=False, env=environment, cwd=source, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("init")
    run("backup", "words")
    run("check", "--read-data")
    run("restore", "latest", "--target", str(tmp_path / "restored"))
    restored = list((tmp_path / "restored").rglob("words"))
    assert [path.read_bytes() for path in restored] == [(source / "words").read_bytes()]
