"""Plain requests by the hundred: sentences an administrator types, with names taken from elsewhere.

People who write a corpus avoid the plain sentence, so that a reader fitted on theirs alone has never seen one. These are few
beside it, and no measure: what is read from a template says nothing about people.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

NOW = "2026-03-11T10:30"
#: words and the value they carry; {dotted} placeholders in the patterns below choose from these
VALUES: dict[str, list[tuple[str, Any]]] = {
    "schedule": [
        ("nightly", {"every": "1d", "part": "night"}), ("daily", {"every": "1d"}), ("every day", {"every": "1d"}), ("hourly", {"every": "1h"}),
        ("every night at 2", {"every": "1d", "at": ["02:00"]}), ("every day at 03:30", {"every": "1d", "at": ["03:30"]}),
        ("every 6 hours", {"every": "6h"}), ("weekly", {"every": "1w"}), ("every sunday at 4am", {"every": "1w", "days": ["sun"], "at": ["04:00"]}),
        ("every 15 minutes", {"every": "15min"}), ("every weekday at 7pm", {"every": "1w", "days": ["mon", "tue", "wed", "thu", "fri"], "at": ["19:00"]}),
        ("monthly", {"every": "1mo"}), ("every night", {"every": "1d", "part": "night"}), ("daily at 23:00", {"every": "1d", "at": ["23:00"]}),
    ],
    "seldom": [("monthly", {"every": "1mo"}), ("every month", {"every": "1mo"}), ("weekly", {"every": "1w"}), ("quarterly", {"every": "3mo"})],
    "retention": [
        ("keep 30 days", {"keep_within": "30d"}), ("keep 7 daily 4 weekly", {"keep_daily": 7, "keep_weekly": 4}), ("keep the last 10 snapshots", {"keep_last": 10}),
        ("keep 7 daily, 4 weekly, 12 monthly", {"keep_daily": 7, "keep_weekly": 4, "keep_monthly": 12}), ("keep for a year", {"keep_within": "1y"}),
        ("keep 2 weeks", {"keep_within": "2w"}), ("keep them 90 days", {"keep_within": "90d"}), ("keep 14 days", {"keep_within": "14d"}),
    ],
    "point": [
        ("from yesterday", {"date": "2026-03-10"}), ("from last friday", {"date": "2026-03-06"}), ("as of yesterday at 3pm", {"at": "2026-03-10T15:00"}),
        ("from 2026-03-01", {"date": "2026-03-01"}), ("as of 2 hours ago", {"at": "2026-03-11T08:30"}),
    ],
    "old": [("older than 1 year", {"older_than": "1y"}), ("older than 90 days", {"older_than": "90d"}), ("older than 6 months", {"older_than": "6mo"})],
    "until": [("until friday", "2026-03-13"), ("for two days", "2d"), ("until tomorrow", "2026-03-12"), ("for 3 hours", "3h")],
    "to": [("/tmp/x", "/tmp/x"), ("/srv/restore", "/srv/restore"), ("staging", "staging"), ("/mnt/scratch", "/mnt/scratch"), ("/tmp/check", "/tmp/check")],
    "place": [("nas", ["nas"]), ("s3", ["s3"]), ("the nas", ["nas"]), ("b2", ["b2"]), ("offsite", ["offsite"]), ("cloud", ["cloud"])],
    "notify": [("email me if it fails", {"channels": ["email"], "on": "failure"}), ("tell #ops on failure", {"channels": ["#ops"], "on": "failure"})],
    "每": [
        ("每晚", {"every": "1d", "part": "night"}), ("每天", {"every": "1d"}), ("每天凌晨两点", {"every": "1d", "at": ["02:00"]}), ("每小时", {"every": "1h"}),
        ("每6小时", {"every": "6h"}), ("每周日凌晨4点", {"every": "1w", "days": ["sun"], "at": ["04:00"]}), ("每天23:00", {"every": "1d", "at": ["23:00"]}),
        ("每天 02:00 ", {"every": "1d", "at": ["02:00"]}), ("每周", {"every": "1w"}), ("每月", {"every": "1mo"}), ("工作日晚上7点", {"every": "1w", "days": ["mon", "tue", "wed", "thu", "fri"], "at": ["19:00"]}),
    ],
    "留": [
        ("保留30天", {"keep_within": "30d"}), ("保留 30 天", {"keep_within": "30d"}), ("保留一年", {"keep_within": "1y"}), ("保留最近10份", {"keep_last": 10}),
        ("保留两周", {"keep_within": "2w"}), ("保留7个日备、4个周备", {"keep_daily": 7, "keep_weekly": 4}), ("保留90天", {"keep_within": "90d"}),
    ],
    "旧": [("一年以前", {"older_than": "1y"}), ("90天以前", {"older_than": "90d"}), ("超过半年", {"older_than": "6mo"})],
}  # fmt: skip
SLOT = {
    "seldom": "schedule",
    "old": "point",
    "place": "destinations",
    "每": "schedule",
    "留": "retention",
    "旧": "point",
}
#: action, topic where there is one, pattern; [words] tell the action; {t} {u} are names; a | begins the next intent
PATTERNS: tuple[tuple[str, str], ...] = tuple(
    (action, pattern)
    for action, patterns in {
        "protect": "[back up] {t} {schedule}; [back up] {t} {schedule}, {retention}; [back up] {t} {schedule} and {retention}; [back up] {t} and {u} {schedule}, {retention}"
        "; [protect] {t} {schedule}, {retention}; [back up] {t} {schedule} to {place}; [back up] {t} to {place} {schedule}, {retention}; [Back up] {t} {schedule} to {place} and {place}"
        "; {schedule} [backup] of {t}, {retention}; please [back up] {t} {schedule}, {retention}; [Back up] the {t} {schedule}, {retention}, {notify}; [start backing up] {t} {schedule}"
        "; {每}[备份]{t}; {每}[备份]{t},{留}; {每}[备份]{t}和{u},{留}; {t}{每}[备份],{留}; 请{每}[备份]{t}; {每}[备份] {t} ，{留}",
        "backup": "[back up] {t} now; [back up] {t}; [take a snapshot] of {t}; [back up] {t} to {place} now; [back up] {t} and {u} now; [备份]{t}; 现在[备份]{t}; 立即[备份]一下{t}; 给{t}[做个快照]",
        "restore": "[restore] {t}; [restore] {t} to {to}; [restore] {t} {point} to {to}; [restore] {t} {point}; [Restore] the {t} to {to}; 把{t}[恢复]到 {to}; [恢复]{t}到 {to}; [恢复]{t}; 把{t}[还原]到{to}",
        "drill": "[run a restore drill] of {t}; [drill] {t}; [test restore] {t}; [drill] {t} {seldom}; do a [test restore] of {t} {seldom}; [rehearse a restore] of {t}; [演练]恢复{t}; 做一次{t}的[恢复演练]",
        "verify": "[verify] the backups of {t}; [verify] {t}; [check] the backups of {t}; [check the integrity] of {t}; [校验]{t}的备份; [验证]{t}备份的完整性",
        "forget": "[delete] snapshots of {t} {old}; [forget] snapshots of {t} {old}; [remove] {t} snapshots {old}; [删除]{t} {旧}的快照",
        "pause": "[pause] {t}; [pause] backups of {t} {until}; [pause] {t} {until}; [暂停]{t}的备份; [暂停] {t} 备份",
        "resume": "[resume] {t}; [resume] backups of {t}; [继续]备份{t}",
        "unprotect": "[stop backing up] {t}; [stop protecting] {t}; [停止备份]{t}; [不再备份]{t}",
        "replicate": "[copy] the snapshots of {t} to {place}; [replicate] {t} to {place}",
        "diagnose": "[why] did the {t} backup [fail]; [why] did the backup of {t} [fail]?; [why] does the {t} backup keep [failing]?; [为什么]{t}备份[失败]; {t}备份[为什么失败]了?",
        "status.last_backup": "[how old is the last backup] of {t}; [when was] {t} [last backed up]?; [when was the last backup] of {t}; {t}[上次备份是什么时候]; {t}[最后一次备份是什么时候]?",
        "status.next_run": "[when is the next backup] of {t}; [when will] {t} [be backed up next]?; {t}[下次备份是什么时候]",
        "status.size": "[how big are the backups] of {t}; [how much space] do the backups of {t} take?; {t}的备份[有多大]",
        "status.snapshots": "[list] the snapshots of {t}; [how many snapshots] of {t} are there?; [show] the snapshots of {t}; [列出]{t}的快照",
        "status.coverage": "[is] {t} [backed up]?; [is] anything [not backed up]?; [what is not backed up]; [哪些没有备份]; {t}[有备份吗]",
        "status.schedule": "[how often] is {t} backed up?; [how long] do we [keep] backups of {t}?; {t}[多久备份一次]",
        "status.failures": "[which backups failed]?; [did any backups fail]?; [有哪些备份失败了]",
        "explain": "[what is the difference between] full and incremental backups?; [what is] deduplication?; [explain] the 3-2-1 rule; [增量和差异有什么区别]?; [什么是]快照?",
        "unsupported": "order a pizza; book a flight to Berlin; what's the weather like?; 今天天气怎么样; 帮我订个会议室",
        "protect+drill": "[back up] {t} {schedule}| and [drill] it {seldom}; [back up] {t} {schedule}, {retention},| and [test the restore] {seldom}",
    }.items()
    for pattern in patterns.split("; ")
)  # fmt: skip
PLACEHOLDER = re.compile(r"\{(\w+)\}|\[([^\]]+)\]|\|")


def lines(names: Sequence[str], *, rounds: int = 6, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Every pattern with `rounds` choices of names and values, as lines of the corpus."""
    choose = random.Random(seed)  # noqa: S311 - a choice of examples, not a secret
    for action, pattern in PATTERNS:
        for _ in range(rounds if "{" in pattern else 2):
            yield _line(action, pattern, names, choose)


def _line(action: str, pattern: str, names: Sequence[str], choose: random.Random) -> dict[str, Any]:
    kinds = action.split("+")
    gold: list[dict[str, Any]] = []
    for kind in kinds:
        name, _, topic = kind.partition(".")
        gold.append({"action": name} | ({"topic": topic} if topic else {}))
    several, number = len(kinds) > 1, 0
    han = bool(re.search(r"[\u4e00-\u9fff]", pattern))
    used: dict[str, str] = {}

    def fill(m: re.Match[str]) -> str:
        nonlocal number
        if m[0] == "|":
            number += 1
            return ""
        owner = f"{number + 1}." if several else ""
        if m[2]:
            return f"⟦{m[2]}|{owner}action⟧"
        if m[1] in {"t", "u"}:
            word = used.setdefault(m[1], choose.choice([n for n in names if n not in used.values()]))
            for intent in gold:
                intent.setdefault("targets", [])
                intent["targets"] += [word.lower()]
            both = "1,2." if several else ""
            gap = " " if han and word.isascii() and choose.random() < 0.7 else ""
            return f"{gap}⟦{word}|{both}targets⟧{gap}"
        slot = SLOT.get(m[1], m[1])
        words, value = choose.choice([v for v in VALUES[m[1]] if v[0] not in used.values()])
        used[f"{m[1]}{len(used)}"] = words
        if slot == "destinations":
            gold[number].setdefault(slot, [])
            gold[number][slot] += value
            return re.sub(r"^(the )?(.*)$", rf"\1⟦\2|{owner}{slot}⟧", words)
        gold[number][slot] = value
        return f"⟦{words}|{owner}{slot}⟧"

    marked = PLACEHOLDER.sub(fill, pattern).strip()
    return {"marked": marked, "now": NOW, "gold": gold, "ambiguous": False}
