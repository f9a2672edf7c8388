"""Every command's usual case, and its JSON twin: one document on standard output, whatever comes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.cli.main import COMMANDS
from tests.cli.conftest import SENTENCE
from tests.cli.installation import Installation, initialised

pytestmark = [pytest.mark.integration, pytest.mark.slow]

# what only looks: words, exit code, a word that people see, a key of the JSON
LOOKS = [
    (("status",), 22, "2 promises", "promises"),
    (("snapshots",), 0, "docs", "points"),
    (("snapshots", "docs", "--why"), 0, "within 30d of", "points"),
    (("browse", "docs"), 0, "paper [3].txt", "entries"),
    (("plan",), 0, "lost at worst", "policies"),
    (("plan", "restora.yaml"), 0, "No difference.", "policies"),
    (("doctor",), 1, "restora daemon, or restora install-service", "checks"),
    (("audit",), 0, "approval", "entries"),
    (("audit", "verify"), 0, "every link holds", "valid"),
    (("apply", "--list"), 0, "No proposal is open.", "proposals"),
    (("parse", "back up docs nightly, keep 30 days"), 0, '"action": "protect"', "intents"),
    (("drill",), 0, "docs", "drills"),
    (("restore", "docs", "--dry-run"), 0, "Nothing was done.", "order"),
    (("install-service", "--print", "--user"), 0, "ExecStart=", "unit"),
    (("back up docs weekly", "--dry-run"), 0, "Dry run: nothing was changed.", "plan"),
]


def wide(text: str) -> list[str]:
    return [
        line for line in text.splitlines() if len(line) > 80 and not line.startswith(("SystemCallFilter", "ExecStart"))
    ]


@pytest.mark.parametrize(
    ("words", "code", "said", "key"), LOOKS, ids=lambda value: value[0] if value and isinstance(value, tuple) else ""
)
def test_commands_that_only_look(
    backed_up: Installation, own: Installation, words: tuple[str, ...], code: int, said: str, key: str
) -> None:
    changes = words == ("drill",)
    place = own if changes else backed_up
    called = place.call(*words, cwd=place.home).ended(code)
    assert " ".join(said.split()) in called.text
    assert not wide(called.out)
    if changes:
        return
    twin = place.call(*words, "--json", cwd=place.home).ended(code)
    assert key in twin.json()
    assert twin.out.count("\n") == 1
    assert twin.err == ""


def test_init_may_be_repeated(bare: Installation) -> None:
    config = bare.config.read_text()
    called = bare.call("init", "--repository", "/elsewhere").ended(0)
    assert "is there already and stays as it is; --repository changes nothing in it: edit the file" in called.text
    assert "is there at" in called.text
    steps = bare.call("init", "--json").ended(0).json()
    assert steps["ok"] is True
    assert bare.config.read_text() == config


def test_init_finds_writes_and_makes(bare: Installation) -> None:
    config = bare.config.read_text()
    for part in ("docs:", "shop:", "kind: sqlite", str(bare.repository), "local.password"):
        assert part in config
    secrets = bare.home / "secrets"
    assert {path.name for path in secrets.iterdir()} == {"local.password", "local.recovery-key"}
    assert {oct(path.stat().st_mode & 0o777) for path in secrets.iterdir()} == {"0o600"}
    assert (bare.repository / "config").exists()


def test_rebuild_finds_the_runs_again(own: Installation) -> None:
    (own.home / "state/state.sqlite").unlink()
    called = own.call("init", "--rebuild").ended(0)
    assert "2 recovery points of 2 datasets found again" in called.text
    board = own.call("status", "--json").ended(22).json()
    assert all(line["last_good"] for line in board["promises"])


def test_ask_asks_then_apply_applies(bare: Installation) -> None:
    config = bare.config.read_text()
    asked = bare.call(SENTENCE).ended(8)
    assert "Apply?" in asked.err and "--yes" in asked.err
    assert not wide(asked.out)
    (open_one,) = bare.call("apply", "--list", "--json").ended(0).json()["proposals"]
    assert f"restora apply {open_one['id']} --yes" in asked.err
    assert bare.config.read_text() == config
    again = bare.call("apply", open_one["id"], "--json").ended(8).json()
    assert again["error"] == "approval" and open_one["id"] in again["message"]
    done = bare.call("apply", open_one["id"][:4], "--yes", "--json").ended(0).json()
    assert done["applied"] is True and done["policies"] == ["docs"]
    assert "keep_within: 30d" in bare.config.read_text()
    assert bare.call("apply", "--list", "--json").ended(0).json()["proposals"] == []
    entries = bare.call("audit", "--json").ended(0).json()["entries"]
    assert [entry["kind"] for entry in entries] == ["proposal", "approval"]
    assert entries[0]["body"]["words"] == SENTENCE


def test_ask_in_json_without_yes_is_the_question(bare: Installation) -> None:
    asked = bare.call(SENTENCE, "--json").ended(8).json()
    assert asked["error"] == "approval" and asked["message"].startswith("Apply?")
    assert asked["applied"] is False and asked["proposal"]
    assert bare.call(SENTENCE, "--json", "--yes").ended(0).json()["applied"] is True


def test_a_doubtful_request_is_asked_back(bare: Installation) -> None:
    called = bare.call("back up docs at 25:00").ended(3)
    assert called.err.count("no such day or hour") == 1
    assert "Next:" in called.err
    twin = bare.call("back up docs at 25:00", "--json").ended(3).json()
    assert twin["error"] == "question" and twin["questions"]
    assert twin["message"].splitlines() == twin["questions"]


def test_run_with_its_twin(own: Installation) -> None:
    (own.docs / "paper [1].txt").write_text("changed\n")
    called = own.call("run", "docs").ended(0)
    assert "succeeded" in called.out
    assert not wide(called.out)
    twin = own.call("run", "all", "--json").ended(0)
    runs = twin.json()["runs"]
    assert [run["state"] for run in runs] == ["succeeded", "succeeded"]
    assert "T" in runs[0]["started"]
    assert twin.err == ""


def test_restore_and_browse(own: Installation, tmp_path: Path) -> None:
    place = tmp_path / "back"
    done = own.call("restore", "docs", "--to", str(place), "--json").ended(0).json()
    assert done["proven"] is True
    back = {path.name: path.read_bytes() for path in place.rglob("*.txt")}
    assert back == {path.name: path.read_bytes() for path in own.docs.iterdir()}
    called = own.call("restore", "shop").ended(0)
    assert "Restored shop: in " in called.out
    assert not wide(called.out)
    assert list((own.home / "data/restores").iterdir())


def test_restore_in_place_needs_the_name(own: Installation) -> None:
    own.shop.write_bytes(b"overwritten by accident")
    for more in ((), ("--yes",), ("--approve", "docs"), ("--json",)):
        refused = own.call("restore", "shop", "--in-place", *more).ended(8)
        assert "--approve shop" in refused.out + refused.err
        assert own.shop.read_bytes() == b"overwritten by accident"
    done = own.call("restore", "shop", "--in-place", "--approve", "shop", "--json").ended(0).json()
    assert done["proven"] is True
    assert own.shop.read_bytes().startswith(b"SQLite format 3")
    kept = done["place"].rpartition(" ")[2]
    assert Path(kept).read_bytes() == b"overwritten by accident"


def test_restore_in_place_keeps_a_safety_copy(bare: Installation) -> None:
    own = bare
    own.call(SENTENCE, "--yes").ended(0)
    own.call("run", "docs").ended(0)
    wanted = (own.docs / "paper [2].txt").read_bytes()
    (own.docs / "paper [2].txt").write_text("a slip")
    done = own.call("restore", "docs", "--in-place", "--approve", "docs", "--json").ended(0).json()
    assert done["proven"] is True
    assert (own.docs / "paper [2].txt").read_bytes() == wanted
    before = own.call("restore", "docs", "--snapshot", done["safety_run"], "--json").ended(0).json()
    assert any(path.read_bytes() == b"a slip" for path in (own.home / "data/restores").rglob("paper [[]2].txt"))
    assert before["proven"] is True


def test_drill_with_report(own: Installation, tmp_path: Path) -> None:
    report = tmp_path / "drill.html"
    called = own.call("drill", "shop", "--html", str(report)).ended(0)
    assert "proven" in called.out and "twin" in called.out
    assert not wide(called.out)
    assert "<html" in report.read_text()
    (drill,) = own.call("drill", "docs", "--level", "list", "--json").ended(0).json()["drills"]
    assert drill["verdict"] == "proven"


def test_a_drill_that_fails_and_one_that_could_not_run(own: Installation, bare: Installation) -> None:
    could_not = bare.call("drill", "docs", "--json").ended(25).json()["drills"]
    assert could_not[0]["verdict"] == "could not run"
    for pack in sorted((own.repository / "data").rglob("*")):
        if pack.is_file():
            pack.chmod(0o600)
            pack.write_bytes(bytes(byte ^ 1 for byte in pack.read_bytes()[:400]) + pack.read_bytes()[400:])
    (drill,) = own.call("drill", "docs", "--json").ended(7).json()["drills"]
    assert drill["verdict"] == "failed" and drill["reason"]


def test_status_after_drills_and_suspect_and_partial_runs(own: Installation) -> None:
    for paper in list(own.docs.iterdir())[1:]:
        paper.unlink()
    (run,) = own.call("run", "docs", "--json").ended(24).json()["runs"]
    assert run["state"] == "suspect" and "Nothing was forgotten" in run["reason"]
    shown = own.call("status", "--json")
    assert {line["dataset"]: line["level"] for line in shown.json()["promises"]}["docs"] == "bad"


def test_install_service_writes_a_unit(backed_up: Installation, tmp_path: Path) -> None:
    own_home = {"HOME": str(tmp_path)}
    called = backed_up.call("install-service", "--user", environment=own_home).ended(0)
    unit = tmp_path / ".config/systemd/user/restora.service"
    assert f"--home {backed_up.home}" in unit.read_text()
    assert "systemctl --user" in called.text
    printed = backed_up.call("install-service", "--user", "--print", environment=own_home).ended(0)
    assert printed.out == unit.read_text()
    unit.write_text("mine")
    assert "--force" in backed_up.call("install-service", "--user", environment=own_home).ended(4).err
    assert unit.read_text() == "mine"


def test_parse_reads_files_of_requests(backed_up: Installation, tmp_path: Path) -> None:
    lines = [{"id": n, "text": "back up docs nightly"} for n in range(3)]
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join(map(json.dumps, lines)))
    out = backed_up.call("parse", "--file", str(rows)).ended(0).out
    assert [json.loads(line)["id"] for line in out.splitlines()] == [0, 1, 2]
    same = backed_up.call("parse", "--file", "-", given=rows.read_text()).ended(0).out
    assert same == out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(backed_up: Installation, command: str) -> None:
    called = backed_up.call(command, "--help").ended(0)
    assert called.out.startswith(f"Usage: restora {command}")
    assert not wide(called.out)
    assert called.err == ""


def test_help_of_the_whole_names_every_command(backed_up: Installation) -> None:
    called = backed_up.call("--help").ended(0)
    assert all(f"\n  {command} " in called.out for command in COMMANDS)
    assert not wide(called.out)
    assert called.out == backed_up.call("-h").out


def test_version(backed_up: Installation) -> None:
    assert backed_up.call("--version").ended(0).out.startswith("restora ")


def test_everything_below_one_home(tmp_path: Path) -> None:
    """Nothing is written outside: not where XDG or the person's home would be."""
    elsewhere = tmp_path / "person"
    elsewhere.mkdir()
    made = initialised(tmp_path / "i", HOME=str(elsewhere), XDG_CACHE_HOME=str(elsewhere / "c"))
    made.call("status").ended(20)
    assert list(elsewhere.iterdir()) == []
