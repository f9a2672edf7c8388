"""From a configured dataset to its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.sources.files import FilesSource
from adapters.sources.sqlite import SqliteSource
from policies.catalog import Tools
from policies.dataset import Dataset, FilesDataset, SqliteDataset

if TYPE_CHECKING:
    from adapters.sources.postgres import PostgresSource
    from adapters.sources.postgres_connection import Secrets


def open_source(
    name: str, dataset: Dataset, secrets: Secrets, tools: Tools | None = None
) -> FilesSource | SqliteSource | PostgresSource:
    """The source of a dataset; nothing is touched yet. `secrets` reads a SecretReference."""
    if isinstance(dataset, FilesDataset):
        return FilesSource(name, dataset)
    if isinstance(dataset, SqliteDataset):
        return SqliteSource(name, dataset)
    from adapters.sources.postgres import PostgresSource

    return PostgresSource(name, dataset, secrets, bin_dir=tools.postgres_bin if tools else None)
