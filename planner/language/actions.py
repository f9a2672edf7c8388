"""Which action a stretch of words asks for, by the cue words of `cues.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from planner.language import cues
from planner.language.normalise.text import pattern

CHATTER = (
    r"(?:(?:please|pls|plz|kindly|hi|hey|hello|ok|okay|so|then|and|also|now|just|first|next|finally|afterwards|after that|i'?d like (?:you )?to|i would like (?:you )?to|i want (?:you )?to|i wanna|i need (?:you )?to|we need to|we want to|we should|we must|can you|could you|can i|can we|could we|would you|will you|let'?s|let us|you should|go ahead and|immediately|quickly|in addition|additionally|team|guys|dear all|good morning|how (?:do|can|would|could|should) (?:i|we|one|you)(?: best)?|what'?s the (?:best|easiest) way to|is there a way to|trying to|want to|need to|help me(?: to)?|to|the)\b[\s,:-]*"
    r"|请|麻烦|帮我|帮忙|给我|我想|我要|我们要|需要|想要|想|要|先|再|然后|接着|并且?|同时|另外|顺便|最后|还要|也|劳驾|大家好?|老师|立即|立刻|马上|现在|赶紧|你好|,|\s)*"
)
WEIGHTS: tuple[tuple[str, str, float], ...] = (
    ("drill", cues.DRILL, 6.0),
    ("recover", cues.RECOVER, 5.2),
    ("unprotect", cues.UNPROTECT, 5.6),
    ("resume", cues.RESUME, 4.6),
    ("optimize", cues.OPTIMIZE, 4.4),
    ("explain", cues.EXPLAIN, 4.2),
    ("diagnose", cues.DIAGNOSE, 4.1),
    ("forget", cues.FORGET, 4.0),
    ("pause", cues.PAUSE, 3.9),
    ("replicate", cues.REPLICATE, 3.8),
    ("restore", cues.RESTORE, 3.7),
    ("verify", cues.VERIFY, 3.5),
    ("status", cues.STATUS, 3.4),
    ("protect", cues.SETTING, 2.9),
    ("backup", rf"\b(?:{cues.BACKUP_EN})\b|{cues.BACKUP_ZH}", 2.6),
)
NAME_LIKE = (
    r"(?<![\w./-])(?!(?:back|test|re|un|roll|fail|off|dry|bare|one|ad|read|hash|restore|pre|post|bit|dr|spot|half|trial|mock|sanity|double|air|point|write|append|right|long|short|cost|what|carbon|full)-)"
    r"(?:[a-z0-9_]+-[\w-]+|[a-z0-9_]+(?:[./\\][\w./\\*~-]+)+|[/\\~][\w./\\*~-]+|[a-z]+\d[\w.-]*|[a-z]+_[\w.]+)(?=[^\w]|$)"
)
DOMAIN = (
    r"\bback(?:ed|ing|s)?[- ]?(?:\w+ )?ups?\b|\bba?c?kups?\b|\bbkps?\b|\bsnap|\brestor|\brecover|\bretention\b|\brepo|\bdump|\barchiv|\btapes?\b|\bs3\b|\bnas\b|\bvault|\bcop(?:y|ies)\b|\bdatabase|\bserver|\bdrill|\bprotect|\bimage|\bdata\b|\bpolic|\brpo\b|\brto\b|\breplica|\bprune|\bverif|\bchecksum|\bintegrity|\bfiles?\b|\bfolder|\bdisk|\bdrive|\brestic|\bborg|\bveeam|\bjobs?\b|\bdedup|\bincremental|\bimmutab|\bransom|\bcluster|\bdb\b|\bvm|\bschedule|\bstorage|\bfail ?over|\bversion|\bsync|\braid\b|\bbucket|\bworm\b|\brsync|\bencrypt|\bdisaster|\bsla\b|\bovernight|\blast night|\btable|\bhost|\bsite\b|\bkeep\b|\bdelet|\bgfs\b|\b3-2-1"
    r"|备份|备|快照|恢复|还原|归档|库|演练|副本|存储|校验|服务器|磁带|容灾|灾备|数据|保留|仓|机|盘|系统|加密|增量|全量|同步|复制|勒索|策略|任务|版本|文件|目录|\x01"
)
QUESTION = r"\?\s*$|吗\s*\??\s*$|^(?:so |and |hey |hi |ok )*(?:did|does|do|is|are|was|were|has|have|when|which|who|where|what|whats|how|why)\b"
START_BONUS = 2.2
OURS = (
    r"\b(?:my|our|ours|we|last|latest|tonight|yesterday|today|next|this)\b|\x00|\x01|我|昨|今|上次|下次|最近|哪些|几点"
)
GENERAL = (
    r"^(?:so |and |hey |hi )*(?:is|does|do|can|are|should|would|why|how come) (?:a|an|people|one|it)\b|算不算|是不是"
)
INTEGRITY = r"\b(?:repo\w*|integrity|checksum\w*|corrupt\w*|verif\w*|intact|damage\w*)\b|校验|完整|坏块|验证"
LOSS = r"\b(?:i|we|he|she|they|someone|somebody|intern|accidentally|colleague|user|was|were|got|has|have|by mistake)\b.{0,20}\b(?:delet|wip|remov|eras|drop|clear|nuk|lost)|误删|删了|被删|不小心|手滑|删错"
#: (action, words, unless, by): how words near a cue change its score
NEAR: tuple[tuple[str, str, str, float], ...] = (
    ("explain", r"\b(?:my|our)\b|\blast night\b|昨|今天|我们的|我的", "", -1.5),
    (
        "diagnose",
        r"\b(?:why|how come|what'?s wrong|what went wrong|what does .{1,40} mean)\b|为什么|为啥|怎么回事|什么原因|报错",
        "",
        2.5,
    ),
    ("forget", LOSS, "", -2.5),
    (
        "pause",
        r"\b(?:skip|without|stop by|stop at)\b|跳过",
        r"\b(?:pause|suspend|hold|freeze|until)\b|暂停",
        -1.5,
    ),
    (
        "pause",
        r"\b(?:until|till?|for (?:\d|a|an|the|two|three|one)|while|during|temporar)|直到|几天|期间|先",
        "",
        1.0,
    ),
    (
        "restore",
        r"\bback ?up\b",
        r"\b(?:restore|recover|roll|retrieve|bring|revert|undo|undelete)\w*\b|恢复|还原",
        -2.0,
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """An action, the words that told it (empty: the whole), how far ahead of the next one it is by the rules, and what the
    second opinion holds of it."""

    action: str
    start: int
    end: int
    margin: float
    sure: float = 0.5
    agreed: bool = True
    topic: str = ""


@cache
def _head() -> re.Pattern[str]:
    return re.compile(CHATTER)


def names_blanked(text: str) -> str:
    """The text with paths, file names and hyphenated names blanked, so that `sync` in `lazada-sync` tells nothing."""
    return pattern(NAME_LIKE).sub(lambda m: "\1" * len(m[0]), text)


def cue_hits(text: str) -> dict[str, tuple[float, int, int]]:
    """For each action whose cues occur: score and place of the best cue."""
    text = names_blanked(text)
    head = _head().match(text)
    begin = head.end() if head else 0
    hits: dict[str, tuple[float, int, int]] = {}
    for action, words, weight in WEIGHTS:
        found = pattern(words).search(text)
        if found:
            score = weight + (START_BONUS if found.start() <= begin else 0.0)
            hits[action] = (score, found.start(), found.end())
    return hits


def classify(text: str, whole: str, *, standing: bool, recurring: bool) -> Told | None:
    """The action of one stretch. `text` has the words of value marks blanked out; `standing`: it has retention or a policy
    word; `recurring`: it has a schedule that recurs."""
    if pattern(cues.LOGGISH).search(text) and not pattern(r"\b(?:restore|back ?up|recover|drill)\b|恢复|备份一").match(
        text.strip()
    ):
        found = pattern(cues.LOGGISH).search(text)
        return Told("diagnose", *(found.span() if found else (0, 0)), 3.0)
    hits = cue_hits(text)
    question = bool(pattern(QUESTION).search(text.strip()))
    polite = bool(
        pattern(
            r"^(?:hi|hey|hello|ok|so|please)?[ ,]*(?:can|could|would|will) (?:you|we|i|someone)\b|^能不能(?!恢复)|^可以"
        ).search(text.strip())
    )
    _adjust(hits, text, question and not polite, recurring, standing)
    if not hits:
        return None
    ranked = sorted(((score, action) for action, (score, _s, _e) in hits.items()), reverse=True)
    best = ranked[0][1]
    margin = ranked[0][0] - (ranked[1][0] if len(ranked) > 1 else 0.0)
    _score, start, end = hits[best]
    if (
        best in {"status", "restore", "verify", "forget", "pause", "resume", "diagnose", "explain"}
        and pattern(cues.FOREIGN).search(whole)
        and not pattern(r"back ?up|snapshot|备份|快照").search(whole)
    ):
        return Told("unsupported", start, start, 0.6)
    if best == "restore" and pattern(cues.DISASTER).search(whole) and _disaster(text, whole):
        best = "recover"
    if best in {"backup", "protect"} and not (best == "protect" and start <= 2):
        best = "protect" if _stands(text, whole, standing, recurring) else "backup"
    return Told(best, start, end, margin)


def _boost(hits: dict[str, tuple[float, int, int]], action: str, by: float) -> None:
    if action in hits:
        score, start, end = hits[action]
        hits[action] = (score + by, start, end)


def _adjust(
    hits: dict[str, tuple[float, int, int]], text: str, question: bool, recurring: bool, standing: bool
) -> None:
    """What the words around a cue say about it."""
    if question:
        _asked(hits, text)
    else:
        _boost(hits, "status", -1.0)
    if recurring and not question:
        for action in ("status", "diagnose", "explain", "restore", "optimize"):
            _boost(hits, action, -1.2)
    if standing and not question:
        for action in ("diagnose", "explain", "status"):
            _boost(hits, action, -0.8)
    if recurring:
        _boost(hits, "pause", -1.6)
    for action, words, unless, by in NEAR:
        if action in hits and pattern(words).search(text) and not (unless and pattern(unless).search(text)):
            _boost(hits, action, by)
    if "backup" in hits and not pattern(INTEGRITY).search(text):
        _boost(hits, "verify", -1.0)


def _asked(hits: dict[str, tuple[float, int, int]], text: str) -> None:
    """A question is about the state of things or, where it is about nothing of ours, about knowledge."""
    for action in ("status", "explain", "diagnose", "optimize"):
        _boost(hits, action, 1.6)
    if pattern(OURS).search(names_blanked(text)):
        return
    _boost(hits, "explain", 1.2)
    if "explain" not in hits and pattern(GENERAL).search(text.strip()):
        hits["explain"] = (5.5, 0, 0)


def _disaster(text: str, whole: str) -> bool:
    broad = pattern(
        r"\b(?:everything|all (?:of )?(?:it|its|the|our)|whole|entire|the lot|server|host|site|machine|cluster|system|laptop|box|node|vm|datacent\w+|bare[- ]metal|bring (?:it|them|us)|rebuild|fail ?over|services?|domain|stack|business)\b|整|全部|所有|业务|服务器|系统|机房|主机|重建|拉起|切|集群|机器"
    ).search(whole)
    small = pattern(
        r"\b(?:file|folder|table|row|mail|document|spreadsheet|photo|directory|config)s?\b|文件|表|目录|邮件"
    ).search(text)
    return bool(broad) and not small


def _stands(text: str, whole: str, standing: bool, recurring: bool) -> bool:
    if recurring:
        return True
    once = pattern(cues.NOW_ONLY).search(whole)
    if standing and not once:
        return True
    return bool(pattern(cues.STANDING).search(text)) and not once


def in_domain(text: str) -> bool:
    """Whether any word of backup and recovery occurs, or a name that looks like a machine's."""
    return bool(pattern(DOMAIN).search(names_blanked(text)))


def is_change(text: str) -> bool:
    """Whether it changes something that is in force."""
    return bool(pattern(cues.CHANGE).search(text))


def topic(text: str) -> str:
    """What a question about the state of backups is about."""
    for name, words in cues.TOPICS:
        if pattern(words).search(text):
            return name
    return "general"
