"""Which words of a request carry which slot: rules over the folded text. A later encoder replaces this file's work."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

N_EN = (
    r"(?:\d+(?:[.,]\d+)?|(?:a )?couple(?: of)?|(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:a |one )?hundred|(?:a )?dozen)"
    r"(?:[- ](?:and |one|two|three|four|five|six|seven|eight|nine|hundred|thousand)+)*)"
)
N_ZH = r"(?:\d+(?:\.\d+)?|[零一二两三四五六七八九十百千万半]+)"
UNIT = r"(?:(?:minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|mths?|mos?|years?|yrs?|y|m|h|d|w|fortnights?|quarters?|decades?)(?![a-z])|个?(?:分钟|小时|钟头|天|日(?!志)|周(?![一二三四五六日末])|星期(?![一二三四五六日])|礼拜(?![一二三四五六日])|月|年|季度))"
DUR = rf"(?:(?:half (?:an? )|{N_EN}[- ]?(?:and a half )?(?:full |more |calendar |business |working )?|半个?|{N_ZH} ?个?半? ?){UNIT}(?: and a half|半)?|\b(?:an? )?fortnight\b)"
PARTS_ZH = r"(?:凌晨|半夜|夜里|深夜|早上|早晨|清晨|上午|中午|下午|傍晚|晚上|晚间|夜间|午夜|今晚|今早|早|晚)"
CLOCK = (
    rf"(?:\d{{1,2}}[:.]\d\d(?! ?[gmt]b)(?: ?[ap]\.?m\b\.?)?|\d{{1,2}} ?[ap]\.?m\b\.?|\bnoon\b|\bmidday\b|\bmidnight\b|(?:half past|(?:a )?quarter (?:past|to)) \w+|\b\w+ o'?clock\b|\b\d{{1,2}}h\d\d\b|(?<![\d-])(?:[01]\d|2[0-3])[0-5]\d ?(?:hrs|hours|h)\b"
    rf"|{PARTS_ZH}? ?(?:\d{{1,2}}|[零一二两三四五六七八九十]{{1,3}}) ?[点时](?:钟|整)?(?:半|[一三]刻|[零一二三四五六七八九十\d]{{1,3}}分?)?(?!击)|{PARTS_ZH} ?\d{{1,2}}:\d\d|零点|正午|中午)"
)
PART_EN = r"(?:night|nite|morning|evening|afternoon)"
DAY_EN = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?|weekdays?|weekends?|week ?nights?|work(?:ing)? ?days?|business days?)"
MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
DATE = (
    rf"(?:\d{{4}}-\d\d?-\d\d?(?:[t ]\d\d:\d\d)?|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH}\b(?:,? 20\d\d)?|{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? 20\d\d)?|the (?:day|night) before yesterday|(?:last|this|next) (?:{DAY_EN}|{PART_EN}|week(?:end)?|month|year)\b|yesterday(?: {PART_EN})?|today|tonight|tomorrow(?: {PART_EN})?|\bthe \d{{1,2}}(?:st|nd|rd|th)\b"
    rf"|(?:去年|今年|明年)? ?(?:\d{{1,2}}|[一二三四五六七八九十]{{1,2}}) ?月 ?(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}}) ?[号日]|大?前天|昨[天日晚夜]|今[天日晚早晨]|明[天日晚早]|大?后天|[上这本下]个?(?:周|星期|礼拜)[一二三四五六日天末]?|[上这本下]个?月(?: ?\d{{1,2}} ?[号日])?|周[一二三四五六日天]|\d{{1,2}} ?[号日](?!志))"
)
SEP_AT = r"(?:,? ?(?:at|@|around|about|by|on|in the|的|,)? ?)"


@dataclass(frozen=True, slots=True)
class Mark:
    """Words `[start, end)` that carry a slot, before they belong to an intent."""

    start: int
    end: int
    label: str


RULES: tuple[tuple[str, str], ...] = (
    (
        "dry_run",
        r"\bdry[- ]?run(?: (?:only|first))?\b|\b(?:just|only) (?:show|tell|list)(?: me)?\b(?=.*\b(?:would|what)\b)|\bdo(?:n'?t| not) (?:actually |really )(?:do|run|delete|execute|remove|restore)\w*(?: (?:it|anything))?\b|\bwithout (?:actually )?(?:doing|changing|removing|deleting|executing)(?: (?:it|anything))?\b|\bsimulate first\b|\bshow me (?:first|what would)\b|--dry-run|别真(?:的)?(?:删|执行|恢复|跑|做)|先不真\S{1,2}|先试跑|试运行|只(?:看|列)(?:一下)?不\S{1,3}|先列出来",
    ),
    (
        "in_place",
        r"\bin[- ]place\b|\b(?:and )?overwrit(?:e|ing)(?: (?:the )?(?:original|current|existing|live|what\S* there|it)(?: \w+)?)?|\bover (?:the )?(?:original|live|existing|current|top)(?: (?:one|data|files?|database|db|system|of it))?\b|\bon top of (?:the )?(?:live|original|existing|current|broken)(?: \w+)?|\breplac(?:e|ing) (?:the )?(?:current|live|existing|original|broken)(?: \w+)?|原地覆盖|就地覆盖|直接覆盖(?:线上|现网|原\S{0,3}|掉)?|覆盖(?:原\S{0,3}|线上|现有\S{0,3}|当前\S{0,2}|掉|回去)?|盖掉|原地(?:恢复|还原)?|恢复到原[处位]",
    ),
    (
        "encrypt",
        r"\b(?:client-side )?encrypt(?:ed|ion|ing)?\b(?! (?:by|key|our|all|every|files)|\w)|(?:全程|都|均|须|要|必须)?加密(?!了|之前|前|攻击|的)",
    ),
    (
        "immutable",
        rf"\b(?:make (?:it|them|these|those) )?(?:immutab\w+|worm|write[- ]once|append[- ]only|tamper[- ]?proof|object[- ]lock(?:ed|ing)?|undeletable|unalterable)\b(?:,? (?:for|of|period)? ?{DUR})?|\block(?:ed)?(?: (?:it|them|those|these|the \w+))? (?:for )?{DUR}|\b(?:can'?t|cannot|can not|must not|may not) be (?:deleted|changed|altered|modified|removed|tampered)(?: by anyone)?(?: (?:for|within) {DUR})?|(?:对象锁|锁定?|不可(?:篡改|更改|变|修改|删除)|防篡改|只增不删|只追加|谁(?:也|都)(?:不准|删不掉|改不了|不能)\S?){{1,2}} ?(?:{DUR})?|{DUR}内?(?:谁也|不可|不能|不许|不得|不准)(?:被)?(?:删除?|改|篡改|修改)\S?",
    ),
    (
        "policy",
        r"\b3-2-1(?:-1-0)?\b(?: (?:rule|scheme|policy|strategy))?|\bgfs\b(?: (?:scheme|rotation|policy))?|\bgrandfather-father-son\b|\b(?:platinum|gold|silver|bronze)\b(?: (?:tier|policy|level|plan|class))?|(?:按|用|走)?(?:金|银|铜)[牌级]",
    ),
    (
        "rpo",
        rf"\brpo[ :=of]*(?:is |under |at most |max |<=? ?|not? more than )?{DUR}|{DUR}(?: of)? rpo\b|\b(?:los(?:e|ing) (?:no more than|at most|max(?:imum)?|more than)|(?:no more than|at most|max(?:imum)?)) {DUR}(?: of)? (?:data(?: loss)?|lost|loss|work)\b|\blos(?:e|ing) (?:no more than|at most) {DUR}|\b(?:max(?:imum)? )?data loss (?:of |under |at most |<=? ?)?{DUR}|rpo ?(?:要求|控制在|为|是|做到|不超过|:)* ?{DUR}(?:以?内)?|(?:最多|至多|顶多)(?:只能|允许|可以|能)?丢(?:失)? ?{DUR}(?:的?数据)?|数据?丢失?不(?:能)?超过? ?{DUR}",
    ),
    (
        "rto",
        rf"\brto[ :=of]*(?:is |under |at most |max |<=? ?)?{DUR}|{DUR} rto\b|\b(?:back|up|running|restored|recovered|online|working)(?: again| up| online)? (?:with)?in (?:under )?{DUR}|\brecover(?:y|able)? (?:with)?in {DUR}|rto ?(?:要求|控制在|为|是|不超过|:)* ?{DUR}(?:以?内)?|{DUR}(?:之内|以内|内)(?:能|要|必须|得)?(?:恢复|拉起来?|起来|还原)",
    ),
    (
        "limits",
        r"(?:\b(?:max(?:imum)?(?: of)?|at most|limit(?:ed)?(?: it| them| bandwidth| to)*|no more than|not more than|cap(?:ped)?(?: it| bandwidth| at)*|throttled?(?: to| at)*|under|up to|using|bandwidth|speed)[ :=]*)?\d+(?:\.\d+)? ?[kmg](?:i?b|bit|bits|byte)?(?:/s(?:ec(?:ond)?)?|ps| per second| a second|bit/s)(?![a-z])|(?:限速|带宽|网速|上传|流量)?(?:限制|控制|压|不要?超过|别超过?|最多|不超|上限)*(?:在|到|为)? ?\d+(?:\.\d+)? ?(?:[kmg](?:i?b)?(?:it)?(?:/s|ps)|兆)(?:以内|以下)?|限速 ?\d+ ?[mkg]b?",
    ),
    (
        "limits",
        r"\b(?:max(?:imum)?(?: of)?|at most|limit(?:ed)? (?:to|storage to)|no more than|not more than|cap(?:ped)?(?: at| storage at| it at)?|under|below|within|budget(?: of| is|:)?|quota(?: of)?|storage(?: cap| limit)?)[ :=]*(?:(?:[$€£¥] ?\d[\d.,]*|\d[\d.,]* ?(?:usd|eur|gbp|cny|dollars|euros?|pounds|yuan|bucks|\$|€))(?: ?(?:a|per|/|each) ?(?:month|mo|year|yr)| monthly)?|\d+(?:\.\d+)? ?[gt](?:i?b)?(?![a-z/]))|[$€£¥] ?\d[\d.,]*(?: ?(?:a|per|/|each) ?(?:month|mo|year|yr)\b| monthly)|\d[\d.,]* ?(?:usd|eur|gbp|cny|dollars|euros?|pounds|bucks|€) ?(?:a|per|/) ?(?:month|mo|year|yr)\b|(?:每月|每年|一个月|预算|费用)(?:预算|费用|成本)?(?:不要?超过?|别超过?|控制在|最多|以内)* ?[\d零一二两三四五六七八九十百千万]+ ?(?:块钱?|元|美元|美金|刀|欧元?)(?:以内|每月)?|(?:空间|容量|存储|占用)?(?:别超过?|不要?超过?|最多占?用?|上限|控制在|限制?) ?\d+(?:\.\d+)? ?[gt]b?(?:以内)?",
    ),
    (
        "limits",
        r"\b(?:low cpu|cpu (?:usage )?(?:low|at most|max|under|below|limit(?:ed)? to)?:? ?(?:\d{1,3} ?%)?|nice(?:d)?\b(?= )|easy on the (?:cpu|processor)|(?:max|at most|under|limit(?:ed)? to|no more than) \d{1,3} ?% (?:of (?:the )?)?cpu)\b|cpu ?(?:占用|使用率)?(?:不超过?|别超|控制在|低一?点|低于|压到)+ ?(?:\d{1,3} ?%)?",
    ),
    (
        "read",
        r"\b(?:read(?:ing)? |sample )?\d{1,3}(?:\.\d+)? ?(?:%|percent)(?: of (?:the )?(?:data|packs|blobs|repo\w*))?|\bread(?:ing)? (?:all|every|everything|the whole|the lot|it all)(?: \w+)?(?: (?:data|byte))?|--read-data\b|\bfull read\b|\bevery (?:byte|block|chunk)\b|\ball (?:of )?(?:the )?data\b|\b(?:a|one) (?:quarter|third|tenth|fifth) of(?: the data| it)?\b|\bhalf (?:of )?the data\b|(?:抽?读取?|抽查?|抽验) ?(?:\d+ ?%|[一二三四五六七八九]成|一半|全部)|\d+ ?%(?:的?数据)?(?:读取|抽查)?|全读|全量读|读一半|全部读",
    ),
    (
        "retention",
        rf"\bkeep[-_](?:last|hourly|daily|weekly|monthly|yearly|within)[ =:]+\w+(?:[, ]+--?keep[-_]\w+[ =:]+\w+)*|(?:\b(?:keep|keeping|kept|retain(?:ing|ed)?|hold(?:ing)?|held|retention(?: of| is| to|:)?|ret)\b[ :=]*(?:them |it |each |both |all (?:of them |three )?|that |those |these |everything |the |every \w+ |copies |snapshots |backups |for |only |just |at least |up to |no more than |at most |around |about |a minimum of |last |latest |newest |most recent )*)?(?:the )?(?<![\w.-])(?:{N_EN} ?x? ?(?:hourl(?:y|ies)|dail(?:y|ies)|weekl(?:y|ies)|monthl(?:y|ies)|yearl(?:y|ies)|annuals?)(?: (?:copies|snapshots|backups|ones|fulls))?)(?:[,; /+&]*(?:and )?{N_EN} ?x? ?(?:hourl(?:y|ies)|dail(?:y|ies)|weekl(?:y|ies)|monthl(?:y|ies)|yearl(?:y|ies)|annuals?)(?: (?:copies|snapshots|backups|ones|fulls))?)*",
    ),
    (
        "retention",
        rf"\b(?:keep |retain |hold )?(?:hourl(?:y|ies)|dail(?:y|ies)|weekl(?:y|ies)|monthl(?:y|ies)|yearl(?:y|ies))(?: (?:copies|snapshots|backups|ones))? (?:kept )?for (?:the last |the past )?{DUR}(?:[,; ]*(?:and )?(?:hourl(?:y|ies)|dail(?:y|ies)|weekl(?:y|ies)|monthl(?:y|ies)|yearl(?:y|ies))(?: (?:copies|snapshots|backups|ones))? (?:kept )?for (?:the last |the past )?{DUR})*|\b(?:ret(?:ention)? |keep )?\d+[hdwmy](?:[ /,+]+\d+[hdwmy]){{1,4}}\b",
    ),
    (
        "retention",
        rf"\b(?:keep|keeping|kept|retain(?:ing|ed|s)?|hold(?:ing)?|held|retention(?: period)?(?: of| is| to| time)?|ret|store[ds]?|stay|preserv(?:e|ed))\b[ :=]*(?:(?:them|it|each|both|all|that|those|these|everything|the|copies|snapshots|backups|for|only|just|at least|up to|no (?:more|longer) than|at most|around|about|a minimum of|a|every|one|of|to|full|dumps|images|archives|copy|snapshot|versions?) )*(?:(?:last |latest |newest |most recent |past )?{DUR}(?: each|'? worth(?: of \w+)?)?|forever|indefinitely|permanently|(?:the )?(?:last |latest |newest |most recent )?{N_EN}(?: (?:\w+ )?(?:copies|versions?|snapshots?|backups?|restore points|generations|fulls|dumps|images|of (?:them|each)|sets|runs|points))?(?! ?(?:%|[gmt]b|times|am|pm|o'clock|:\d)))",
    ),
    (
        "retention",
        rf"\b(?:delete|remove|expire|purge|drop|discard|rotate)\w*(?: (?:them|it|everything|anything|copies|snapshots|backups|old \w+))? (?:out )?after {DUR}|\bno longer than {DUR}|\b(?:only )?(?:the )?(?:last|latest|newest) {N_EN} (?:copies|versions|snapshots|backups|restore points|generations|dumps|images|runs)|\b{N_EN} (?:copies|versions|restore points|generations)\b(?! (?:to|on|in))|\b{DUR}(?: of)? (?:retention|history)\b|\bnever (?:delete|expire|prune|remove|forget)(?: (?:them|it|anything|any))?|\b(?:forever|indefinitely)\b|\bfor {DUR}(?=\W*$|[,.;]| and\b| to\b| on\b)|\b{DUR} each\b",
    ),
    (
        "retention",
        rf"(?:各|都|均|统一|只|全部|至少|最少|只需|每个|每份|两个都|统统)*(?:保留期?(?:限|为|是)?|保存|保流|留存|留|存(?!储)|keep)(?:够|满|个|着|最近的?|最新的?|近|最后|期|时间|:|为|上|it|返)* ?(?:{DUR}(?:的)?(?:份|快照|数据)?(?!之?前|以前)|{N_ZH} ?(?:份|个版本|个快照|个(?!月|星期|礼拜|小时|季)|版|代)|永久|永远|daily|日备)(?:[,、和及 ]*(?:{N_ZH} ?[份个](?:[日周月年]备?份?)|[日周月年]备(?:留|保留)? ?{N_ZH} ?份?))*|(?:永久|永远|长期)(?:保留|保存|留着?|不删)?|{N_ZH} ?[个份][日周月年]备?份?(?:[,、和及 +]*{N_ZH} ?[个份][日周月年]备?份?)*|(?:[日周月年]备(?:份)?(?:各?留|保留)? ?{N_ZH} ?(?:份|个)?[,、和及 ]*){{2,}}|\d+ ?日 ?\d+ ?周 ?\d+ ?月|{DUR}(?:以?后|之后)(?:就|自动|的)*(?:删除?|清理|清掉|过期)|超过 ?{DUR}的?(?:就|自动)*(?:删除?|清理|清掉)|只?(?:要|留)?最[近新后] ?{N_ZH} ?[份个版次](?!月)",
    ),
    ("retention", r"\bret(?:ention)? \S+ ?[:=]? ?\d+ ?[dwymo]+\b"),
    (
        "window",
        rf"\b(?:(?:only |just )?(?:between|from|window(?: is)?:?)|not between|never between|nothing between|avoid) (?:{CLOCK}|\d{{1,2}}|\w+) ?(?:and|to|-|until|till) ?(?:{CLOCK}|\d{{1,2}}\b)(?: (?:only|on (?:weekdays|weekends)))?|\b{CLOCK} ?(?:-|to|until|till) ?{CLOCK}(?: only)?|(?<![\d-])\d{{1,2}} ?(?:-|to) ?\d{{1,2}} ?(?:[ap]m\b|o'clock|h\b)|(?:\b(?:finish(?:ed)?|done|complete[d]?|over|through|ended?|must end|be (?:done|finished|over))(?: it| them)?(?: by| before| at) (?:{CLOCK}|\d{{1,2}}\b))|\bnot? (?:before|earlier than|until|after|later than|sooner than) (?:{CLOCK}|\d{{1,2}}\b)(?: (?:in the |at )?{PART_EN})?|\b(?:only |start(?:ing)? )after (?:{CLOCK}|\d{{1,2}}\b)|\bby {CLOCK}|\bbefore {CLOCK}(?! (?:batch|migration|run|job))",
    ),
    (
        "window",
        rf"\b(?:only )?(?:outside|avoid(?:ing)?|not during|never during|except during|out of|after|off) (?:of )?(?:the )?(?:our )?(?:business|office|working|work|peak|trading|opening|production|core|school)[- ](?:hours|time)|\boff[- ](?:hours|peak)(?: only)?|\bafter[- ]hours\b|\b(?:only|just) (?:at|on|during|over)(?: the)? (?:nights?|weekends?|{DAY_EN})|\b(?:weekends?|nights?) only\b|\bduring the night\b|(?:只能?在?|仅限?|限定?在?|安排在|放在)(?:周末|夜里|夜间|晚上|深夜|凌晨)(?:跑|进行|执行|做|备份?)?|(?:避开|避免|不要在|别在|不能在|不影响)(?:业务|工作|上班|办公|营业|白天)(?:高峰期?|时间|时段)?(?:跑|备份|进行)?|业务低峰期?|下班(?:后|时间)|(?:避开|别在|不要在|不许在) ?{CLOCK} ?(?:到|至|-|~) ?(?:次日|第二天)?{CLOCK}(?:之间)?(?:跑|备份)?|(?:在|只能?在?)? ?{CLOCK} ?(?:到|至|-|~) ?(?:次日|第二天)? ?{CLOCK}(?:之间|期间|内)?(?:跑|进行|执行|别跑|不要跑|不许跑|别碰)?|(?:赶在|必须在|要在)? ?{CLOCK} ?(?:之前|以前|前)(?:必须|要|得)?(?:备完|跑完|完成|结束|做完|搞定|弄完)|{CLOCK} ?(?:以后|之后|后)(?:才能?)?(?:开始|跑|再跑|启动)",
    ),
    (
        "type",
        r"\bincrementals?\b|\bdifferentials?\b|\bfulls?\b(?= ?(?:backups?|copy|dump|image|snapshot|on|every|weekly|daily|monthly|once|and|,|$|of|at|then|right|now|to))|\bincr?\b|\bdiffs?\b(?! ?between)|增量|差异(?!在)|全量|全备|完整备份",
    ),
)
NOTIFY_CHANNEL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w/])#[a-z\u4e00-\u9fff][\w-]*|\be-?mail(?:s|ed)?\b|\bmail(?:s|ed)?\b(?! (?:server|archive|store|box|spool|db|data|host|system|gateway|files))|\bslack\b|\bsms\b|\bpagerduty\b|\bteams\b|\btelegram\b|\bdiscord\b|\bwebhook\b|\bopsgenie\b|\bntfy\b|\bwhatsapp\b|邮件(?!服务器|系统|库|数据|归档|存档)|邮箱|短信|钉钉|(?:企业)?微信|飞书|寄信|发信|电话"
NOTIFY_VERB = r"\b(?:e-?mail|mail|notify|notification|tell|alert|ping|page|warn|text|let .{1,20}know|message|inform|report to|send .{0,30}(?:to|via|by)|post|results? to|results? by|slack|sms|via|call)\b|发|通知|告诉|告知|报到|推送|提醒|寄|喊|说一声|报警|告警|短信|邮件"
NOTIFY_ON = r"\b(?:(?:only )?(?:if|when|on|upon|after|once|in case of|should)(?: (?:it|they|that|any(?:thing| of them)?|something|one|either|a|the|this|backup|run|job|drill|restore)){0,3} (?:fail\w*|errors?|break\w*|dies?|goes wrong|success\w*|done|finish\w*|complet\w*|succeed\w*|is done|are done|doesn'?t \w+|didn'?t \w+|not \w+|problems?|stops?))\b|\b(?:on )?(?:failures?|success|completion|errors?)\b|\bevery (?:run|time)\b|\beither way\b|(?:一旦|如果|要是|若|备份|任何一次)*(?:失败|出错|报错|异常|没成功|成功|完成|跑完|备完|做完|完事|出问题)(?:了|后|时|就|的话|则|都|请|须|之后|再)*|不管成败|无论成败"


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def values(text: str) -> list[Mark]:
    """Marks of all slots that need no knowledge of the action, left to right, without overlap; earlier rules win."""
    taken = bytearray(len(text))
    found: list[Mark] = []
    for mark in notify(text):
        _claim(mark, taken, found)
    for label, expression in RULES:
        for m in _compiled(expression).finditer(text):
            if m.end() > m.start():
                _claim(_trimmed(Mark(m.start(), m.end(), label), text), taken, found)
    return sorted(found, key=lambda mark: mark.start)


def _claim(mark: Mark, taken: bytearray, found: list[Mark]) -> bool:
    if mark.end <= mark.start or any(taken[mark.start : mark.end]):
        return False
    taken[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
    found.append(mark)
    return True


def _trimmed(mark: Mark, text: str) -> Mark:
    start, end = mark.start, mark.end
    while start < end and text[start] in " ,.;:":
        start += 1
    while end > start and text[end - 1] in " ,;:":
        end -= 1
    return Mark(start, end, mark.label)


def notify(text: str) -> Iterable[Mark]:
    """Who is told: within one clause, from the first to the last of channel, verb and occasion."""
    for clause in re.finditer(r"[^,;.!?。\n]+(?:\.(?=\w)[^,;.!?。\n]+)*", text):
        part = clause[0]
        channel = _compiled(NOTIFY_CHANNEL).search(part)
        if not channel:
            continue
        verbs = list(_compiled(NOTIFY_VERB).finditer(part))
        occasion = _compiled(NOTIFY_ON).search(part)
        if not verbs and not occasion:
            continue
        near = [m for m in verbs if abs(m.start() - channel.start()) < 40 and m.start() <= channel.start()] or (
            [channel] if occasion or verbs else []
        )
        if not near:
            continue
        spots = [*near[:1], channel, *([occasion] if occasion else []), *list(_compiled(NOTIFY_CHANNEL).finditer(part))]
        begin, end = min(m.start() for m in spots), max(m.end() for m in spots)
        yield Mark(clause.start() + begin, clause.start() + end, "notify")


EVERY = (
    rf"\b(?:every|each|once (?:an?|per|every|each)|twice (?:an?|per|each|every)|thrice an?|{N_EN} times (?:an?|per|each|every)|once (?:daily|weekly|monthly)|twice (?:daily|weekly|monthly)) ?(?:single |other |second |third |fourth |{N_EN}[- ]?)?(?:working |business |calendar )?(?:{UNIT}|{PART_EN}s?|nite|{DAY_EN})(?: {PART_EN}s?)?"
    rf"|\b(?:hourly|half-hourly|daily|nightly|weekly|bi-?weekly|fortnightly|monthly|quarterly|yearly|annually|semi-?annually|weekdays|weekends|weeknights|mornings|evenings|@daily|@hourly|@weekly|@monthly|continuously|real-?time|overnight|(?:mon|tues|wednes|thurs|fri|satur|sun)days)\b|\b{N_EN}-?hourly\b"
    rf"|\b(?:on |every )?(?:the )?(?:first|second|third|fourth|last|1st|2nd|3rd|4th) (?:{DAY_EN}|day|working day|business day)(?: (?:of|in) (?:the|each|every|a) (?:month|quarter|year)| every month| each month| monthly)?|\b(?:on )?the \d{{1,2}}(?:st|nd|rd|th)(?:(?:,| and) (?:the )?\d{{1,2}}(?:st|nd|rd|th))* of (?:the|each|every) month|\bon {DAY_EN}s\b|\bat (?:the )?(?:end|start|beginning) of (?:the|each|every) (?:month|quarter|year)|\bmonth[- ]end\b|\bon (?:weekdays|weekends|working days|business days)\b|\b(?:mon|tue|wed|thu|fri|sat|sun)(?:day)?(?: ?(?:-|to|through|,|and|&|\+|/) ?(?:mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day)?s?)+\b|(?:\*/\d+|\d+) (?:\*|\*/\d+|[\d,-]+) [\d*,/-]+ [\d*,/-]+ [\d*,-]+"
    rf"|每(?:隔)? ?{N_ZH}? ?个?半?(?:天|日|小时|钟头|分钟|周(?![一二三四五六日])|星期(?![一二三四五六日])|礼拜(?![一二三四五六日])|月|年|季度?|晚|夜|早)(?:晚上?|夜里|夜间|早上|凌晨|下午|上午|中午|深夜)?(?:的)?(?:初|末|底|最后一天|第一天)?(?: ?[一二三四五六七八九十\d]{{1,3}} ?[号日])?(?:第?[一二三四最]后?一?个?(?:周|星期|礼拜)[一二三四五六日天])?(?:{N_ZH}[次回遍])?|每?逢?(?:周|星期|礼拜)[一二三四五六日天](?:[、,和到至及]?(?:周|星期|礼拜)?[一二三四五六日天](?![点个]))*|每?个?(?:工作日|周末|双休日)|每逢\S{{1,4}}|(?:一|每)(?:天|周|个?月|年|小时)\S{{0,3}}?{N_ZH}[次遍回]|{N_ZH} ?个?(?:小时|分钟|天|周|月|年)(?:备|跑|做)?一[次遍回]|隔天|隔日|双周|按[天日周月季年](?!备份?保留)|实时|持续|定时于"
)
AT = rf"(?:,? ?\b(?:at|@|around|about|starting at|from)\s?(?:{CLOCK}|\d{{1,2}}(?![\d%.:]| ?(?:[gmk]b|%|days?|weeks?|copies|snap)))(?:(?:,| and|/| &) ?(?:at )?(?:{CLOCK}|\d{{1,2}}\b(?! ?(?:[gmk]b|%|day|week|month|year|hour|min|cop|snap|ver|dail))))*(?: (?:in the |at )?{PART_EN}\b)?|(?:,| )?(?:的)? ?{CLOCK}(?:[,、和及] ?{CLOCK})*)"
TZ = r"(?: ?,? ?\(?(?:(?:africa|america|asia|australia|europe|pacific)/\w+|utc|gmt|cet|(?:berlin|london|paris|tokyo|beijing|shanghai|new york|chicago|sydney) time|(?:北京|上海|东京|柏林|伦敦|纽约)时间)\)?)?"
PART_TAIL = rf"(?: (?:{PART_EN}s?|in the {PART_EN}|at night|overnight))?"


def schedules(text: str) -> list[Mark]:
    """Recurring schedules, and clock times beside them."""
    found: list[Mark] = []
    at, part = _compiled(AT), _compiled(PART_TAIL + TZ)
    day = _compiled(
        rf"(?:,? (?:on |every )?{DAY_EN}(?: ?(?:-|to|,|and|&) ?{DAY_EN})*\b|(?:周|星期|礼拜)[一二三四五六日天]|\d{{1,2}} ?[号日])"
    )
    for m in _compiled(EVERY).finditer(text):
        start, end = m.span()
        if found and start < found[-1].end:
            continue
        for _ in range(3):
            for more in (day, part, at, part):
                tail = more.match(text, end)
                if tail and tail.end() > end:
                    end = tail.end()
        head = _compiled(rf"(?:{CLOCK}|\bat \d{{1,2}}) ?(?:,|on|的)? ?$").search(text, max(0, start - 24), start)
        if head:
            start = head.start()
        found.append(_trimmed(Mark(start, end, "schedule"), text))
    return found


ONCE = rf"(?:\b(?:on |by |until |till |since |from |as of |before |after |in |at )?(?:{DATE}|{DAY_EN}\b){PART_TAIL}(?:{AT})?|\b(?:in|within) {DUR}\b|{DUR} ago\b|{DUR}(?:之|以)?前|{DUR}后|{DATE}(?: ?{CLOCK})?(?:的|之前|以前|前)?|\bat (?:{CLOCK}|\d{{1,2}}\b)(?: (?:in the |this |yesterday |at )?{PART_EN})?|{CLOCK})"


def moments(text: str) -> list[Mark]:
    """Single moments and days: the label is decided by the action (`point`, `schedule`, `until`)."""
    return [
        _trimmed(Mark(m.start(), m.end(), "moment"), text)
        for m in _compiled(ONCE).finditer(text)
        if m.end() > m.start()
    ]


POINT = (
    rf"\b(?:the )?(?:latest|newest|most recent|last) (?:good |known[- ]good |clean |healthy )?(?:backup|snapshot|copy|version|one|state|dump|image)?\b(?! (?:night|week|month|year|{DAY_EN}|{MONTH}|\d))|\blast (?:known )?(?:good|clean)(?: (?:one|state|copy|backup|snapshot|version))?|\b(?:older than|over|more than) {DUR}(?: old)?|\b(?:before|prior to) (?:the )?(?:attack|infection|encryption|ransomware|breach|incident|corruption)\b|\bprevious (?:backup|snapshot|version|copy|one)|\bsnapshot (?:id )?#?(?=[\w-]*\d)[\w-]+|(?<![\w/])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{{8}}(?:[0-9a-f]+)?(?!\w)|\b{N_EN} (?:versions?|backups?|snapshots?) (?:ago|back)|\b(?:before|prior to|until just before) (?:the )?(?:{CLOCK}|{DATE})(?: \w+)?|\b(?:last|past|this) (?:week|month|year|{N_EN} (?:days|weeks|months))\b"
    rf"|最新的?(?:备份|快照|版本|那?份|一份|一次)?|最近(?:的)?(?:一次|一份|一个)(?:备份|快照)?|最后一[次份](?:好的|干净的|正常的)?|(?:干净|完好|没被感染|没中毒|没问题)的?(?:那份|版本|备份|快照)?|(?:中毒|感染|被黑|被加密|中勒索|攻击)(?:之|以)?前|上一?[个次份](?:版本|备份|快照)?|前一[份版个](?:备份|快照|版本)?|(?:超过|早于|大于) ?{DUR}(?:以前|以上|的)?|{DUR}(?:以上|以前|之前|前)的?|快照 ?#?[0-9a-f]{{6,}}|(?:{DATE}|{CLOCK}) ?(?:{CLOCK})? ?(?:那次\S{{0,6}})?(?:之前|以前)"
)


def points(text: str) -> list[Mark]:
    """Moments of data that need no calendar: latest, last good, older than, an id."""
    return [
        _trimmed(Mark(m.start(), m.end(), "point"), text)
        for m in _compiled(POINT).finditer(text)
        if m.end() > m.start()
    ]
