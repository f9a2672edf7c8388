"""Times, windows, ends and lengths of time whose meaning hangs on the words around them."""

from __future__ import annotations

from typing import Any

import pytest

from planner.language.compose import compose
from tests.planner.language.marked import heard
from tests.planner.language.samples import NOW

WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


@pytest.mark.parametrize(
    ("action", "marked", "slot", "value"),
    [
        # an event that the words in front of the span make one
        ("protect", "whenever ⟦a courier checks in|schedule⟧, save it", "schedule", {"trigger": "whenever a courier checks in"}),
        ("protect", "when ⟦the nightly import is done|schedule⟧ back it up", "schedule",
         {"trigger": "each time the nightly import is done"}),
        ("replicate", "send it on ⟦after the nightly|schedule⟧", "schedule", {"trigger": "after the nightly"}),
        ("drill", "⟦once a patch is out|schedule⟧ drill it", "schedule", {"trigger": "once a patch is out"}),
        ("protect", "⟦每周四收市后|schedule⟧备", "schedule", {"every": "1w", "days": ["thu"], "trigger": "收市后"}),
        # hours of the dial are the next ones; hours in digits of a day are not
        ("backup", "save it ⟦at twenty past four|schedule⟧", "schedule", {"date": "2026-03-11T16:20"}),
        ("backup", "save it ⟦at 4:20|schedule⟧", "schedule", {"date": "2026-03-12T04:20"}),
        ("pause", "hold it ⟦until two|until⟧", "until", "2026-03-11T14:00"),
        ("pause", "hold it ⟦over the weekend, until Monday 7:00|until⟧", "until", "2026-03-16T07:00"),
        ("protect", "⟦at 9, 12 and 3 on weekdays|schedule⟧", "schedule",
         {"every": "1w", "days": WORKDAYS, "at": ["09:00", "12:00", "15:00"]}),
        ("protect", "改到周一中午⟦一点|schedule⟧", "schedule", {"at": ["13:00"]}),
        # a number alone takes its unit from the length said before it
        ("pause", "pause it for three weeks, no, ⟦four|until⟧", "until", "4w"),
        ("drill", "a back in 2 hours, b ⟦within six|rto⟧", "rto", "6h"),
        ("protect", "every few hours, ⟦every few hours, say two|schedule⟧", "schedule", {"every": "2h"}),
        # one run, or each month
        ("drill", "⟦下个月第二个周日上午十点|schedule⟧演练", "schedule", {"date": "2026-04-12T10:00"}),
        ("verify", "⟦on the tenth|schedule⟧ of each month", "schedule", {"every": "1mo", "month_days": [10]}),
        # what a standing schedule does not hold
        ("protect", "⟦every morning until the 3rd of June|schedule⟧", "schedule", {"every": "1d", "part": "morning"}),
        ("protect", "⟦daily at 9 pm, even on Sundays|schedule⟧", "schedule", {"every": "1d", "at": ["21:00"]}),
        ("protect", "⟦without interruption|schedule⟧", "schedule", {"every": "continuous"}),
        ("protect", "⟦every third evening|schedule⟧", "schedule", {"every": "3d", "part": "evening"}),
        ("protect", "⟦1x/wk, tue 6p|schedule⟧", "schedule", {"every": "1w", "days": ["tue"], "at": ["18:00"]}),
        ("protect", "⟦周三周六|schedule⟧备", "schedule", {"every": "1w", "days": ["wed", "sat"]}),
        ("protect", "备份⟦一三五,晚九点|schedule⟧", "schedule", {"every": "1w", "days": ["mon", "wed", "fri"], "at": ["21:00"]}),
        ("protect", "⟦早晚各一次|schedule⟧", "schedule", {"every": "12h"}),
        # prohibitions and permissions
        ("protect", "backups are banned ⟦between 7:00 and 19:00|window⟧", "window", {"from": "19:00", "to": "07:00"}),
        ("protect", "run ⟦between 7:00 and 19:00|window⟧, nothing at night", "window", {"from": "07:00", "to": "19:00"}),
        ("protect", "never run it ⟦outside 2 to 5 a.m.|window⟧", "window", {"from": "02:00", "to": "05:00"}),
        ("protect", "it goes off at 22:00. Begin ⟦after that|window⟧", "window", {"from": "22:00"}),
        ("protect", "⟦nothing but weekends|window⟧", "window", {"part": "weekend"}),
        ("protect", "⟦八点到二十点之间不行|window⟧", "window", {"from": "20:00", "to": "08:00"}),
        ("protect", "⟦晚上十点之前不许开始|window⟧", "window", {"from": "22:00"}),
        ("protect", "⟦早六点必须跑完|window⟧", "window", {"to": "06:00"}),
        ("protect", "窗口是⟦十一点到五点|window⟧", "window", {"from": "23:00", "to": "05:00"}),
        ("protect", "⟦早七到晚九|window⟧", "window", {"from": "07:00", "to": "21:00"}),
        # a question about a month, half a year, the first days of a month
        ("status", "how many failed ⟦this month|point⟧", "point", {"from": "2026-03-01", "to": "2026-03-31"}),
        ("status", "⟦去年下半年|point⟧失败几次", "point", {"from": "2025-07-01", "to": "2025-12-31"}),
        ("status", "what failed ⟦in the first week of February|point⟧", "point", {"from": "2026-02-01", "to": "2026-02-07"}),
    ],
)  # fmt: skip
def test_times_by_the_words_around_them(action: str, marked: str, slot: str, value: Any) -> None:
    text, marks = heard(marked, [action])
    (draft,) = compose(text, marks, NOW)
    assert not draft.questions
    assert draft.fields.get(slot) == value
