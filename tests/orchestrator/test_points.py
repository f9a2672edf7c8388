"""Which recovery point a person means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from orchestrator.points import PointWish, choose
from policies.errors import UsageError
from policies.snapshot import RecoveryPoint, Snapshot

ZONE = ZoneInfo("Europe/Berlin")
NIGHTS = [datetime(2026, 3, day, 0, 40, tzinfo=UTC) for day in range(8, 12)]
POINTS = [
    RecoveryPoint(f"run{n}", "db", "local", moment, (Snapshot(f"{n}" * 64, moment, "h", (), ()),))
    for n, moment in reversed(list(enumerate(NIGHTS)))
]


def chosen(**wish: object) -> str:
    return choose(POINTS, PointWish(**wish), dataset="db", zone=ZONE, proven=["run1"]).id  # type: ignore[arg-type]


def test_the_newest_is_meant_when_nothing_is_said() -> None:
    assert chosen() == "run3"


def test_at_takes_the_newest_not_later_and_before_the_newest_earlier() -> None:
    assert chosen(at=NIGHTS[2]) == "run2"
    assert chosen(before=NIGHTS[2]) == "run1"
    assert chosen(at=NIGHTS[2] + timedelta(hours=20)) == "run2"


def test_a_day_means_its_local_date_else_the_night_after_it() -> None:
    assert chosen(day=date(2026, 3, 10)) == "run2"
    assert choose(POINTS[:1], PointWish(day=date(2026, 3, 10)), dataset="db", zone=ZONE).id == "run3"


def test_others() -> None:
    assert chosen(previous=1) == "run2"
    assert chosen(last_good=True) == "run1"
    assert chosen(snapshot="22") == "run2"


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, "as early as 2020-01-01"),
        ({"day": date(2026, 2, 1)}, "of 2026-02-01"),
        ({"previous": 9}, "only 4 points"),
        ({"snapshot": "ffff"}, "is no snapshot"),
        ({"snapshot": "run"}, "means 4 snapshots"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(wish: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        chosen(**wish)
    assert caught.value.hint


def test_no_backup_at_all() -> None:
    with pytest.raises(UsageError, match="no backup of 'db'"):
        choose([], PointWish(), dataset="db", zone=ZONE)


def test_an_item_is_found_below_the_datasets_folders() -> None:
    from orchestrator.restoring import located

    assert located("/srv/a/x", ("/srv/a",), lambda _: False) == "/srv/a/x"
    assert located("x/", ("/srv/a/",), lambda _: False) == "/srv/a/x"
    assert located("x", ("/srv/a", "/srv/b"), lambda path: path == "/srv/b/x") == "/srv/b/x"
    assert located("x", ("/srv/a", "/srv/b"), lambda _: False) == "/srv/a/x"  # the error names it
