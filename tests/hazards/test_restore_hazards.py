"""Hazards of bringing back (docs/hazards.md): a restore that is none, a lost password, what a kill leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.lease import FileLeases
from adapters.sandbox import Sandbox
from adapters.sources.files import FilesSource
from orchestrator.restoring import located
from orchestrator.run_drill import DrillTools, Place, drill
from orchestrator.run_restore import Restored, RestoreOrder, RestoreTools, restore
from orchestrator.startup import clean_up
from policies.dataset import FilesDataset
from policies.errors import RepositoryError, RestoraError, VerificationFailed
from policies.run import DrillRecord
from policies.snapshot import RecoveryPoint, recovery_points
from policies.verification import DrillLevel, DrillVerdict
from tests.adapters.repository_contract import quiet, save
from tests.adapters.restic_places import LocalPlace
from tests.conftest import ROOT
from tests.hazards.scene import RealScene
from tests.servers.restic_template import PASSWORD, Templates

pytestmark = pytest.mark.integration


def point(scene: RealScene) -> RecoveryPoint:
    return recovery_points("local", scene.listed())[0]


def source(scene: RealScene) -> FilesSource:
    return FilesSource("docs", cast(FilesDataset, scene.catalog.datasets["docs"]))


def bring(scene: RealScene, *items: str, repository: Any = None) -> Restored:
    order = RestoreOrder("docs", "local", point(scene), str(scene.folder / "back"), items)
    return restore(
        order,
        RestoreTools(
            scene.state, scene.clock, repository or scene.repository(), source(scene), scene.folder / "scratch",
            safety=lambda: "", lease=nullcontext, progress=quiet,
            beside=Sandbox(scene.folder / "drills").beside,
        ),
    )  # fmt: skip


def test_restore_is_verified_before_it_is_called_done(scene: RealScene) -> None:
    scene.nights(1)
    done = bring(scene)
    assert (done.files, done.proven) == (10, True)


def test_restore_that_restores_nothing_is_an_error(scene: RealScene) -> None:
    scene.nights(1)
    config = cast(FilesDataset, scene.catalog.datasets["docs"])
    there, missing = (located(item, config.paths, lambda _path: True) for item in ("./1.txt", "no-such-file.txt"))
    with pytest.raises(RepositoryError, match="nothing was restored"):
        bring(scene, missing)
    with pytest.raises(RepositoryError, match="not everything was restored"):
        bring(scene, there, missing)
    assert not (scene.folder / "back").exists()
    assert bring(scene, there).files == 1


@pytest.mark.parametrize("how", ["nothing", "half", "cut", "other content"])
def test_restic_that_says_done_and_did_not_is_found_out(scene: RealScene, how: str) -> None:
    """Ends with 0, and the files are not there, or not what they were."""
    scene.nights(1)
    damage = {
        "nothing": 'rm -rf "$target"/*',
        "half": 'find "$target" -name "[1-4].txt" -delete',
        "cut": 'find "$target" -name "1.txt" -exec truncate -s 3 {} +',
        "other content": 'find "$target" -name "1.txt" -exec sh -c "head -c 100 /dev/zero > {}" ";"',
    }[how]
    program = scene.folder / "restic-that-lies"
    program.write_text(
        f'#!/bin/sh\n{scene.place.restic} "$@" || exit $?\n[ "$1" = restore ] || exit 0\n'
        f'for word; do case "$word" in --target=*) target="${{word#--target=}}";; esac; done\n{damage}\n'
    )
    program.chmod(0o755)
    scene.place.restic = program
    with pytest.raises(RestoraError) as told:
        bring(scene)
    assert isinstance(told.value, RepositoryError | VerificationFailed)


def drilled(scene: RealScene, level: DrillLevel = DrillLevel.FULL) -> DrillRecord:
    folder = scene.folder / f"drill-{time.monotonic_ns()}"
    folder.mkdir()
    place = Place(folder, source(scene), str(folder / "copy"), in_place=False)

    def tamper(_place: Place, _facts: object) -> str:
        (folder / "copy" / str(scene.folder / "data")[1:] / "1.txt").write_bytes(b"x" * 100)
        return "1.txt overwritten"

    tools = DrillTools(
        scene.state, scene.clock, scene.repository(), "files", lambda _level: nullcontext(place), tamper, quiet
    )
    return drill("docs", point(scene), level, tools, identifier=folder.name)


def test_drills_compare_content(scene: RealScene) -> None:
    """What a structural check does not see, a drill does."""
    scene.write("big", os.urandom(300_000))
    scene.nights(1)
    assert drilled(scene).verdict == DrillVerdict.PROVEN
    scene.place.flip()
    scene.repository().check(quiet)
    assert drilled(scene).verdict != DrillVerdict.PROVEN


def test_second_key_opens_what_the_lost_password_no_longer_does(
    restic: Path, restic_templates: Templates, tmp_path: Path
) -> None:
    """Made by init beside the first, kept in a file of its own (0600); the data comes back with it alone."""
    place = LocalPlace(tmp_path, restic, restic_templates)
    made = place.nowhere()
    made.initialise()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").write_text("precious")
    saved = save(made, tmp_path / "tree")
    key = tmp_path / "recovery-key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert made.key_count() == 2
    recovered = place.at(tmp_path / "nowhere", password=key.read_text().strip())
    assert recovered.restore(saved.snapshot, tmp_path / "back", progress=quiet) == 1
    key.unlink()
    assert made.initialise() is False  # nothing pretends that the lost file is still there
    assert made.key_count() == 2


def test_init_that_was_cut_off_is_completed(restic: Path, restic_templates: Templates, tmp_path: Path) -> None:
    """Killed between the two keys: the next init adds the second one."""
    place = LocalPlace(tmp_path, restic, restic_templates)
    environment = {**os.environ, "RESTIC_PASSWORD": PASSWORD}
    argv = [str(restic), "-r", str(tmp_path / "nowhere"), "init"]
    subprocess.run(argv, check=True, env=environment, stdout=subprocess.DEVNULL)
    assert place.nowhere().initialise() is False
    assert place.nowhere().key_count() == 2
    (tmp_path / "nowhere" / "config").unlink()
    with pytest.raises(RepositoryError, match="has keys but no config"):
        place.nowhere().initialise()


# as a run would: holds the leases, has its scratch, and restic at work in it
KILLED = """
import sys, threading
from pathlib import Path
from adapters.lease import FileLeases
from adapters.sandbox import Sandbox
folder = Path(sys.argv[1])
with FileLeases(folder / "leases").take("dataset:docs", "repository:local"):
    for part in ("runs/local/docs", "restic/local"):
        (folder / "scratch" / part).mkdir(parents=True)
        (folder / "scratch" / part / "left").write_text("behind")
    sandbox = Sandbox(folder / "scratch" / "drills")
    (sandbox.register("drill").path / "copy").write_text("of everything")
    with sandbox.beside(folder / "target", ".restora-docs") as restoring:
        (restoring / "copy").write_text("of everything")
        print("ready", flush=True)
        threading.Event().wait()
"""


def test_scratch_left_behind_after_a_kill_is_cleaned_at_the_next_start(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout
    assert program.stdout.readline() == "ready\n"
    scratch = tmp_path / "scratch"
    application = cast(
        Any,
        SimpleNamespace(
            sandbox=Sandbox(scratch / "drills"), settings=SimpleNamespace(scratch=scratch),
            leases=FileLeases(tmp_path / "leases"),
        ),
    )  # fmt: skip
    assert clean_up(application) == []  # it lives
    program.send_signal(signal.SIGKILL)
    program.wait(30)
    removed = clean_up(application)
    assert len(removed) == 4, removed
    assert [p for p in scratch.rglob("*") if p.is_file()] == []
    assert list((tmp_path / "target").iterdir()) == []
    assert clean_up(application) == []
