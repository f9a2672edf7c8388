"""restora eval, feedback, model and train: their usual cases, their JSON twins, and what they refuse."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrator import reading
from orchestrator.cli.main import main
from planner.language.training.gold import shipped_checks
from tests.adapters.test_models import model_folder
from tests.orchestrator.readers import CONFIG, Binding, Told

Run = Callable[..., tuple[int, str, str]]
DRILL = '[{"action": "drill", "targets": ["db"]}]'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "restora.yaml").write_text(CONFIG, "utf-8")
    return folder


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """(exit code, standard output, standard error) of a command."""

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home), *words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err and "unexpected" not in said.err
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.fixture(autouse=True)
def readers(monkeypatch: pytest.MonkeyPatch) -> Binding:
    """The shipped reader knows every second check, v1 knows all."""
    checks = shipped_checks()
    found = Binding(Told(confidence=0.8).knowing(checks[::2]), {"v1": Told(confidence=1.0).knowing(checks)})
    monkeypatch.setattr(reading, "bound", found)
    return found


def twin(run: Run, *words: str, code: int = 0) -> dict[str, Any]:
    ended, out, err = run(*words, "--json")
    assert (ended, err) == (code, ""), out + err
    found: dict[str, Any] = json.loads(out)
    return found


# --- eval -----------------------------------------------------------------------------------------------------------------


def test_eval_shows_the_figures_and_their_twin(run: Run) -> None:
    code, out, err = run("eval", "--errors", "2")
    assert code == 0, err
    assert f"{len(shipped_checks())} requests of shipped checks, read with model shipped" in out
    for part in (
        "exact",
        "silent",
        "destr.",
        "ECE",
        "by action",
        "slot F1",
        "claimed",
        "ms a request",
        "BLEU",
        "check-en-",
    ):
        assert part in out
    assert not [line for line in out.splitlines() if len(line) > 80]
    said = twin(run, "eval", "--errors", "2")
    figures = said["scores"]["all"]
    assert 0.4 < figures["exact"] < 0.6 and figures["silent"] == 0 and figures["needless"] < 0.05
    assert len(said["errors"]) == 2 and said["errors"][0]["text"]
    assert said["milliseconds"]["median"] >= 0 and said["worded"]["texts"] > 5


def test_eval_reads_another_file_and_another_model(run: Run, home: Path, tmp_path: Path) -> None:
    rows = tmp_path / "gold.jsonl"
    line = {"id": 1, "lang": "en", "text": "pull the rug", "now": "2026-03-11T10:30", "gold": [{"action": "drill"}]}
    rows.write_text(json.dumps(line), "utf-8")
    folder = model_folder(tmp_path / "v1")
    assert twin(run, "eval", "--file", str(rows))["scores"]["all"]["exact"] == 0
    assert twin(run, "eval", "--model", str(folder))["scores"]["all"]["exact"] == 1
    assert twin(run, "model", "use", str(folder))["active"] == "v1"
    assert twin(run, "eval")["model"] == "v1"
    assert twin(run, "eval", "--model", "shipped")["scores"]["all"]["exact"] < 0.6
    (home / "state/models/v1/reader.onnx").unlink()
    said = twin(run, "eval")
    assert said["model"] == "shipped" and "reader.onnx is missing" in said["warning"]
    assert "reader.onnx is missing" in twin(run, "eval", "--model", "v1", code=2)["message"]


def test_eval_writes_a_page_with_plots(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    code, out, err = run("eval", "--html", str(place))
    assert code == 0 and str(place.name) in "".join(out.split()), err
    page = place.read_text("utf-8")
    assert "<script" not in page and "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    plots = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(plots) == 2
    for plot in plots:
        ET.fromstring(plot)
    assert "帮我恢复一下" in page or "check-" in page
    table = tmp_path / "report.md"
    run("eval", "--html", str(table))
    text = table.read_text("utf-8")
    assert text.startswith("# How requests are read") and "| all |" in text and "<" not in text


def test_eval_refuses_what_it_can_not_use(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    (tmp_path / "latin.jsonl").write_bytes(b"\xff")
    for words, named in (
        (("--file", str(tmp_path / "none.jsonl")), "none.jsonl"),
        (("--file", str(empty)), "holds no request"),
        (("--file", str(tmp_path / "latin.jsonl")), "UTF-8"),
        (("--model", "v9"), "v9"),
        (("--html", "/nowhere/report.html"), "/nowhere/report.html"),
    ):
        said = twin(run, "eval", *words, code=2)
        assert named in said["message"] and said["hint"]


def test_eval_says_so_where_nothing_may_be_read(run: Run, home: Path) -> None:
    (home / "restora.yaml").write_text(CONFIG + "language: off\n", "utf-8")
    said = twin(run, "eval", code=4)
    assert "language: off" in said["message"] and "restora run" in said["hint"]


def test_parse_reads_with_the_active_model_unless_switched_off(run: Run, home: Path, tmp_path: Path) -> None:
    assert twin(run, "parse", "crm")["intents"] == [{"action": "unsupported"}]
    text = next(check.text for check in shipped_checks()[1::2] if not check.ambiguous)
    twin(run, "model", "use", str(model_folder(tmp_path / "v1")))
    assert twin(run, "parse", text)["confidence"] == 1
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"id": 7, "text": text}), "utf-8")
    assert twin(run, "parse", "--file", str(rows))["id"] == 7
    (home / "restora.yaml").write_text(CONFIG + "language: off\n", "utf-8")
    for words in (("parse", text), ("parse", "--file", str(rows))):
        assert "restora run" in twin(run, *words, code=4)["hint"]


def test_commands_work_where_no_words_are_read(run: Run, home: Path) -> None:
    (home / "restora.yaml").write_text(CONFIG + "language: off\n", "utf-8")
    for words, ends in (
        (("status",), {0, 20, 21, 22}),
        (("plan",), {0}),
        (("model",), {0}),
        (("feedback",), {0}),
        (("audit",), {0}),
    ):
        code, _, err = run(*words)
        assert code in ends, f"{words}: {err}"


# --- feedback -------------------------------------------------------------------------------------------------------------


def test_feedback_from_consent_to_erasure(run: Run, home: Path, tmp_path: Path) -> None:
    assert twin(run, "feedback") == {"store": False, "corrections": []}
    refused = twin(run, "feedback", "add", "--request", "prove db", "--intents", DRILL, code=4)
    assert "restora feedback on" in refused["hint"]
    assert twin(run, "feedback", "on")["store"] is True
    assert "# kept by whoever" in (home / "restora.yaml").read_text("utf-8")
    first = twin(run, "feedback", "add", "--request", "prove db", "--intents", DRILL, "--now", "2026-03-11T10:30")
    assert first["now"] == "2026-03-11T10:30" and first["gold"] == json.loads(DRILL)
    file = tmp_path / "intents.json"
    file.write_text(json.dumps({"intents": [{"action": "backup"}]}))
    second = twin(run, "feedback", "add", "--request", "save it", "--intents", str(file))
    code, out, _ = run("feedback", "list")
    assert code == 0 and first["id"] in out and "save it" in out and "are kept" in out
    exported = tmp_path / "out.jsonl"
    assert twin(run, "feedback", "export", "--output", str(exported))["corrections"] == 2
    assert exported.stat().st_mode & 0o777 == 0o600
    assert twin(run, "eval", "--file", str(exported))["scores"]["all"]["requests"] == 2
    lines = run("feedback", "export")[1]
    assert [json.loads(line)["id"] for line in lines.splitlines()] == [first["id"], second["id"]]
    assert twin(run, "feedback", "forget", first["id"][:6])["erased"] == 1
    assert "restora feedback list" in twin(run, "feedback", "forget", code=2)["hint"]
    assert twin(run, "feedback", "forget", "--all", code=8)["error"] == "approval"
    assert twin(run, "feedback", "forget", "--all", "--yes")["erased"] == 1
    assert twin(run, "feedback", "off")["store"] is False


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("learn",), "'learn' is none of on, off"),
        (("add",), "--request and --intents"),
        (("add", "--request", "x", "--intents", "[{"), "no JSON"),
        (("add", "--request", "x", "--intents", "nowhere.json"), "nowhere.json"),
        (("add", "--request", "x", "--intents", DRILL, "--now", "soon"), "'soon'"),
        (("add", "--request", "x", "--intents", '[{"action": "fly"}]'), "'fly'"),
        (("list", "abc"), "abc"),
        (("export", "--output", "/nowhere/x"), "/nowhere/x"),
    ],
)
def test_feedback_refuses_with_the_way_out(run: Run, home: Path, words: tuple[str, ...], named: str) -> None:
    (home / "restora.yaml").write_text(CONFIG + "learning: {store: true}\n", "utf-8")
    said = twin(run, "feedback", *words, code=2)
    assert named in said["message"] and said["hint"]


# --- model and train ------------------------------------------------------------------------------------------------------


def test_models_are_listed_used_and_rolled_back(run: Run, tmp_path: Path) -> None:
    assert twin(run, "model")["active"] == "shipped"
    folder = model_folder(tmp_path / "v1")
    code, out, _ = run("model", "use", str(folder))
    assert code == 0 and "In use: v1 (before: shipped)" in out
    assert twin(run, "model", "use", str(folder)) == {"active": "v1", "before": "v1"}, "copied once"
    listed = twin(run, "model", "list")
    assert [(one["version"], one["broken"]) for one in listed["versions"]] == [("v1", "")]
    assert "50.0%" in run("model", "list")[1]
    assert "in use" in twin(run, "model", "remove", "v1", code=2)["message"]
    assert twin(run, "model", "rollback") == {"active": "shipped", "before": "v1"}
    assert "none was before" in twin(run, "model", "rollback", code=2)["message"]
    assert twin(run, "model", "remove", "v1")["removed"] == "v1"
    for words in (("use",), ("use", "v9"), ("use", str(tmp_path)), ("fly",), ("rollback", "v1"), ("remove",)):
        assert twin(run, "model", *words, code=2)["hint"]


def test_train_shows_what_it_would_do(run: Run, tmp_path: Path) -> None:
    line = {
        "id": "a",
        "now": "2026-03-11T10:30",
        "marked": "⟦back up|action⟧ ⟦db|targets⟧",
        "gold": [{"action": "backup", "targets": ["db"]}],
    }
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/a.jsonl").write_text(json.dumps(line), "utf-8")
    words = ("train", "--corpus", str(tmp_path / "corpus"), "--dry-run")
    material = twin(run, *words)["material"]
    assert (material["corpus_lines"], material["held_out"]["requests"]) == (1, 0)
    assert "nothing was trained" in run(*words)[1]
    assert "no corrections" in twin(run, *words, "--from-feedback", code=2)["message"]
    assert "holds no corpus" in twin(run, "train", "--corpus", str(tmp_path / "none"), code=2)["message"]


def test_train_without_its_libraries_names_the_extra(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.training.NEEDS", ("no_such_library",))
    line = {"id": "a", "now": "2026-03-11T10:30", "marked": "x", "gold": [{"action": "backup"}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(line), "utf-8")
    said = twin(run, "train", "--corpus", str(tmp_path), code=11)
    assert said["hint"] == "pip install 'restora[llm]'" and "no_such_library" in said["message"]


def test_train_from_its_words_to_the_switch(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readers: Binding
) -> None:
    """The whole command around a fit that is played: v1 reads every check, and the corpus lines that decide."""
    lines = [
        {"id": str(n), "now": "2026-03-11T10:30", "marked": f"⟦back up|action⟧ ⟦db{n}|targets⟧",
         "gold": [{"action": "backup", "targets": [f"db{n}"]}]}
        for n in range(100)
    ]  # fmt: skip
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/a.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    told = readers.readers["v1"]
    known = {f"back up db{n}": lines[n]["gold"] for n in range(100)}
    monkeypatch.setattr(readers, "readers", {"v1": Told({**told.known, **known}, 1.0)})  # type: ignore[dict-item]

    def fit(corpus: Path, out: Path, **_more: Any) -> dict[str, Any]:
        for path in model_folder(out / "made").iterdir():
            path.rename(out / path.name)
        return {"exact": 1.0}

    monkeypatch.setattr("orchestrator.training.fitting", lambda: fit)
    monkeypatch.setattr("orchestrator.training.bound", readers)
    code, out, err = run("train", "--corpus", str(tmp_path / "corpus"))
    assert code == 0, err
    assert "Switched to model 20" in out and "10 won, 0 lost" in out and "restora model rollback" in out
    assert twin(run, "model")["active"].startswith("20")
    assert twin(run, "audit", "--kind", "model")["entries"][0]["body"]["switched"] is True
