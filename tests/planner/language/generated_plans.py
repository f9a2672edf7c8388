"""Plans as hypothesis strategies, each with the sentence that asks for it: (sentence, intents) for tests of any reader."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from planner.language import sentences
from planner.language.explain import Language
from planner.language.intent import Intent, RetentionSaid, ScheduleSaid
from planner.language.plan_words import intent_of
from policies.policy import Policy
from tests.planner.language import generated_values as generated

NAMES = ("db", "wiki", "home", "orders", "crm", "/etc", "/srv/photos", "billing", "mail", "gitlab")
NAMES_ZH = ("db", "wiki", "订单库", "客户库", "财务系统", "/etc", "邮件服务器", "官网", "gitlab")
PLACES = ("nas", "s3", "offsite", "acme-dr", "local")


def _policy(
    datasets: tuple[str, ...], places: tuple[str, ...], when: ScheduleSaid, keep: RetentionSaid, at: str
) -> Policy:
    schedule: dict[str, Any] = {k: v for k, v in when.as_contract().items() if k != "part"}
    if schedule["every"].endswith(("h", "min")):
        schedule.pop("at", None)
    elif not schedule.get("at"):
        schedule["at"] = [at]
    if schedule["every"].endswith("w") and not schedule.get("days"):
        schedule["days"] = ["sun"]
    if schedule["every"].endswith(("mo", "y")) and not (schedule.get("month_days") or schedule.get("nth_weekday")):
        schedule["month_days"] = [1]
    return Policy.model_validate(
        {"datasets": datasets, "repositories": places, "schedule": schedule, "retention": keep.as_contract()}
    )  # fmt: skip


def plans(names: tuple[str, ...] = NAMES) -> st.SearchStrategy[Policy]:
    """Policies in force: one or two datasets, one or two repositories, any cadence and retention."""
    some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    places = st.lists(st.sampled_from(PLACES), min_size=1, max_size=2, unique=True).map(tuple)
    cadence = generated.schedules().filter(lambda s: s.times is None)
    return st.builds(_policy, some, places, cadence, generated.retentions(), generated.clocks())


def requests(language: Language) -> st.SearchStrategy[tuple[str, list[dict[str, Any]]]]:
    """(sentence, intents as the contract writes them) of a plan."""
    return plans(NAMES_ZH if language == "zh" else NAMES).map(lambda plan: worded(intent_of(plan), language))


def worded(intent: Intent, language: Language) -> tuple[str, list[dict[str, Any]]]:
    """One intent as (sentence, intents)."""
    return sentences.sentence(intent, language), [intent.as_contract()]


def restores(language: Language) -> st.SearchStrategy[tuple[str, list[dict[str, Any]]]]:
    """Restores to a place, as of a moment."""
    names = st.sampled_from(NAMES_ZH if language == "zh" else NAMES)
    made = st.builds(
        lambda name, point, to: Intent(action="restore", targets=(name,), point=point, to=to),
        names, generated.points(), st.sampled_from(["/tmp/x", "staging"]),
    )  # fmt: skip
    return made.map(lambda intent: worded(intent, language))
