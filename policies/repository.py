"""Where copies live: a restic repository on a local disk or in S3."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from policies.quantity import Bytes, BytesPerSecond
from policies.secret import SecretReference
from policies.value import Value


class RepositoryFacts(Value):
    """What every repository has."""

    password: SecretReference = Field(description="Where the repository's password is found")
    aliases: tuple[str, ...] = Field((), description="Other names that people use")
    limit: Bytes | None = Field(None, description="Most space that the repository may take")
    upload: BytesPerSecond | None = Field(None, description="Most bandwidth for writing to it")
    download: BytesPerSecond | None = Field(None, description="Most bandwidth for reading from it")
    offsite: bool = Field(False, description="Whether it survives the loss of this site")
    usd_per_gb_month: float = Field(0.0, ge=0, description="Price of stored data")


class LocalRepository(RepositoryFacts):
    """A folder on a mounted disk."""

    kind: Literal["local"]
    path: str = Field(description="Absolute folder")
    mount: str | None = Field(None, description="Mount point that must be mounted before anything is written")

    @property
    def location(self) -> str:
        return self.path


class S3Repository(RepositoryFacts):
    """A prefix of a bucket of S3 or a compatible store."""

    kind: Literal["s3"]
    bucket: str = Field(min_length=3, max_length=63, description="Bucket name")
    prefix: str = Field("", description="Folder inside the bucket")
    endpoint: str = Field("https://s3.amazonaws.com", description="URL of the service")
    region: str = Field("us-east-1", description="Region of the bucket")
    access_key: SecretReference | None = Field(None, description="Access key id; none: the AWS default chain")
    secret_key: SecretReference | None = Field(None, description="Secret access key")
    storage_class: str | None = Field(None, description="Storage class of new objects")
    create_bucket: bool = Field(False, description="Whether init may create the bucket")

    @property
    def location(self) -> str:
        prefix = self.prefix.strip("/")
        return f"s3:{self.endpoint.rstrip('/')}/{self.bucket}" + (f"/{prefix}" if prefix else "")


Repository = Annotated[LocalRepository | S3Repository, Field(discriminator="kind")]
