"""Plans: what changes, field by field, with numbers that say how they are known."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.difference import difference
from planner.plan import plan
from planner.proposal import Kind
from policies.catalog import Catalog
from policies.policy import Policy
from tests.planner.world import GB, NOW, catalog, measured, policy_fields


def with_policies(**policies: dict[str, object]) -> Catalog:
    return catalog(policies={name: Policy.model_validate(fields) for name, fields in policies.items()})


def test_no_change_is_an_empty_plan() -> None:
    same = with_policies(db=policy_fields())
    found = plan(same, same, measured(), NOW)
    assert found.empty
    assert found.holds


def test_added_changed_removed() -> None:
    before = with_policies(db=policy_fields(), old=policy_fields())
    after = with_policies(db=policy_fields(schedule={"every": "1d", "at": ["02:00"]}), new=policy_fields())
    found = plan(before, after, measured(), NOW)
    assert [(change.name, change.kind) for change in found.changes] == [
        ("db", Kind.CHANGED),
        ("old", Kind.REMOVED),
        ("new", Kind.ADDED),
    ]
    (field,) = found.changes[0].fields
    assert str(field) == "~ policies.db.schedule.at: 01:40 -> 02:00"
    assert len(found.changes[0].slots) == 5
    assert found.changes[1].proof is None
    assert found.changes[2].proof is not None


def test_a_site_or_dataset_that_moves_touches_its_policies() -> None:
    before = with_policies(db=policy_fields(), wiki=policy_fields(datasets=["wiki"]))
    moved = before.changed(site={"timezone": "Asia/Shanghai"})
    assert [change.name for change in plan(before, moved, measured(), NOW).changes] == ["db", "wiki"]
    grown = before.changed(datasets={**before.datasets, "wiki": {"kind": "files", "paths": ["/srv/wiki", "/srv/more"]}})
    found = plan(before, grown, measured(), NOW)
    assert [change.name for change in found.changes] == ["wiki"]
    assert {str(entry) for entry in found.others} >= {"~ datasets.wiki.paths: /srv/wiki -> /srv/wiki, /srv/more"}


def test_a_paused_policy_has_no_slots_ahead() -> None:
    found = plan(catalog(), with_policies(db=policy_fields(paused=True)), measured(), NOW)
    assert found.changes[0].slots == ()


def test_everything_lists_what_stays() -> None:
    same = with_policies(db=policy_fields())
    assert [change.name for change in plan(same, same, measured(), NOW, everything=True).changes] == ["db"]


def test_a_broken_guardrail_or_proof_does_not_hold() -> None:
    wanted = with_policies(db=policy_fields(rpo="24h"))
    found = plan(catalog(), wanted, measured(), NOW)
    assert not found.holds
    assert not plan(catalog(), with_policies(db=policy_fields(rpo="6h")), measured(), NOW).holds


def test_as_dict_is_json_whose_numbers_say_how_they_are_known() -> None:
    wanted = with_policies(db=policy_fields(rpo="30h", repositories=["local", "cloud"]))
    shown = json.loads(json.dumps(plan(catalog(), wanted, measured(), NOW).as_dict()))
    (change,) = shown["policies"]
    assert (change["policy"], change["kind"], shown["holds"]) == ("db", "added", True)
    assert [slot["key"] for slot in change["slots"]][:2] == ["db@2026-03-12#0", "db@2026-03-13#0"]
    for figure in change["figures"].values():
        assert set(figure) == {"value", "unit", "origin", "basis"}
        assert figure["origin"] in {"measured", "estimated", "assumed", "proven"}
        assert figure["basis"]
    loss = next(item for item in change["proof"]["items"] if item["claim"] == "rpo")
    assert loss == {
        "claim": "rpo", "subject": "db", "holds": True, "date": "2026-10-25", "why": "clocks go back", "remedies": [],
        "worst": {"value": 90360, "unit": "s", "origin": "proven", "basis": "25 h between runs, 6 min for a run (measured)"},
        "limit": {"value": 108000, "unit": "s", "origin": "assumed", "basis": "30h"},
    }  # fmt: skip
    assert change["figures"]["run"] == {"value": 360, "unit": "s", "origin": "measured", "basis": "P90 of 5 runs"}
    assert {item["subject"] for item in change["proof"]["items"] if item["claim"] == "space"} == {"local", "cloud"}


def test_figures_of_space_and_cost() -> None:
    found = (
        plan(catalog(), with_policies(db=policy_fields(repositories=["local", "cloud"])), measured(), NOW)
        .changes[0]
        .figures
    )
    low, middle, high = (found[name].value for name in ("space_year_low", "space_year", "space_year_high"))
    assert found["space_now"].value == 4 * GB < low < middle < high
    assert 5.5 * GB < middle < 7 * GB  # 4 GB, and 80 MB a night for 30 nights
    assert abs(found["cost_month"].value - middle / 1e9 * 0.02) < 1e-9


@settings(max_examples=30)
@given(st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")), st.sampled_from(["01:40", "02:00"]))
def test_differences_are_symmetric(before: set[str], after: set[str], at: str) -> None:
    one = with_policies(**{name: policy_fields() for name in sorted(before)})
    two = with_policies(**{name: policy_fields(schedule={"every": "1d", "at": [at]}) for name in sorted(after)})
    forth, back = difference(one, two), difference(two, one)
    assert {(entry.path, entry.before, entry.after) for entry in forth} == {
        (entry.path, entry.after, entry.before) for entry in back
    }
    assert (forth == ()) == (one == two)
