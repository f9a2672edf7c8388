"""Names as the contract writes them: in the person's words, without what a name does without. English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.language.normalise.text import fold, pattern

ALL = r"^(?:everything|all|all (?:of )?(?:it|them|servers|systems|machines|hosts|datasets|data|backups|our (?:servers|systems|data)|the (?:servers|systems|data))|every (?:server|system|machine|host|dataset)|whatever we have|the lot|the whole (?:lot|thing|site)|全部|所有|一切|全部数据|所有数据|所有系统|所有服务器|全部服务器|所有机器|整个系统|全部系统|所有东西)$"
ARTICLE = r"^(?:(?:the|a|an|my|our|your|their|his|her|its|this|that|these|those|all|all of|all the|each|every|any|both|new|some|of|for|current|existing|whole|entire|complete|just|only|also|please|fresh|another|standing|regular|entire|latest|last|old|我们的?|我的?|咱们?的?|公司的?|这台|那台|这个|那个|这些|那些|的|所有的?|整个|全部的?|把|将|给|对|为|请|把那个|把这个|一下|下)(?:\s+|(?<=[\u4e00-\u9fff])))+"
FILLER = (  # Latin fillers are words of their own (`pgdata` is a name), Han ones need no space
    r"(?:'s|\s+(?:backups?|back-?ups?|snapshots?|data|directory|directories|folders?|jobs?|copies|copy|dumps?|polic(?:y|ies)|schedules?|files? ?system|volume)|\s*(?:的?备份(?:任务|策略|计划|数据)?|的?快照|的?任务|的?数据|目录|文件夹|的?策略|的?计划|的|作业))+$"
)


def clean(text: str) -> str:
    """A name as the contract writes it: lower case, no article, no filler that a name does without."""
    name = text.strip().strip("\"'`“”‘’「」《》,.;:!?()[]<>").strip().casefold()
    before = None
    while before != name:
        before = name
        name = pattern(ARTICLE).sub("", name).strip()
    called = pattern(r"(?:called|named|名叫|叫做?)\s*[\"']?(\S+)$").search(name)
    if called:
        name = called[1]
    if pattern(ALL).match(text.strip().casefold()) or pattern(ALL).match(name):
        return "all"
    short = pattern(FILLER).sub("", name).strip()
    if short and not pattern(r"^(?:home|daily|weekly|full|user|old|etc)$").match(short):
        name = short
    name = re.sub(r"'s$", "", name)
    return re.sub(r"\s+", " ", name).strip(" .,:;'\"-")


def split(words: str) -> Iterator[str]:
    """`crm和bi`: two names, where a Chinese "and" stands beside Latin letters."""
    start, folded = 0, fold(words)
    for m in pattern(r"(?<=[a-z0-9_*])\s*[和与及]\s*|\s*[和与及]\s*(?=[a-z0-9_*/])").finditer(folded):
        if m.start() > start and m.end() < len(words):
            yield words[start : m.start()]
            start = m.end()
    yield words[start:]
