"""Samples of a recovery point: drawn anew, comparable parts first, never more than asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planner.sample import SIZE, sample

names = st.sets(st.from_regex(r"/[a-z]{1,6}", fullmatch=True), max_size=30)


@given(names, names, st.integers(1, 20), st.text(max_size=5))
def test_files_whose_content_is_known_come_first(known: set[str], others: set[str], size: int, seed: str) -> None:
    facts = {**{f"sha256:{path}": "whole:1" for path in known}, "files": "9", "sha256:/gone": ""}
    listed = known | others
    drawn = sample("files", facts, listed, seed=seed, size=size)
    assert len(drawn.items) == len(set(drawn.items)) == min(size, len(listed))
    assert set(drawn.items) <= listed
    assert len(known & set(drawn.items)) == min(size, len(known))
    assert dict(drawn.facts or {}) == {f"sha256:{path}": "whole:1" for path in drawn.items if path in known}
    assert drawn == sample("files", facts, listed, seed=seed, size=size)


def test_another_drill_draws_others() -> None:
    listed = [f"/{number}" for number in range(10_000)]
    drawn = {sample("files", {}, listed, seed=str(seed)).items for seed in range(20)}
    assert len(drawn) == 20
    assert all(len(items) == SIZE for items in drawn)
    assert 1 - 0.95**SIZE > 0.95


def test_tables_of_databases_with_their_facts() -> None:
    facts = {
        "rows:my%20shop/public.orders": "3", "sum:my%20shop/public.orders": "7", "rows:other/s.t": "1",
        "objects:other": "1 tables", "server": "15",
    }  # fmt: skip
    drawn = sample("postgres", facts, [], seed="x", size=9)
    assert set(drawn.items) == {"my shop.public.orders", "other.s.t"}
    assert set(drawn.facts or {}) == {"rows:my%20shop/public.orders", "sum:my%20shop/public.orders", "rows:other/s.t"}


def test_one_file_is_taken_whole() -> None:
    assert sample("sqlite", {"rows:a": "1"}, [], seed="x").items == ()
