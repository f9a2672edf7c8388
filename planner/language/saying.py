"""Intents as sentences, so that two readings of a request can be put to a person side by side."""

from __future__ import annotations

from collections.abc import Sequence

from planner.language import explain, words_en, words_zh
from planner.language.explain import Language
from planner.language.intent import Intent

VERBS = {
    "en": {
        "protect": "back up", "backup": "back up", "recover": "recover", "drill": "test the restore of",
        "forget": "delete snapshots of", "replicate": "copy snapshots of", "unprotect": "stop backing up", "status": "show the state of",
        "diagnose": "find out what is wrong with", "verify": "verify",
    },
    "zh": {"protect": "备份", "backup": "备份", "recover": "灾难恢复", "drill": "演练恢复", "forget": "删除快照:", "diagnose": "查找原因:", "status": "查询状态:"},
}  # fmt: skip
NOW = {"en": "now, once", "zh": "现在备份一次"}


def say(intents: Sequence[Intent], language: Language = "en") -> str:
    """All of a reading in one line; every value that was understood is in it."""
    return ("; " if language == "en" else ";").join(_one(intent, language) for intent in intents)


def _one(intent: Intent, language: Language) -> str:
    zh = language == "zh"
    table = words_zh if zh else words_en
    verb = VERBS[language].get(intent.action) or table.ACTIONS[intent.action]
    what = _listed(intent.targets, language)
    if intent.items:
        parts = _listed(intent.items, language)
        what = (f"{what} 的 {parts}" if what else parts) if zh else (f"{parts} of {what}" if what else parts)
    if not what:  # "show the state of" nothing in particular
        verb = verb.removesuffix(" of").removesuffix(" with").rstrip(":")
    said = [f"{verb} {what}".strip() if not zh or what.isascii() else f"{verb}{what}"]
    if intent.action == "backup" and not intent.schedule:
        said.append(NOW[language])
    said += [words for words in _values(intent, language) if words]
    return (",".join(said) if zh else ", ".join(said)).strip()


def _values(intent: Intent, language: Language) -> list[str]:
    """Everything but action and targets, in words."""
    zh = language == "zh"
    table = words_zh if zh else words_en
    out = [
        _or_plain(explain.schedule(intent.schedule, language) if intent.schedule else "", intent, "schedule"),
        _months(intent, language),
        _or_plain(explain.retention(intent.retention, language) if intent.retention else "", intent, "retention"),
        _or_plain(explain.window(intent.window, language) if intent.window else "", intent, "window"),
        _or_plain(explain.point(intent.point, language) if intent.point else "", intent, "point"),
    ]
    told = {"action", "targets", "items", "schedule", "retention", "window", "point"}
    for slot, value in intent.as_contract().items():
        if slot in told:
            continue
        label = table.LABELS.get(slot, slot)
        if value is True:
            out.append(label)
        elif slot in {"rpo", "rto", "immutable", "until"} and isinstance(value, str):
            out.append(_labelled(label, explain.duration(value, language), language))
        else:
            out.append(_labelled(label, _plain(value, language), language))
    return out


def _months(intent: Intent, language: Language) -> str:
    """Months that bound a schedule which is not one of dates."""
    said = intent.schedule
    if not said or not said.months or said.month_days:
        return ""
    if language == "zh":
        return f"{'、'.join(str(month) for month in said.months)}月"
    return f"in {words_en.joined([words_en.MONTHS[month - 1] for month in said.months])}"


def _or_plain(words: str, intent: Intent, slot: str) -> str:
    """The words, or the contract's own form where there are none for a value."""
    value = intent.as_contract().get(slot)
    return words or (f"{slot} {_plain(value, 'en')}" if value else "")


def _labelled(label: str, words: str, language: Language) -> str:
    return f"{label}:{words}" if language == "zh" else f"{label} {words}"


def _plain(value: object, language: Language) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(one, language)}" for key, one in value.items())
    if isinstance(value, list):
        return _listed([str(one) for one in value], language)
    return str(value)


def _listed(names: Sequence[str], language: Language) -> str:
    return "、".join(names) if language == "zh" else words_en.joined(list(names))
