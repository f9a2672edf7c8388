"""restora parse: needs no configuration, and says what is wrong with its input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.cli.main import main


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "empty"))


def test_one_request_in_the_contracts_form(capsys: pytest.CaptureFixture[str]) -> None:
    run("parse", "--json", "--now", "2026-03-11T10:30", "restore db from yesterday to /tmp/x")
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"intents", "confidence", "clarify"}
    assert said["intents"][0]["point"] == {"date": "2026-03-10"}


def test_lines_are_answered_in_order_each_with_its_own_moment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"id": "a", "text": "restore db from yesterday"},
        {"id": "b", "text": "restore db from yesterday", "now": "2026-01-02T08:00"},
    ]
    file = tmp_path / "requests.jsonl"
    file.write_text("\n\n".join(json.dumps(row) for row in rows), "utf-8")
    run("parse", "--json", "--now", "2026-03-11T10:30", "--file", str(file))
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in answers] == ["a", "b"]
    assert [row["intents"][0]["point"]["date"] for row in answers] == ["2026-03-10", "2026-01-01"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--now", "tomorrowish", "back up db"], ["'tomorrowish'", "--now", "2026-03-11T10:30"]),
        (["--file", "/no/such.jsonl"], ["/no/such.jsonl", "JSON lines"]),
        ([], ["restora parse"]),
    ],
)
def test_wrong_arguments_are_named_with_the_way_out(
    words: list[str], named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("parse", "--json", *words) == 2
    said = capsys.readouterr()
    assert all(word in said.out + said.err for word in named)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (b"{bad", "{bad"),
        (b'{"id": 1}', "text"),
        (b'{"text": 7}', "text"),
        (b"[]", "text"),
        (b'{"text": "back up db", "now": "nope"}', "'nope'"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_wrong_line_is_named_with_its_number(
    line: bytes, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_bytes(b'{"text": "back up db"}\n' + line + b"\n")
    assert run("parse", "--json", "--file", str(file)) == 2
    said = capsys.readouterr()
    told = said.err + said.out
    assert named in told
    assert "requests.jsonl" in told
