"""What must never be lost: the datasets and where their data comes from."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from policies.duration import Duration
from policies.quantity import Bytes
from policies.secret import SecretReference
from policies.value import Value


class Objectives(Value):
    """What its owner can bear."""

    rpo: Duration | None = Field(None, description="Most data, in time, that may be lost")
    rto: Duration | None = Field(None, description="Longest time to have it back")


class DatasetFacts(Value):
    """What every dataset has."""

    aliases: tuple[str, ...] = Field((), description="Other names that people use")
    description: str = Field("", description="A line for people")
    objectives: Objectives = Objectives()
    shrink_tolerance: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Largest share of files or bytes that may vanish between two runs before one is suspect",
    )
    size_hint: Bytes | None = Field(None, description="Its size, until it was measured")


class FilesDataset(DatasetFacts):
    """Files and folders."""

    kind: Literal["files"]
    paths: tuple[str, ...] = Field(min_length=1, description="Absolute paths; every one must exist")
    exclude: tuple[str, ...] = Field((), description="Patterns that are left out (restic's syntax)")
    one_file_system: bool = Field(False, description="Do not cross into other mounted file systems")
    mounts: tuple[str, ...] = Field((), description="Mount points that must be mounted")
    allow_empty: bool = Field(False, description="Whether an empty tree is plausible")
    unreadable: tuple[str, ...] = Field(
        (), description="Paths (patterns) that may be unreadable without making a run partial"
    )

    @model_validator(mode="after")
    def _absolute(self) -> Self:
        for path in (*self.paths, *self.mounts):
            if not path.startswith("/"):
                raise ValueError(f"{path!r} is not absolute: write the whole path, from /")
        return self


class SqliteDataset(DatasetFacts):
    """One SQLite database file."""

    kind: Literal["sqlite"]
    path: str = Field(description="Absolute path of the database file")

    @model_validator(mode="after")
    def _absolute(self) -> Self:
        if not self.path.startswith("/"):
            raise ValueError(f"{self.path!r} is not absolute: write the whole path, from /")
        return self


class PostgresDataset(DatasetFacts):
    """One, several or all databases of a PostgreSQL cluster, with its globals (roles, tablespaces)."""

    kind: Literal["postgres"]
    databases: tuple[str, ...] = Field((), description="Database names; empty: all that allow connections")
    host: str | None = Field(None, description="Host name, address, or folder of the socket")
    port: int | None = Field(None, ge=1, le=65535)
    user: str | None = Field(None, description="Role to connect as")
    service: str | None = Field(None, description="Name in pg_service.conf")
    dsn: SecretReference | None = Field(None, description="Place of a whole connection string (it may hold a password)")
    password: SecretReference | None = Field(None, description="Place of the password")
    globals: bool = Field(True, description="Whether roles and tablespaces are saved too")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.dsn and (self.service or self.host or self.user or self.password):
            raise ValueError("dsn says everything: leave out host, user, password and service beside it")
        return self


Dataset = Annotated[FilesDataset | SqliteDataset | PostgresDataset, Field(discriminator="kind")]
