"""When: the schedule and the window of a draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from planner.cadence import frame_of
from planner.estimate import run_seconds
from planner.placement import Busy, place
from planner.request import Request
from policies.catalog import Catalog
from policies.policy import Policy
from policies.quantity import human_time
from policies.retention import Retention
from policies.schedule import Schedule
from policies.window import DayPart, Window
from policies.wish import Wish

PARTS: dict[DayPart, tuple[str, str]] = {
    "morning": ("06:00", "12:00"),
    "afternoon": ("12:00", "18:00"),
    "evening": ("18:00", "00:00"),
}


def schedule_and_window(
    request: Request, datasets: tuple[str, ...], repositories: tuple[str, ...], busy: Sequence[Busy]
) -> tuple[Schedule | None, Window | None]:
    """The completed schedule and window; None where a problem (noted) leaves it open."""
    wish, notes = request.wish, request.notes
    if wish.timezone:
        try:
            ZoneInfo(wish.timezone)
        except (KeyError, OSError, ValueError):  # what zoneinfo raises depends on what is wrong with the key
            message = f"{wish.timezone!r} is no time zone"
            hint = "use an IANA name such as Europe/Berlin"
            notes.problem("timezone.unknown", "schedule.timezone", wish.timezone, message, hint)
            return None, None
        notes.said("schedule.timezone", wish.timezone)
    try:
        frame = frame_of(request)
        schedule = frame.schedule()
    except (ValueError, ValidationError) as error:
        notes.problem(
            "schedule.invalid", "schedule", _said(wish), _message(error), "say when it shall run in another way"
        )
        return None, None
    window = _window(request, schedule)
    if schedule.is_subdaily or schedule.at:
        return schedule, window
    provisional = _provisional(request, schedule, datasets, repositories)
    return _placed(request, provisional, window or request.catalog.site.night, busy), window


def _window(request: Request, schedule: Schedule) -> Window | None:
    wish, notes, base = request.wish, request.notes, request.base
    before = base.window if base else None
    if wish.window:
        notes.said("window", str(wish.window))
        return wish.window
    if wish.at:
        return _window_for_times(request, before)
    if wish.part:
        window = part_window(wish.part, request.catalog)
        why = "what night means at this site" if wish.part == "night" else f"what {wish.part} means"
        notes.assume(
            "window", str(window), f"window.{'night' if wish.part == 'night' else 'part'}", why, part=wish.part
        )
        return window
    if base:
        return _window_in_force(request, base, schedule)
    if schedule.is_subdaily or schedule.at:
        return None
    night = request.catalog.site.night
    notes.assume("window", str(night), "window.night", "work runs at night where nothing else is said")
    return night


def _window_in_force(request: Request, base: Policy, schedule: Schedule) -> Window | None:
    """The wish says nothing of times: the window in force stays, unless it was made for one run a night."""
    before = base.window
    if before and schedule.is_subdaily and not base.schedule.is_subdaily and _is_a_part(before, request.catalog):
        why = f"several runs a day do not stay in {before}, which was for one"
        request.notes.assume("window", "none", "window.dropped", why, window=str(before))
        return None
    if before:
        request.notes.kept("window", str(before), request.base_name)
    return before


def _window_for_times(request: Request, before: Window | None) -> Window | None:
    """Times were said: the window in force stays where it holds them."""
    if before is None:
        return None
    if all(_holds(before, at) for at in request.wish.at):
        request.notes.kept("window", str(before), request.base_name)
        return before
    why = f"the time said lies outside the window in force, {before}"
    request.notes.assume("window", "none", "window.dropped", why, window=str(before))
    return None


def part_window(part: DayPart, catalog: Catalog) -> Window:
    """The window that a part of the day means at this site."""
    if part == "night":
        return catalog.site.night
    start, until = PARTS[part]
    return Window(**{"from": start, "to": until})


def _is_a_part(window: Window, catalog: Catalog) -> bool:
    """Whether it is one that planning chooses by itself."""
    parts: tuple[DayPart, ...] = ("night", "morning", "afternoon", "evening")
    return window in {part_window(part, catalog) for part in parts}


def _holds(window: Window, at: time) -> bool:
    if window.start < window.until:
        return window.start <= at < window.until
    return at >= window.start or at < window.until


def _placed(request: Request, policy: Policy, window: Window, busy: Sequence[Busy]) -> Schedule:
    """The schedule with the earliest free time in its window."""
    schedule, notes, base = policy.schedule, request.notes, request.base
    if base and base.window == window and base.schedule == schedule.model_copy(update={"at": base.schedule.at}):
        notes.kept("schedule.at", ", ".join(f"{at:%H:%M}" for at in base.schedule.at), request.base_name)
        return base.schedule
    lasting = run_seconds(policy, request.catalog, request.history)
    reserve = _shortened(request, ZoneInfo(schedule.timezone or request.catalog.site.timezone))
    found = place(window, lasting.value, busy, days=schedule.days, reserve=reserve)
    facts = {"window": str(window), "run": f"{human_time(lasting.value)} a run, {lasting.origin.value}"}
    if found.beside:
        others, code = ", ".join(found.beside), "at.least-crowded"
        why = f"no free time in {window}; here it meets {others} the least ({facts['run']})"
    elif found.passed:
        others, code = ", ".join(found.passed), "at.after-others"
        why = f"the earliest time in {window} clear of {others} ({facts['run']})"
    else:
        others, code, why = "", "at.earliest", f"the earliest time in {window} ({facts['run']})"
    notes.assume("schedule.at", f"{found.at:%H:%M}", code, why, **facts, others=others)
    return schedule.model_copy(update={"at": (found.at,)})


def _provisional(
    request: Request, schedule: Schedule, datasets: tuple[str, ...], repositories: tuple[str, ...]
) -> Policy:
    """The policy as far as its runs' length depends on it."""
    return Policy(
        datasets=datasets,
        repositories=repositories,
        schedule=schedule.model_copy(update={"at": (time(0, 0),)}),
        retention=Retention(keep_last=1),
        bandwidth=request.wish.bandwidth or (request.base.bandwidth if request.base else None),
    )


def _shortened(request: Request, zone: ZoneInfo) -> float:
    """Seconds that the shortest night of the coming year lacks."""
    days = (request.now + timedelta(days=day) for day in range(372))
    offsets = [day.astimezone(zone).utcoffset() or timedelta() for day in days]
    return max((after - before).total_seconds() for before, after in pairwise(offsets))


def _said(wish: Wish) -> str:
    return wish.words.get("schedule") or wish.words.get("every") or (str(wish.every) if wish.every else wish.text)


def _message(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(str(entry["msg"]).removeprefix("Value error, ") for entry in error.errors())
    return str(error)
