"""Run by Alembic on the connection that `schema` hands over; its transaction is the caller's."""

from alembic import context
from sqlmodel import SQLModel

import adapters.state.tables  # noqa: F401  registers the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=False,
)
context.run_migrations()
