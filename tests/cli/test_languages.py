"""Answers in the language of the request, or of the site; colour only where it is wanted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestrator.cli import drill, report_terms, run, status
from orchestrator.cli.plan_terms import TERMS
from tests.cli.installation import Installation
from tests.cli.test_terminal import Terminal

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_phrase_has_as_many_places_in_both_languages() -> None:
    for english, chinese in report_terms.CHINESE.items():
        assert english.count("{}") == chinese.count("{}"), english
        assert HAN.search(chinese) or english == "{} of {}", english


def test_the_words_of_a_plan_have_the_same_places_in_both_languages() -> None:
    for key, text in TERMS["en"].words.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", TERMS["zh"].words[key])), key
    assert set(TERMS["zh"].claims) == set(TERMS["en"].claims)
    assert set(TERMS["en"].fields) <= set(TERMS["zh"].fields)


def test_phrases_that_are_said_have_chinese_words() -> None:
    for module in (run, drill, status):
        source = Path(module.__file__ or "").read_text("utf-8")
        for phrase in re.findall(r"\bsay\(\s*\"([^\"]+)\"", source):
            assert phrase in report_terms.CHINESE, phrase


@pytest.mark.integration
@pytest.mark.slow
class TestAtTheCommandLine:
    def test_chinese_is_answered_in_chinese(self, bare: Installation) -> None:
        shown = bare.call("每晚备份 docs,保留30天", "--dry-run").ended(0).out
        for words in ("理解为", "计划", "最多丢失", "接下来", "试运行", "默认"):
            assert words in shown
        assert "assumed" not in shown and "lost at worst" not in shown

    def test_the_language_of_the_site_goes_first(self, bare: Installation) -> None:
        text = bare.config.read_text()
        bare.config.write_text(re.sub(r"^site:$", "site:\n  language: zh", text, count=1, flags=re.M))
        assert "language: zh" in bare.config.read_text()
        assert "试运行" in bare.call("back up docs nightly, keep 30 days", "--dry-run").ended(0).out
        assert "还没有任何备份计划" in bare.call("status").out

    def test_colour_in_a_terminal_and_a_table_without(self, bare: Installation) -> None:
        coloured = Terminal(bare, "back up docs nightly, keep 30 days", "--dry-run")
        coloured.until("Dry run")
        assert "\x1b[3" in coloured.shown
        coloured.end()
        plain = Terminal(bare, "back up docs nightly, keep 30 days", "--dry-run", "--no-color")
        plain.until("Dry run")
        assert not re.search(r"\x1b\[(?:3[0-7]|9[0-7])m", plain.shown)
        assert re.search(r"when\s+nightly", plain.shown)
        plain.end()
