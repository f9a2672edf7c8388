"""Values that are words: who is told, which kind, which scheme."""

from __future__ import annotations

from typing import Any

from planner.language.normalise import durations
from planner.language.normalise.numbers import digits
from planner.language.normalise.text import apart, fold, pattern
from planner.language.normalise.typos import mend

MEDIA: tuple[tuple[str, str], ...] = (
    (r"\be-?mails?\b|\bmails?\b|\bmailed\b|\be-?mailed\b|邮件|邮箱|邮见|寄信|发信|电邮|电子邮件|邮", "email"), (r"\bslack\b", "slack"), (r"\bsms\b|\btext(?: me| message)?\b|短信|简讯|短讯", "sms"),
    (r"\bpager ?duty\b", "pagerduty"), (r"\bteams\b", "teams"), (r"\btelegram\b", "telegram"), (r"\bdiscord\b", "discord"), (r"\bwebhook\b", "webhook"), (r"\bopsgenie\b", "opsgenie"),
    (r"\bmatrix\b", "matrix"), (r"\bntfy\b", "ntfy"), (r"\bmattermost\b", "mattermost"), (r"\bsignal\b", "signal"), (r"\bwhats ?app\b", "whatsapp"), (r"\bpager\b", "pager"), (r"\bline\b(?= ?(?:给|通知|群|me)|$)|传 ?line|发 ?line", "line"),
    (r"企业微信|企微", "企业微信"), (r"微信", "微信"), (r"钉钉", "钉钉"), (r"飞书", "飞书"), (r"电话|打我?手机", "电话"), (r"\b(?:tele)?phone(?: call)?s?\b|\b(?:call|ring) me\b", "phone"),
)  # fmt: skip
TIERS = "platinum|gold|silver|bronze|diamond|basic|standard|premium"


def notify(text: str) -> dict[str, Any] | None:
    """Who is told, and of what."""
    plain = mend(apart(fold(text)))
    channels = [
        " ".join(m[0].strip(".,;:").split())
        for m in pattern(
            r"https?://\S+|\+\d[\d ()-]{6,18}\d|(?<![\w.])@(?:[a-z][\w-]*|[\u4e00-\u9fff]{2,3})(?![\u4e00-\u9fff])|(?<![\w@.])(?:[a-z][\w-]*\.)+[a-z]{2,}/\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)#[\w][\w-]*|(?<![\d.])\d{3,4}-?\d{7,8}(?!\d)|(?<![\d.-])\d{3}-\d{3}-\d{4}(?![\d-])"
        ).finditer(plain)
    ]
    if not channels:
        group = pattern(
            r"([a-z][\w-]* ?群|(?:企微|微信|钉钉|飞书|运维|值班|告警|qq)[\u4e00-\u9fff]{0,4}?群)|\b(?:the )?([a-z][\w-]*) (?:channel|room)\b"
        ).search(plain)
        channels = [group[1] or group[2]] if group else [name for words, name in MEDIA if pattern(words).search(plain)]
        if "企业微信" in channels and "微信" in channels:
            channels.remove("微信")
    if not channels or channels == ["phone"]:
        someone = pattern(
            r"\b(?:page|ping|call|alert|notify|tell|inform|ring) (?:the )?(on-?call|duty[ -][a-z]+|[a-z]+-?team|dba|noc|sre|ops|helpdesk)\b"
        ).search(plain)
        channels = [someone[1]] if someone else channels
    out: dict[str, Any] = {"channels": channels} if channels else {}
    outcome = happening(plain)
    return (out | {"on": outcome} if outcome else out) or None


def happening(text: str) -> str | None:
    """Of which outcome somebody is told: `failure`, `success`, `always`."""
    plain = mend(apart(fold(text)))
    fails = pattern(
        r"\bfail\w*|\berror\w*|\bbreak\w*|\bbroke(?:n|s)?\b|\bwrong\b|\bdies?\b|\bproblem\w*|\bdidn'?t\b|\bbomb\w*|\bcrash\w*|\bmiss\w*|\btrouble\b|\bcroak\w*|\bsmells?\b|\bfalls? over\b|\b(?:did|does|has|is|was|could|can) ?n[o']t\b(?! matter)|\bcannot\b|\bcan'?t\b|\bwon'?t\b|\bunsuccess\w*|\bnot (?:work|finish|complete|succeed)\w*|\bdoesn'?t\b|\bgoes? (?:bad|south)|\bred\b|\bbad\b|\bstops?\b|\bhalts?\b|\bbehind\b|\bdefects?\b|错误|不行|没过|红了|失败|失拜|出错|报错|异常|没成|没备|挂了|不成功|未成功|出事|出岔子|炸了|出问题|有问题|没跑|坏了|坏块|有错"
    ).search(plain)
    wins = pattern(
        r"\bsuccess\w*|\bdone\b|\bfinish\w*|\bcomplet\w*|\bwork(?:s|ed)\b|\bsaved\b|\bgone well\b|\b(?:goes|went) (?:well|fine)\b|\b(?:backed up|all) fine\b|\bit'?s there\b|\bconfirmation\b|\bin the bag\b|\b(?:once|as soon as)\b|\bgood\b|\bok\b|\bis up\b|\bback up again\b|\bsucceed\w*|\bthrough\b|成功|完成|备完|做完|完了|跑完|完事|弄完|传完|完事|好了"
    ).search(pattern(r"\bunsuccess\w*|不成功|未成功|没成功|\bnot (?:finish|complet|succeed)\w*").sub("", plain))
    always = pattern(
        r"\balways\b|\b(?:every|each) (?:run|time|backup|one|job|night)\b|\b(?:either|which(?:ever)?|any) (?:way|result|outcome)\b|\bin (?:any|either|all|every) cases?\b|\bno matter (?:how|what|which)\b|\bok or not\b|\bwhatever\b|\bwhether\b|\b(?:every|each) (?:outcome|result)\b|\bevery time\b|\bregardless\b|不管|无论|不论|每次(?!失败)|都发(?!.*失败)|成败|是否|成不成|成没成|好不好|好坏"
    ).search(plain)
    if always or (fails and wins and not pattern(r"\bonly\b|只").search(plain)):
        only = (
            fails
            and not wins
            and not pattern(
                r"不管|无论|不论|成不成|成没成|regardless|either|whichever|no matter|any case|whatever"
            ).search(plain)
        )
        return "failure" if only else "always"
    return "failure" if fails else "success" if wins else None


def kind(text: str) -> str | None:
    """`full`, `incremental` or `differential`."""
    plain = mend(apart(fold(text)))
    to = pattern(r"\bfrom\b.*\bto\b|改成|改为|换成|->|→").search(plain)
    plain = plain[to.end() :] if to else plain
    for words, value in (
        (r"\bdiff\w*|差异|差分|差备", "differential"),
        (r"\binc\w*|增量|增备|\bdelta|\bchanges only\b|\bonly (?:the )?changes\b(?<!not only changes)", "incremental"),
        (
            r"\bfull\w*|全量|全备|完整|完全|全库|整备|\bcomplete\b|\bentire\b|\ball of it\b|\bthe lot\b|\bevery ?thing\b|整",
            "full",
        ),
    ):
        if pattern(words).search(plain):
            return value
    return None


def scheme(text: str) -> str | None:
    """A named scheme or tier."""
    plain = apart(fold(text))
    if pattern(r"3[-.: ]?2[-.: ]?1[-.: ]?1[-.: ]?0").search(plain):
        return "3-2-1-1-0"
    if pattern(r"3[-.: ]?2[-.: ]?1|三二一|三份").search(plain):
        return "3-2-1"
    if pattern(r"\bgfs\b|grandfather|祖父").search(plain):
        return "gfs"
    if pattern(r"\b(?:three|3) copies\b.*\b(?:two|2) (?:media|kinds?|types?)").search(plain) or pattern(
        r"[三3]份.*[两2二]种"
    ).search(plain):
        return "3-2-1"
    to = pattern(r"\bfrom\b.*\bto\b|改成|改为|换成|升到|降到|->|→").search(plain)
    plain = plain[to.end() :] if to else plain
    m = pattern(rf"\b({TIERS})\b").search(plain) or pattern(
        r"\b(?:tier|policy|plan|class|level|profile)[ :=]+\"?([\w-]+)|\"?([a-z][\w-]*)\"? (?:tier|policy|plan|profile)\b"
    ).search(plain)
    if m:
        return m[1] or m[2]
    for word, value in (("金", "gold"), ("银", "silver"), ("铜", "bronze")):
        if word in plain:
            return f"{word}牌" if f"{word}牌" in plain else f"{word}级" if f"{word}级" in plain else value
    return None


def immutable(text: str) -> str | bool:
    """The time that copies are locked for, or True where none is said."""
    found = durations.find(digits(text))
    return found[-1].value if found else True
