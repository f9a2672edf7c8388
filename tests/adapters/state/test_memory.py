"""Snapshots, facts, drills, notes, proposals, requests and the catalog."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from adapters.state.store import StateStore
from policies.request import Proposal, Request
from tests.adapters.state.samples import START, a_drill, a_snapshot, at


def test_snapshots(store: StateStore) -> None:
    first, second, third = a_snapshot(1), a_snapshot(2), a_snapshot(3, files=None, bytes=None, parent="p")
    store.put_snapshots("local", [third, first], whole=False)
    store.put_snapshots("local", [second], whole=False)
    store.put_snapshots("far", [first], whole=True)
    assert store.cached_snapshots("local") == [first, second, third]
    counted = replace(third, files=5)
    store.put_snapshots("local", [counted, second], whole=True)
    assert store.cached_snapshots("local") == [second, counted]
    store.drop_snapshots("local", [second.id, "unknown"])
    assert store.cached_snapshots("local") == [counted]
    assert store.cached_snapshots("far") == [first]
    store.put_snapshots("far", [], whole=True)
    assert store.cached_snapshots("far") == store.cached_snapshots("nowhere") == []


def test_thousands_of_snapshots(store: StateStore) -> None:
    many = [a_snapshot(number) for number in range(2500)]
    store.put_snapshots("local", many, whole=True)
    store.put_snapshots("local", many[2400:], whole=True)
    assert store.cached_snapshots("local") == many[2400:]


def test_facts(store: StateStore) -> None:
    assert store.facts("r1") == {}
    store.put_facts("r1", {"table customers": "10", "path \udcff": "sha"})
    store.put_facts("r1", {"table customers": "11", "path \udcff": "sha"})
    assert store.facts("r1") == {"table customers": "11", "path \udcff": "sha"}


def test_drills(store: StateStore) -> None:
    store.add_drill(a_drill(0))
    store.add_drill(a_drill(2, verdict="failed", reason="rows differ"))
    store.add_drill(a_drill(1, dataset="www", point_time=None, rto_seconds=None))
    assert [drill.id for drill in store.drills()] == ["d2", "d1", "d0"]
    assert [drill.id for drill in store.drills(limit=1)] == ["d2"]
    assert store.drills(dataset="db")[1] == a_drill(0)
    store.add_drill(a_drill(0, reason="told again"))
    assert [drill.reason for drill in store.drills(dataset="db")] == ["rows differ", "told again"]


def test_notes(store: StateStore) -> None:
    assert store.note("daemon.heartbeat") is None
    store.put_note("daemon.heartbeat", "1")
    store.put_note("daemon.heartbeat", "2")
    store.put_note("Drill.heartbeat", "3")
    assert store.note("daemon.heartbeat") == "2"
    assert store.notes("daemon.") == {"daemon.heartbeat": "2"}
    assert store.notes() == {"Drill.heartbeat": "3", "daemon.heartbeat": "2"}


def test_proposals(store: StateStore) -> None:
    first, second = Proposal("p1", at(1), {"plan": [1, {"a": None}]}), Proposal("p2", at(2), {})
    store.put_proposal(first)
    store.put_proposal(second)
    assert store.proposal("p1") == first
    assert store.proposal("none") is None
    assert store.proposals() == [second, first]
    assert store.move_proposal("p1", "open", "applied")
    assert not store.move_proposal("p1", "open", "applied")
    assert not store.move_proposal("none", "open", "applied")
    assert store.proposals(state="open") == [second]
    assert store.proposal("p1") == replace(first, state="applied")


def test_requests(store: StateStore) -> None:
    first, second = Request("q1", at(1), {"run": ["db"]}), Request("q2", at(0), {})
    assert store.add_request(first)
    assert store.add_request(second)
    assert not store.add_request(first)
    assert store.open_requests() == [second, first]
    assert store.close_request("q1", {"state": "succeeded"})
    assert not store.close_request("q1", {"state": "failed"})
    assert not store.close_request("none", {})
    assert store.open_requests() == [second]
    assert store.request("q1") == replace(first, result={"state": "succeeded"})
    assert store.request("none") is None
    store.add_request(Request("q3", START + timedelta(days=40), {}))
    assert store.request("q1") is None  # closed and old
    assert store.request("q2") == second  # old but open


def test_only_the_newest_catalog_is_kept(store: StateStore) -> None:
    assert store.catalog("aa") is None
    store.put_catalog("aa", '{"version":1}')
    store.put_catalog("aa", '{"version": 1}')
    assert store.catalog("aa") == '{"version": 1}'
    store.put_catalog("bb", "{}")
    assert store.catalog("aa") is None
    assert store.catalog("bb") == "{}"
