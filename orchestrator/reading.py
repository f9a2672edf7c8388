"""Which reader reads a request, and what is said where none can: the one place that every command with words goes through."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from policies.errors import ConfigurationError, RestoraError, ToolMissing, UsageError

if TYPE_CHECKING:
    from orchestrator.wiring import Application
    from planner.language.intent import Reading

WITHOUT_WORDS = """\
commands, flags and files do the same without words:
restora run POLICY; restora restore DATASET --to PLACE; restora drill DATASET; restora status;
a policy is written into restora.yaml (restora plan FILE shows what a copy of it would change, restora apply FILE does it)"""

SHIPPED = "shipped"
LOGGER = logging.getLogger("restora.reading")
SAID = re.compile(rb"^[^#\n]*\blanguage\b", re.M)


class Read(Protocol):
    """Reads one request; `planner.language.reader.read` and whatever is bound to another model."""

    def __call__(self, text: str, *, now: datetime, names: Collection[str] = ()) -> Reading: ...


class Bind(Protocol):
    """Makes a reader of a model folder (None: the shipped model). ToolMissing where the shipped model or what runs it is missing,
    UsageError where the folder is no model that can be used."""

    def __call__(self, folder: Path | None) -> Read: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A reader, the name of its model, and why it is not the one that was meant to be used (to be shown once)."""

    read: Read
    model: str
    warning: str = ""


def without_words(reason: str, *, switched_off: bool = False) -> RestoraError:
    """The error for a request in words where no words are read: what is the matter, and what to type instead."""
    kind = ConfigurationError if switched_off else ToolMissing
    return kind(f"requests in words are not read: {reason}", hint=WITHOUT_WORDS, untouched="nothing was done")


def open_reader(application: Application, bind: Bind | None = None) -> Opened:
    """The reader of this installation: the active model, else the shipped one with a warning. The error of `without_words` where
    restora.yaml says `language: off`, or where nothing is left to read with."""
    if _switched_off(application):
        raise without_words(f"{application.settings.config} says language: off", switched_off=True)
    bind = bind or bound
    chosen = application.models.chosen()
    warning = chosen.warning
    if chosen.folder is not None:
        try:
            return Opened(bind(chosen.folder), chosen.name)
        except RestoraError as error:
            way = "restora model rollback, or restora model use shipped"
            warning = f"model {chosen.name} can't be used ({error.message}): the shipped model is used; {way}"
    try:
        return Opened(bind(None), SHIPPED, warning)
    except ToolMissing as error:
        raise ToolMissing(
            f"{error.message}; {warning}" if warning else error.message, hint=error.hint, untouched=error.untouched
        ) from error


def _switched_off(application: Application) -> bool:
    """What restora.yaml says. One that is wrong, or none, switches nothing off: what needs it will tell."""
    if not SAID.search(application.config_bytes()):
        return False  # most files: they need not be understood for this
    try:
        return application.catalog.language == "off"
    except ConfigurationError:
        return False


def bound(folder: Path | None) -> Read:
    """The reader over a model folder, or over the shipped model; the model is loaded, and one that is not shipped has read a
    request when this returns."""
    try:
        from planner.language import reader, runtime

        runtime.load(folder or runtime.SHIPPED)
        if folder is not None:
            reader.read("status", now=datetime.fromisoformat("2026-03-11T10:30"), model=folder)
    except ImportError as error:
        raise without_words(f"{error.name or error} is not installed") from error
    except FileNotFoundError as error:
        if folder is None:
            raise without_words(f"the model that comes with restora is missing: {error.filename}") from error
        raise UsageError(f"{folder} is no model: {error.filename} is missing", hint="restora model list") from error
    except Exception as error:  # what runs models raises kinds of its own for files that it can't use
        said = f"{type(error).__name__}: {error}"
        if folder is None:
            raise without_words(f"the model that comes with restora can't be used ({said})") from error
        raise UsageError(f"{folder} is no model that can be used ({said})", hint="restora model list") from error
    return partial(reader.read, model=folder or runtime.SHIPPED)
