"""boto3's many errors as two of ours: a person must change something, or it may work later."""

from __future__ import annotations

from typing import Any

from policies.errors import ConfigurationError, RepositoryMissing, RestoraError, StorageUnavailable
from policies.repository import S3Repository

UNKNOWN_HOST = (
    "Name or service not known",
    "name resolution",
    "getaddrinfo",
    "nodename nor servname",
    "No address associated",
)
BUSY = frozenset(
    {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling", "502", "503", "504"}
)
REGION = frozenset(
    {
        "PermanentRedirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "TemporaryRedirect",
        "InvalidLocationConstraint",
        "301",
        "307",
    }
)


def error_names() -> tuple[type[Exception], ...]:
    """What boto3 raises; looked up when it is needed, because boto3 is loaded late."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    return (BotoCoreError, ClientError, ResponseParserError, ValueError)


def code_of(error: Exception) -> str:
    """The store's code of an error (NoSuchBucket, 403 …), or nothing."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def explained(error: Exception, repository: S3Repository) -> RestoraError:
    """The error in our words; nothing of the credentials is in it."""
    return _from_answer(error, repository) if code_of(error) else _without_answer(error, repository)


def _from_answer(error: Exception, repository: S3Repository) -> RestoraError:  # one arm a cause
    code, bucket, endpoint = code_of(error), repository.bucket, repository.endpoint
    response: dict[str, Any] = getattr(error, "response", {})
    if code in {"NoSuchBucket", "404"}:
        return RepositoryMissing(
            f"there is no bucket {bucket} at {endpoint}", hint="`restora init` makes it with create_bucket: true"
        )
    if code in {"InvalidAccessKeyId", "InvalidToken", "ExpiredToken", "InvalidClientTokenId"}:
        return ConfigurationError(
            f"{endpoint} does not know the access key ({code})", hint="check access_key of the repository"
        )
    if code == "SignatureDoesNotMatch":
        return ConfigurationError(
            f"{endpoint} says the secret key is wrong ({code})", hint="check secret_key of the repository"
        )
    if code == "RequestTimeTooSkewed":
        there = response.get("Error", {}).get("ServerTime", "")
        message = f"this host's clock is too far off for {endpoint}" + (f": there it is {there}" if there else "")
        return ConfigurationError(message, hint="set the clock: timedatectl set-ntp true")
    if code in REGION:
        region = response.get("Error", {}).get("Region") or _header(response, "x-amz-bucket-region")
        place = f"in region {region}" if region else "in another region"
        return ConfigurationError(
            f"bucket {bucket} is {place}, not in {repository.region}", hint=f"set region: {region or '…'}"
        )
    if code in {"BucketAlreadyExists", "OperationAborted"}:
        return ConfigurationError(f"the bucket name {bucket} is taken at {endpoint}", hint="choose another bucket name")
    if code in {"InvalidBucketName"}:
        return ConfigurationError(
            f"{bucket!r} is no bucket name ({code})", hint="lower-case letters, digits and dashes, 3 to 63"
        )
    if code == "500":  # what botocore makes of an answer without S3's own words, 200 or not
        return StorageUnavailable(
            f"{endpoint} answers, but not as S3 does", hint="check the endpoint's URL, then try again"
        )
    if code in BUSY:
        return StorageUnavailable(f"{endpoint} is overloaded or broken ({code})", hint="it is tried again later")
    if code in {"AccessDenied", "403", "AllAccessDisabled", "AccountProblem", "UnauthorizedAccess"}:
        operation = getattr(error, "operation_name", "")
        message = f"{endpoint} denies these credentials {operation} on bucket {bucket} ({code})"
        hint = "allow s3:ListBucket on the bucket, and GetObject, PutObject, DeleteObject on its content"
        return ConfigurationError(message, hint=hint)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = StorageUnavailable if isinstance(status, int) and status >= 500 else ConfigurationError
    return kind(f"{endpoint} refuses bucket {bucket} ({code})", hint="look the code up in the store's documentation")


def _without_answer(error: Exception, repository: S3Repository) -> RestoraError:  # one arm a cause
    import botocore.exceptions as boto

    endpoint, text = repository.endpoint, f"{error} {getattr(error, 'kwargs', {}).get('error', '')}"
    if isinstance(error, boto.SSLError):
        hint = "give the store a certificate that this host trusts, or set AWS_CA_BUNDLE; check http and https"
        return ConfigurationError(f"the TLS connection to {endpoint} fails: {_reason(text)}", hint=hint)
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError):
        hint = "set access_key and secret_key of the repository, or give this host a role"
        return ConfigurationError(f"there are no credentials for {endpoint}", hint=hint)
    if isinstance(error, boto.ConnectTimeoutError | boto.ReadTimeoutError):
        return StorageUnavailable(f"{endpoint} does not answer in time", hint="check the network and the firewall")
    if isinstance(error, boto.EndpointConnectionError | boto.ProxyConnectionError):
        if any(words in text for words in UNKNOWN_HOST):
            return StorageUnavailable(
                f"there is no host of the name in {endpoint}", hint="check the endpoint's URL and DNS"
            )
        what = "refuses the connection" if "refused" in text.lower() else "can't be reached"
        return StorageUnavailable(f"{endpoint} {what}", hint="check that the service runs, its port and the network")
    if isinstance(error, boto.HTTPClientError | boto.ConnectionError):
        if any(words in text for words in UNKNOWN_HOST):
            return StorageUnavailable(
                f"there is no host of the name in {endpoint}", hint="check the endpoint's URL and DNS"
            )
        return StorageUnavailable(f"the connection to {endpoint} broke", hint="check the network")
    if isinstance(error, boto.ParamValidationError | boto.InvalidRegionError | ValueError):
        message = f"endpoint {endpoint}, region {repository.region} or bucket {repository.bucket} is malformed"
        return ConfigurationError(message, hint="check them in restora.yaml")
    if type(error).__name__ == "ResponseParserError":
        return ConfigurationError(f"{endpoint} answers, but not as S3 does", hint="check the endpoint's URL")
    return StorageUnavailable(
        f"{endpoint} can't be used: {type(error).__name__}", hint="check the network and the endpoint"
    )


def _header(response: dict[str, Any], name: str) -> str:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(headers.get(name, ""))


def _reason(text: str) -> str:
    """The last clause of OpenSSL's long message."""
    for words in ("certificate has expired", "self-signed certificate", "self signed certificate", "hostname mismatch"):
        if words.lower() in text.lower():
            return words
    if "WRONG_VERSION_NUMBER" in text or "wrong version number" in text:
        return "the other side speaks no TLS"
    return "certificate not trusted" if "CERTIFICATE_VERIFY_FAILED" in text else "handshake failed"
