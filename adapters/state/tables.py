"""The tables. They never leave this folder; `codec` turns rows into values of the domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

from adapters.state.columns import Json, Moment, Words


class Run(SQLModel, table=True):
    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("key", "dataset", "repository", name="uq_runs_slot"),  # a slot runs once
        Index("ix_runs_due", "due"),
        Index("ix_runs_policy_due", "policy", "due"),
        Index("ix_runs_dataset_due", "dataset", "due"),
        Index("ix_runs_dataset_state_ended", "dataset", "state", "ended"),
        Index("ix_runs_dataset_repository_ended", "dataset", "repository", "ended"),
        Index("ix_runs_repository_state_ended", "repository", "state", "ended"),
        Index("ix_runs_open", "open", "due"),
    )

    id: str = Field(primary_key=True)
    key: str
    policy: str
    dataset: str
    repository: str
    state: str
    open: bool  # whether it has not ended: what start-up looks for
    trigger: str
    due: datetime = Field(sa_type=Moment)
    started: datetime | None = Field(default=None, sa_type=Moment)
    ended: datetime | None = Field(default=None, sa_type=Moment)
    reason: str = Field(default="", sa_type=Words)
    snapshots: Any = Field(sa_type=Json, nullable=False)
    point_time: datetime | None = Field(default=None, sa_type=Moment)
    files: int | None = Field(default=None, sa_type=BigInteger)
    bytes: int | None = Field(default=None, sa_type=BigInteger)
    added: int | None = Field(default=None, sa_type=BigInteger)
    seconds: Any = Field(sa_type=Json, nullable=False)
    unreadable: Any = Field(sa_type=Json, nullable=False)
    forgotten: Any = Field(sa_type=Json, nullable=False)
    warnings: Any = Field(sa_type=Json, nullable=False)


class Board(SQLModel, table=True):
    """What runs say of a (policy, dataset, repository). Drills and repository moments are joined when it is read."""

    __tablename__ = "board"

    policy: str = Field(primary_key=True)
    dataset: str = Field(primary_key=True)
    repository: str = Field(primary_key=True)
    last_run: datetime | None = Field(default=None, sa_type=Moment)
    last_run_id: str = ""
    last_state: str | None = None
    last_reason: str = Field(default="", sa_type=Words)
    last_good: datetime | None = Field(default=None, sa_type=Moment)
    last_good_run: str = ""
    last_bytes: int | None = Field(default=None, sa_type=BigInteger)
    failures_in_row: int = 0


class Proof(SQLModel, table=True):
    """What drills say of a (dataset, repository)."""

    __tablename__ = "proofs"

    dataset: str = Field(primary_key=True)
    repository: str = Field(primary_key=True)
    last_drill: datetime | None = Field(default=None, sa_type=Moment)
    last_verdict: str
    last_proven: datetime | None = Field(default=None, sa_type=Moment)


class Mark(SQLModel, table=True):
    """When a repository was last looked after."""

    __tablename__ = "marks"

    repository: str = Field(primary_key=True)
    last_check: datetime | None = Field(default=None, sa_type=Moment)
    last_forget: datetime | None = Field(default=None, sa_type=Moment)
    last_prune: datetime | None = Field(default=None, sa_type=Moment)


class CachedSnapshot(SQLModel, table=True):
    __tablename__ = "snapshots"

    repository: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    time: datetime = Field(sa_type=Moment)
    host: str = Field(sa_type=Words)
    paths: Any = Field(sa_type=Json, nullable=False)
    tags: Any = Field(sa_type=Json, nullable=False)
    tree: str = ""
    parent: str | None = None
    files: int | None = Field(default=None, sa_type=BigInteger)
    bytes: int | None = Field(default=None, sa_type=BigInteger)


class Fact(SQLModel, table=True):
    __tablename__ = "facts"

    run_id: str = Field(primary_key=True)
    facts: Any = Field(sa_type=Json, nullable=False)


class Drill(SQLModel, table=True):
    __tablename__ = "drills"
    __table_args__ = (Index("ix_drills_started", "started"), Index("ix_drills_dataset_started", "dataset", "started"))

    id: str = Field(primary_key=True)
    dataset: str
    repository: str
    point: str
    level: str
    verdict: str
    started: datetime = Field(sa_type=Moment)
    ended: datetime = Field(sa_type=Moment)
    point_time: datetime | None = Field(default=None, sa_type=Moment)
    expected_slot: str = ""
    rpo_seconds: float | None = None
    rto_seconds: float | None = None
    bytes: int | None = Field(default=None, sa_type=BigInteger)
    findings: Any = Field(sa_type=Json, nullable=False)
    reason: str = Field(default="", sa_type=Words)
    twin_verdict: str = ""


class Note(SQLModel, table=True):
    __tablename__ = "notes"

    key: str = Field(primary_key=True)
    value: str = Field(sa_type=Words)


class Ledger(SQLModel, table=True):
    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_kind", "kind", "number"),)

    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    time: datetime = Field(sa_type=Moment)
    kind: str
    actor: str
    body: str = Field(sa_type=Words)  # canonical JSON, as it was hashed
    previous: str
    hash: str


class ProposalRow(SQLModel, table=True):
    __tablename__ = "proposals"
    __table_args__ = (Index("ix_proposals_time", "time"),)

    id: str = Field(primary_key=True)
    time: datetime = Field(sa_type=Moment)
    body: Any = Field(sa_type=Json, nullable=False)
    state: str


class RequestRow(SQLModel, table=True):
    __tablename__ = "requests"
    __table_args__ = (Index("ix_requests_open", "open", "time"),)

    id: str = Field(primary_key=True)
    time: datetime = Field(sa_type=Moment)
    body: Any = Field(sa_type=Json, nullable=False)
    open: bool
    result: Any = Field(default=None, sa_type=Json, nullable=True)


class CatalogCache(SQLModel, table=True):
    __tablename__ = "catalog_cache"

    digest: str = Field(primary_key=True)
    body: str = Field(sa_type=Words)


def table(of: type[SQLModel]) -> Table:
    """The SQLAlchemy table behind a model."""
    found: Table = of.__table__  # type: ignore[attr-defined]
    return found
