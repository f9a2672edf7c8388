"""Object lock against restic's locks and prune (docs/hazards.md), on SeaweedFS, which keeps versions and locks them."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from adapters.object_store import Credentials, S3Bucket
from policies.errors import RepositoryLocked
from tests.adapters.repository_contract import DEAD, quiet, save
from tests.adapters.restic_places import S3Place
from tests.servers.restic_template import Templates
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server

pytest_plugins = ["tests.servers.s3_fixtures"]
pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture
def place(seaweedfs: S3Server, restic: Path, restic_templates: Templates, tmp_path: Path) -> S3Place:
    """A repository whose bucket keeps every version for a day, whoever deletes it."""
    bucket = f"locked-{uuid.uuid4().hex[:8]}"
    client = seaweedfs.client()
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    client.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    return S3Place(tmp_path, restic, restic_templates, seaweedfs, bucket, make=False)


def posture(place: S3Place) -> S3Bucket:
    return S3Bucket(place.config("here"), Credentials(ACCESS_KEY, SECRET_KEY))


def test_object_lock_lets_restic_work_and_keeps_what_is_deleted(place: S3Place, tmp_path: Path) -> None:
    """Saving, locking, forgetting and pruning go on; what they delete is hidden, not gone: neither ransom nor a mistake
    destroys it, and no space comes back before its time."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "file").write_bytes(os.urandom(300_000))
    repository = place.open()
    gone = save(repository, tree, tags=("run=1",)).snapshot
    (tree / "file").write_bytes(os.urandom(300_000))
    kept = save(repository, tree, tags=("run=2",)).snapshot
    repository.forget([gone])
    repository.prune(quiet)
    repository.check(quiet, read=(1, 1))
    assert [s.id for s in repository.snapshots()] == [kept]

    told = {finding.name: finding for finding in posture(place).check(datetime.now(UTC))}
    assert "nothing is really removed before" in told["object lock"].found
    assert "prune" in told["versioning"].found

    versions = place.client.list_object_versions(Bucket=place.bucket, Prefix="here/")
    stored = {(v["Key"], v["VersionId"]) for v in versions["Versions"]}
    assert f"here/snapshots/{gone}" in {key for key, _ in stored}
    for key, version in stored:  # a thief with the same keys
        if key == f"here/snapshots/{gone}":
            with pytest.raises(ClientError):
                place.client.delete_object(Bucket=place.bucket, Key=key, VersionId=version)
    for marker in versions["DeleteMarkers"]:
        if "/locks/" not in marker["Key"]:
            place.client.delete_object(Bucket=place.bucket, Key=marker["Key"], VersionId=marker["VersionId"])
    assert {s.id for s in repository.snapshots()} == {gone, kept}
    assert repository.restore(gone, tmp_path / "back", progress=quiet) == 1


def test_a_stale_lock_goes_from_a_locked_bucket_by_the_stores_own_clock(place: S3Place) -> None:
    """The lock says that it is old; only its object's age in the store makes that true."""
    place.lock(datetime.now(UTC) - timedelta(hours=5), pid=DEAD)
    bucket = posture(place)
    written = bucket.written("locks", datetime.now(UTC))
    assert len(written) == 1
    assert all(abs(datetime.now(UTC) - moment) < timedelta(minutes=2) for moment in written.values())
    now = place.open(lock_times=lambda: bucket.written("locks", datetime.now(UTC)))
    assert now.unlock_stale() == []
    with pytest.raises(RepositoryLocked):
        now.check(quiet)
    later = datetime.now(UTC) + timedelta(minutes=40)
    old = {name: moment - timedelta(minutes=40) for name, moment in written.items()}
    assert place.open(lock_times=lambda: old, now=lambda: later - timedelta(minutes=40)).unlock_stale() != []
    now.check(quiet)
