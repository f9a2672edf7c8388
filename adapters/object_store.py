"""The bucket behind a repository in S3: is it there, is it ours to use, is it kept as it should be?

Looking never changes anything, an existing bucket's configuration is never touched, and nothing is ever deleted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from adapters.object_store_errors import code_of, error_names, explained
from policies.errors import ConfigurationError, RestoraError
from policies.repository import S3Repository
from policies.run import Finding

MOST_SKEW = 300.0  # seconds; S3 itself refuses requests at 15 minutes
UNSUPPORTED = frozenset(
    {"NotImplemented", "MethodNotAllowed", "501", "405", "UnsupportedOperation", "XNotImplemented", "NotSupported"}
)
NONE_SET = frozenset(
    {
        "NoSuchPublicAccessBlockConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        "ObjectLockConfigurationNotFoundError",
        "NoSuchBucketPolicy",
    }
)
EVERYONE = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys of an S3 account; never shown."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


class S3Bucket:
    """One repository's bucket. `credentials` None: the AWS default chain. Timeouts in seconds; `attempts` per request.

    Calls raise StorageUnavailable (try again later), RepositoryMissing (no such bucket) or ConfigurationError (a person
    must change something)."""

    def __init__(
        self,
        repository: S3Repository,
        credentials: Credentials | None,
        *,
        connect_timeout: float = 4.0,
        read_timeout: float = 10.0,
        attempts: int = 2,
    ) -> None:
        self.repository = repository
        self.credentials = credentials
        self._timeouts = {"connect_timeout": connect_timeout, "read_timeout": read_timeout}
        self._attempts = attempts
        self._made: Any = None

    def environment(self) -> Mapping[str, str]:
        """What restic needs in its environment to reach the bucket; its values are secret but the region."""
        found = {"AWS_DEFAULT_REGION": self.repository.region}
        if self.credentials:
            found["AWS_ACCESS_KEY_ID"] = self.credentials.access_key
            found["AWS_SECRET_ACCESS_KEY"] = self.credentials.secret_key
            if self.credentials.session_token:
                found["AWS_SESSION_TOKEN"] = self.credentials.session_token
        return found

    def probe(self) -> Mapping[str, str]:
        """Reach the bucket with the credentials; the answer's headers. Idempotent; needs the right to list."""
        repository = self.repository
        # listing rather than HEAD: a HEAD has no body, so its errors can't say what is wrong
        prefix = repository.prefix.strip("/")
        with_prefix = {"Prefix": f"{prefix}/"} if prefix else {}
        answer = self._call("list_objects_v2", Bucket=repository.bucket, MaxKeys=1, **with_prefix)
        if "Name" not in answer and "KeyCount" not in answer and "IsTruncated" not in answer:
            raise ConfigurationError(
                f"{repository.endpoint} answers, but not as S3 does", hint="check the endpoint's URL"
            )
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        return {str(key).lower(): str(value) for key, value in headers.items()}

    def check(self, now: datetime) -> list[Finding]:
        """Look at the bucket and at how it is kept. Only what makes backups fail, or exposes them, is not ok; what the
        store does not offer is told as such. Never raises for the bucket's state; idempotent."""
        began = time.monotonic()
        try:
            headers = self.probe()
        except RestoraError as error:
            return [Finding("bucket", False, "reachable with these credentials", error.message, self.repository.bucket)]
        found = [Finding("bucket", True, found="reachable with these credentials", subject=self.repository.bucket)]
        found += _clock(headers, now, time.monotonic() - began)
        found.append(self._region(headers))
        looks: tuple[tuple[str, Callable[[], tuple[bool, str, str]]], ...] = (
            ("versioning", self._versioning),
            ("public access", self._public_access),
            ("default encryption", self._encryption),
            ("object lock", self._object_lock),
        )
        return found + [self._looked(name, look) for name, look in looks]

    def create(self, now: datetime) -> list[Finding]:
        """Make the bucket if it is missing and may be made, private, versioned, on AWS encrypted, where the store can; then
        `check`. A bucket that is there already is only checked. Repeatable."""
        if not self._is_missing():
            return self.check(now)
        repository = self.repository
        if not repository.create_bucket:
            hint = "make it in the store's console, or set create_bucket: true in restora.yaml"
            raise ConfigurationError(f"there is no bucket {repository.bucket} at {repository.endpoint}", hint=hint)
        place: dict[str, Any] = {}
        if repository.region != "us-east-1":
            place["CreateBucketConfiguration"] = {"LocationConstraint": repository.region}
        try:
            self._raw("create_bucket", Bucket=repository.bucket, **place)
        except error_names() as error:
            if (
                code_of(error) == "BucketAlreadyOwnedByYou"
            ):  # made by another run in the meantime: its configuration is not ours
                return self.check(now)
            raise explained(error, repository) from None
        wishes: dict[str, dict[str, Any]] = {
            "put_public_access_block": {"PublicAccessBlockConfiguration": BLOCK},
            "put_bucket_versioning": {"VersioningConfiguration": {"Status": "Enabled"}},
        }
        if _is_amazon(repository.endpoint):
            # other stores may take the setting and then, without a key of their own, refuse every object; restic encrypts all
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            wishes["put_bucket_encryption"] = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
        for operation, wish in wishes.items():
            self._try_to_set(operation, wish)
        return self.check(now)

    def exists(self) -> bool:
        """Whether the bucket is there; other failures are raised as they are."""
        return not self._is_missing()

    def written(self, folder: str, now: datetime) -> dict[str, datetime]:
        """When each object directly below this folder of the repository was written, by its name: the store's own times,
        moved by how far its clock is from ours, so that `now` less a time is its age. Idempotent."""
        prefix = "/".join(part for part in (self.repository.prefix.strip("/"), folder.strip("/")) if part) + "/"
        found: dict[str, datetime] = {}
        after: dict[str, str] = {}
        while True:
            page = self._call("list_objects_v2", Bucket=self.repository.bucket, Prefix=prefix, **after)
            headers = page.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            apart = now - _date(headers, now)
            for item in page.get("Contents", ()):
                found[str(item["Key"]).removeprefix(prefix)] = item["LastModified"] + apart
            if not page.get("IsTruncated"):
                return found
            after = {"ContinuationToken": page["NextContinuationToken"]}

    def _is_missing(self) -> bool:
        try:
            self._raw("list_objects_v2", Bucket=self.repository.bucket, MaxKeys=1)
        except error_names() as error:
            if code_of(error) in {"NoSuchBucket", "404"}:
                return True
            raise explained(error, self.repository) from None
        return False

    def _try_to_set(self, operation: str, wish: dict[str, Any]) -> None:
        try:
            self._raw(operation, Bucket=self.repository.bucket, **wish)
        except error_names() as error:
            # the bucket exists and can be used: `check` tells what it lacks
            if code_of(error) not in UNSUPPORTED | {"AccessDenied", "InvalidRequest", "MalformedXML", "400"}:
                raise explained(error, self.repository) from None

    def _region(self, headers: Mapping[str, str]) -> Finding:
        wanted = self.repository.region
        where = headers.get("x-amz-bucket-region", "")
        if not where:
            try:
                answer = self._raw("get_bucket_location", Bucket=self.repository.bucket)
            except error_names() as error:
                return Finding("region", True, found=_unread(error))
            said = str(answer.get("LocationConstraint") or "us-east-1")
            where = "eu-west-1" if said == "EU" else said
        is_amazon = _is_amazon(self.repository.endpoint)
        return Finding(
            "region", where == wanted or not is_amazon, wanted, where if is_amazon else f"{where} (of no weight here)"
        )

    def _looked(self, name: str, look: Callable[[], tuple[bool, str, str]]) -> Finding:
        try:
            ok, expected, found = look()
        except error_names() as error:
            return Finding(name, True, found=_unread(error), subject=self.repository.bucket)
        return Finding(name, ok, expected, found, self.repository.bucket)

    def _versioning(self) -> tuple[bool, str, str]:
        status = self._raw("get_bucket_versioning", Bucket=self.repository.bucket).get("Status")
        if status == "Enabled":
            return True, "", "on: what prune removes goes on costing until a lifecycle rule expires old versions"
        return True, "", "off: what is deleted by mistake or malice is gone"

    def _public_access(self) -> tuple[bool, str, str]:
        bucket = self.repository.bucket
        block = self._or_none("get_public_access_block", Bucket=bucket).get("PublicAccessBlockConfiguration", {})
        if block and all(block.get(name) for name in BLOCK):
            return True, "blocked", "blocked"
        if self._or_none("get_bucket_policy_status", Bucket=bucket).get("PolicyStatus", {}).get("IsPublic"):
            return False, "blocked", "the bucket's policy makes it public"
        grants = self._or_none("get_bucket_acl", Bucket=bucket).get("Grants", [])
        if any(grant.get("Grantee", {}).get("URI") in EVERYONE for grant in grants):
            return False, "blocked", "the bucket's access list makes it public"
        return True, "blocked", "not public now, and not blocked on the bucket"

    def _encryption(self) -> tuple[bool, str, str]:
        answer = self._or_none("get_bucket_encryption", Bucket=self.repository.bucket)
        rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
        names = [rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "") for rule in rules]
        return True, "", ", ".join(filter(None, names)) or "none by the store (restic encrypts everything itself)"

    def _object_lock(self) -> tuple[bool, str, str]:
        answer = self._or_none("get_object_lock_configuration", Bucket=self.repository.bucket)
        lock = answer.get("ObjectLockConfiguration", {})
        if lock.get("ObjectLockEnabled") != "Enabled":
            return True, "", "off"
        rule = lock.get("Rule", {}).get("DefaultRetention", {})
        if not rule:
            return True, "", "on, without a default period"
        period = f"{rule['Days']} days" if rule.get("Days") else f"{rule.get('Years')} years"
        return True, "", f"on, {rule.get('Mode', '').lower()}, {period}: nothing is really removed before"

    def _or_none(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """An answer, or {} where nothing is set or the store has no such thing and other looks can still tell."""
        try:
            return self._raw(operation, **arguments)
        except error_names() as error:
            if code_of(error) in NONE_SET:
                return {}
            if code_of(error) in UNSUPPORTED and operation in {"get_public_access_block", "get_bucket_policy_status"}:
                return {}
            raise

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            return self._raw(operation, **arguments)
        except error_names() as error:
            # from None: botocore's text may repeat headers
            raise explained(error, self.repository) from None

    def _raw(self, operation: str, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self._client(), operation)(**arguments)
        return answer

    def _client(self) -> Any:
        if self._made is None:
            import boto3  # half a second, only for those who use S3
            from botocore.config import Config

            is_amazon = _is_amazon(self.repository.endpoint)
            keys = self.credentials
            self._made = boto3.session.Session().client(
                "s3",
                region_name=self.repository.region,
                endpoint_url=None if is_amazon else self.repository.endpoint,
                aws_access_key_id=keys.access_key if keys else None,
                aws_secret_access_key=keys.secret_key if keys else None,
                aws_session_token=(keys.session_token or None) if keys else None,
                config=Config(
                    **self._timeouts,
                    retries={"total_max_attempts": self._attempts, "mode": "standard"},
                    s3={"addressing_style": "auto" if is_amazon else "path"},
                    ignore_configured_endpoint_urls=True,
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )
        return self._made


def _is_amazon(endpoint: str) -> bool:
    """Whether boto3 shall find the endpoint of the region itself."""
    host = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}").hostname or ""
    return host == "s3.amazonaws.com"


def _unread(error: Exception) -> str:
    code = code_of(error)
    if code in UNSUPPORTED:
        return "not supported here"
    if code in {"AccessDenied", "403", "AllAccessDisabled"}:
        return "not known: these credentials may not look"
    return f"not known: {code or type(error).__name__}"


def _date(headers: Mapping[str, str], otherwise: datetime) -> datetime:
    """The store's clock, from an answer of it."""
    try:
        theirs = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return otherwise
    return theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)


def _clock(headers: Mapping[str, str], now: datetime, elapsed: float) -> Iterator[Finding]:
    """How far this host's clock is off, by the store's."""
    if "date" not in headers:
        return
    ahead = (now - _date(headers, now)).total_seconds() + elapsed
    found = "right" if abs(ahead) < 2 else f"{abs(ahead):.0f} s {'ahead' if ahead > 0 else 'behind'}"
    yield Finding("clock", abs(ahead) < MOST_SKEW, f"less than {MOST_SKEW:.0f} s off", found)
