"""A small catalog that planning tests share."""

from __future__ import annotations

from datetime import UTC, datetime

from policies.catalog import Catalog
from policies.figure import DatasetHistory, History, RepositoryHistory

NOW = datetime(2026, 3, 11, 10, 30, tzinfo=UTC)
GB = 10**9


def catalog(**changes: object) -> Catalog:
    """One disk, one bucket off site; a database, a wiki, a home; nothing in force."""
    return Catalog.model_validate(
        {
            "site": {"timezone": "Europe/Berlin"},
            "repositories": {
                "local": {"kind": "local", "path": "/backup", "mount": "/backup", "password": {"file": "/etc/restora/key"}},
                "cloud": {
                    "kind": "s3", "bucket": "copies", "offsite": True, "usd_per_gb_month": 0.02, "password": {"file": "/etc/restora/key"},
                },
            },
            "datasets": {
                "db": {"kind": "postgres", "size_hint": "4GB", "aliases": ["shop"]},
                "wiki": {"kind": "files", "paths": ["/srv/wiki"], "size_hint": "20GB"},
                "home": {"kind": "files", "paths": ["/home"]},
            },
            "notify": {"ops": {"kind": "email", "to": ["ops@example.org"]}},
            **changes,
        }
    )  # fmt: skip


def measured(
    seconds: float = 360, size: int = 4 * GB, added: float = 0.08 * GB, runs: int = 5, **more: float
) -> History:
    """A history in which db was backed up."""
    data = DatasetHistory(
        bytes=size, runs=runs, added_per_run=added, seconds_p50=seconds * 0.9, seconds_p90=seconds, **more
    )  # type: ignore[arg-type]
    return History({"db": data}, {"local": RepositoryHistory(free=212 * GB)})


def policy_fields(**changes: object) -> dict[str, object]:
    """A nightly policy of db."""
    return {
        "datasets": ["db"], "repositories": ["local"], "schedule": {"every": "1d", "at": ["01:40"]},
        "retention": {"keep_within": "30d"}, "window": {"from": "00:00", "to": "06:00"}, **changes,
    }  # fmt: skip
