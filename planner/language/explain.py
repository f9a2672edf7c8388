"""Typed values in words, English and Chinese, such that reading the words gives the value again."""

from __future__ import annotations

import re
from typing import Literal

from planner.language import words_en, words_zh
from planner.language.intent import Limits, NotifySaid, Point, Reading, RetentionSaid, ScheduleSaid, WindowSaid

Language = Literal["en", "zh"]


def duration(value: str, language: Language = "en") -> str:
    """`30d`: 30 days, 30天."""
    m = re.fullmatch(r"(\d+)(min|h|d|w|mo|y)", value)
    if not m:
        return value
    if language == "zh":
        return f"{m[1]}{words_zh.UNITS[m[2]]}"
    return f"{m[1]} {words_en.UNITS[m[2]]}{'' if m[1] == '1' else 's'}"


def schedule(said: ScheduleSaid, language: Language = "en") -> str:
    """`every night at 01:40`, `每天 01:40`."""
    words = _when_zh(said) if language == "zh" else _when_en(said)
    if said.timezone:
        words += f" {said.timezone}"
    return words


def _when_en(s: ScheduleSaid) -> str:
    at = f" at {words_en.joined(list(s.at))}" if s.at else ""
    if s.date:
        return f"on {s.date.replace('T', ' at ')}"
    if s.trigger:
        return s.trigger
    every = s.every or ""
    if not every:
        return at.strip()
    if s.nth_weekday:
        period = "quarter" if every == "3mo" else "month"
        return f"on the {words_en.NTH[s.nth_weekday.n]} {words_en.DAYS[s.nth_weekday.day]} of every {period}{at}"
    if s.months and s.month_days:
        return f"every year on {words_en.joined([f'{d} {words_en.MONTHS[m - 1]}' for m in s.months for d in s.month_days])}{at}"
    if s.month_days:
        days = words_en.joined(["last day" if d == -1 else words_en.ordinal(d) for d in s.month_days])
        period = {"1mo": "month", "3mo": "quarter", "1y": "year"}.get(every, "month")
        return f"on the {days} of every {period}{at}"
    if s.days:
        return _weekdays_en(s) + at
    if s.times:
        return f"{s.times} times a {words_en.UNITS[every.lstrip('0123456789')]}{at}"
    if s.part and not s.at:
        period = words_en.PERIODS.get(every, f"every {duration(every)}")
        return words_en.PARTS[s.part] if every == "1d" else f"{period} {words_en.IN_PART[s.part]}"
    if every == "1d" and s.at and all(t < "06:00" for t in s.at):
        return f"every night{at}"
    return words_en.PERIODS.get(every, f"every {duration(every)}") + at


def _weekdays_en(s: ScheduleSaid) -> str:
    part = f" {s.part}" if s.part and not s.at else ""
    names = words_en.joined([words_en.DAYS[d] for d in s.days])
    if s.every == "2w":
        return f"every other week on {names}{part}"
    if s.every != "1w":
        return f"every {duration(s.every or '1w')} on {names}{part}"
    if s.days == ("mon", "tue", "wed", "thu", "fri"):
        return f"every weekday{part}"
    return f"every {names}{part}"


def _when_zh(s: ScheduleSaid) -> str:
    at = f" {'、'.join(s.at)}" if s.at else ""
    if s.date:
        return s.date.replace("T", " ")
    if s.trigger:
        return s.trigger
    every = s.every or ""
    if not every:
        return at.strip()
    if s.nth_weekday:
        return f"{'每季度' if every == '3mo' else '每月'}{words_zh.NTH[s.nth_weekday.n]}{words_zh.DAYS[s.nth_weekday.day]}{at}"
    if s.months and s.month_days:
        return "每年" + "、".join(f"{m}月{d}日" for m in s.months for d in s.month_days) + at
    if s.month_days:
        days = "、".join("最后一天" if d == -1 else f"{d}号" for d in s.month_days)
        return f"{words_zh.PERIODS.get(every, '每月')}{days}{at}"
    if s.days:
        names = (
            "工作日" if s.days == ("mon", "tue", "wed", "thu", "fri") else "、".join(words_zh.DAYS[d] for d in s.days)
        )
        part = words_zh.PART_NAMES[s.part] if s.part and not s.at else ""
        if s.every not in {"1w", "2w"}:
            return f"每{duration(s.every or '1w', 'zh')}的{names}{part}{at}"
        return f"{'隔周' if s.every == '2w' else '每' if names != '工作日' else '每个'}{names}{part}{at}"
    if s.times:
        return f"{words_zh.PERIODS.get(every, '每周')}{s.times}次{at}"
    if s.part and not s.at:
        period = words_zh.PERIODS.get(every, f"每{duration(every, 'zh')}")
        return words_zh.PARTS[s.part] if every == "1d" else f"{period}{words_zh.PART_NAMES[s.part]}"
    return words_zh.PERIODS.get(every, f"每{duration(every, 'zh')}") + at


def retention(said: RetentionSaid, language: Language = "en") -> str:
    """`keep 7 daily, 4 weekly`, `保留30天`: as a person would ask for it."""
    zh = language == "zh"
    if said.forever:
        return "永久保留" if zh else "keep forever"
    if said.keep_within:
        return f"保留{duration(said.keep_within, 'zh')}" if zh else f"keep {duration(said.keep_within)}"
    counts = [(kind, getattr(said, f"keep_{kind}")) for kind in ("hourly", "daily", "weekly", "monthly", "yearly")]
    spans = [
        (kind, getattr(said, f"keep_{kind}_within")) for kind in ("hourly", "daily", "weekly", "monthly", "yearly")
    ]
    parts = [f"{n}份{words_zh.KEEP[k]}" if zh else f"{n} {words_en.KEEP[k]}" for k, n in counts if n]
    if parts:
        return ("保留" if zh else "keep ") + ("、" if zh else ", ").join(parts)
    parts = [
        f"{words_zh.KEEP[k]}保留{duration(v, 'zh')}" if zh else f"{words_en.KEEP[k]} copies for {duration(v)}"
        for k, v in spans
        if v
    ]
    if parts:
        return "、".join(parts) if zh else f"keep {words_en.joined(parts)}"
    if said.keep_last:
        return f"保留最近{said.keep_last}份" if zh else f"keep the last {said.keep_last} snapshots"
    return ""


def kept(said: RetentionSaid, at_least: int, language: Language = "en") -> str:
    """What retention means: `all of the last 30 days, never fewer than 3`."""
    floor = f",任何时候不少于{at_least}份" if language == "zh" else f", never fewer than {at_least}"
    if said.forever:
        return "全部,永不删除" if language == "zh" else "everything, for ever"
    if said.keep_within:
        return (
            f"最近{duration(said.keep_within, 'zh')}的全部"
            if language == "zh"
            else f"all of the last {duration(said.keep_within)}"
        ) + floor
    return retention(said, language).removeprefix("保留" if language == "zh" else "keep ") + floor


def window(said: WindowSaid, language: Language = "en") -> str:
    """`between 22:00 and 06:00`, `只在 22:00 到 06:00`."""
    zh = language == "zh"
    if said.part:
        return words_zh.WINDOW[said.part] if zh else words_en.WINDOW[said.part]
    if said.start and said.until:
        words = f"{said.start} 到 {said.until} 之间" if zh else f"between {said.start} and {said.until}"
    elif said.until:
        words = f"{said.until} 前完成" if zh else f"finish by {said.until}"
    elif said.start:
        words = f"{said.start} 以后" if zh else f"not before {said.start}"
    else:
        words = ""
    if said.days:
        names = (
            "、".join(words_zh.DAYS[d] for d in said.days)
            if zh
            else words_en.joined([words_en.DAYS[d] for d in said.days])
        )
        words = f"{names} {words}".strip() if zh else f"{words} on {names}".strip()
    return words


def point(said: Point, language: Language = "en") -> str:
    """`as of 2026-03-10 15:00`, `最新`."""
    zh = language == "zh"
    moment = (said.at or said.before or said.date or "").replace("T", " ")
    if said.latest:
        return "最新的备份" if zh else "the latest backup"
    if said.last_good:
        return "最后一份完好的备份" if zh else "the last good backup"
    if said.at:
        return f"{moment} 时的状态" if zh else f"as of {moment}"
    if said.before:
        return f"{moment} 之前" if zh else f"before {moment}"
    if said.date:
        return f"{moment} 的备份" if zh else f"the backup of {moment}"
    if said.start:
        return f"{said.start} 至 {said.until}" if zh else f"from {said.start} to {said.until}"
    if said.snapshot:
        return f"快照 {said.snapshot}" if zh else f"snapshot {said.snapshot}"
    if said.previous:
        if said.previous == 1:
            return "上一份备份" if zh else "the previous backup"
        return f"往前{said.previous}份" if zh else f"{said.previous} backups ago"
    return (
        (f"早于 {duration(said.older_than, 'zh')}" if zh else f"older than {duration(said.older_than)}")
        if said.older_than
        else ""
    )


def limits(said: Limits, language: Language = "en") -> str:
    """`at most 20Mbit/s, at most 500GB`, `带宽不超过 20Mbit/s`."""
    found = [(name, getattr(said, name)) for name in ("bandwidth", "storage", "cost", "cpu") if getattr(said, name)]
    if language == "zh":
        names = {"bandwidth": "带宽不超过 ", "storage": "空间不超过 ", "cost": "费用不超过 ", "cpu": "CPU 占用 "}
        return ",".join(f"{names[name]}{value}" for name, value in found)
    names = {"bandwidth": "at most ", "storage": "at most ", "cost": "at most ", "cpu": "cpu "}
    return ", ".join(f"{names[name]}{value}" for name, value in found)


def notify(said: NotifySaid, language: Language = "en") -> str:
    """`tell ops@example.com on failure`, `失败时通知 邮件`."""
    if language == "zh":
        channels = "、".join(words_zh.CHANNELS.get(c, c) for c in said.channels)
        return f"{words_zh.ON[said.on] if said.on else ''}通知{' ' if channels else ''}{channels}"
    channels = words_en.joined(list(said.channels))
    return " ".join(part for part in ("notify", channels, words_en.ON[said.on] if said.on else "") if part)


def joined(parts: list[str], language: Language = "en") -> str:
    """a, b and c; a、b、c."""
    return "、".join(parts) if language == "zh" else words_en.joined(parts)


def understood(reading: Reading, language: Language | None = None) -> list[tuple[str, str]]:
    """What was understood, in the order of the request: (label, the request's own words)."""
    table = (words_zh if (language or reading.language) == "zh" else words_en).LABELS
    spans = sorted(reading.spans, key=lambda s: (s.intent, s.start))
    return [(table.get(s.label, s.label), s.text) for s in spans if s.text.strip()]


def wish(target: str, when: ScheduleSaid | None, keep: RetentionSaid | None, language: Language = "en") -> str:
    """A standing policy as a sentence: `back up db every night at 02:00, keep 30 days`."""
    if language == "zh":
        what = f" {target}" if target.isascii() else target
        return f"{schedule(when, 'zh') if when else ''}备份{what}" + (f",{retention(keep, 'zh')}" if keep else "")
    return f"back up {target}" + (f" {schedule(when)}" if when else "") + (f", {retention(keep)}" if keep else "")
