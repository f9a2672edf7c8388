"""What the marker tells of a request's words, numbered: the heads of the model and their order."""

from __future__ import annotations

from typing import get_args

from planner.language.intent import SLOTS, Action, Topic

#: what words can carry: a slot of the contract, or the telling of the action or the topic
LABELS: tuple[str, ...] = ("action", *SLOTS)
#: one tag a token: outside, or the begin or the inside of a label
TAGS: tuple[str, ...] = ("O", *(f"{way}-{label}" for label in LABELS for way in ("B", "I")))
#: one for each intent, then `none` behind the last
ACTIONS: tuple[str, ...] = (*get_args(Action), "none")
TOPICS: tuple[str, ...] = (*get_args(Topic), "none")
#: intents that one request can have
MOST = 4
