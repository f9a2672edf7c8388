"""The one shape of a configured value: frozen, unknown keys rejected."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; an unknown key is an error that names it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
