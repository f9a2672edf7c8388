"""A wish for several datasets changes the policies that are there, and makes one for what has none."""

from __future__ import annotations

from typing import Any

from planner.language.resolve import resolve
from policies.catalog import Catalog
from tests.planner.language.readings import office, reading
from tests.planner.language.samples import NOW
from tests.planner.world import policy_fields


def with_policies(**datasets: list[str]) -> Catalog:
    base = office()
    policies = {name: policy_fields(datasets=names, window=None) for name, names in datasets.items()}
    return Catalog.model_validate({**base.model_dump(by_alias=True), "policies": policies})


def shares(catalog: Catalog, *targets: str, **more: Any) -> list[tuple[str, ...]]:
    said = reading({"action": "protect", "targets": targets, "retention": {"keep_within": "60d"}, **more})
    found = resolve(said, catalog, now=NOW)
    assert not found.questions
    return [wish.datasets for wish in found.wishes]


def test_without_policies_one_is_made() -> None:
    assert shares(office(), "orders", "wiki") == [("orders", "wiki")]


def test_each_policy_is_changed() -> None:
    assert shares(with_policies(a=["orders"], b=["wiki"]), "orders", "wiki") == [("orders",), ("wiki",)]


def test_what_has_no_policy_gets_one() -> None:
    found = shares(with_policies(a=["orders", "crm"], b=["wiki"]), "all")
    assert found == [("orders", "crm"), ("wiki",), ("web01", "web02", "notes")]


def test_a_policy_for_others_too_is_not_touched() -> None:
    assert shares(with_policies(a=["orders", "crm"]), "orders", "wiki") == [("orders", "wiki")]


def test_a_policy_for_exactly_these_is_changed_alone() -> None:
    assert shares(with_policies(a=["wiki", "orders"], b=["wiki"]), "orders", "wiki") == [("orders", "wiki")]


def test_other_places_are_other_policies() -> None:
    catalog = with_policies(a=["orders"])
    assert shares(catalog, "orders", "wiki", destinations=["cloud"]) == [("orders", "wiki")]


def test_a_change_that_names_nothing_is_for_every_policy() -> None:
    assert shares(with_policies(a=["orders"], b=["wiki", "crm"])) == [("orders",), ("wiki", "crm")]


def test_a_drill_of_all_joins_each_wish() -> None:
    protect = {"action": "protect", "targets": ["all"], "schedule": {"every": "1d"}}
    drill = {"action": "drill", "targets": ["all"], "schedule": {"every": "1mo"}}
    found = resolve(reading(protect, drill), with_policies(a=["orders"]), now=NOW)
    assert [(w.datasets[0], str(w.drill_every)) for w in found.wishes] == [("orders", "1mo"), ("crm", "1mo")]
