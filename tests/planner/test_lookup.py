"""Which repository a word means."""

from __future__ import annotations

from planner.language import lookup
from policies.catalog import Catalog

PASSWORD = {"file": "/p"}
CATALOG = Catalog.model_validate(
    {
        "repositories": {
            "local": {"kind": "local", "path": "/srv/a", "password": PASSWORD},
            "disk2": {"kind": "local", "path": "/srv/b", "password": PASSWORD, "offsite": True},
        }
    }
)


def test_a_name_of_its_own_goes_before_a_word_for_its_kind() -> None:
    known = lookup.repositories(CATALOG)
    assert lookup.match("local", known).names == ("local",)
    assert lookup.match("offsite", known).names == ("disk2",)
    assert lookup.match("local disk", known).choices == ("local", "disk2")
