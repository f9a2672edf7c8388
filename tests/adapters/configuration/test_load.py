"""restora.yaml is read whole, or refused with every problem at once: each with its line, its value and the way out."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.configuration import ConfigurationProblems, Problem, from_json, load, parse, read, to_json
from policies.errors import ConfigurationError
from tests.adapters.configuration.samples import WHOLE


def problems(text: str) -> list[Problem]:
    with pytest.raises(ConfigurationProblems) as caught:
        parse(text, "restora.yaml")
    return list(caught.value.problems)


def only(text: str) -> Problem:
    (problem,) = problems(text)
    return problem


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "restora.yaml"
    path.write_text(WHOLE)
    catalog = load(path)
    assert catalog.policies["docs"].schedule.at == (time(1, 40),)
    assert catalog.site.timezone == "Europe/Berlin"
    assert list(catalog.datasets) == ["docs", "shop"]
    assert from_json(to_json(catalog)) == catalog
    assert read(path).text == WHOLE


def test_a_cache_of_another_version_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="of another version"):
        from_json('{"version": 7}')


BROKEN = """\
version: 1
sitee:
  timezone: UTC
site:
  timezone: Mars/Olympus
repositories:
  local:
    kind: local
    path: /srv/repo
    password: hunter2
datasets:
  docs:
    kind: files
    paths: /home/docs
    exlude: ["*.tmp"]
  till:
    kind: oracle
policies:
  docs:
    datasets: [dcos]
    repositories: [local]
    schedule: {every: 1 fortnight}
    retention: {keep_within: 30d, forever: true}
"""


def test_all_problems_at_once_each_with_line_value_and_way_out() -> None:
    found = problems(BROKEN)
    told = {problem.path: problem for problem in found}
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    assert all(problem.file == "restora.yaml" for problem in found)
    expected = {
        "sitee": ("is no key here", "did you mean site?", "sitee:"),
        "site.timezone": ("'Mars/Olympus' is no time zone", "", "Mars/Olympus"),
        "repositories.local.password": ("a secret is never written here", "", "password:"),
        "datasets.docs.paths": ("must be a list", "put it in brackets: [/home/docs]", "paths:"),
        "datasets.docs.exlude": ("is no key here", "did you mean exclude?", "exlude:"),
        "datasets.till": ("'oracle' is none of files, sqlite, postgres", "", "till:"),
        "policies.docs.datasets[0]": ("'dcos' is no dataset (there is: docs, till)", "did you mean docs?", "[dcos]"),
        "policies.docs.schedule.every": ("'1 fortnight' is no duration", "", "fortnight"),
        "policies.docs.retention": ("forever and keep_within contradict each other", "", "retention:"),
    }
    assert set(told) == set(expected)
    for path, (message, hint, where) in expected.items():
        assert message in told[path].message, path
        assert hint in told[path].hint, path
        assert told[path].line == line_of(BROKEN, where), path
    assert told["datasets.docs.paths"].value == "/home/docs"


def test_the_message_has_a_line_a_problem_and_shows_no_secret() -> None:
    with pytest.raises(ConfigurationProblems) as caught:
        parse(BROKEN, "/etc/restora/restora.yaml")
    error = caught.value
    assert len(error.message.splitlines()) == len(error.problems) == 9
    assert all(line.startswith("/etc/restora/restora.yaml:") for line in error.message.splitlines())
    assert error.exit_code == 4
    assert error.untouched == "/etc/restora/restora.yaml"
    assert "correct /etc/restora/restora.yaml" in error.hint
    assert "hunter2" not in str(error.as_dict())
    assert {"file", "line", "column", "path", "value", "message", "hint"} == set(error.as_dict()["problems"][0])  # type: ignore[index]  # a list of mappings


def test_very_many_problems_are_counted_not_all_told() -> None:
    text = "version: 1\ndatasets:\n" + "".join(f"  d{n}: {{kind: files}}\n" for n in range(80))
    with pytest.raises(ConfigurationProblems) as caught:
        parse(text)
    assert len(caught.value.problems) == 80
    assert caught.value.message.splitlines()[-1] == "… and 30 more"


@pytest.mark.parametrize(
    ("text", "path", "hint"),
    [
        ("version: 1\ndatasset: {}\n", "datasset", "did you mean datasets?"),
        ("version: 1\nsite: {timzone: UTC}\n", "site.timzone", "did you mean timezone?"),
        ("version: 1\ntools: {rstic: /bin/restic}\n", "tools.rstic", "did you mean restic?"),
        ("version: 1\nzzzz: 1\n", "zzzz", "known: version, site"),
    ],
)
def test_unknown_keys_name_the_nearest(text: str, path: str, hint: str) -> None:
    problem = only(text)
    assert (problem.path, problem.message) == (path, "is no key here")
    assert problem.hint.startswith(hint)


def test_unknown_keys_of_one_kind_are_told_with_the_keys_of_that_kind() -> None:
    problem = only("version: 1\ndatasets:\n  till: {kind: sqlite, path: /x, exclude: [a]}\n")
    assert problem.path == "datasets.till.exclude"
    assert "path" in problem.hint and "paths" not in problem.hint.split(", ")


def test_duplicate_keys() -> None:
    text = WHOLE + "\nsite:\n  timezone: UTC\n"
    problem = only(text)
    assert problem.message == "site stands here twice: first on line 4"
    assert problem.line == len(text.splitlines()) - 1
    inner = WHOLE.replace("    kind: files\n", "    kind: files\n    kind: sqlite\n")
    assert any("kind stands here twice" in one.message for one in problems(inner))


def test_anchors_aliases_and_merges() -> None:
    text = """\
version: 1
repositories:
  one: &one {kind: local, path: /one, password: &key {file: /etc/key}}
  two: {<<: *one, path: /two}
  three: {kind: local, path: /three, password: *key}
"""
    catalog = parse(text)
    assert [repository.location for repository in catalog.repositories.values()] == ["/one", "/two", "/three"]
    assert len({repository.password for repository in catalog.repositories.values()}) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 1\nsite: *place\n", "*place refers to nothing"),
        ("version: 1\nsite: &place {timezone: *place}\n", "*place refers to itself"),
        ("version: 1\nsite: !!python/object:os.system {}\n", "is a YAML tag, which has no meaning here"),
        ("version: 1\n? [a, b]\n: 1\n", "a key is a word, not a list or mapping"),
        ("version: 1\n---\nversion: 1\n", "a second document begins here"),
        ("version: 1\nsite: " + "[" * 40 + "]" * 40, "is nested more than 30 levels deep"),
        ("- one\n- two\n", "is no mapping of keys and values"),
        ("just words\n", "is no mapping of keys and values"),
    ],
)
def test_documents_that_are_not_taken(text: str, message: str) -> None:
    assert any(message in problem.message for problem in problems(text))


def test_aliases_that_blow_up() -> None:
    levels = ["version: 1", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert any("aliases stand for more than" in problem.message for problem in problems("\n".join(levels)))


def test_tabs_are_told_line_by_line() -> None:
    text = "version: 1\nsite:\n\ttimezone: UTC\n\tname: host\n"
    found = problems(text)
    assert [problem.line for problem in found] == [3, 4]
    assert all("is indented with a tab" in problem.message and "spaces" in problem.hint for problem in found)


@pytest.mark.parametrize(
    ("text", "path", "message", "hint"),
    [
        ("version: 1\nsite: [a]\n", "site", "must be a mapping", ""),
        ("version: 1\nsite: {timezone: 3}\n", "site.timezone", "3 must be text", 'put it in quotes: "3"'),
        ("version: 2\n", "version", "is none of 1", ""),
        ("version: 1\nsite: {language: french}\n", "site.language", "'french' is none of auto, en, zh", ""),
        ("version: 1\ndatasets: {a: {kind: files}}\n", "datasets.a.paths", "is missing", "every one must exist"),
        (
            "version: 1\ndatasets: {a: {paths: [/]}}\n",
            "datasets.a",
            "kind is missing",
            "one of files, sqlite, postgres",
        ),
        ("version: 1\ndatasets: {a: {kind: files, paths: []}}\n", "datasets.a.paths", "is empty", ""),
        ("version: 1\ndatasets: {a: {kind: files, paths: [etc]}}\n", "datasets.a", "'etc' is not absolute", ""),
        (
            "version: 1\ndatasets: {a: {kind: sqlite, path: data.db}}\n",
            "datasets.a",
            "'data.db' is not absolute: write the whole path, from /",
            "",
        ),
        ("version: 1\ndatasets: {'a b': {kind: files, paths: [/]}}\n", "datasets.a b", "'a b' is no name", "letters"),
        (
            "version: 1\ndatasets: {a: {kind: postgres, port: 70000}}\n",
            "datasets.a.port",
            "'70000': input should be less than or equal to 65535",
            "",
        ),
        (
            "version: 1\nrepositories: {a: {kind: local, path: /a, password: {file: /a}, limit: much}}\n",
            "repositories.a.limit",
            "'much' is no size",
            "",
        ),
        (
            "version: 1\nrepositories: {a: {kind: local, path: /a, password: {}}}\n",
            "repositories.a.password",
            "name exactly one place",
            "",
        ),
        (
            "version: 1\nstate: postgresql://me:hunter2@host/db\n",
            "state",
            "holds a password in clear text",
            "PGPASSFILE",
        ),
    ],
)
def test_wrong_values(text: str, path: str, message: str, hint: str) -> None:
    problem = only(text)
    assert problem.path == path
    assert message in problem.message
    assert hint in problem.hint
    assert problem.line > 0
    assert "hunter2" not in str(problem)


@pytest.mark.parametrize("field", ["datasets", "repositories"])
def test_dangling_names_of_policies(field: str) -> None:
    text = WHOLE.replace(f"    {field}: [", f"    {field}: [nobody, ")
    problem = only(text)
    assert problem.path == f"policies.docs.{field}[0]"
    assert problem.value == "nobody"
    assert f"'nobody' is no {'dataset' if field == 'datasets' else 'repository'} (there is: " in problem.message


def test_dangling_channels_and_names_that_mean_two_things() -> None:
    text = WHOLE.replace("      keep_within: 30d\n", "      keep_within: 30d\n    notify: {channels: [opps]}\n")
    text = text.replace("    kind: files\n", "    kind: files\n    aliases: [Shop]\n")
    found = {problem.path: problem for problem in problems(text)}
    assert found["policies.docs.notify.channels[0]"].hint == "did you mean ops?"
    assert "also means 'docs'" in found["datasets.shop"].message


def test_dangling_names_are_told_beside_other_problems() -> None:
    text = WHOLE.replace("every: 1d", "every: daily").replace("repositories: [local]", "repositories: [locl]")
    assert {problem.path for problem in problems(text)} == {
        "policies.docs.schedule.every",
        "policies.docs.repositories[0]",
    }


@pytest.mark.parametrize("written", ["01:40", '"01:40"', "'01:40'"])
def test_times_mean_times_quoted_or_not(written: str) -> None:
    catalog = parse(WHOLE.replace('"01:40"', written))
    assert catalog.policies["docs"].schedule.at == (time(1, 40),)


@pytest.mark.parametrize("written", ["100", "25:00", "1:4", "noon"])
def test_no_times_of_day(written: str) -> None:
    problem = only(WHOLE.replace('"01:40"', written))
    assert problem.path == "policies.docs.schedule.at[0]"
    assert 'write hours and minutes in quotes, as in "01:40"' in problem.message
    assert problem.line == line_of(WHOLE, "01:40")


@pytest.mark.parametrize("word", ["no", "on", "off", "yes", "y", "NO", "0o17x", "1e3x", "null_"])
def test_words_that_other_readers_take_for_truth_are_names(word: str) -> None:
    text = WHOLE.replace("docs", word)
    assert word in parse(text).datasets
    assert parse(text).policies[word].datasets == (word,)


def test_on_is_a_key_and_yes_is_true_only_where_truth_belongs() -> None:
    text = WHOLE.replace(
        "      keep_within: 30d\n", "      keep_within: 30d\n    notify: {on: always, channels: [ops]}\n"
    )
    rule = parse(text).policies["docs"].notify
    assert rule is not None and rule.on == "always"
    for word, meant in {"yes": True, "no": False, "on": True, "off": False}.items():
        assert parse(WHOLE.replace("offsite: true", f"offsite: {word}")).repositories["offsite"].offsite is meant
    assert only(WHOLE.replace("offsite: true", "offsite: maybe")).path == "repositories.offsite.offsite"


def test_numbers_as_names_stay_as_they_are_written() -> None:
    catalog = parse("version: 1\ndatasets:\n  0123: {kind: files, paths: [/a]}\n  1.0: {kind: files, paths: [/b]}\n")
    assert list(catalog.datasets) == ["0123", "1.0"]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_taken_or_refused_with_problems(text: str) -> None:
    try:
        parse(text)
    except ConfigurationProblems as error:
        assert error.problems
        assert all(problem.message for problem in error.problems)


@given(
    st.integers(0, len(WHOLE) - 1),
    st.sampled_from(["", "\t", "{", "]", '"', "'", ":", "- ", "&a ", "*a", "\x00", "\ud7ff", "#", "|\n", "<<: ", "~"]),
    st.integers(0, 12),
)
def test_a_file_with_a_slip_of_the_finger_is_taken_or_refused(at: int, put: str, cut: int) -> None:
    try:
        parse(WHOLE[:at] + put + WHOLE[at + cut :])
    except ConfigurationProblems as error:
        assert error.problems
        assert all(problem.message for problem in error.problems)
