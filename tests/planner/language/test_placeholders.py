"""Names that are hidden from a model, and put back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.language.placeholders import Placeholders

TELLING = (
    "/srv/acme/books", "~/thesis", "~bob/mail", r"\\files.acme\share\x", r"D:\Ledger\2025", "./dump.sql", "10.1.2.3", "10.0.0.0/8",
    "fe80::1",
    "bob@acme.example", "backup@nas4:22", "https://git.acme.example/x?token=1", "s3://acme-bucket/p", "db1.acme.example", "web01",
    "srv-db-2", "ledger.xlsx", "nginx.conf",
    "aa:bb:cc:dd:ee:ff", "/数据/财务",
)  # fmt: skip
PLAIN = (
    "back up every night at 02:30 and keep 30 days, 7 dailies, at most 20Mbit/s or 2.5TB; verify 10% at 10:30:00, "
    "e.g. on 2026-03-11 from s3 to tape, 3-2-1, please."
)


@pytest.mark.parametrize("name", TELLING)
def test_what_tells_who_or_where_is_hidden(name: str) -> None:
    names = Placeholders()
    hidden = names.hide(f"restore {name} tonight. Is {name.upper()} safe?")
    assert name.casefold() not in hidden.casefold()
    assert names.show(hidden).casefold() == f"restore {name} tonight. Is {name} safe?".casefold()


@pytest.mark.parametrize("text", [PLAIN, "每天凌晨两点备份数据库,保留30天,失败发邮件给我"])
def test_what_tells_nobody_anything_stays(text: str) -> None:
    assert Placeholders().hide(text) == text


def test_known_names_are_hidden_whole_and_longest_first() -> None:
    names = Placeholders(["ledger", "General Ledger", "订单库", "db", " "])
    hidden = names.hide("general ledger, Ledger and ledgers; 备份订单库; db")
    assert hidden == "name_1, name_2 and ledgers; 备份name_3; db"
    assert names.show({"targets": ["Name_1", "name_3", "name_9"], "n": 3}) == {
        "targets": ["general ledger", "订单库", "name_9"], "n": 3,
    }  # fmt: skip


def test_a_placeholder_that_the_request_says_itself_is_not_given_again() -> None:
    names = Placeholders(["wiki"])
    hidden = names.hide("wiki und ‘name_2’, not Name_1: wiki, ledger.xlsx")
    assert "name_1" not in hidden.replace("name_10", "")
    assert names.show(hidden).casefold() == "wiki und ‘name_2’, not name_1: wiki, ledger.xlsx"


def test_in_chinese_nothing_stands_around_a_name() -> None:
    names = Placeholders(["wiki"])
    hidden = names.hide("把web01上的/srv/books备份到10.1.2.3,wiki也要,发给ops@acme.example吧")
    assert hidden == "把host_1上的path_2备份到address_3,name_4也要,发给address_5吧"


@given(st.text(max_size=80), st.lists(st.sampled_from(["wiki", "Ledger", "/srv/x", "订单库", "a.b-c"]), max_size=3))
def test_everything_comes_back(text: str, known: list[str]) -> None:
    names = Placeholders(known)
    said = " ".join([text, *known])
    assert names.show(names.hide(said)).casefold() == said.casefold()
