"""A whole intent in words: what is done, with what, when, where, in both languages; no words for what was not said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from planner.language import explain, words_en, words_zh
from planner.language.explain import Language, joined
from planner.language.intent import Intent

#: in this order after the deed
ORDER = (
    "schedule", "window", "retention", "destinations", "source", "type", "policy", "point", "to", "in_place", "exclude", "rpo", "rto",
    "immutable", "encrypt", "limits", "notify", "read", "until", "dry_run",
)  # fmt: skip


def deed(intent: Intent, language: Language = "en") -> str:
    """What is to be done with what: `back up orders and wiki`, `恢复 orders`."""
    table = words_zh if language == "zh" else words_en
    verb: str = table.ACTIONS[intent.action]
    if intent.action in {"explain", "unsupported"}:
        return verb
    what = target(intent, language)
    if language == "zh":
        return f"{verb}{' ' if what and what[0].isascii() else ''}{what}"
    pattern = words_en.DEEDS.get(intent.action, "{} of {}" if intent.action in {"status"} else "{} {}")
    return pattern.format(verb, what).strip() if what else verb


def target(intent: Intent, language: Language = "en") -> str:
    """What an intent is about: `customers and orders of crm`."""
    everything = {"all": "全部数据" if language == "zh" else "everything"}
    whole = joined([everything.get(word, word) for word in intent.targets], language)
    if not intent.items:
        return whole
    parts = joined(list(intent.items), language)
    if not whole:
        return parts
    return f"{whole} 中的 {parts}" if language == "zh" else f"{parts} from {whole}"


def slot(name: str, intent: Intent, language: Language = "en") -> str:
    """One slot of an intent in words that read as the same value; '' where it says nothing."""
    value = getattr(intent, name)
    if value is None or value == () or value is False:
        return ""
    if name in {"action", "topic"}:
        table: dict[str, str] = getattr(words_zh if language == "zh" else words_en, f"{name.upper()}S")
        return table[value]
    maker = _MAKERS.get(name)
    return maker(value, language) if maker else _names(name, value, language)


def _names(name: str, value: Any, language: Language) -> str:
    """Names with the little word that tells their slot."""
    words = joined(list(value), language) if isinstance(value, tuple) else str(value)
    frames = words_zh.FRAMES if language == "zh" else words_en.FRAMES
    return frames[name].format(words) if name in frames else words


def sentence(intent: Intent, language: Language = "en") -> str:
    """The intent as a request: `back up db every night at 02:00, keep 30 days, to nas`."""
    if intent.action == "status" and intent.topic:
        what = target(intent, language)
        topic = (words_zh if language == "zh" else words_en).TOPICS[intent.topic]
        first = f"{what}{'的' if what else ''}{topic}" if language == "zh" else f"{topic} of {what}" if what else topic
    else:
        first = deed(intent, language)
    when = slot("schedule", intent, language)
    rest = [words for name in ORDER if name != "schedule" and (words := slot(name, intent, language))]
    if language == "zh":
        return ",".join([f"{when}{' ' if when[-1:].isascii() and when else ''}{first}", *rest])
    return ", ".join([f"{first} {when}".strip(), *rest])


def _flag(en: str, zh: str) -> Callable[[Any, Language], str]:
    return lambda _value, language: zh if language == "zh" else en


def _immutable(value: str | bool, language: Language) -> str:
    if value is True:
        return "不可删除" if language == "zh" else "immutable"
    length = explain.duration(str(value), language)
    return f"锁定{length}" if language == "zh" else f"locked for {length}"


def _read(value: str, language: Language) -> str:
    share = {"all": "全部数据" if language == "zh" else "all data"}.get(value, value)
    return f"读取{share}" if language == "zh" else f"read {share}" + ("" if value == "all" else " of the data")


def _until(value: str, language: Language) -> str:
    if value[:4].isdigit() and "-" in value:
        moment = value.replace("T", " ")
        return f"到 {moment}" if language == "zh" else f"until {moment}"
    length = explain.duration(value, language)
    return f"暂停{length}" if language == "zh" else f"for {length}"


def _promise(en: str, zh: str) -> Callable[[Any, Language], str]:
    return lambda value, language: (
        f"{zh}{explain.duration(value, 'zh')}" if language == "zh" else f"{en} {explain.duration(value)}"
    )


_MAKERS: dict[str, Callable[[Any, Language], str]] = {
    "schedule": explain.schedule,
    "window": explain.window,
    "retention": explain.retention,
    "point": explain.point,
    "limits": explain.limits,
    "notify": explain.notify,
    "encrypt": _flag("encrypted", "加密"),
    "in_place": _flag("over the original", "覆盖原位置"),
    "dry_run": _flag("dry run", "试运行"),
    "immutable": _immutable,
    "read": _read,
    "until": _until,
    "rpo": _promise("lose at most", "最多丢失"),
    "rto": _promise("back within", "恢复时限"),
}
