"""Wishes become policies: what was said is taken, what was not is chosen with a reason, all problems come at once."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.draft import draft
from planner.proposal import Choice, Draft, Problem
from planner.tiers import built_in, find
from policies.catalog import Catalog
from policies.duration import Duration
from policies.figure import History, Origin
from policies.guardrails import Severity, check_policy
from policies.policy import Policy
from policies.retention import Retention
from policies.schedule import NthWeekday
from policies.window import WEEKDAYS, Window
from policies.wish import Wish
from tests.planner.world import GB, NOW, catalog, measured, policy_fields

DAILY, HOURLY, WEEKLY = Duration(1, "d"), Duration(1, "h"), Duration(1, "w")


def drafted(wish: Wish, where: Catalog | None = None, history: History | None = None, **more: object) -> Draft:
    return draft(wish, where or catalog(), history or measured(), now=NOW, **more)  # type: ignore[arg-type]


def choice(found: Draft, field: str) -> Choice:
    return next(entry for entry in found.choices if entry.field == field)


def problem(found: Draft, code: str) -> Problem:
    return next(entry for entry in found.problems if entry.code == code)


def in_force(**changes: object) -> Catalog:
    return catalog(policies={"db": Policy.model_validate(policy_fields(origin="first", **changes))})


def policy_of(found: Draft) -> Policy:
    assert found.policy is not None, found.problems
    return found.policy


NIGHTLY = Wish(
    ("db",), every=DAILY, part="night", retention=Retention.model_validate({"keep_within": "30d"}),
    text="back up db nightly, keep 30 days", words={"datasets": "db", "every": "nightly", "retention": "keep 30 days"},
)  # fmt: skip


def test_the_sentence_of_the_readme() -> None:
    found = drafted(NIGHTLY)
    policy = policy_of(found)
    assert found.ready
    assert (found.name, found.base) == ("db", None)
    assert policy.repositories == ("local",)
    assert policy.schedule.at == (time(0, 0),)
    assert policy.window == Window.model_validate({"from": "00:00", "to": "06:00"})
    assert str(policy.retention.keep_within) == "30d"
    assert policy.origin == "back up db nightly, keep 30 days"
    assert choice(found, "retention").words == "keep 30 days"
    assert (choice(found, "schedule.every").said, choice(found, "schedule.every").words) == (True, "nightly")
    assert choice(found, "schedule.at").code == "at.earliest"
    assert not choice(found, "repositories").said
    assert choice(found, "verification").code == "verification.default"
    assert found.catalog is not None
    assert found.catalog.policies["db"] == policy
    assert {
        "run",
        "lost_at_worst",
        "back_within",
        "space_now",
        "space_year_low",
        "space_year_high",
        "cost_month",
    } <= set(found.figures)


def test_every_choice_says_where_it_comes_from() -> None:
    for entry in drafted(NIGHTLY).choices:
        assert entry.value
        assert entry.said or (entry.why and entry.code)


def test_nothing_said_is_every_night_with_defaults() -> None:
    policy = policy_of(drafted(Wish(("wiki",), text="back up wiki")))
    assert (str(policy.schedule.every), policy.retention.keep_daily, policy.retention.keep_weekly, policy.retention.keep_monthly) == (
        "1d", 7, 4, 6,
    )  # fmt: skip
    assert policy.retention.at_least == 3


def test_a_second_policy_waits_for_the_first() -> None:
    first = drafted(NIGHTLY, history=measured(seconds=3000))
    second = drafted(Wish(("wiki",)), first.catalog, measured(seconds=3000))
    assert choice(second, "schedule.at").code == "at.after-others"
    assert policy_of(second).schedule.at > (time(1, 0),)


@pytest.mark.parametrize(
    ("wish", "every", "days", "month_days", "at"),
    [
        (Wish(("db",), every=WEEKLY, times=3), "1w", ("mon", "wed", "fri"), (), 1),
        (Wish(("db",), every=WEEKLY, times=2), "1w", ("mon", "thu"), (), 1),
        (Wish(("db",), every=DAILY, times=2), "12h", (), (), 0),
        (Wish(("db",), every=DAILY, times=7), "1d", (), (), 7),
        (Wish(("db",), every=DAILY, times=2, at=(time(9), time(21))), "1d", (), (), 2),
        (Wish(("db",), every=Duration(1, "mo"), times=2), "1mo", (), (1, 16), 1),
        (Wish(("db",), every=WEEKLY), "1w", ("sun",), (), 1),
        (Wish(("db",), days=("sat", "sun")), "1w", ("sat", "sun"), (), 1),
        (Wish(("db",), every=DAILY, days=("mon",)), "1w", ("mon",), (), 1),
        (Wish(("db",), every=Duration(1, "mo")), "1mo", (), (1,), 1),
        (Wish(("db",), month_days=(-1,)), "1mo", (), (-1,), 1),
        (Wish(("db",), every=Duration(3, "mo"), month_days=(15,)), "3mo", (), (15,), 1),
        (Wish(("db",), every=HOURLY), "1h", (), (), 0),
        (Wish(("db",), rpo=Duration(1, "h")), "30min", (), (), 0),
        (Wish(("db",), rpo=Duration(26, "h")), "1d", (), (), 1),
        (
            Wish(("db",), every=DAILY, window=Window.model_validate({"from": "22:00", "to": "04:00", "days": ["sat"]})),
            "1w",
            ("sat",),
            (),
            1,
        ),
    ],
)
def test_cadence(wish: Wish, every: str, days: tuple[str, ...], month_days: tuple[int, ...], at: int) -> None:
    schedule = policy_of(drafted(wish)).schedule
    assert (str(schedule.every), schedule.days, schedule.month_days, len(schedule.at)) == (every, days, month_days, at)


def test_first_sunday_of_the_month() -> None:
    wish = Wish(("db",), every=Duration(1, "mo"), nth_weekday=NthWeekday(n=1, day="sun"), at=(time(3),))
    schedule = policy_of(drafted(wish)).schedule
    assert (schedule.month_days, schedule.nth_weekday) == ((), NthWeekday(n=1, day="sun"))


@pytest.mark.parametrize(
    ("part", "window"), [("morning", "06:00-12:00"), ("evening", "18:00-00:00"), ("night", "00:00-06:00")]
)
def test_parts_of_the_day(part: str, window: str) -> None:
    found = drafted(Wish(("db",), every=DAILY, part=part))  # type: ignore[arg-type]
    assert str(policy_of(found).window) == window


# changing what is in force


def test_a_change_keeps_what_it_does_not_touch() -> None:
    before = in_force(rpo="30h", bandwidth="5MB/s", verification={"drill_every": "2w"}, notify={"channels": ["ops"]})
    found = drafted(Wish(("db",), at=(time(4),), text="move the db backup to 04:00"), before)
    policy, old = policy_of(found), before.policies["db"]
    assert found.base == "db"
    assert policy.schedule.at == (time(4),)
    assert policy.origin == "first; move the db backup to 04:00"
    same = old.model_copy(update={"schedule": policy.schedule, "origin": policy.origin})
    assert policy == same
    assert choice(found, "retention").code == "kept"


def test_a_time_outside_the_window_drops_it_and_says_so() -> None:
    found = drafted(Wish(("db",), at=(time(14),)), in_force())
    assert policy_of(found).window is None
    assert choice(found, "window").code == "window.dropped"


def test_hourly_instead_of_nightly_leaves_the_night() -> None:
    found = drafted(Wish(("db",), every=HOURLY), in_force())
    assert (policy_of(found).window, policy_of(found).schedule.at) == (None, ())


def test_nightly_instead_of_hourly_gets_a_time() -> None:
    found = drafted(Wish(("db",), every=DAILY), in_force(schedule={"every": "1h"}, window=None))
    assert len(policy_of(found).schedule.at) == 1


def test_new_retention_keeps_the_least_number() -> None:
    before = in_force(retention={"keep_daily": 7, "at_least": 9})
    assert policy_of(drafted(Wish(("db",), retention=Retention(keep_last=4)), before)).retention.at_least == 9


def test_another_repository_is_another_policy() -> None:
    found = drafted(Wish(("db",), repositories=("cloud",), every=WEEKLY), in_force())
    assert (found.base, found.name) == (None, "db-cloud")


def test_a_part_of_a_shared_policy_asks() -> None:
    where = catalog(policies={"both": Policy.model_validate(policy_fields(datasets=["db", "wiki"]))})
    change = drafted(Wish(("db",), at=(time(3),)), where)
    assert change.question is not None
    assert change.question.options == ("both", "new")
    answered = drafted(Wish(("db",), at=(time(3),)), where, base="both")
    assert answered.ready
    assert policy_of(answered).datasets == ("db", "wiki")
    whole = drafted(NIGHTLY, where)
    assert whole.ready
    assert whole.name == "db"
    assert not problem(whole, "policy.shared").blocks


def test_several_policies_ask_which() -> None:
    policy = Policy.model_validate(policy_fields())
    found = drafted(Wish(("db",), at=(time(3),)), catalog(policies={"a": policy, "b": policy}))
    assert problem(found, "policy.which").options == ("a", "b")


# problems


def test_all_problems_at_once() -> None:
    wish = Wish(
        ("dbb",), repositories=("nas",), tier="platin", channels=("#oops",), timezone="Mars/Olympus", bandwidth="fast", notify_on="never",
    )  # fmt: skip
    found = drafted(wish)
    assert found.policy is None
    assert {entry.field for entry in found.problems} >= {
        "datasets", "repositories", "tier", "notify.channels", "schedule.timezone", "bandwidth", "notify.on",
    }  # fmt: skip
    assert problem(found, "unknown").options == ("db",) or problem(found, "unknown").field == "tier"


def test_no_repository() -> None:
    found = drafted(NIGHTLY, catalog(repositories={}))
    assert problem(found, "repository.none").hint == "restora init makes one"
    assert not found.ready


def test_no_dataset_is_a_question() -> None:
    found = drafted(Wish(()))
    assert found.question is not None
    assert found.question.options == ("db", "wiki", "home")


@pytest.mark.parametrize(
    "wish",
    [
        Wish(("db",), every=WEEKLY, times=3, days=("mon",)),
        Wish(("db",), every=DAILY, times=3, at=(time(1),)),
        Wish(("db",), every=Duration(7, "min")),
        Wish(("db",), every=HOURLY, days=("mon",)),
        Wish(("db",), every=WEEKLY, times=20),
    ],
)
def test_contradictions(wish: Wish) -> None:
    assert problem(drafted(wish), "schedule.invalid").message


def test_an_impossible_promise_is_refuted_with_a_way_out() -> None:
    found = drafted(Wish(("db",), every=DAILY, part="night", rpo=Duration(4, "h")))
    refuted = problem(found, "proof.rpo")
    assert not found.ready
    assert refuted.question
    assert refuted.options == ("run every 2h", "allow a loss of 26h")
    assert "2026-03-13" in refuted.message


def test_a_window_too_short_for_measured_runs_blocks() -> None:
    window = Window.model_validate({"from": "01:00", "to": "02:00"})
    found = drafted(Wish(("db",), every=DAILY, window=window), history=measured(seconds=7200))
    assert problem(found, "window.short").blocks
    assert problem(found, "proof.window").blocks
    guessed = drafted(
        Wish(("wiki",), every=DAILY, window=window),
        catalog(datasets={"wiki": {"kind": "postgres", "size_hint": "900GB"}}),
    )
    assert not problem(guessed, "proof.window").blocks


def test_a_limit_on_space_is_proven() -> None:
    found = drafted(Wish(("db",), every=DAILY, storage=5 * GB))
    assert problem(found, "proof.space").options[0].startswith("raise the limit to")
    assert drafted(Wish(("db",), every=DAILY, storage=500 * GB)).ready


def test_guardrails_block() -> None:
    where = catalog(repositories={"in": {"kind": "local", "path": "/srv/wiki/backup", "password": {"file": "/k"}}})
    found = drafted(Wish(("wiki",)), where)
    assert problem(found, "repository.inside").blocks
    assert not found.ready


# tiers


def test_every_tier_reads_and_has_no_two_meanings() -> None:
    tiers = built_in()
    assert set(tiers) == {"gold", "silver", "bronze", "3-2-1", "3-2-1-1-0", "gfs"}
    words = [word.casefold() for name, tier in tiers.items() for word in (name, *tier.aliases)]
    assert len(words) == len(set(words))
    assert all({"en", "zh"} <= set(tier.title) for tier in tiers.values())


@pytest.mark.parametrize(
    ("word", "name"), [("Gold", "gold"), ("金牌", "gold"), ("银牌", "silver"), ("铜牌", "bronze"), ("gold tier", "gold"), ("321", "3-2-1"),
                       ("GFS", "gfs"), ("3-2-1-1-0", "3-2-1-1-0"), ("diamond", None)]
)  # fmt: skip
def test_tier_names(word: str, name: str | None) -> None:
    assert find(word, built_in()) == name


def test_gold_adds_the_copy_off_site() -> None:
    found = drafted(Wish(("db",), tier="金牌"))
    policy = policy_of(found)
    assert found.ready
    assert policy.repositories == ("local", "cloud")
    assert str(policy.schedule.every) == "4h"
    assert policy.retention.keep_yearly == 7


def test_said_words_win_over_the_tier() -> None:
    policy = policy_of(drafted(Wish(("db",), tier="gold", every=DAILY, retention=Retention(keep_last=9))))
    assert (str(policy.schedule.every), policy.retention.keep_last, policy.retention.keep_yearly) == ("1d", 9, None)


def test_a_tier_that_cannot_hold_says_what_is_missing() -> None:
    local = {"local": {"kind": "local", "path": "/backup", "mount": "/backup", "password": {"file": "/k"}}}
    found = drafted(Wish(("db",), tier="3-2-1"), catalog(repositories=local))
    assert {entry.code for entry in found.problems} == {"tier.copies", "tier.offsite"}
    assert not found.ready
    assert not problem(drafted(Wish(("db",), tier="3-2-1-1-0")), "tier.immutable").blocks


# whatever is wished


wishes = st.builds(
    Wish,
    datasets=st.lists(st.sampled_from(["db", "wiki", "home", "nothing"]), max_size=2, unique=True).map(tuple),
    repositories=st.lists(st.sampled_from(["local", "cloud", "nas"]), max_size=2, unique=True).map(tuple),
    every=st.none() | st.sampled_from(["30min", "1h", "7h", "12h", "1d", "2d", "1w", "1mo", "1y"]).map(Duration.parse),
    at=st.lists(st.builds(time, st.integers(0, 23)), max_size=2).map(tuple),
    part=st.none() | st.sampled_from(["night", "morning", "evening"]),
    days=st.lists(st.sampled_from(WEEKDAYS), max_size=2, unique=True).map(tuple),
    month_days=st.lists(st.sampled_from([-1, 1, 31, 40]), max_size=2).map(tuple),
    times=st.none() | st.integers(0, 9),
    window=st.none()
    | st.builds(
        lambda a, b: Window(**{"from": a, "to": b}),
        st.builds(time, st.integers(0, 23)),
        st.builds(time, st.integers(0, 23)),
    ),
    retention=st.none() | st.builds(Retention, keep_daily=st.integers(1, 20)),
    tier=st.none() | st.sampled_from(["gold", "gfs", "3-2-1", "nonsense"]),
    rpo=st.none() | st.sampled_from(["5min", "6h", "2d"]).map(Duration.parse),
    text=st.just("a wish"),
)


@settings(max_examples=60)
@given(wishes, st.booleans())
def test_any_wish_is_a_sound_policy_or_says_why_not(wish: Wish, changes: bool) -> None:
    where = in_force() if changes else catalog()
    found = drafted(wish, where)
    if found.ready:
        policy = policy_of(found)
        assert found.proof is not None
        assert found.proof.runs > 0
        assert all(item.worst is None or item.worst.origin is not Origin.PROVEN for item in found.proof.refuted)
        assert found.catalog is not None
        assert not found.catalog.dangling()
        assert Policy.model_validate(policy.model_dump(mode="json", by_alias=True)) == policy
        assert all(v.severity is Severity.WARNING for v in check_policy(found.name, policy, found.catalog))
    else:
        assert any(entry.blocks and entry.message for entry in found.problems)
