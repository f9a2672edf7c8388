"""English words for typed values."""

from __future__ import annotations

DAYS = {
    "mon": "monday",
    "tue": "tuesday",
    "wed": "wednesday",
    "thu": "thursday",
    "fri": "friday",
    "sat": "saturday",
    "sun": "sunday",
}
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
UNITS = {"min": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
PERIODS = {
    "1h": "every hour",
    "1d": "every day",
    "1w": "every week",
    "1mo": "every month",
    "3mo": "every quarter",
    "1y": "every year",
    "continuous": "continuously",
}
PARTS = {"night": "every night", "morning": "every morning", "afternoon": "every afternoon", "evening": "every evening"}
IN_PART = {
    "night": "at night", "morning": "in the morning", "afternoon": "in the afternoon", "evening": "in the evening",
}  # fmt: skip
NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
KEEP = {"hourly": "hourly", "daily": "daily", "weekly": "weekly", "monthly": "monthly", "yearly": "yearly"}
WINDOW = {"night": "at night only", "off_hours": "outside business hours", "weekend": "only on weekends"}
ON = {"failure": "on failure", "success": "on success", "always": "after every run"}
LABELS = {
    "action": "do", "targets": "what", "items": "which part", "exclude": "without", "schedule": "when", "window": "hours", "retention": "keep",
    "type": "kind", "destinations": "where", "source": "from", "policy": "scheme", "rpo": "lost at worst", "rto": "back within", "immutable": "locked",
    "encrypt": "encrypted", "limits": "limits", "point": "state of", "to": "to", "in_place": "overwrite", "notify": "tell", "read": "read",
    "topic": "about", "until": "until", "dry_run": "dry run",
}  # fmt: skip
ACTIONS = {
    "protect": "back up", "backup": "back up", "restore": "restore", "recover": "recover", "drill": "test restore",
    "verify": "verify", "replicate": "copy snapshots of", "forget": "delete snapshots of", "pause": "pause backups of",
    "resume": "resume backups of", "unprotect": "stop backing up", "status": "state", "diagnose": "find out what is wrong with",
    "optimize": "find the best plan for", "explain": "explain", "unsupported": "nothing that restora does",
}  # fmt: skip
DEEDS = {"backup": "{} {} now"}
TOPICS = {
    "last_backup": "last backup", "next_run": "next run", "failures": "failures", "size": "size", "snapshots": "snapshots",
    "coverage": "what is backed up", "compliance": "kept promises", "schedule": "schedule", "progress": "what runs now",
    "restore_time": "time a restore takes", "cost": "cost", "general": "state of the backups",
}  # fmt: skip
FRAMES = {
    "destinations": "to {}", "source": "from {}", "to": "to {}", "exclude": "except {}", "type": "{} backup", "policy": "following {}",
}  # fmt: skip


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    return f"{n}{'th' if 10 <= n % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


def joined(parts: list[str]) -> str:
    """a, b and c."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""
