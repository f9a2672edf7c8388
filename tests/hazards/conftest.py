"""Scenes for the hazards, over a copied repository of either restic."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.restic_places import LocalPlace
from tests.conftest import SteppedClock
from tests.hazards.scene import RealScene, catalog
from tests.servers.restic_template import Templates

MakeScene = Callable[..., RealScene]


@pytest.fixture
def make_scene(restic: Path, restic_templates: Templates, fast_path: Path, clock: SteppedClock) -> MakeScene:
    """A scene, started; arguments as `catalog` takes them."""

    def made(*paths: str, options: dict[str, Any] | None = None, source: Any = None, **policy: Any) -> RealScene:
        scene = RealScene(
            fast_path, clock, catalog(fast_path, *paths, **policy), place=LocalPlace(fast_path, restic, restic_templates),
            options=options or {}, source=source,
        )  # fmt: skip
        scene.controller.start()
        return scene

    return made


@pytest.fixture
def scene(make_scene: MakeScene) -> RealScene:
    """One dataset of ten files."""
    made = make_scene()
    for number in range(9):
        made.write(f"{number}.txt", b"%d" % number * 100)
    return made
