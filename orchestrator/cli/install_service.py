"""restora install-service: the systemd unit of the daemon."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from orchestrator.cli.present import show
from policies.errors import ConfigurationError


def command(
    context: typer.Context,
    user: bool = typer.Option(
        False, "--user", help="A unit of this person's own systemd; without root that is the default."
    ),
    write: bool = typer.Option(True, "--write/--print", help="Write the file, or only print it."),
    force: bool = typer.Option(False, "--force", help="Replace a unit that is there already."),
) -> None:
    """Write the systemd unit that keeps the daemon running, and say how to switch it on."""
    from adapters.service_unit import unit

    application = context.obj.application()
    mine = user or os.geteuid() != 0
    text = unit(user=mine, program=application.program, home=context.obj.home, config=context.obj.config)
    folder = Path.home() / ".config/systemd/user" if mine else Path("/etc/systemd/system")
    place = folder / "restora.service"
    manager = "systemctl --user" if mine else "systemctl"
    switch = f"{manager} daemon-reload && {manager} enable --now restora"
    if not write:
        show(context.obj, {"path": str(place), "unit": text, "enable": switch}, text)
        return
    if place.exists() and place.read_text(encoding="utf-8") != text and not force:
        raise ConfigurationError(
            f"{place} is there already and differs",
            hint="compare with --print, replace with --force",
            untouched="the unit was not changed",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{place} cannot be written: {error.strerror}", hint="use --user, or run it as root"
        ) from error
    linger = " (and loginctl enable-linger, so that it runs while you are logged out)" if mine else ""
    show(context.obj, {"path": str(place), "enable": switch}, f"Wrote {place}", f"Switch it on: {switch}{linger}")
