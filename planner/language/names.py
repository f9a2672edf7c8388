"""Names as the contract writes them: in the person's words, without what a name does without. English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.language.normalise import typos
from planner.language.normalise.text import fold, pattern

THINGS = r"(?:backups?|back-?ups|snapshots?|data|systems?|servers?|machines?|hosts?|datasets?|repositor(?:y|ies)|repos|jobs?|policies|stuff|things?|copies)"
ALL = (
    r"^(?:everything|anything|all|(?:the )?lot|(?:the )?whole (?:lot|thing|site|shebang)|whatever we (?:have|own|run)|every|each|(?:the )?whole of(?: it)?)(?: (?:that )?(?:we|you|i) (?:have|own|run|got))?$"
    rf"|^(?:all|every|any|each|everything|anything)(?: of)?(?: (?:the|my|our|your|its|these|those|last|single|old|other|paused|active|existing|current))*(?: (?:it|them|{THINGS}))(?: (?:that )?(?:we|you|i)(?: |')(?:have|own|run|got))?$"
    r"|^all (?:that )?(?:we|i|you) (?:have|own|run)$"
    r"|^(?:全部|所有|一切|整个|全体|全)的?(?:数据|系统|服务器|机器|东西|业务|备份|快照|主机|资料|公司|部|体|库存|任务)*$|^每[套台个](?:系统|服务器|机器|主机|电脑)$"
)
ARTICLE = (
    r"^(?:(?:the|my(?! (?:documents|pictures|music|videos)\b)|our|your|their|her|its|this|that|these|those|all|all of|each|every|any|both|some|whole|entire|just|only|also|please)\s+|(?:an?|his)\s+(?=[\x00-\x7f])"
    r"|(?:我们|咱们)的?|(?:所有|全部|整个)的?(?=[^\s])|我的(?!世界|文[档件]|电脑|桌面|图片|下载))+"
)
LED = r"^(?:.{1,40}(?:\.\.\.|…) ?(?:no|sorry|i mean),? (?:on |to |in )?|(?:both|all|these|they) (?:all )?go(?:es)? (?:in)?to (?=\S)|(?:except(?: for)?|excluding|without|onto|into|to|from)\s+|on\s+(?=(?:the|my|our)\s)|dest\s+(?=\S)|除了?\s*|在(?![线职建用途售岗])|(?:dest(?:ination)?|target|dst|src|source|from|to|exclude|path|host|name|数据源|目标)\s*[=:]\s*(?=\S))"
FILLER = r"(?:\s+(?:backups?|back-ups?|snapshots?|jobs?|copies|polic(?:y|ies)|schedules)|\s*的?(?:备份(?:任务|策略|计划|数据)?|快照|任务|策略)|的|\s*(?:除外|以外|之外|(?<=..)不[要备]))+$"
#: words that belong to a name unless it is a path or an identifier ("/etc directory", but "LDAP directory")
CONTAINER = r"(?:\s+(?:director(?:y|ies)|dir|folders?|data|file ?systems?|files?|dumps?)|\s*的?(?:目录|文件夹|数据))$"
IDENTIFIER = r"[/\\~*=_]|^[\w-]*(?:\d|[-.])[\w.-]*$"
QUOTES = "\"'`“”‘’「」『』《》"
BRACKETS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【", ">": "<"}


def clean(text: str) -> str:
    """A name as the contract writes it: lower case, no article, no filler that a name does without; empty where nothing is left."""
    name = re.sub(r"\s+", " ", _bare(text).casefold())
    if everything(name):
        return "all"
    before = None
    while before != name:
        before = name
        name = _bare(pattern(ARTICLE).sub("", pattern(LED).sub("", name)))
    called = pattern(r"(?:\b(?:called|named)\s+|(?:名叫|叫做|名为)\s*)(\S+)$").search(name)
    if called:
        name = _bare(called[1])
    if everything(name):
        return "all"
    short = _bare(pattern(FILLER).sub("", name))
    if short and short not in {
        "daily",
        "weekly",
        "nightly",
        "monthly",
        "vaulted",
        "latest",
        "full",
        "old",
        "offsite",
        "off-site",
    }:
        name = short
    short = pattern(CONTAINER).sub("", name)
    if short != name and (pattern(IDENTIFIER).search(short) or (short.isascii() and not name.isascii())):
        name = short
    return name if " at " in name else re.sub(r"(?<=\w)['’]s$", "", name)


def everything(name: str) -> bool:
    """Whether a name means all that there is."""
    return bool(pattern(ALL).match(typos.mend(fold(name)).replace("evrything", "everything")))


def _bare(text: str) -> str:
    """Without quotes, punctuation and brackets that do not belong to a name: `.cache`, `C:` and `sermons (audio)` stay."""
    name, before = text.strip(), None
    while before != name:
        before = name
        name = name.strip(QUOTES).strip().lstrip(",;:!?)]}、，。；：").rstrip(",;!?.([{、，。；")
        if name.endswith((":", "：")) and not pattern(r"^[A-Za-z]:$").match(name):
            name = name[:-1]
        for closing, opening in BRACKETS.items():
            if name.endswith(closing) and name.count(opening) < name.count(closing):
                name = name[:-1]
            if name.startswith(opening) and (name.count(closing) < name.count(opening) or name.endswith(closing)):
                name = name[1:].removesuffix(closing)
        name = name.strip()
    return name


def split(words: str) -> Iterator[str]:
    """`crm和bi`: two names, where a Chinese "and" stands beside Latin letters."""
    start, folded = 0, fold(words)
    for m in pattern(r"(?<=[a-z0-9_*])\s*[和与及]\s*|\s*[和与及]\s*(?=[a-z0-9_*/])").finditer(folded):
        if m.start() > start and m.end() < len(words):
            yield words[start : m.start()]
            start = m.end()
    yield words[start:]
