"""Which reader reads, and what is said where none can."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator import reading
from orchestrator.reading import bound, open_reader, without_words
from planner.language import runtime
from policies.errors import ConfigurationError, ToolMissing, UsageError
from tests.adapters.test_models import model_folder
from tests.orchestrator.readers import Binding, Told, application

SHIPPED, TRAINED = Told({"a": [{"action": "backup"}]}), Told({"a": [{"action": "drill"}]})
BIND = Binding(SHIPPED, {"v1": TRAINED})


def test_the_shipped_model_reads_where_nothing_else_was_chosen(tmp_path: Path) -> None:
    for made in (application(tmp_path / "a"), application(tmp_path / "b", config=None)):
        found = open_reader(made, BIND)
        assert (found.read, found.model, found.warning) == (SHIPPED, "shipped", "")


def test_the_active_model_reads(tmp_path: Path) -> None:
    made = application(tmp_path / "home")
    made.models.add(model_folder(tmp_path / "v1"), "v1")
    made.models.activate("v1")
    found = open_reader(made, BIND)
    assert (found.read, found.model, found.warning) == (TRAINED, "v1", "")


def test_a_model_that_can_not_be_used_is_told_once_and_the_shipped_one_reads(tmp_path: Path) -> None:
    made = application(tmp_path / "home")
    for name in ("v1", "v2"):
        made.models.add(model_folder(tmp_path / name, name), name)
    made.models.activate("v2")  # its files are whole, yet nothing can load them
    found = open_reader(made, BIND)
    assert (found.read, found.model) == (SHIPPED, "shipped")
    assert found.warning.count("v2 can't be used") == 1
    made.models.activate("v1")
    (made.settings.models / "v1/reader.onnx").write_bytes(b"")
    found = open_reader(made, BIND)
    assert found.read == SHIPPED and "checksum differs" in found.warning


@pytest.mark.parametrize(
    "line", ["language: off\n", "language: 'off'\n", "language: false\n", "learning: {store: true}\nlanguage: off\n"]
)
def test_language_off_reads_nothing_and_says_what_to_type(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        open_reader(application(tmp_path, line), BIND)
    assert "language: off" in told.value.message
    for command in ("restora run", "restora restore DATASET", "restora drill", "restora apply FILE"):
        assert command in told.value.hint


@pytest.mark.parametrize("line", ["language: on\n", "language: true\n", "site: {language: zh}\n", "#language: off\n"])
def test_language_on_reads(tmp_path: Path, line: str) -> None:
    assert open_reader(application(tmp_path, line), BIND).read == SHIPPED


def test_a_configuration_that_is_wrong_is_told_by_what_needs_it(tmp_path: Path) -> None:
    made = application(tmp_path, "language: sometimes\n")
    assert open_reader(made, BIND).read == SHIPPED
    with pytest.raises(ConfigurationError, match="sometimes"):
        _ = made.catalog


def test_nothing_to_read_with_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "SHIPPED", tmp_path / "missing")
    with pytest.raises(ToolMissing) as told:
        open_reader(application(tmp_path / "home"))
    assert "requests in words are not read" in told.value.message
    assert "restora run" in told.value.hint


def test_an_installation_opens_its_reader_once_and_warns_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reading, "bound", BIND)
    made = application(tmp_path / "home")
    made.models.add(model_folder(tmp_path / "v2", "v2"), "v2")
    made.models.activate("v2")
    assert made.read is made.read is SHIPPED
    assert caplog.text.count("v2 can't be used") == 1


def test_both_that_fail_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "SHIPPED", tmp_path / "missing")
    made = application(tmp_path / "home")
    made.models.add(model_folder(tmp_path / "v1"), "v1")
    made.models.activate("v1")
    with pytest.raises(ToolMissing, match=r"requests in words are not read: .*; model v1 can't be used"):
        open_reader(made)


def test_a_folder_that_is_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises((UsageError, ToolMissing)):  # the latter where nothing that runs models is installed
        bound(model_folder(tmp_path / "nonsense"))


def test_the_error_is_one_document(tmp_path: Path) -> None:
    said = without_words("a reason").as_dict()
    assert said["exit_code"] == 11 and "a reason" in str(said["message"]) and said["untouched"]
