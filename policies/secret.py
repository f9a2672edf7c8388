"""Where a secret is found. The secret itself is never part of a value, a log line or an argument list."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from policies.value import Value

PLACES = ("file", "command", "environment", "keyring")


class SecretReference(Value):
    """Exactly one place: a file (mode 0600), a command that prints it, an environment variable, or a keyring entry."""

    file: str | None = Field(None, description="File that holds the secret; mode 0600 or 0400")
    command: tuple[str, ...] | None = Field(None, description="Program and arguments that print the secret")
    environment: str | None = Field(None, description="Name of an environment variable")
    keyring: str | None = Field(None, description="service/user in the keyring of the operating system")

    @model_validator(mode="before")
    @classmethod
    def _one_place(cls, value: Any) -> Any:
        if isinstance(value, str):
            raise ValueError("a secret is never written here: name its place, as in {file: /etc/restora/password}")
        return value

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(getattr(self, place) is not None for place in PLACES) != 1:
            raise ValueError("name exactly one place: file, command, environment or keyring")
        return self

    def __str__(self) -> str:
        place = next(place for place in PLACES if getattr(self, place) is not None)
        value = getattr(self, place)
        return f"{place}:{value[0] if place == 'command' else value}"
