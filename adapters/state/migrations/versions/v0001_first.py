"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "board",
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("last_run", sa.String(32), nullable=True),
        sa.Column("last_run_id", sa.String(), nullable=False),
        sa.Column("last_state", sa.String(), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=False),
        sa.Column("last_good", sa.String(32), nullable=True),
        sa.Column("last_good_run", sa.String(), nullable=False),
        sa.Column("last_bytes", sa.BigInteger(), nullable=True),
        sa.Column("failures_in_row", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("policy", "dataset", "repository"),
    )
    op.create_table(
        "catalog_cache",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "drills",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("point", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("started", sa.String(32), nullable=False),
        sa.Column("ended", sa.String(32), nullable=False),
        sa.Column("point_time", sa.String(32), nullable=True),
        sa.Column("expected_slot", sa.String(), nullable=False),
        sa.Column("rpo_seconds", sa.Float(), nullable=True),
        sa.Column("rto_seconds", sa.Float(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("twin_verdict", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_drills_dataset_started", "drills", ["dataset", "started"])
    op.create_index("ix_drills_started", "drills", ["started"])
    op.create_table(
        "facts",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "ledger",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_ledger_kind", "ledger", ["kind", "number"])
    op.create_table(
        "marks",
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("last_check", sa.String(32), nullable=True),
        sa.Column("last_forget", sa.String(32), nullable=True),
        sa.Column("last_prune", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("repository"),
    )
    op.create_table(
        "notes",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "proofs",
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("last_drill", sa.String(32), nullable=True),
        sa.Column("last_verdict", sa.String(), nullable=False),
        sa.Column("last_proven", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("dataset", "repository"),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_proposals_time", "proposals", ["time"])
    op.create_table(
        "requests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_requests_open", "requests", ["open", "time"])
    op.create_table(
        "runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("due", sa.String(32), nullable=False),
        sa.Column("started", sa.String(32), nullable=True),
        sa.Column("ended", sa.String(32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("snapshots", sa.Text(), nullable=False),
        sa.Column("point_time", sa.String(32), nullable=True),
        sa.Column("files", sa.BigInteger(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("added", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.Text(), nullable=False),
        sa.Column("unreadable", sa.Text(), nullable=False),
        sa.Column("forgotten", sa.Text(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", "dataset", "repository", name="uq_runs_slot"),
    )
    op.create_index("ix_runs_dataset_due", "runs", ["dataset", "due"])
    op.create_index("ix_runs_dataset_repository_ended", "runs", ["dataset", "repository", "ended"])
    op.create_index("ix_runs_dataset_state_ended", "runs", ["dataset", "state", "ended"])
    op.create_index("ix_runs_due", "runs", ["due"])
    op.create_index("ix_runs_open", "runs", ["open", "due"])
    op.create_index("ix_runs_policy_due", "runs", ["policy", "due"])
    op.create_index("ix_runs_repository_state_ended", "runs", ["repository", "state", "ended"])
    op.create_table(
        "snapshots",
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("paths", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("tree", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("files", sa.BigInteger(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("repository", "id"),
    )


def downgrade() -> None:
    raise NotImplementedError("restora's state only moves forwards")
