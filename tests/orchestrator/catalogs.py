"""Small catalogs for tests of the use cases."""

from __future__ import annotations

from typing import Any

from policies.catalog import Catalog


def catalog(*, schedule: dict[str, Any] | None = None, timezone: str = "Europe/Berlin", **policy: Any) -> Catalog:
    """One dataset `db`, one repository `local`, one policy `db`."""
    return Catalog.model_validate(
        {
            "site": {"timezone": timezone, "name": "host1"},
            "repositories": {"local": {"kind": "local", "path": "/r", "password": {"file": "/p"}}},
            "datasets": {"db": {"kind": "sqlite", "path": "/db"}},
            "policies": {
                "db": {
                    "datasets": ["db"],
                    "repositories": ["local"],
                    "schedule": schedule or {"every": "1d", "at": ["01:40"]},
                    "retention": {"keep_within": "30d"},
                    **policy,
                }
            },
        }
    )
