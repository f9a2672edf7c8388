"""What is made from the models: the first file, the schema, the reference."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from adapters.configuration import parse, schema, starter
from adapters.configuration.reference import files
from policies.capture import Candidate
from policies.catalog import Catalog, Site
from policies.errors import ConfigurationError
from policies.repository import LocalRepository, S3Repository
from policies.secret import SecretReference

ROOT = Path(__file__).parents[3]
KEY = SecretReference(file="/etc/restora/local.password")
LOCAL = LocalRepository(kind="local", path="/srv/repo", password=KEY)
FOUND = [
    Candidate("shop", "postgres", {"host": "/run/postgresql", "databases": ("shop",)}, ("shop db", "db"), 'PostgreSQL "shop"'),
    Candidate("shop", "sqlite", {"path": "/srv/it's: a #1.db"}, ("Shop", "shop.db"), "SQLite\n/srv · 3 KB"),
    Candidate("no", "files", {"paths": ("/home/a b", "/srv/数据")}, ("docs folder",), ""),
    Candidate("!!", "files", {"paths": ("/x",)}, (), ""),
]  # fmt: skip


def uncommented(text: str) -> str:
    """The file as it is when a person uncomments every example; a sentence has one space behind its #."""
    example = re.compile(r"^( *)#(?! \S)", re.M)
    return example.sub(r"\1", text)


def test_the_first_file_loads_and_says_what_was_found() -> None:
    text = starter({"local": LOCAL}, FOUND, site=Site(name="host", timezone="Europe/Berlin"), schema="x.json")
    catalog = parse(text)
    assert catalog.site == Site(name="host", timezone="Europe/Berlin")
    assert catalog.repositories == {"local": LOCAL}
    assert list(catalog.datasets) == ["shop", "shop-2", "no", "data"]
    assert catalog.datasets["shop-2"].path == "/srv/it's: a #1.db"  # type: ignore[union-attr]  # it is the SQLite one
    assert catalog.policies == {}
    assert not catalog.dangling()
    assert text.startswith("# yaml-language-server: $schema=x.json\n")


def test_every_example_in_it_loads_once_uncommented() -> None:
    catalog = parse(uncommented(starter({"local": LOCAL}, FOUND[:1])))
    assert set(catalog.repositories) == {"local", "offsite"}
    assert set(catalog.datasets) == {"shop", "etc", "example-database"}
    assert list(catalog.policies) == ["shop"]
    assert set(catalog.notify) == {"ops", "chat"}
    assert catalog.site.language == "zh"


def test_nothing_found_and_everything_in_s3() -> None:
    bucket = S3Repository(kind="s3", bucket="abc", password=KEY, offsite=True, create_bucket=True)
    assert parse(starter({"s3": bucket}, [])).repositories == {"s3": bucket}
    assert parse(uncommented(starter({"s3": bucket}, [])))


def test_what_is_no_dataset_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="'till' is no dataset: path"):
        starter({"local": LOCAL}, [Candidate("till", "sqlite", {}, (), "")])


@pytest.mark.parametrize("name", ["configuration.md", "restora.schema.json"])
def test_the_reference_is_what_the_code_makes(name: str) -> None:
    made = {path.name: text for path, text in files(ROOT / "docs/reference")}
    there = (ROOT / "docs/reference" / name).read_text("utf-8")
    assert there == made[name], "python -m adapters.configuration.reference"


def test_the_schema_knows_every_key() -> None:
    found = schema()
    assert set(found["properties"]) == set(Catalog.model_fields)
    text = json.dumps(found)
    for word in ("keep_within", "exclude", "create_bucket", '"from"', '"to"'):
        assert word in text
