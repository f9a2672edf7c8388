"""Names in a request: what is protected or asked about, parts of it, and places. English and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from planner.language.normalise.text import pattern

PLACE = (
    r"(?:s3|nas\w*|tapes?|lto\S*|usb(?: (?:disk|drive|stick))?|(?:external|second|spare|other|portable|backup) (?:hard )?(?:disk|drive|hdd|ssd|nas|server|site|repo\w*)|cloud|bucket|vault\S*|glacier|backblaze|b2|wasabi\S*|azure|gcs|gdrive|google drive|dropbox|onedrive|offsite|off-site|minio\S*|synology|qnap|hetzner|storage ?box|rsync\.net|ceph|swift|dr(?: site)?|dr-\S+|repo\S*|local(?: disk)?|blob storage|object storage|cold storage|archive|rack|\S*backup\S*|borgbase|sftp\S*|secondary|primary"
    r"|异地\S{0,4}|本地\S{0,3}|云\S{0,3}|磁带\S{0,2}|移动硬盘|硬盘|u盘|对象存储\S{0,2}|阿里云\S{0,4}|腾讯云\S{0,3}|灾备\S{0,4}|冷存\S{0,2}|备份服务器|仓库|oss|cos|机房\S{0,2}|主仓|\S*仓)"
)
PRONOUN = r"^(?:it|them|this|that|these|those|one|ones|both|him|her|everything else|same|the same|something|anything|stuff|things?|它|它们|这个|那个|这些|那些|这|那|两个|都|他|她|自己|其它|其他)$"
ALL = r"^(?:everything|all|all (?:of )?(?:it|them|servers|systems|machines|hosts|datasets|data|backups|our (?:servers|systems|data)|the (?:servers|systems|data))|every (?:server|system|machine|host|dataset)|whatever we have|the lot|the whole (?:lot|thing|site)|全部|所有|一切|全部数据|所有数据|所有系统|所有服务器|全部服务器|所有机器|整个系统|全部系统|所有东西)$"
ARTICLE = r"^(?:(?:the|a|an|my|our|your|their|his|her|its|this|that|these|those|all|all of|all the|each|every|any|both|new|some|of|for|current|existing|whole|entire|complete|just|only|also|please|fresh|another|standing|regular|entire|latest|last|old|我们的?|我的?|咱们?的?|公司的?|这台|那台|这个|那个|这些|那些|的|所有的?|整个|全部的?|把|将|给|对|为|请|把那个|把这个|一下|下)(?:\s+|(?<=[\u4e00-\u9fff])))+"
FILLER = (  # Latin fillers are words of their own (`pgdata` is a name), Han ones need no space
    r"(?:'s|\s+(?:backups?|back-?ups?|snapshots?|data|directory|directories|folders?|jobs?|copies|copy|dumps?|polic(?:y|ies)|schedules?|files? ?system|volume)|\s*(?:的?备份(?:任务|策略|计划|数据)?|的?快照|的?任务|的?数据|目录|文件夹|的?策略|的?计划|的|作业))+$"
)
STOP = r"to|onto|into|on|at|for|with|from|every|each|in|inside|before|after|by|via|under|over|until|till|daily|nightly|hourly|weekly|monthly|quarterly|yearly|keep|keeping|retain|using|during|when|while|because|since|as|so|but|if|that|which|who|then|than|should|must|is|are|was|were|be|been|being|has|have|had|needs?|wants?|please|thanks|thank|pls|except|excluding|without|only|not|now|again|back|once|twice|immediately|asap|today|tonight|tomorrow|yesterday|right|somewhere|where|how|will|would|can|could|shall|may|might|do|does|did|it|they|we|i|you|he|she|there|here|too|also|or|of|off|out|up|down|get|gets|got|instead|per|about|around|within|across|through|starting|running|please|via|plus|named|called|first|ok|okay|afterwards|never|always|automatically|regularly|yet|still|just|exactly|myself|whenever|unless|takes?|took|stuck|really|goes|went|grew|keeps|fails?|failed|failing|says?|looks?|shows?|showed|used|stopped|starts|started|runs|ran|died|die|gone|dead|won't|isn't|doesn't|didn't|can't|don't|comes?|came|bigger|larger|slow|slower|broken|refuses|going|finish|finished|succeed|succeeded|complete|completed|work|works|worked|yes|wants|plz|cheers|ta|asap|last|this|next|between|outside|avoid|max|at|encrypted|full|incremental|differential|backed|copied|saved|restored|i'd|i'm|we're|it's|there's|that's|what's|let's|either|both|like|want|need|about|over|under|more|less|than|since|ago|again|whole|according|against|alone|overnight|manually"
WORD = r"[^\s,;:!?()\[\]{}\"'<>|，。]+(?:'s\b)?"


@dataclass
class Chunk:
    """A run of words and what stands before it."""

    start: int
    end: int
    text: str


@dataclass
class Names:
    """What was found in one stretch of words, with places."""

    targets: list[Chunk] = field(default_factory=list)
    items: list[Chunk] = field(default_factory=list)
    exclude: list[Chunk] = field(default_factory=list)
    destinations: list[Chunk] = field(default_factory=list)
    source: Chunk | None = None
    to: Chunk | None = None
    pronoun: bool = False


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


def phrase(text: str, start: int, *, limit: int = 5) -> tuple[int, int] | None:
    """The noun phrase that begins at `start` (or after articles): its range, ending at a stop word, a mark or punctuation."""
    token = pattern(WORD)
    stop = pattern(rf"^(?:{STOP})$")
    position, begin, end, count = start, -1, -1, 0
    while count < limit:
        gap = pattern(r"[ \t\"'`]*").match(text, position)
        position = gap.end() if gap else position
        found = token.match(text, position)
        if not found or "\0" in found[0]:
            break
        word = found[0]
        lead = begin < 0 and pattern(
            r"^(?:the|a|an|my|our|your|their|all|both|of|every|each|any|for|her|his|its|that|this|these|those)$"
        ).match(word)
        if (not lead and (stop.match(word) or word in {"and", "&", "+", "-", "->", "=", "@"})) or (
            begin >= 0 and pattern(r"^(?:and)$").match(word)
        ):
            break
        if not lead:
            begin = found.start() if begin < 0 else begin
            count += 1
        elif begin < 0:
            begin = found.start()
        end = found.end()
        position = end
        if (end < len(text) and text[end] in ",;:!?()[]{}|") or word.endswith((".", ",")):
            break
    if end < 0:
        return None
    while end > begin and text[end - 1] in ".,;:!?":
        end -= 1
    return (begin, end) if end > begin else None


def listing(text: str, start: int, *, limit: int = 8) -> list[Chunk]:
    """A list of noun phrases: `/etc and /home`, `a, b & c`."""
    out: list[Chunk] = []
    position = start
    for _ in range(limit):
        found = phrase(text, position)
        if not found:
            break
        begin, end = found
        words = text[begin:end]
        if not clean(words):
            break
        out.append(Chunk(begin, end, words))
        joint = pattern(
            r"\s*(?:,\s*(?:and|plus)?|and|&|\+|plus|as well as|和|与|及|以及|、)\s+(?:(?:also|the) )?"
        ).match(text, end) or pattern(r"\s*[,、+&]\s*(?=[\w/])").match(text, end)
        if not joint or "\0" in text[end : joint.end()]:
            break
        rest = text[joint.end() :]
        if (
            pattern(
                rf"(?:{STOP}|then|run|make|check|verify|test|drill|restore|delete|send|notify|tell|mail|email|prune|copy|encrypt\w*|resume|pause|exclude|leave|skip|do|take|let|show|give|compress\w*|replicate|mirror|store|start|stop|move|put|set|change)\b"
            ).match(rest)
            or rest[:1] == "\0"
        ):
            break
        position = joint.end()
    return out


def is_place(words: str) -> bool:
    """Whether a name is more likely a place for copies than a thing to be protected."""
    return bool(pattern(rf"^(?:{PLACE})$").match(clean(words)) or pattern(r"^(?:s3|sftp|b2|gs|az)[:/]").match(words))
