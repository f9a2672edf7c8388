"""The unit's text, and systemd's own opinion of it."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from adapters.service_unit import ANYWHERE, NAME, place, unit
from policies.errors import UsageError


def read(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def test_the_daemon_is_started_with_its_home() -> None:
    service = read(unit(False, "/opt/restora/bin/restora", Path("/srv/restora")))["Service"]
    assert service["ExecStart"] == "/opt/restora/bin/restora --home /srv/restora daemon"


def test_without_a_home_there_is_no_option() -> None:
    assert read(unit(True, "/usr/bin/restora", None))["Service"]["ExecStart"] == "/usr/bin/restora daemon"


def test_a_configuration_elsewhere_is_passed_on() -> None:
    service = read(unit(True, "/usr/bin/restora", None, Path("/srv/site.yaml")))["Service"]
    assert service["ExecStart"] == "/usr/bin/restora --config /srv/site.yaml daemon"


def test_a_stop_asks_first_and_waits_as_long_as_told() -> None:
    service = read(unit(False, "/usr/bin/restora", None, stop_seconds=900))["Service"]
    assert (service["KillMode"], service["TimeoutStopSec"]) == ("mixed", "900s")


def test_it_comes_back_after_a_failure_but_not_after_a_wrong_configuration() -> None:
    text = read(unit(False, "/usr/bin/restora", None))
    assert text["Service"]["Restart"] == "on-failure"
    assert text["Service"]["RestartPreventExitStatus"].split() == ["2", "4", "11"]
    assert text["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("user", [True, False], ids=["user", "system"])
def test_nothing_hides_files_or_forbids_to_restore_them(user: bool) -> None:
    service = read(unit(user, "/usr/bin/restora", None))["Service"]
    hiding = {
        "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectKernelModules", "RestrictSUIDSGID",
        "ReadOnlyPaths", "InaccessiblePaths", "DynamicUser", "PrivateUsers",
    }  # fmt: skip
    assert not hiding & set(service)


def test_a_user_s_manager_gets_only_what_it_can_keep() -> None:
    text = read(unit(True, "/usr/bin/restora", None))
    assert text["Install"]["WantedBy"] == "default.target"
    assert "CapabilityBoundingSet" not in text["Service"]
    assert not any(name.startswith("Protect") for name in text["Service"])
    assert "Wants" not in text["Unit"]
    for line in ANYWHERE:
        assert text["Service"][line.partition("=")[0]] == line.partition("=")[2]


def test_odd_paths_stay_one_argument() -> None:
    service = read(unit(False, '/opt/my "tools"/restora', Path("/srv/100% $HOME")))["Service"]
    assert service["ExecStart"] == r'"/opt/my \"tools\"/restora" --home "/srv/100%% $$HOME" daemon'


@pytest.mark.parametrize("path", ["restora", "./restora", "/opt/res\ntora", "/opt/\x1b"])
def test_impossible_paths_are_refused(path: str) -> None:
    with pytest.raises(UsageError):
        unit(False, path, None)
    with pytest.raises(UsageError):
        unit(False, "/usr/bin/restora", Path(path))


def test_where_it_belongs() -> None:
    assert place(False, Path("/home/ada/.config")) == Path("/etc/systemd/system") / NAME
    assert place(True, Path("/home/ada/.config")) == Path("/home/ada/.config/systemd/user") / NAME


@pytest.mark.integration
@pytest.mark.parametrize("user", [True, False], ids=["user", "system"])
def test_systemd_accepts_it(user: bool, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("no systemd-analyze on this machine (Debian's package systemd)")
    program = tmp_path / "my restora"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    file = tmp_path / NAME
    file.write_text(unit(user, str(program), tmp_path / "100% $HOME"))
    result = subprocess.run(
        [analyze, *(["--user"] if user else []), "--man=no", "verify", file],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert result.returncode == 0, result.stderr
    assert NAME not in result.stderr, result.stderr
