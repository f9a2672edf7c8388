"""Names in a Chinese stretch: around the cue, behind 把, 到, 从."""

from __future__ import annotations

import re

from planner.language.chunks import Chunk, Names, clean, is_place
from planner.language.normalise.text import pattern

LEAD = r"^(?:[\s,]|请|麻烦|帮我|帮忙|给我|我想|我要|我们要|我们|咱们|咱|我|需要|想要|想|要|把|将|对|给|为|让|的|先|再|然后|接着|并且|并|同时|另外|顺便|最后|也|都|开始|定时|定期|自动|立即|立刻|马上|现在|赶紧|能不能|能否|可以|可不可以|怎么|如何|怎样|有没有|是不是|是否|一下|一次|一份|今天|这次|那个|这个|这台|那台|你好|老师|大家|求|跪求|急|以后|从今天起|上面|里面|刚才|刚刚|其中|看看|看一下|查一下|查看|查|列出|列一下|告诉我|确认|在|统一|每次|上的|里的|下次|上次|最近|目前|到底|按|用|和|与|以及|还有|及|、|做|进行|设置?|配置?|全部(?=.)|所有的?(?=.{2}))+"
TAIL = r"(?:[\s,]|需要|进行|做|的|也|都|应该?|须|必须|务必|全部|一次|一下|一份|要|得|会|已经|已|还|再|先|自动|定期|定时|每|请|要不要|重新|整个|整体|手动|单独|统一|各|分别|马上|立刻|立即|现在|现|给我|帮我|上|里|了|吗|呢|吧|啊|有|没有|没|不|能不能|能|可以|被|误|给|从|由|在|用|到|为|是|把|将|昨晚|今天|昨天|上次|下次|最近|最新|一直|老是|总是|怎么|为什么|为啥|什么时候|多久|几点|又|突然|居然|这次|的时候|数据|目录|文件夹|备份|快照|任务|策略|计划|作业|所有|直接|以后|任何|还没|跑|变|占)+$"
SPLIT = r"\s*(?:、|,|和|与|以及|及|还有|跟|\+|&|\band\b)\s*"
NOT_NAME = r"^(?:备份|恢复|数据|一次|一份|快照|任务|全部备份|策略|系统吗|.{0,1}|一个|一下|时间|吗|什么|怎么|为什么|多久|什么时候|哪些|多少|情况|问题|东西|状态|失败|完成|成功|原因|每天|每周|每月|自动|我|你|它|他们|这|那|谁|空间|机器|没有|有没有|错误|报错|日志|进度|计划|多大|演练|校验|检查|验证|完整性|全量|增量|历史|版本|旧|旧的|老|过期|最新|所有|全部|列表|清单|结果|副本|一遍|之前|以后|时候|恢复演练|灾备演练|今晚|昨晚|今天|昨天|明天)$"


def find(text: str, action: str, cue: tuple[int, int]) -> Names:
    """Names of one stretch; words of value marks are blanked with NUL."""
    names = Names()
    masked = _places(text, action, names)
    start, end = cue
    held = pattern(r"(?:把|将|对|给(?!我|你)|为(?!什么|啥|何)|让)(?P<n>[^,。;!?\0]{1,40})").search(
        masked[:start] if start else masked
    )
    candidates: list[tuple[int, int]] = []
    if held and held.end("n") <= max(start, 0) + 1:
        candidates.append(held.span("n"))
    before = pattern(r"[^,。;!?:\0]*$").search(masked[:start])
    behind = pattern(r"\s*(?:一下|一次|一份|了|过|个|下)?(?P<n>[^,。;!?\0(]{1,40})").match(masked, end)
    front = before.span() if before else None
    back = behind.span("n") if behind else None
    candidates += [c for c in (front, back) if c]
    candidates += [m.span() for m in pattern(r"[^,。;!?:\0()]+").finditer(masked) if m.start() != start]
    for begin, finish in candidates:
        chunks = _chunks(masked, begin, finish)
        if chunks:
            _parts(chunks, action, names)
            break
    if not names.targets and pattern(r"全部|所有|一切|整个").search(masked):
        m = pattern(r"全部|所有|一切").search(masked)
        if m:
            names.targets.append(Chunk(m.start(), m.end(), m[0]))
    names.pronoun = not names.targets and bool(pattern(r"它|这个|那个|这些|那些|两个").search(masked))
    return names


def _places(text: str, action: str, names: Names) -> str:
    masked = text
    out = pattern(
        r"(?:除了?|排除|不含|不包括|不备|跳过|去掉)(?P<n>[^,。;!?\0]{1,30}?)(?:以外|之外|除外|外|不备|不要|别备|$|[,。;\0])|(?P<n2>[\w.*/\u4e00-\u9fff]{1,20}?)(?:除外|不用备|不备|别备)"
    ).search(masked)
    if out and action in {"protect", "backup", "replicate"}:
        group = "n" if out["n"] else "n2"
        for chunk in _split(masked, *out.span(group)):
            names.exclude.append(chunk)
        masked = _blank(masked, *out.span())
    src = pattern(
        r"(?:从|由|用)(?P<n>[^,。;!?\0]{1,16}?)(?:上|里|中|那边|的备份|的快照|库里)?(?:恢复|还原|拉|取|捞|找|拷|复制|传|同步|导|切|把|重建|救|回)"
    ).search(masked)
    if src and (is_place(src["n"].strip()) or action == "replicate"):
        names.source = Chunk(*src.span("n"), src["n"].strip())
        masked = _blank(masked, src.start(), src.end("n"))
    to = pattern(
        r"(?:备份?到|存到|存在|放到|放在|传到|推到|同步到|复制到|拷到|写到|送到|恢复到|还原到|切换?到|拉到|灌到|导到|回滚到|倒到|搬到|挪到|上传到?|装到|到|至|往|去)(?!底|期|时|点|达|哪|几|现在|今|昨|前|之前|上周|周)\s*(?P<n>[^,。;!?\0的]{1,24}?)(?:上面?|里面?|去|中|那边)?(?=$|[,。;!?\0]|吧|了|,|保留|并|加密|、|一份|备|看|验|测|试|跑|的)"
    ).search(masked)
    if to and len(to["n"].strip()) > 0:
        if action in {"restore", "recover", "drill"}:
            names.to = Chunk(*to.span("n"), to["n"].strip())
            masked = _blank(masked, *to.span())
        elif action in {"protect", "backup", "replicate", "optimize"}:
            names.destinations += _split(masked, *to.span("n"))
            masked = _blank(masked, to.start() if not to[0].startswith("备") else to.start("n"), to.end())
    return masked


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + "\0" * (end - start) + text[end:]


def _split(text: str, begin: int, end: int) -> list[Chunk]:
    out, position = [], begin
    for piece in re.split(f"({SPLIT})", text[begin:end]):
        if piece and not re.fullmatch(SPLIT, piece) and piece.strip():
            lead = len(piece) - len(piece.lstrip())
            out.append(Chunk(position + lead, position + lead + len(piece.strip()), piece.strip()))
        position += len(piece)
    return out


CUT = r"(?:的?(?:备份|快照|恢复|还原|归档|副本|镜像|数据(?!库|中心|集|平台|仓)|任务|策略)(?!库|服务器|机|盘|仓)|的(?:时候|话)|备(?!件|注|忘|案|用|课|考|料)|赶紧|加进|纳入|存到|存(?=放|$)|清到|直到|直$|应该|必须|务必|需要|怎么|为什么|为啥|为何|有几|有多|有没有|还剩|还有|最近|上次|下次|现在|目前|什么|多少|多大|多久|是否|是不是|每[天日周月晚小逢次年]|自动|定时|定期|一次|一下|一份|一遍|全量|增量|太(?!平|阳|极)|挂(?!号)|跑(?!步)|占用?了?|失败|成功|报错|卡住|变[慢大]|起不来|坏了|没了|炸了|按|都|要|得|也|会(?!计|员|议|话|展)|能不能|能(?!耗|源)|可以|吧|呢|吗|啊|了|把|再|先|只|改[成到为]|换成|调[整到成]|挪到|继续|暂停|停|删|清理|校验|检查|验证|演练|试|拉|捞|弄|搞|做|打包|打个|送|传|推|同步|复制|另外|然后|之前|之后|以前|以后|里面$|上面$|不用|别|不要|从|到(?!货)|给(?!水|排)|由(?!来)|被|进行|单独|统一|分别|各|整个|立刻|马上|立即|临时|手动|保留|留|至少|最多|以上|超过|放)"


def _cut(words: str) -> str:
    """A name ends where a verb or an adverb begins."""
    for m in pattern(CUT).finditer(words):
        head = words[: m.start()].rstrip()
        if len(head) >= 2 or (head and not head.isascii()):
            return pattern(TAIL).sub("", head) or head
    return words


def _chunks(text: str, begin: int, end: int) -> list[Chunk]:
    lead = pattern(LEAD).match(text[begin:end])
    begin += lead.end() if lead else 0
    tail = pattern(TAIL).search(text[begin:end])
    if tail:
        end = begin + tail.start()
    found = [Chunk(c.start, c.start + len(k), k) for c in _split(text, begin, end) if (k := _cut(c.text))]
    return [c for c in found if clean(c.text) and not pattern(NOT_NAME).match(clean(c.text)) and len(c.text) <= 30]


def _parts(chunks: list[Chunk], action: str, names: Names) -> None:
    """`订单库里的客户表`: the part and the whole."""
    names.targets = chunks
    if action not in {"restore", "drill", "verify"} or len(chunks) != 1:
        return
    chunk = chunks[0]
    m = pattern(
        r"^(?P<t>.{1,20}?)(?:里面?的?|上的?|中的?|下的?|的)\s?(?P<i>[^的]{1,20}(?:表|文件|目录|文件夹|邮箱|邮件|记录|视图|配置|集合|\.\w{2,5}))$"
    ).match(chunk.text)
    if m:
        names.targets = [Chunk(chunk.start + m.start("t"), chunk.start + m.end("t"), m["t"].strip())]
        names.items = [Chunk(chunk.start + m.start("i"), chunk.start + m.end("i"), m["i"].strip())]
