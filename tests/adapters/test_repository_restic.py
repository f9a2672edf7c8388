"""restic repositories keep the contract: on the oldest and the newest restic, locally and in S3."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests.adapters.repository_contract import RepositoryContract, tree
from tests.adapters.repository_reading import ReadingContract
from tests.adapters.repository_saving import SavingContract
from tests.adapters.restic_places import LocalPlace, S3Place, without_privilege
from tests.servers.restic_template import Templates
from tests.servers.s3 import S3Server

__all__ = ["tree"]

pytest_plugins = ["tests.servers.s3_fixtures"]
pytestmark = pytest.mark.integration


class Real(RepositoryContract, SavingContract, ReadingContract):
    @pytest.fixture(name="without_privilege")
    def _without_privilege(self, place: LocalPlace | S3Place) -> None:
        without_privilege(place)


class TestLocal(Real):
    @pytest.fixture
    def place(self, restic: Path, restic_templates: Templates, fast_path: Path) -> LocalPlace:
        return LocalPlace(fast_path, restic, restic_templates)


@pytest.mark.slow
class TestS3(Real):
    """`rclone serve s3`; restic itself on SeaweedFS is tested in test_restic_on_s3.py."""

    @pytest.fixture
    def place(self, restic: Path, restic_templates: Templates, fast_path: Path, rclone_s3: S3Server) -> S3Place:
        return S3Place(fast_path, restic, restic_templates, rclone_s3, f"contract-{uuid.uuid4().hex[:8]}")
