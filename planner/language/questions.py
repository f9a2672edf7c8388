"""What has to be asked: what is missing, contradicts itself, breaks the rules, or destroys without bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planner.language.explain import Language
from planner.language.intent import Intent, Question
from planner.language.normalise import retention
from planner.language.normalise.text import pattern
from planner.language.sentences import sentence


def unsure(intents: Sequence[Intent], left: Sequence[str], language: str) -> Question:
    """Whether the whole is meant as it was understood."""
    spoken: Language = "zh" if language == "zh" else "en"
    said = (";" if language == "zh" else "; ").join(sentence(intent, spoken) for intent in intents)
    if language == "zh":
        more = f"没有用到:{'、'.join(left[:5])}。" if left else ""
        return Question(f"我的理解是:{said}。{more}这样对吗?", "action", ("yes", "no"))
    more = f" I made no use of: {', '.join(left[:5])}." if left else ""
    return Question(f"I understood: {said}.{more} Is that right?", "action", ("yes", "no"))


def _say(language: str, en: str, zh: str) -> str:
    return zh if language == "zh" else en


#: days and hours that are in no calendar; the 29th of February is in one of four
NEVER = (
    r"\bfeb(?:ruary)?\.? (?:the )?(?:29|3[01])(?!\d)|\b(?:29|3[01])(?:st|nd|th)?(?: of)? feb|\b(?:apr(?:il)?|june?|sept?(?:ember)?|nov(?:ember)?)\.? 31(?!\d)|\b31(?:st)?(?: of)? (?:apr|jun|sep|nov)"
    r"|(?<!\d)0?2 ?月 ?(?:29|3[01]) ?[号日]?|(?<![\d])(?:0?[469]|11) ?月 ?31 ?[号日]?|-02-(?:29|3[01])(?!\d)|(?<![\d.:])(?:(?:2[5-9]|[3-9]\d):[0-5]\d|(?:[01]?\d|2[0-4]):[6-9]\d)(?![\d:])|(?<!\d)(?:2[5-9]|[3-9]\d) ?点(?!钟?多)"
)
#: what makes a complaint more than "it doesn't work"
TELLING = r"\d|[\"'“‘:\[\\/=]|\w-\w|\b(?:backups?|restor\w*|snapshots?|error|fatal|fail\w*|denied|refused|disk|repo\w*|job|corrupt\w*|locked?|space)\b|[\u4e00-\u9fff]{7}"
#: words that change what is in force
CHANGE = (
    r"\b(?:change|move|extend|switch|raise|lower|increase|decrease|reduce|bump|shift|set|reschedule|shorten|lengthen|adjust|make (?:it|that|them)|cap|limit|throttle|cut|drop|update|go from|turn .{1,20} into|tighten|relax|apply|enable|avoid|exclude|leave out|skip|reassign|put)\b"
    r"|改[成为到]?|调[整到成]|换成|延长|缩短|挪到|提高|降[到低]|增加到|加到|限制|限速|避开|排除|推迟|提前"
)
CALENDAR = {"protect", "backup", "restore", "recover", "drill", "verify", "replicate", "forget", "pause"}


def unclear(text: str, language: str) -> Question:
    """About a request of which no intent could be made."""
    said = text.strip()[:80]
    return Question(
        _say(
            language,
            f"I can't tell what “{said}” asks for. Please say it in other words.",
            f"没看懂“{said}”,请换个说法。",
        ),
        "action",
    )


def about(intent: Intent, part: str, folded: str, language: str) -> list[Question]:
    """What is missing, contradicts itself, or destroys without bound. `part`: the words of this intent in `folded`."""
    out: list[Question] = []
    bare = not intent.targets
    if intent.action == "backup" and bare:
        out.append(Question(_say(language, "What should be backed up?", "要备份什么?"), "targets"))
    if (
        intent.action == "protect"
        and bare
        and not pattern(CHANGE).search(part)
        and not intent.window
        and not intent.limits
    ):
        out.append(Question(_say(language, "What should be protected?", "要保护什么?"), "targets"))
    if intent.action == "restore" and bare and not intent.items:
        out.append(Question(_say(language, "What should be restored?", "要恢复什么?"), "targets"))
    if intent.action in {"recover"} and bare:
        out.append(
            Question(_say(language, "What was lost, and should come back?", "丢失了什么,要恢复哪个系统?"), "targets")
        )
    if intent.action in {"pause", "resume", "unprotect", "replicate"} and bare:
        out.append(
            Question(_say(language, f"Which backups do you mean by “{intent.action}”?", "指的是哪些备份?"), "targets")
        )
    if intent.action == "drill" and bare and not intent.schedule:
        out.append(
            Question(_say(language, "Which dataset should the drill restore?", "演练恢复哪个数据集?"), "targets")
        )
    if intent.action == "diagnose" and bare and not pattern(TELLING).search(part) and len(part.split()) <= 6:
        out.append(
            Question(_say(language, "What does not work, and what does it say?", "什么不工作?报什么错?"), "targets")
        )
    out += destructive(intent, folded, language)
    clash = retention.contradiction(folded)
    if clash:
        out.append(
            Question(
                _say(
                    language,
                    f"Keep for {clash[0]}, or delete after {clash[1]}?",
                    f"保留 {clash[0]},还是 {clash[1]} 后删除?",
                ),
                "retention",
                clash,
            )
        )
    if intent.action in CALENDAR and pattern(NEVER).search(part):
        out.append(
            Question(
                _say(language, "There is no such day or hour. When?", "没有这样的日期或时间,指的是什么时候?"),
                "schedule",
            )
        )
    if intent.read and intent.read.endswith("%") and not 0 < float(intent.read[:-1]) <= 100:
        out.append(Question(_say(language, "Which share of the data should be read?", "要读取多大比例的数据?"), "read"))
    if intent.schedule and _impossible(intent.schedule.as_contract()):
        out.append(
            Question(
                _say(language, "That day is in no calendar. Which day is meant?", "日历上没有这一天,指的是哪天?"),
                "schedule",
            )
        )
    if pattern(
        r"\b(?:ignore|disregard|forget) (?:all |your |the |any |previous )*(?:instructions|rules|guardrails|polic|safety|restrictions)|忽略.{0,6}(?:规则|指令|限制)|无视.{0,6}规则"
    ).search(folded):
        out.append(
            Question(
                _say(language, "The rules stay in force. What exactly should be done?", "规则不能绕过。具体要做什么?"),
                "action",
            )
        )
    return out


def _impossible(schedule: dict[str, Any]) -> bool:
    longest = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
    months, days = schedule.get("months") or list(longest), schedule.get("month_days") or []
    return any(day > max(longest[m] for m in months) for day in days)


def destructive(intent: Intent, folded: str, language: str) -> list[Question]:
    """Deleting without bound, unprotecting all, overwriting all: always asked, whatever the confidence."""
    everything = "all" in intent.targets or bool(
        pattern(r"\b(?:all|every|everything|entire|whole)\b|全部|所有|一切|清空|全删|统统").search(folded)
    )
    bounded = intent.point is not None or intent.retention is not None
    if intent.action == "forget" and (
        (not intent.targets and not bounded) or "all" in intent.targets or (everything and not bounded)
    ):
        return [
            Question(
                _say(
                    language,
                    "Which snapshots may be deleted: of what, and older than what?",
                    "要删除哪些快照?哪个数据集,多久以前的?",
                ),
                "targets",
            )
        ]
    if intent.action in {"unprotect", "pause"} and "all" in intent.targets and intent.until is None:
        return [
            Question(
                _say(language, f"Really {intent.action} everything?", "确定要对全部数据这样做吗?"),
                "targets",
                ("yes", "no"),
            )
        ]
    if intent.action in {"restore", "recover"} and intent.in_place and (everything or not intent.targets):
        return [
            Question(
                _say(
                    language,
                    "Overwrite what exactly? It replaces what is there now.",
                    "要覆盖哪些数据?现有内容会被替换。",
                ),
                "in_place",
            )
        ]
    return []
