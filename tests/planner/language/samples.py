"""Requests as people type them, with what they mean on Wednesday, 2026-03-11 at 10:30."""

from __future__ import annotations

from datetime import datetime
from typing import Any

NOW = datetime(2026, 3, 11, 10, 30)
NIGHTLY = {"every": "1d", "part": "night"}

#: what an administrator types: read rightly, surely, without a question
PLAIN: dict[str, list[dict[str, Any]]] = {
    "back up db nightly, keep 30 days": [
        {"action": "protect", "targets": ["db"], "schedule": NIGHTLY, "retention": {"keep_within": "30d"}}
    ],
    "back up /etc and /home every night at 2, keep 7 daily 4 weekly": [
        {
            "action": "protect",
            "targets": ["/etc", "/home"],
            "schedule": {"every": "1d", "at": ["02:00"]},
            "retention": {"keep_daily": 7, "keep_weekly": 4},
        }
    ],
    "每晚备份 db，保留 30 天": [
        {"action": "protect", "targets": ["db"], "schedule": NIGHTLY, "retention": {"keep_within": "30d"}}
    ],
    "restore db to /tmp/x": [{"action": "restore", "targets": ["db"], "to": "/tmp/x"}],
    "run a restore drill of db": [{"action": "drill", "targets": ["db"]}],
}

#: read rightly, whatever the confidence
FURTHER: dict[str, list[dict[str, Any]]] = {
    # read rightly, but not surely: a question about the state is answered all the same
    "how old is the last backup of db": [{"action": "status", "targets": ["db"], "topic": "last_backup"}],
    "back up db nightly and drill it monthly": [
        {"action": "protect", "targets": ["db"], "schedule": NIGHTLY},
        {"action": "drill", "targets": ["db"], "schedule": {"every": "1mo"}},
    ],
    "orders hourly and wiki daily, keep both 30 days": [
        {"action": "protect", "targets": ["orders"], "schedule": {"every": "1h"}, "retention": {"keep_within": "30d"}},
        {"action": "protect", "targets": ["wiki"], "schedule": {"every": "1d"}, "retention": {"keep_within": "30d"}},
    ],
    "back up db every night at 2 to nas and s3": [
        {
            "action": "protect",
            "targets": ["db"],
            "schedule": {"every": "1d", "at": ["02:00"]},
            "destinations": ["nas", "s3"],
        }
    ],
    "restore orders from yesterday to staging": [
        {"action": "restore", "targets": ["orders"], "point": {"date": "2026-03-10"}, "to": "staging"}
    ],
    "pause backups of wiki until friday": [{"action": "pause", "targets": ["wiki"], "until": "2026-03-13"}],
    "resume wiki": [{"action": "resume", "targets": ["wiki"]}],
    "delete snapshots of wiki older than 1 year": [
        {"action": "forget", "targets": ["wiki"], "point": {"older_than": "1y"}}
    ],
    "back up orders now": [{"action": "backup", "targets": ["orders"]}],
    "order a pizza for the team": [{"action": "unsupported"}],
    "what is the difference between incremental and differential?": [{"action": "explain"}],
    "每天凌晨两点备份订单库,保留30天,失败发邮件给我": [
        {
            "action": "protect",
            "targets": ["订单库"],
            "schedule": {"every": "1d", "at": ["02:00"]},
            "retention": {"keep_within": "30d"},
            "notify": {"channels": ["email"], "on": "failure"},
        }
    ],
    "把订单库恢复到 /tmp/x": [{"action": "restore", "targets": ["订单库"], "to": "/tmp/x"}],
    "暂停 wiki 备份": [{"action": "pause", "targets": ["wiki"]}],
}
ALL = PLAIN | FURTHER
