"""Questions put to a person at the terminal, one after the other, until a request is clear; elsewhere they are the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from orchestrator.cli.present import console, escape
from planner.language.asking import YES_NO, pick
from policies.errors import ClarificationNeeded

if TYPE_CHECKING:
    from orchestrator.cli.answer import Answer
    from orchestrator.propose import Offer
    from orchestrator.understanding import Understood
    from orchestrator.wiring import Application
    from planner.language.dialogue import Turn
    from planner.language.intent import Question, Reading

MOST_QUESTIONS = 20  # of one request: more is a sign that we do not understand each other
LOOKING = frozenset({"status", "diagnose"})
#: problems of a draft whose answer is the policy to change
BASES = frozenset({"policy.which", "policy.shared"})
NEW = "new"


def settle(application: Application, out: Answer, found: Understood, turns: Sequence[Turn] = ()) -> Understood:
    """The request with every question answered. Without a terminal, or where an answer is no, the command ends here."""
    for _ in range(MOST_QUESTIONS):
        if not found.questions or only_looks(found):
            return found
        if not may_ask(out):
            refuse(out, found)
        found = _one(application, found, turns)
    raise _not_understood(found.language)


def may_ask(out: Answer) -> bool:
    """Whether somebody sits there to answer."""
    return sys.stdin.isatty() and not (out.invocation.json or out.invocation.yes)


def only_looks(found: Understood) -> bool:
    """Whether nothing is done in any case: then an unsure reading is answered rather than asked about."""
    looks = len(found.reading.leftover) <= 1 and all(intent.action in LOOKING for intent in found.reading.intents)
    return looks and not found.which and all(question.choices == YES_NO for question in found.questions)


def refuse(out: Answer, found: Understood) -> None:
    """End the command with its questions as the message, and with the words that would say it again."""
    questions = list(dict.fromkeys(found.questions))
    yes_no = tuple(pick(found.language, word, han) for word, han in zip(YES_NO, "是否", strict=True))
    offered = [(q, yes_no if q.choices == YES_NO else q.choices) for q in questions]
    lines = [q.text + (f" ({' / '.join(choices)})" if choices else "") for q, choices in offered]
    out.data["questions"] = lines
    out.data["asked"] = [{"text": q.text, "about": q.about, "choices": list(q.choices)} for q in questions]
    hint = pick(found.language, "say it again with the answer in it", "把答案写进请求里,再说一遍")
    untouched = pick(found.language, "nothing was changed", "没有做任何更改")
    out.fail(ClarificationNeeded("\n".join(lines), hint=hint, untouched=untouched))
    raise typer.Exit(out.close())


def _one(application: Application, found: Understood, turns: Sequence[Turn]) -> Understood:
    """Put the first question, and put its answer in."""
    from orchestrator.understanding import again, understand
    from planner.language.answering import Declined, Further, Restated, Unclear, answered
    from planner.language.dialogue import Turn

    question = found.questions[0]
    now = application.clock.now().astimezone(application.catalog.zone()).replace(tzinfo=None)
    while True:
        reply = put(found.language, question)
        if found.which:
            if not reply.strip():
                continue
            return understand(application, found.reading.text, turns=turns, which=reply)
        try:
            return again(application, found, answered(found.reading, question, reply, now=now))
        except Unclear as unclear:
            console().print(f"[yellow]{escape(str(unclear))}[/]")
        except Further as further:
            question = further.question
        except Declined:
            raise _not_understood(found.language) from None
        except Restated as restated:
            meant = Turn(found.reading.intents, found.reading.text)
            return understand(application, restated.text, turns=(*turns, meant))


def _not_understood(language: str) -> ClarificationNeeded:
    return ClarificationNeeded(
        pick(language, "then it was not understood", "那就是没有理解对"),
        hint=pick(language, "say it in other words", "请换一种说法"),
        untouched=pick(language, "nothing was changed", "没有做任何更改"),
    )


def put(language: str, question: Question) -> str:
    """Show a question with its choices, and read what is typed."""
    out = console()
    if question.choices == YES_NO:
        return out.input(f"[bold]{escape(question.text)}[/] {escape(pick(language, '[y/n]', '[是/否]'))} ")
    out.print(f"[bold]{escape(question.text)}[/]")
    for number, choice in enumerate(question.choices, 1):
        out.print(f"  [cyan]{number}[/]  {escape(choice)}")
    return out.input("> ")


def decided(out: Answer, language: str, make: Callable[[dict[int, str]], Offer]) -> Offer:
    """The offer for which it is clear which policies it changes."""
    from planner.language import plan_words
    from planner.language.answering import chosen
    from planner.language.intent import Question

    bases: dict[int, str] = {}
    while True:
        made = make(bases)
        open_ = [
            (n, p) for n, draft in enumerate(made.drafts) for p in draft.problems if p.code in BASES and n not in bases
        ]
        if not open_ or not may_ask(out):
            return made
        number, problem = open_[0]
        said = f"{problem.message}: {problem.hint}"
        text = plan_words.problem_zh(problem) if language == "zh" else said
        picked = None
        while not picked:
            picked = chosen(problem.options, put(language, Question(text, "policy", problem.options)))
        bases[number] = "" if picked[0] == NEW else picked[0]


def gist(reading: Reading) -> str:
    """The whole request as one sentence, as it is understood by now."""
    from planner.language.sentences import sentence

    return pick(reading.language, "; ", ";").join(sentence(intent, reading.language) for intent in reading.intents)
