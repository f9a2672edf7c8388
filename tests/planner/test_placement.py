"""Start times: the earliest free one in the window, or the least crowded."""

from __future__ import annotations

from datetime import time

from hypothesis import given
from hypothesis import strategies as st

from planner.placement import MARGIN, SETTLE, Busy, busy_of, place
from policies.policy import Policy
from policies.window import Window
from tests.planner.world import catalog, measured, policy_fields

NIGHT = Window.model_validate({"from": "00:00", "to": "06:00"})
LATE = Window.model_validate({"from": "22:00", "to": "04:00"})
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 10, 25, 40]))
spans = st.lists(st.builds(Busy, st.sampled_from("abcd"), clocks, st.integers(60, 7200).map(float)), max_size=8)


def minutes(at: time) -> int:
    return at.hour * 60 + at.minute


@given(st.sampled_from([NIGHT, LATE]), st.integers(10, 4 * 3600), spans)
def test_a_free_time_is_free_and_the_earliest(window: Window, seconds: int, busy: list[Busy]) -> None:
    found = place(window, float(seconds), busy)
    need, start = seconds * MARGIN + SETTLE, minutes(window.start)
    length = (minutes(window.until) - start) % 1440 * 60
    taken = {
        int(minutes(entry.at) * 60 + second) % 86400 for entry in busy for second in range(0, int(entry.seconds), 60)
    }

    def free(offset: int) -> bool:
        return not any(int(start * 60 + offset + second) % 86400 in taken for second in range(0, int(need), 60))

    possible = [offset for offset in range(0, int(length - need) + 1, 600) if free(offset)]
    offset = (minutes(found.at) - start) % 1440 * 60
    assert offset + need <= length
    assert found.fits
    if possible:
        # A busy span that begins within the last minute of the run is seen by one and not by the other.
        assert found.beside or offset >= possible[0]
    if not found.beside:
        assert free(offset)


def test_empty_nights_start_with_the_window() -> None:
    assert place(LATE, 600).at == time(22, 0)


def test_what_does_not_fit_says_so() -> None:
    found = place(NIGHT, 6 * 3600.0)
    assert (found.at, found.fits) == (time(0, 0), False)


def test_other_days_do_not_count() -> None:
    busy = [Busy("a", time(0, 0), 3600, ("mon",))]
    assert place(NIGHT, 600, busy, days=("tue",)).at == time(0, 0)
    assert place(NIGHT, 600, busy, days=("mon", "tue")).at == time(1, 0)
    assert place(NIGHT, 600, busy).passed == ("a",)


def test_a_full_night_meets_the_shortest() -> None:
    busy = [Busy("long", time(0, 0), 5 * 3600), Busy("short", time(5, 0), 300), Busy("long", time(5, 5), 3600)]
    found = place(NIGHT, 3600, busy)
    assert found.beside
    assert found.fits


def test_a_short_night_is_kept_in_reserve() -> None:
    busy = [Busy("a", time(0, 0), 3 * 3600)]
    assert place(NIGHT, 2 * 3600, busy).at == time(3, 0)
    assert place(NIGHT, 2 * 3600, busy, reserve=3600).beside == ("a",)


def test_policies_in_force_are_busy() -> None:
    policies = {
        "db": policy_fields(), "often": policy_fields(schedule={"every": "30min"}), "twice": policy_fields(schedule={"every": "12h"}),
        "held": policy_fields(paused=True),
    }  # fmt: skip
    where = catalog(policies={name: Policy.model_validate(fields) for name, fields in policies.items()})
    assert [(entry.name, entry.at) for entry in busy_of(where, measured())] == [
        ("db", time(1, 40)), ("twice", time(0, 0)), ("twice", time(12, 0)),
    ]  # fmt: skip
    assert busy_of(where, measured(), without="db")[0].name == "twice"
