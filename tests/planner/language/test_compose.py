"""From marked words to contract values: grouping, names, moments by context, and questions for what can't be read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.language.compose import Heard, Mark, compose
from planner.language.intent import SLOTS, Intent
from planner.language.names import clean
from tests.planner.language.marked import heard
from tests.planner.language.samples import NOW


def _read(marked: str, *actions: str, topics: list[str | None] | None = None) -> list[dict[str, Any]]:
    text, marks = heard(marked, list(actions), topics)
    drafts = compose(text, marks, NOW)
    assert not [q for d in drafts for q in d.questions]
    for draft in drafts:
        Intent.model_validate(draft.fields)
    return [{k: v for k, v in d.fields.items() if k != "action"} for d in drafts]


def test_each_intent_has_its_own_and_the_shared_values() -> None:
    orders, wiki = _read(
        "⟦orders|1.targets⟧ ⟦hourly|1.schedule⟧ and ⟦wiki|2.targets⟧ ⟦daily|2.schedule⟧, ⟦keep both for a month|1,2.retention⟧",
        "protect",
        "protect",
    )
    assert orders == {"targets": ["orders"], "schedule": {"every": "1h"}, "retention": {"keep_within": "1mo"}}
    assert wiki == {"targets": ["wiki"], "schedule": {"every": "1d"}, "retention": {"keep_within": "1mo"}}


@pytest.mark.parametrize(
    ("action", "marked", "slot", "value"),
    [
        ("restore", "someone deleted the wiki ⟦at 9:40|point⟧, bring it back", "point", {"before": "2026-03-11T09:40"}),
        ("restore", "I need the wiki ⟦from 9:40|point⟧, someone deleted a page", "point", {"at": "2026-03-11T09:40"}),
        ("restore", "get back the file I removed ⟦last Tuesday|point⟧", "point", {"before": "2026-03-10"}),
        ("restore", "the table was fine ⟦yesterday|point⟧ but got corrupted", "point", {"date": "2026-03-10"}),
        ("restore", "把订单表恢复到⟦昨天下午三点|point⟧,我误删了", "point", {"at": "2026-03-10T15:00"}),
        ("restore", "⟦今天上午十点|point⟧有人把配置改坏了,回滚", "point", {"before": "2026-03-11T10:00"}),
        ("recover", "ransomware hit us ⟦last night at 11|point⟧", "point", {"before": "2026-03-10T23:00"}),
        ("forget", "purge ⟦90 days|point⟧ and more of wiki", "point", {"older_than": "90d"}),
        ("status", "which have none for ⟦two weeks|point⟧?", "point", {"from": "2026-02-25", "to": "2026-03-11"}),
        ("diagnose", "why do all fail since the move on ⟦March 2|point⟧", "point", {"from": "2026-03-02", "to": "2026-03-11"}),
        ("protect", "move the wiki backup ⟦from 1am to 3am|schedule⟧", "schedule", {"at": ["03:00"]}),
        ("protect", "back up the wiki ⟦at 3am|schedule⟧", "schedule", {"every": "1d", "at": ["03:00"]}),
        ("protect", "⟦every Monday|schedule⟧ at ⟦11 pm|schedule⟧", "schedule", {"every": "1w", "days": ["mon"], "at": ["23:00"]}),
        ("backup", "snapshot it ⟦on Friday at 6pm|schedule⟧", "schedule", {"date": "2026-03-13T18:00"}),
        ("protect", "on Sundays a full, differentials ⟦on the other days|schedule⟧", "schedule",
         {"every": "1w", "days": ["mon", "tue", "wed", "thu", "fri", "sat"]}),
        ("protect", "never run ⟦between 9 and 17|window⟧", "window", {"from": "17:00", "to": "09:00"}),
        ("protect", "⟦9点到18点|window⟧之间禁止备份", "window", {"from": "18:00", "to": "09:00"}),
        ("protect", "hourly but only ⟦8 to 18|window⟧", "window", {"from": "08:00", "to": "18:00"}),
        ("protect", "backups must not start ⟦before 22:00|window⟧", "window", {"from": "22:00"}),
        ("protect", "if the backup fails ⟦email me|notify⟧", "notify", {"channels": ["email"], "on": "failure"}),
        ("protect", "⟦7 dailies|retention⟧ and ⟦4 weeklies|retention⟧", "retention", {"keep_daily": 7, "keep_weekly": 4}),
        ("protect", "max ⟦50 Mbit/s|limits⟧ and ⟦1 TB|limits⟧", "limits", {"bandwidth": "50Mbit/s", "storage": "1TB"}),
        ("protect", "store it ⟦encrypted|encrypt⟧", "encrypt", True),
        ("restore", "⟦over the original|in_place⟧", "in_place", True),
        ("protect", "send it ⟦to the NAS|to⟧", "destinations", ["nas"]),
        ("restore", "put it ⟦on staging|destinations⟧", "to", "on staging"),
        ("pause", "hold it ⟦for two days|until⟧", "until", "2d"),
        ("restore", "get ⟦wiki|targets⟧ back to ⟦the copy before last|point⟧", "point", {"previous": 1}),
        ("restore", "revert ⟦dns-a|targets⟧ to ⟦the last consistent copy|point⟧", "point", {"last_good": True}),
        ("restore", "give me ⟦wiki|targets⟧, ⟦7/3 16h|point⟧", "point", {"at": "2026-03-07T16:00"}),
        ("restore", "⟦shop|targets⟧ 退回 ⟦8 号 9 点改版前|point⟧", "point", {"before": "2026-03-08T09:00"}),
        ("restore", "he emptied the ⟦bin|targets⟧. He did that ⟦at 09:15|point⟧. Restore it", "point", {"before": "2026-03-11T09:15"}),
        ("status", "failures of ⟦wiki|targets⟧ ⟦this month|point⟧", "point", {"from": "2026-03-01", "to": "2026-03-31"}),
        ("forget", "drop ⟦logs|targets⟧ ⟦past their 90th day|point⟧", "point", {"older_than": "90d"}),
        ("protect", "keep ⟦a|targets⟧ fifty years, ⟦b|targets⟧ ⟦for two|retention⟧", "retention", {"keep_within": "2y"}),
        ("protect", "⟦a|targets⟧ ⟦由一年延长至三年|retention⟧", "retention", {"keep_within": "3y"}),
        ("protect", "⟦a|targets⟧ ⟦周的留 8 份、月的留 12 份|retention⟧", "retention", {"keep_weekly": 8, "keep_monthly": 12}),
        ("protect", "⟦a|targets⟧, ⟦dailies only, 10|retention⟧", "retention", {"keep_daily": 10}),
        ("protect", "⟦a|targets⟧ 备份, ⟦预算一个月八百|limits⟧", "limits", {"cost": "800CNY/mo"}),
        ("protect", "⟦a|targets⟧ ⟦at a gentle 10 MB/s|limits⟧", "limits", {"bandwidth": "10MB/s"}),
        ("backup", "⟦a|targets⟧, ⟦sms me whichever way|notify⟧", "notify", {"channels": ["sms"], "on": "always"}),
        ("backup", "⟦a|targets⟧, ⟦tell #it once it worked|notify⟧", "notify", {"channels": ["#it"], "on": "success"}),
        ("verify", "check ⟦a|targets⟧ ⟦from end to end|read⟧", "read", "all"),
        ("restore", "恢复 ⟦a|targets⟧, ⟦uploads 除外|exclude⟧", "exclude", ["uploads"]),
    ],
)  # fmt: skip
def test_values_by_their_words_and_the_words_around_them(action: str, marked: str, slot: str, value: Any) -> None:
    (fields,) = _read(marked, action)
    assert fields[slot] == value


def test_a_zone_said_with_the_hours_holds_for_the_schedule() -> None:
    (fields,) = _read("⟦half-hourly|schedule⟧, ⟦8:00–17:00 Berlin time|window⟧", "protect")
    assert fields["schedule"] == {"every": "30min", "timezone": "Europe/Berlin"}
    assert fields["window"] == {"from": "08:00", "to": "17:00"}


def test_topics_belong_to_questions_of_state_and_slots_to_no_explanation() -> None:
    status, explain = _read(
        "⟦when|1.action⟧ is ⟦wiki|1.targets⟧ next, and ⟦what is|2.action⟧ ⟦a nightly|2.schedule⟧?",
        "status",
        "explain",
        topics=["next_run", None],
    )
    assert status == {"topic": "next_run", "targets": ["wiki"]}
    assert explain == {}


@pytest.mark.parametrize(
    ("action", "marked", "about", "words"),
    [
        ("protect", "back it up ⟦every so often|schedule⟧", "schedule", "every so often"),
        ("protect", "⟦a good while|retention⟧", "retention", "a good while"),
        ("restore", "restore it to ⟦next Thursday|point⟧", "point", "next Thursday"),
        ("restore", "恢复到⟦2月30日|point⟧", "point", "2月30日"),
        ("pause", "pause it ⟦until last Friday|until⟧", "until", "until last Friday"),
        ("backup", "snapshot it ⟦yesterday at 9|schedule⟧", "schedule", "yesterday at 9"),
    ],
)
def test_what_cannot_be_read_or_cannot_be_is_asked(action: str, marked: str, about: str, words: str) -> None:
    text, marks = heard(marked, [action])
    (draft,) = compose(text, marks, NOW)
    assert about not in draft.fields
    assert [q.about for q in draft.questions] == [about]
    assert words in draft.questions[0].text


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("the Orders database", "orders database"), ("my home directory", "home directory"), ("/etc directory", "/etc"),
        ("the wiki backups", "wiki"), ("'acme-dr'", "acme-dr"), (".cache", ".cache"), ("C:", "c:"), ("old CRM", "old crm"),
        ("church sermons (audio)", "church sermons (audio)"), ("every last snapshot", "all"), ("all VMs", "vms"), ("our site's", "site"),
        ("所有服务器", "all"), ("我们的订单库", "订单库"), ("wiki 的备份", "wiki"), ("target 目录", "target"), ("对象存储", "对象存储"),
        ("S3 bucket called acme-dr", "acme-dr"), ("named.conf", "named.conf"), ("...", ""),
    ],
)  # fmt: skip
def test_names(said: str, name: str) -> None:
    assert clean(said) == name


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_marks_on_any_text_give_fields_that_the_contract_holds(data: st.DataObject) -> None:
    text = data.draw(st.text(max_size=60))
    edge = st.integers(0, len(text))
    actions = data.draw(
        st.lists(st.sampled_from(["protect", "restore", "status", "forget", "pause", "explain"]), max_size=3)
    )
    marks = data.draw(
        st.lists(
            st.builds(
                lambda a, b, label, n: Mark(min(a, b), max(a, b), label, (n,)),
                edge, edge, st.sampled_from([*SLOTS, "action"]), st.integers(0, 3),
            ),
            max_size=6,
        )
    )  # fmt: skip
    for draft in compose(text, Heard(tuple(actions), (), tuple(marks)), NOW):
        Intent.model_validate({k: v for k, v in draft.fields.items() if k != "topic"})
