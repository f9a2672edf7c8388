"""One intent as a standing wish: its values typed for planning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time

from pydantic import ValidationError

from planner.language.intent import Intent, RetentionSaid, WindowSaid
from planner.language.naming import Naming
from policies.catalog import Catalog, Channel, Site
from policies.duration import Duration
from policies.quantity import parse_size
from policies.retention import Retention
from policies.schedule import NthWeekday
from policies.window import WEEKDAYS, Window, parse_clock
from policies.wish import Wish

CONTINUOUS = "continuous"
NEAREST_TO_CONTINUOUS = "5min"
#: kinds of channel behind the media that people name
MEDIA = {
    **dict.fromkeys(("email", "e-mail", "mail", "邮件", "邮箱"), "email"),
    **dict.fromkeys(("slack", "webhook", "teams", "discord", "chat", "钉钉", "飞书", "企业微信", "微信"), "webhook"),
    **dict.fromkeys(("command", "script"), "command"),
}


def wish(work: Naming, number: int, intent: Intent, catalog: Catalog, words: Mapping[str, str], text: str) -> Wish:
    """The standing policy that an intent asks for; what can't be is asked in `work`."""
    said, limits, notify = intent.schedule, intent.limits, intent.notify
    continuous = said is not None and said.every == CONTINUOUS
    if continuous:
        work.ask(
            number, "schedule", "Continuous protection is not offered. Is every 5 minutes close enough?",
            "不支持持续保护。每 5 分钟一次可以吗?", (NEAREST_TO_CONTINUOUS,),
        )  # fmt: skip
    if said and said.trigger:
        work.ask(
            number, "schedule", f"Runs can't follow “{said.trigger}” by themselves. On which schedule?",
            f"无法由“{said.trigger}”触发。按什么时间备份?",
        )  # fmt: skip
    names, _items = work.of(number)
    return Wish(
        datasets=names,
        repositories=work.places(number, intent.destinations),
        every=Duration.parse(said.every) if said and said.every and not continuous else None,
        at=tuple(parse_clock(t) for t in said.at) if said else (),
        part=said.part if said else None,
        days=said.days if said else (),
        month_days=said.month_days if said else (),
        months=said.months if said else (),
        nth_weekday=NthWeekday(n=said.nth_weekday.n, day=said.nth_weekday.day) if said and said.nth_weekday else None,
        times=said.times if said else None,
        timezone=said.timezone if said else None,
        window=window(intent.window, catalog.site),
        retention=_retention(work, number, intent.retention),
        tier=intent.policy,
        rpo=Duration.parse(intent.rpo) if intent.rpo else None,
        rto=Duration.parse(intent.rto) if intent.rto else None,
        bandwidth=limits.bandwidth if limits else None,
        storage=parse_size(limits.storage) if limits and limits.storage else None,
        channels=_channels(work, number, notify.channels, catalog.notify) if notify else (),
        notify_on=notify.on if notify else None,
        text=text,
        words=words,
    )


def _channels(work: Naming, number: int, words: Sequence[str], known: Mapping[str, Channel]) -> tuple[str, ...]:
    """The channels of restora.yaml behind a person's words: by name, by address, or the only ones of their kind."""
    found: list[str] = []
    for word in words:
        plain = word.strip().lstrip("#@").casefold()
        mine = [name for name, channel in known.items() if plain in {name.casefold(), *map(str.casefold, channel.to)}]
        mine = mine or [name for name, channel in known.items() if channel.kind == MEDIA.get(plain)]
        if len(mine) == 1 or not known:  # where none is defined, planning says so
            found += mine or [word]
            continue
        choices = tuple(mine or known)
        work.ask(
            number, "notify", f"Who is told by “{word}”: {', '.join(choices)}?", f"“{word}”指哪个通知渠道:{'、'.join(choices)}?", choices, word
        )  # fmt: skip
    return tuple(dict.fromkeys(found))


def _retention(work: Naming, number: int, said: RetentionSaid | None) -> Retention | None:
    """Retention as a policy holds it."""
    if said is None:
        return None
    try:
        return Retention.model_validate(said.as_contract())
    except ValidationError as error:
        reason = str(error.errors()[0].get("msg", "")).removeprefix("Value error, ")
        work.ask(number, "retention", f"How long should copies be kept? {reason}", f"副本保留多久?{reason}")
        return None


def window(said: WindowSaid | None, site: Site) -> Window | None:
    """A window in the site's own hours: its night, what lies outside of its business hours, its weekend."""
    if said is None:
        return None
    if said.part == "night":
        return site.night.model_copy(update={"days": said.days}) if said.days else site.night
    if said.part == "off_hours":
        return Window(start=site.business_hours.until, until=site.business_hours.start, days=said.days)
    if said.part == "weekend":
        whole = Window(start=time(0), until=time(0), days=WEEKDAYS[5:])
        if not (said.start and said.until):
            return whole
        return Window(start=parse_clock(said.start), until=parse_clock(said.until), days=WEEKDAYS[5:])
    start = parse_clock(said.start) if said.start else (site.night.start if said.until else time(0))
    until = parse_clock(said.until) if said.until else (site.night.until if said.start else time(0))
    return Window(start=start, until=until, days=said.days)
