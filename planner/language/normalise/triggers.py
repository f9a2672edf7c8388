"""Events that start a run: `before every deploy`, `when the disk is plugged in`, `有人改了就`."""

from __future__ import annotations

from typing import Any

from planner.language.normalise.text import fold, pattern

#: words of time that make "every …" a period and no event
TEMPORAL = r"(?:(?:single |other |second |third |fourth |fifth |sixth |\d{1,2}(?:nd|rd|th) |calendar |working |business )?(?:days?|nights?|nites?|mornings?|evenings?|afternoons?|noon|midnights?|dawn|dusk|lunch\w*|weeks?|wks?|months?|hours?|hrs?|min\w*|years?|yrs?|quarters?|first|last|\d|half|mon|tue|wed|thu|fri|sat|sun|start|end|other|fortnight|work|weekend|weekday|weeknight|few|so often|now and|once in)|of those)"
CONNECTIVE = rf"\b(?:before|after|prior to|ahead of|following|on|at|upon|with|for|during|around) (?:every|each|any|all|a|an|the) (?:single )?(?!{TEMPORAL}\b)\w+"
EVENT = (
    CONNECTIVE
    + rf"|\b(?:every|each) (?!{TEMPORAL})[a-z]\w+"
    + r"|\b(?:whenever|each time|every time|any time|anytime|when(?!ever)|if|should|once an? (?!day|night|week|month|quarter|year|hour|minute|fortnight|min\b|wk\b|yr\b|decade|h\b|calendar|business|working)|once (?!a|per|every|each|in|daily|weekly|monthly|nightly|yearly|\d)|once the|as soon as|as often as (?!possible)|right after|right before|just before|just after|immediately before|immediately after|ahead of|in advance of|prior to"
    r"|on (?:usb|sunrise|sunset|dis|lid|suspend|wake|resume|mains|ac power|battery|attach|eject|mount|upload|publish|checkout|checkin|tag|plug|commit|save|deploy|shut|log|connect|mount|change|push|merge|boot|idle|close|power|insert|dock|start|release|login|logout|exit|demand|event|upgrade|update|patch|reboot|build)\w*|pre-\w+|post-\w+|(?:before|after) (?!\d|midnight|noon|lunch|hours|dark|dinner)\w+)"
    r"|每[次逢当]|[每][^天日周月年小晚夜早个隔\d季旬 ]|之前|之后|[前后]$|时$|[前后]都|[的]时候|一[^次]+就|前1?[天日]$|就$|就[备自存拷传]|完成$|完$|连上|插上|插入"
)


def trigger(text: str, plain: str, out: dict[str, Any]) -> dict[str, Any] | None:
    """The event that the whole of a text names, in its own words."""
    if pattern(EVENT).search(plain) or pattern(EVENT).search(fold(text)):
        return out | {"trigger": fold(text).strip(" ,.;:!?")[:120]}
    return None


def beside(plain: str) -> str | None:
    """An event beside a period: `every day after the night audit`, `each friday before the mailing run`, `每日夜审结束后`."""
    event = pattern(
        r"\b(?:right |just |shortly )?(?:before|after|ahead of|prior to|following|once the) (?!\d|midnight|noon|lunch|hours\b|dark|work\b|closing\b|close\b|dinner|breakfast|a day|an hour|that\b|the break|\d)"
        rf"(?=(?:the |each |every )?(?:nightly|night|daily|evening|morning|weekly|monthly|day|week|month)(?:'s)? (?:audit|batch|job|run|shift|close|load|sync|build|report|backup|import|export|is|has|finish\w*|complet\w*)\b|(?!(?:the |each |every )?(?:\d|{TEMPORAL})))(?:[a-z][\w' -]{{2,60}})|(?:[^\d,天日周月年週 ]{{0,8}}(?:结束|完成|跑完|关门|关店|收摊|打烊|交班|备完|下班|收市|开门|上班|开盘))(?:以|之)?[后前]"
    ).search(plain)
    release = pattern(
        r"\b(?:ahead of|before|after|prior to) (?:each|every) (?:mon|tue|wed|thu|fri|sat|sun)[a-z]*'s \w+"
    ).search(plain)
    found = release or event
    return found[0].strip() if found else None
