"""Places where real restic repositories lie in tests: a local folder, and a prefix in a bucket."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.restic import ResticRepository, Timeouts
from policies.repository import LocalRepository, S3Repository
from tests.servers.restic_template import PASSWORD, REFERENCE, Templates, lay_lock
from tests.servers.s3 import S3Server

QUICK = Timeouts(read=60.0, stall=60.0, silent=120.0, grace=5.0)
LESS = "-dac_override,-dac_read_search"


@dataclass
class LocalPlace:
    """`folder` is private to the test; the repository lies in `folder/repository`, a copy of the template."""

    folder: Path
    restic: Path
    templates: Templates
    local: bool = True

    def __post_init__(self) -> None:
        self.path = self.templates.copy(self.restic, self.folder / "repository")

    def open(
        self, *, password: str = PASSWORD, cancel: threading.Event | None = None, **options: Any
    ) -> ResticRepository:
        return self.at(self.path, password=password, cancel=cancel, **options)

    def nowhere(self) -> ResticRepository:
        return self.at(self.folder / "nowhere")

    def at(self, path: Path, *, password: str = PASSWORD, mount: str | None = None, **options: Any) -> ResticRepository:
        local = LocalRepository.model_validate(
            {"kind": "local", "path": str(path), "password": REFERENCE, "mount": mount}
        )
        given: dict[str, Any] = {"restic": str(self.restic), "timeouts": QUICK, "cache_dir": self.folder / "cache"}
        given |= {"scratch": self.folder / "scratch", "recovery_key_file": self.folder / "recovery-key"}
        return ResticRepository("local", local, lambda: password, **{**given, **options})

    def lock(self, moment: datetime, *, pid: int, exclusive: bool = True, host: str = "") -> str:
        return lay_lock(self.path, moment, pid=pid, exclusive=exclusive, host=host)

    def packs(self) -> list[Path]:
        """Packs, the largest (data before trees) first."""
        return sorted((p for p in (self.path / "data").rglob("*") if p.is_file()), key=lambda p: -p.stat().st_size)

    def flip(self) -> None:
        self.rewrite(self.packs()[0], turned)

    def lose(self) -> None:
        self.packs()[0].unlink()

    @staticmethod
    def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
        """Repository files are read-only: a disk does not ask."""
        path.chmod(0o600)
        path.write_bytes(change(path.read_bytes()))


@dataclass
class S3Place:
    """A repository in a bucket of its own, uploaded from the template."""

    folder: Path
    restic: Path
    templates: Templates
    server: S3Server
    bucket: str
    make: bool = True
    local: bool = False

    def __post_init__(self) -> None:
        self.client = self.server.client()
        if self.make:
            self.client.create_bucket(Bucket=self.bucket)
        self.copy = self.templates.copy(self.restic, self.folder / "copy")
        for path in self.copy.rglob("*"):
            if path.is_file():
                self._put(path)

    def open(
        self, *, password: str = PASSWORD, cancel: threading.Event | None = None, **options: Any
    ) -> ResticRepository:
        return self._at("here", password, cancel=cancel, **options)

    def nowhere(self) -> ResticRepository:
        return self._at("nowhere", PASSWORD)

    def config(self, prefix: str) -> S3Repository:
        return S3Repository.model_validate(
            {
                "kind": "s3", "bucket": self.bucket, "prefix": prefix, "endpoint": self.server.endpoint,
                "region": self.server.region, "password": REFERENCE,
            }
        )  # fmt: skip

    def _at(self, prefix: str, password: str, **options: Any) -> ResticRepository:
        given: dict[str, Any] = {"restic": str(self.restic), "timeouts": QUICK, "cache_dir": self.folder / "cache"}
        given |= {"scratch": self.folder / "scratch", "recovery_key_file": self.folder / "recovery-key"}
        return ResticRepository(
            "s3", self.config(prefix), lambda: password, credentials=lambda: self.environment, **{**given, **options}
        )

    @property
    def environment(self) -> Mapping[str, str]:
        return self.server.environment

    def lock(self, moment: datetime, *, pid: int, exclusive: bool = True) -> None:
        self._put(self.copy / "locks" / lay_lock(self.copy, moment, pid=pid, exclusive=exclusive))

    def largest(self) -> str:
        found = self.client.list_objects_v2(Bucket=self.bucket, Prefix="here/data/")["Contents"]
        return str(max(found, key=lambda item: item["Size"])["Key"])

    def flip(self) -> None:
        key = self.largest()
        body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        self.client.put_object(Bucket=self.bucket, Key=key, Body=turned(body))

    def lose(self) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self.largest())

    def _put(self, path: Path) -> None:
        key = f"here/{path.relative_to(self.copy)}"
        self.client.put_object(Bucket=self.bucket, Key=key, Body=path.read_bytes())


def turned(content: bytes) -> bytes:
    """Sixteen bytes near the beginning turned, the length as it was."""
    return content[:64] + bytes(255 - byte for byte in content[64:80]) + content[80:]


def without_privilege(place: LocalPlace | S3Place) -> None:
    """Make the place's restic obey file modes: root may read everything otherwise."""
    if os.geteuid() != 0:
        return
    program = shutil.which("setpriv")
    assert program, "as root this needs setpriv: apt-get install util-linux"
    wrapper = place.folder / "restic-without-privilege"
    wrapper.write_text(f'#!/bin/sh\nexec {program} --bounding-set={LESS} --inh-caps={LESS} {place.restic} "$@"\n')
    wrapper.chmod(0o755)
    place.restic = wrapper
