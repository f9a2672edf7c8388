"""restora.yaml as a whole."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, field_validator, model_validator

from policies.dataset import Dataset
from policies.larger_model import LargerModel
from policies.policy import Policy
from policies.repository import Repository
from policies.secret import SecretReference
from policies.tier import Tier
from policies.value import Value
from policies.window import Window

Name = Annotated[str, StringConstraints(pattern=r"^[\w][\w.\-]{0,62}$")]


class Site(Value):
    """Facts of the place that requests and plans lean on."""

    name: str = Field("", description="Name of this host in snapshots; empty: the host's name. Never change it later")
    timezone: str = Field("UTC", description="IANA time zone of all local times")
    night: Window = Field(Window(**{"from": "00:00", "to": "06:00"}), description="What 'night' means here")
    business_hours: Window = Field(
        Window(**{"from": "08:00", "to": "18:00", "days": ("mon", "tue", "wed", "thu", "fri")}),
        description="Business hours",
    )
    language: Literal["auto", "en", "zh"] = Field(
        "auto",
        description="Language of answers, plans and questions; auto: that of the request, English where there is none",
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except Exception as error:
            raise ValueError(f"{value!r} is no time zone: use an IANA name such as Europe/Berlin or UTC") from error
        return value


class Channel(Value):
    """A way to tell people: mail through an SMTP server, a webhook, or a command that gets the message on stdin."""

    kind: Literal["email", "webhook", "command"]
    to: tuple[str, ...] = Field((), description="Mail addresses")
    smtp: str = Field("localhost:25", description="host:port of the mail server")
    url: SecretReference | None = Field(None, description="Place of the webhook's URL (it often holds a token)")
    command: tuple[str, ...] = Field((), description="Program and arguments")


class Tools(Value):
    """Programs to use where the ones on PATH are not meant."""

    restic: str = Field("restic", description="The restic program")
    postgres_bin: str | None = Field(None, description="Folder of pg_dump, pg_restore and psql")
    postgres_server_bin: str | None = Field(None, description="Folder of initdb and postgres for drills")


class Learning(Value):
    """What the reader may learn from. Nothing leaves this host."""

    store: bool = Field(False, description="Keep corrected requests as examples to learn from (`restora feedback`)")


class Catalog(Value):
    """Everything that restora.yaml says. Names are unique over datasets, and over repositories."""

    version: Literal[1] = 1
    site: Site = Site()
    tools: Tools = Tools()
    language: Literal["on", "off"] = Field(
        "on", description="Whether requests in words are read; off: commands, flags and files alone"
    )
    learning: Learning = Learning()
    state: str | None = Field(None, description="URL of the state database; none: SQLite in the state folder")
    repositories: dict[Name, Repository] = Field(default_factory=dict)
    datasets: dict[Name, Dataset] = Field(default_factory=dict)
    policies: dict[Name, Policy] = Field(default_factory=dict)
    windows: dict[Name, Window] = Field(
        default_factory=dict, description="Named windows; a policy's window may be one of these names"
    )
    tiers: dict[Name, Tier] = Field(default_factory=dict, description="Own named schemes, beside gold, 3-2-1, gfs, …")
    notify: dict[Name, Channel] = Field(default_factory=dict, description="Named channels")
    llm: LargerModel | None = Field(None, description="A larger language model for doubtful requests; none: off")

    @field_validator("language", mode="before")
    @classmethod
    def _switch(cls, value: Any) -> Any:
        return {True: "on", False: "off"}[value] if isinstance(value, bool) else value

    def dangling(self) -> list[tuple[tuple[str | int, ...], str]]:
        """Every reference to a name that is not there, and every name or alias that means two things: (path, message)."""
        found: list[tuple[tuple[str | int, ...], str]] = []
        for name, policy in self.policies.items():
            for field, known, what in (
                ("datasets", self.datasets, "dataset"),
                ("repositories", self.repositories, "repository"),
            ):
                for index, wanted in enumerate(getattr(policy, field)):
                    if wanted not in known:
                        have = ", ".join(known) or "none is defined"
                        found.append((("policies", name, field, index), f"{wanted!r} is no {what} (there is: {have})"))
            for index, channel in enumerate(policy.notify.channels if policy.notify else ()):
                if channel not in self.notify:
                    have = ", ".join(self.notify) or "none is defined"
                    found.append(
                        (
                            ("policies", name, "notify", "channels", index),
                            f"{channel!r} is no channel of notify (there is: {have})",
                        )
                    )
        for section in ("datasets", "repositories"):
            owner: dict[str, str] = {}
            for name, item in getattr(self, section).items():
                for word in (name, *item.aliases):
                    other = owner.setdefault(word.casefold(), name)
                    if other != name:
                        found.append(
                            ((section, name), f"{word!r} also means {other!r}: give one of them another name or alias")
                        )
        return found

    def zone(self, policy: str | None = None) -> ZoneInfo:
        """Time zone of a policy's local times."""
        own = self.policies[policy].schedule.timezone if policy else None
        return ZoneInfo(own or self.site.timezone)

    def policies_of(self, dataset: str) -> dict[str, Policy]:
        """The policies that protect a dataset."""
        return {name: policy for name, policy in self.policies.items() if dataset in policy.datasets}

    def changed(self, **sections: Any) -> Self:
        """A validated copy with whole sections replaced."""
        return type(self).model_validate({**dict(self), **sections})

    @model_validator(mode="before")
    @classmethod
    def _sections_may_be_empty(cls, value: Any) -> Any:
        return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value

    @model_validator(mode="before")
    @classmethod
    def _named_windows(cls, value: Any) -> Any:
        """A policy whose window is a name gets that window; a name that is not there is left for the policy to refuse."""
        windows, policies = (value.get("windows"), value.get("policies")) if isinstance(value, dict) else (None, None)
        if not isinstance(windows, dict) or not isinstance(policies, dict):
            return value
        named = {
            name: {**policy, "window": windows[policy["window"]]}
            for name, policy in policies.items()
            if isinstance(policy, dict) and isinstance(policy.get("window"), str) and policy["window"] in windows
        }
        return {**value, "policies": {**policies, **named}}
