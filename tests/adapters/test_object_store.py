"""The bucket behind a repository: moto for AWS's ways, SeaweedFS for a real store, canned answers for rare errors."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from moto import mock_aws

from adapters.object_store import Credentials, S3Bucket
from policies.errors import ConfigurationError, RepositoryMissing, RestoraError, StorageUnavailable
from policies.repository import S3Repository
from policies.run import Finding
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server, free_ports

pytest_plugins = ["tests.servers.s3_fixtures"]

KEYS = Credentials("AKIATESTKEY", "very-secret-key")


def repository(**fields: object) -> S3Repository:
    return S3Repository.model_validate({"kind": "s3", "bucket": "backups", "password": {"file": "/etc/pw"}, **fields})


def bucket(keys: Credentials | None = KEYS, **fields: object) -> S3Bucket:
    return S3Bucket(repository(**fields), keys, connect_timeout=1, read_timeout=1, attempts=1)


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield boto3.client("s3", region_name="us-east-1")


def test_environment_is_what_restic_reads() -> None:
    assert bucket(region="eu-central-1").environment() == {
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIATESTKEY",
        "AWS_SECRET_ACCESS_KEY": "very-secret-key",
    }
    assert dict(bucket(Credentials("a", "b", "c")).environment())["AWS_SESSION_TOKEN"] == "c"
    assert dict(bucket(None).environment()) == {"AWS_DEFAULT_REGION": "us-east-1"}


def test_credentials_are_never_shown() -> None:
    assert "very-secret" not in repr(KEYS)
    assert "AKIA" not in repr(KEYS)


def test_a_missing_bucket_is_made_private_encrypted_and_versioned(aws: Any) -> None:
    found = by_name(bucket(create_bucket=True, region="eu-central-1").create(datetime.now(UTC)))
    assert all(finding.ok for finding in found.values()), found
    assert found["versioning"].found.startswith("on")
    assert found["public access"].found == "blocked"
    assert found["default encryption"].found == "AES256"
    assert found["object lock"].found == "off"
    assert found["region"].found == "eu-central-1"
    assert aws.get_bucket_location(Bucket="backups")["LocationConstraint"] == "eu-central-1"


def test_a_missing_bucket_is_not_made_unless_allowed(aws: Any) -> None:
    with pytest.raises(ConfigurationError, match="there is no bucket backups") as caught:
        bucket().create(datetime.now(UTC))
    assert "create_bucket: true" in caught.value.hint
    assert aws.list_buckets()["Buckets"] == []


def test_the_configuration_of_an_existing_bucket_is_never_touched(aws: Any) -> None:
    aws.create_bucket(Bucket="backups")
    found = by_name(bucket(create_bucket=True).create(datetime.now(UTC)))
    assert found["versioning"].found.startswith("off")
    assert found["default encryption"].found.startswith("none")
    assert found["public access"].found == "not public now, and not blocked on the bucket"
    assert "Status" not in aws.get_bucket_versioning(Bucket="backups")


def test_create_is_repeatable(aws: Any) -> None:
    one = bucket(create_bucket=True)
    assert one.create(datetime.now(UTC))[0].ok
    assert one.create(datetime.now(UTC))[0].ok


def test_a_public_bucket_is_a_failure(aws: Any) -> None:
    aws.create_bucket(Bucket="backups")
    aws.put_bucket_acl(Bucket="backups", ACL="public-read")
    found = by_name(bucket().check(datetime.now(UTC)))["public access"]
    assert not found.ok
    assert "public" in found.found


def test_object_lock_tells_its_period(aws: Any) -> None:
    aws.create_bucket(Bucket="backups", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}
    aws.put_object_lock_configuration(
        Bucket="backups", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    assert by_name(bucket().check(datetime.now(UTC)))["object lock"].found.startswith("on, compliance, 30 days")


def test_a_wrong_region_is_a_failure_of_amazons_buckets(aws: Any) -> None:
    aws.create_bucket(Bucket="backups", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    found = by_name(bucket().check(datetime.now(UTC)))["region"]
    assert (found.ok, found.expected, found.found) == (False, "us-east-1", "eu-west-1")


# --- a real store ---


@pytest.fixture
def on_seaweedfs(seaweedfs: S3Server) -> Callable[..., S3Bucket]:
    def make(name: str, **fields: Any) -> S3Bucket:
        keys = fields.pop("keys", Credentials(ACCESS_KEY, SECRET_KEY))
        wanted = repository(endpoint=seaweedfs.endpoint, bucket=name, **fields)
        return S3Bucket(wanted, keys, read_timeout=20)

    return make


@pytest.mark.integration
def test_seaweedfs_bucket_is_made_and_checked(on_seaweedfs: Callable[..., S3Bucket]) -> None:
    one = on_seaweedfs("made-by-init", create_bucket=True, prefix="deep/er")
    found = by_name(one.create(datetime.now(UTC)))
    assert all(finding.ok for finding in found.values()), found
    assert found["versioning"].found.startswith("on")
    assert found["clock"].found == "right"
    assert {"region", "public access", "default encryption", "object lock"} <= set(found)


@pytest.mark.integration
def test_seaweedfs_errors_are_told_apart(on_seaweedfs: Callable[..., S3Bucket]) -> None:
    with pytest.raises(RepositoryMissing, match="there is no bucket never-made"):
        on_seaweedfs("never-made").probe()
    with pytest.raises(ConfigurationError, match="does not know the access key"):
        on_seaweedfs("never-made", keys=Credentials("unknown", SECRET_KEY)).probe()
    with pytest.raises(ConfigurationError, match="secret key is wrong") as caught:
        on_seaweedfs("never-made", keys=Credentials(ACCESS_KEY, "wrong-secret")).probe()
    assert "wrong-secret" not in str(caught.value) + caught.value.hint


@pytest.mark.integration
def test_rclone_can_be_probed(rclone_s3: S3Server) -> None:
    rclone_s3.client().create_bucket(Bucket="probed")
    keys = Credentials(ACCESS_KEY, SECRET_KEY)
    S3Bucket(repository(endpoint=rclone_s3.endpoint, bucket="probed"), keys).probe()
    with pytest.raises(RepositoryMissing):
        S3Bucket(repository(endpoint=rclone_s3.endpoint, bucket="not-there"), keys).probe()


# --- errors on the way, and answers that stores give rarely ---


@contextmanager
def answering(status: int, body: str, **headers: str) -> Iterator[str]:
    """A server that answers everything with this."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_HEAD = do_PUT = do_GET

        def date_time_string(self, timestamp: float | None = None) -> str:
            return headers.get("Date", super().date_time_string(timestamp))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def error_body(code: str, **more: str) -> str:
    extra = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>words</Message>{extra}</Error>'


@pytest.mark.parametrize(
    ("status", "code", "more", "kind", "words"),
    [
        (403, "RequestTimeTooSkewed", {"ServerTime": "2026-03-11T10:00:00Z"}, ConfigurationError, "clock"),
        (403, "AccessDenied", {}, ConfigurationError, "denies these credentials"),
        (403, "InvalidAccessKeyId", {}, ConfigurationError, "access key"),
        (403, "ExpiredToken", {}, ConfigurationError, "access key"),
        (403, "SignatureDoesNotMatch", {}, ConfigurationError, "secret key is wrong"),
        (404, "NoSuchBucket", {}, RepositoryMissing, "no bucket"),
        (400, "AuthorizationHeaderMalformed", {"Region": "eu-west-1"}, ConfigurationError, "in region eu-west-1"),
        (400, "IllegalLocationConstraintException", {}, ConfigurationError, "another region"),
        (503, "SlowDown", {}, StorageUnavailable, "overloaded"),
        (500, "Strange", {}, StorageUnavailable, "Strange"),
        (418, "Strange", {}, ConfigurationError, "Strange"),
    ],
)
def test_answers_are_classified(
    status: int, code: str, more: dict[str, str], kind: type[RestoraError], words: str
) -> None:
    with answering(status, error_body(code, **more)) as endpoint, pytest.raises(kind, match=words) as caught:
        bucket(endpoint=endpoint).probe()
    assert type(caught.value) is kind
    assert caught.value.hint
    assert "very-secret" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("body", ["<html><body>hello</body></html>", "hello", "{}", ""])
def test_another_kind_of_server_is_named(body: str) -> None:
    with answering(200, body) as endpoint, pytest.raises(RestoraError, match="not as S3 does"):
        bucket(endpoint=endpoint).probe()


LISTING = (
    '<?xml version="1.0"?><ListBucketResult><Name>backups</Name>'
    "<KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
)


@pytest.mark.parametrize(("minutes", "ok"), [(-20, False), (20, False), (-2, True), (0, True)])
def test_the_clock_is_compared(minutes: int, ok: bool) -> None:
    theirs = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    with answering(200, LISTING, Date=theirs) as endpoint:
        found = by_name(bucket(endpoint=endpoint).check(datetime.now(UTC)))["clock"]
    assert found.ok is ok
    assert ("ahead" in found.found) is (minutes < 0)
    assert ("behind" in found.found) is (minutes > 0)


@pytest.mark.parametrize(("status", "code"), [(501, "NotImplemented"), (405, "MethodNotAllowed")])
def test_what_a_store_lacks_is_no_failure(status: int, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(status, error_body(code)) as endpoint:
        one = bucket(endpoint=endpoint)
        monkeypatch.setattr(one, "probe", dict)
        found = by_name(one.check(datetime.now(UTC)))
    assert {name: finding.found for name, finding in found.items() if name != "bucket"} == dict.fromkeys(
        ("region", "versioning", "public access", "default encryption", "object lock"), "not supported here"
    )
    assert all(finding.ok for finding in found.values())


def test_nobody_listens() -> None:
    (port,) = free_ports(1)
    with pytest.raises(StorageUnavailable, match="refuses the connection"):
        bucket(endpoint=f"http://127.0.0.1:{port}").probe()


def test_no_such_host() -> None:
    with pytest.raises(StorageUnavailable, match="no host of the name"):
        bucket(endpoint="http://nowhere.invalid:9000").probe()


def test_a_silent_server_times_out() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(StorageUnavailable, match="does not answer in time"):
            bucket(endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}").probe()


def test_tls_against_a_plain_server() -> None:
    with answering(200, LISTING) as endpoint, pytest.raises(ConfigurationError, match="TLS connection"):
        bucket(endpoint=endpoint.replace("http:", "https:")).probe()


def test_a_malformed_endpoint() -> None:
    with pytest.raises(ConfigurationError, match="malformed"):
        bucket(endpoint="http://bad host/").probe()


def test_no_credentials_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with answering(200, LISTING) as endpoint, pytest.raises(ConfigurationError, match="no credentials"):
        bucket(None, endpoint=endpoint).probe()


def test_check_tells_of_an_unreachable_bucket_instead_of_raising() -> None:
    (port,) = free_ports(1)
    (finding,) = bucket(endpoint=f"http://127.0.0.1:{port}").check(datetime.now(UTC))
    assert not finding.ok
    assert "refuses the connection" in finding.found
