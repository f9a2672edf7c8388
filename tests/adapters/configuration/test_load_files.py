"""What lies at the place of restora.yaml: bytes that are no text, no file at all, a huge one, a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.configuration import ConfigurationProblems, load, parse
from policies.errors import ConfigurationError
from tests.adapters.configuration.samples import WHOLE


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"version: 1\nsite:\n  name: caf\xe9\n", "is not UTF-8: byte 0xe9 at offset", 3),
        ("version: 1\n".encode("utf-16"), "is not UTF-8", 1),
        (b"", "is empty", 0),
        (b"\n# only a comment\n", "is empty", 0),
        (b"version: 1\nsite: {name: \x00}\n", "a control character", 2),
        (b"version: 1\nsite: {name: 'open\n", "is no YAML", 3),
        (b"version: 1\nsite: {name: open\n", "is no YAML", 3),
        (b"version: 1\nsite: a: b\n", "is no YAML", 2),
        (b"version: 1\n  site: {}\n", "is no YAML", 2),
    ],
)
def test_bytes_that_are_no_document(tmp_path: Path, data: bytes, message: str, line: int) -> None:
    path = tmp_path / "restora.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigurationProblems) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert abs(problem.line - line) <= 1
    assert problem.file == str(path)
    assert path.read_bytes() == data


def test_a_byte_order_mark_and_windows_line_ends_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "restora.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert load(path) == parse(WHOLE)


def test_places_that_are_no_file(tmp_path: Path) -> None:
    for path, why in (
        (tmp_path, "is a folder"),
        (tmp_path / "none", "there is no"),
        (tmp_path / "x" / "y", "there is"),
    ):
        with pytest.raises(ConfigurationError, match=why) as caught:
            load(path)
        assert caught.value.hint
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(ConfigurationError, match="can't be read"):
        load(loop)


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "restora.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ConfigurationError, match="is larger than 5 MB"):
        load(path)


def test_a_pipe_does_not_hang_us(tmp_path: Path) -> None:
    path = tmp_path / "restora.yaml"
    os.mkfifo(path)
    with pytest.raises(ConfigurationError, match="no regular file"):
        load(path)


def test_a_large_file_is_read_in_time() -> None:
    entries = "".join(f"  d{n}:\n    kind: files\n    paths: [/data/{n}]\n" for n in range(2000))
    assert len(parse(f"version: 1\ndatasets:\n{entries}").datasets) == 2000
