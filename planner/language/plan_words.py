"""Plans in words: a policy as the request that would make it, and its fields, reasons and problems in Chinese.

English words of choices and problems come with them from planning; here the same are made from their codes and facts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from planner.language import explain, words_zh
from planner.language.intent import Intent, NthDay, RetentionSaid, ScheduleSaid, WindowSaid
from planner.proposal import Choice, Draft, Problem
from policies.guardrails import Violation
from policies.policy import Policy
from policies.retention import COUNTS, SPANS, Retention
from policies.schedule import Schedule
from policies.verification import Verification
from policies.window import Window


def schedule_said(schedule: Schedule) -> ScheduleSaid:
    """A schedule as a person would ask for it."""
    nth = schedule.nth_weekday
    return ScheduleSaid(
        every=str(schedule.every), days=schedule.days, month_days=schedule.month_days, months=schedule.months,
        nth_weekday=NthDay(n=nth.n, day=nth.day) if nth else None,
        at=() if schedule.is_subdaily else tuple(f"{at:%H:%M}" for at in schedule.at), timezone=schedule.timezone,
    )  # fmt: skip


def retention_said(retention: Retention) -> RetentionSaid:
    """Retention as a person would ask for it; the floor is no part of it."""
    rules = {name: getattr(retention, name) for name in (*COUNTS, *SPANS) if getattr(retention, name) is not None}
    plain = {name: value if isinstance(value, int) else str(value) for name, value in rules.items()}
    return RetentionSaid.model_validate({**plain, "forever": retention.forever})


def window_said(window: Window) -> WindowSaid:
    """A window as a person would ask for it."""
    return WindowSaid.model_validate(
        {"from": f"{window.start:%H:%M}", "to": f"{window.until:%H:%M}", "days": window.days}
    )


def intent_of(policy: Policy) -> Intent:
    """The request that a policy is the answer to."""
    return Intent(
        action="protect", targets=policy.datasets, schedule=schedule_said(policy.schedule), retention=retention_said(policy.retention),
        destinations=policy.repositories, window=window_said(policy.window) if policy.window and policy.schedule.is_subdaily else None,
    )  # fmt: skip


def kept_zh(retention: Retention) -> str:
    """All rules of a retention: `最近30天的全部、7份日备,任何时候不少于3份`."""
    if retention.forever:
        return "全部,永不删除"
    parts = []
    for rule in (*SPANS, *COUNTS):
        value = getattr(retention, rule)
        if value is None:
            continue
        kind = words_zh.KEEP.get(rule.removeprefix("keep_").removesuffix("_within"), "")
        if rule == "keep_within":
            parts.append(f"最近{explain.duration(str(value), 'zh')}的全部")
        elif rule in SPANS:
            parts.append(f"{kind}保留{explain.duration(str(value), 'zh')}")
        else:
            parts.append(f"最近{value}份" if rule == "keep_last" else f"{value}份{kind}")
    return f"{'、'.join(parts)},任何时候不少于{retention.at_least}份"


def proof_zh(verification: Verification) -> str:
    """`每天检查结构,20周内读完全部数据,每月真实恢复一次(完整)`."""
    level = {"list": "列出", "sample": "抽样", "full": "完整", "service": "启动服务"}[verification.drill_level.value]
    parts = [f"{_every(str(verification.check_every))}检查结构"]
    if verification.read_all_every:
        parts.append(f"{explain.duration(str(verification.read_all_every), 'zh')}内读完全部数据")
    if verification.drill_every:
        parts.append(f"{_every(str(verification.drill_every))}真实恢复一次({level})")
    return ",".join(parts)


def _every(period: str) -> str:
    return explain.schedule(ScheduleSaid(every=period), "zh")


def value_zh(choice: Choice, draft: Draft) -> str:
    """A choice's value, from the drafted policy where its words differ."""
    policy = draft.policy
    if policy is None:
        return choice.value
    match choice.field:
        case "schedule.every":
            return explain.schedule(
                schedule_said(policy.schedule).model_copy(update={"at": (), "timezone": None}), "zh"
            )
        case "schedule.days":
            return "、".join(words_zh.DAYS[day] for day in policy.schedule.days)
        case "retention":
            return kept_zh(policy.retention)
        case "verification":
            return proof_zh(policy.verification)
        case "window":
            return explain.window(window_said(policy.window), "zh") if policy.window else "不限"
        case _:
            return choice.value


def reason_zh(choice: Choice) -> str:
    """Why something that was not said is so."""
    template = REASONS.get(choice.code)
    facts = {name: basis_zh(value) for name, value in choice.facts.items()}
    return template.format_map(_Facts(facts)) if template else choice.why


def problem_zh(problem: Problem) -> str:
    """A problem; where its reason has no words of ours, the planner's are added."""
    return _told(problem.code, problem.value, problem.message, problem.options)


def violation_zh(violation: Violation) -> str:
    """A broken rule, likewise."""
    return _told(violation.code, violation.subject, violation.message)


def _told(code: str, value: str, message: str, options: tuple[str, ...] = ()) -> str:
    template = PROBLEMS.get(code) or PROBLEMS.get(code.partition(".")[0])
    facts = {"value": value, "message": message, "options": "、".join(options)}
    return template.format_map(_Facts(facts)) if template else message


def hint_zh(hint: str) -> str:
    """The way out, where it is one of the planner's standing ones."""
    return HINTS.get(hint, hint)


def basis_zh(basis: str) -> str:
    """What a figure rests on: the planner's short phrases, term by term."""
    for english, chinese in BASES:
        basis = re.sub(english, chinese, basis)
    return basis


HINTS = {
    "add a repository elsewhere, or name the repository's mount": "在别处增加一个仓库,或写明仓库的挂载点", "keep data and repository apart": "把数据和仓库分开存放",
    "widen the window, or split the dataset": "放宽时段,或拆分数据集", "move the time into the window": "把时间移到时段之内",
    "restora init makes one": "用 restora init 创建", "name a dataset": "请指定数据集", "name one of them": "请指定其中一个",
    "change it for all of them, or say that a new policy is meant": "全部一起更改,或说明要新建策略", "add it to datasets in restora.yaml": "请写入 restora.yaml 的 datasets",
    "add one to notify in restora.yaml": "请在 restora.yaml 的 notify 中添加", "say when it shall run in another way": "请换一种说法说明时间",
    "add one elsewhere, or set offsite: true where it is true": "在别处增加仓库,或把确实在异地的仓库标为 offsite: true",
    "add one to repositories in restora.yaml": "请在 restora.yaml 的 repositories 中添加",
}  # fmt: skip
BASES = (
    (r"(\S+(?: \S+)*?) between runs, (.+?) for a run", r"两次运行间隔 \1,一次运行 \2"), (r"([\d.]+ \w+) more a run", r"每次增加 \1"),
    (r"(\d+) points", r"\1 个恢复点"), (r"no drill yet", "尚未演练"), (r"(\d+) runs?\b", r"\1 次运行"), (r"(\d+) drills?\b", r"\1 次演练"),
    (r"\bassumed\b", "默认"), (r"\bmeasured\b", "实测"), (r"\bestimated\b", "估算"), (r" at (?=[\d.]+ \w+/s)", ",速度 "),
    (r"one after the other", "依次进行"), (r"(\d+) datasets", r"\1 个数据集"), (r"USD per GB and month", "美元每 GB 每月"), (r" at (?=[\d.])", ",按 "), (r" a run\b", " 一次"),
)  # fmt: skip


class _Facts(dict[str, str]):
    def __init__(self, facts: Mapping[str, str]) -> None:
        super().__init__(facts)

    def __missing__(self, key: str) -> str:
        return "…"


REASONS = {
    "kept": "与现行策略 {policy} 相同", "window.dropped": "不适用于新的时间:{window}", "window.night": "没有说明时在夜间运行",
    "window.part": "按所说的时段", "every.daily": "没有说明时每晚一次", "every.from-rpo": "最多丢失 {rpo} 所允许的最长间隔(含时钟调整的夜晚)",
    "every.tier": "{tier} 方案的要求", "every.from-days": "由所说的日期得出", "at.earliest": "{window} 内最早的时间({run})",
    "at.after-others": "{window} 内避开 {others} 的最早时间({run})", "at.least-crowded": "{window} 内没有空闲时间,此时与 {others} 重叠最少({run})",
    "at.spaced": "在一天内均匀分布", "days.weekend": "一周中最空闲的一天", "days.from-window": "时段只在这些天开放",
    "month-day.first": "每月第一天", "retention.default": "没有说明时的默认值", "retention.tier": "{tier} 方案的要求",
    "verification.default": "没有说明时的默认值", "verification.tier": "{tier} 方案的要求", "repository.only": "唯一的仓库",
    "repository.first-local": "第一个本地仓库", "repository.first": "第一个仓库", "repository.tier": "{tier} 方案的要求",
}  # fmt: skip
PROBLEMS = {
    "datasets.none": "要备份什么?(现有:{options})", "unknown": "没有“{value}”。{message}", "policy.which": "有多个策略({options}),要更改哪一个?",
    "policy.shared": "策略 {value} 还保护其他数据:全部一起更改,还是新建(new)一个策略?", "repository.none": "还没有仓库,无处存放备份",
    "notify.none": "没有定义任何通知渠道", "notify.when": "“{value}”不是通知的时机", "bandwidth.unreadable": "读不懂带宽“{value}”",
    "timezone.unknown": "没有“{value}”这个时区", "schedule.invalid": "时间安排“{value}”不成立:{message}", "window.short": "时段太短:{message}",
    "window.at": "时间不在时段内:{message}", "tier.copies": "仓库数量不足:{message}", "tier.offsite": "缺少异地仓库:{message}",
    "repository.same-disk": "仓库 {value} 与要备份的数据可能在同一块磁盘上:磁盘损坏会同时失去两者",
    "dataset.inside": "要备份的数据位于仓库 {value} 之内", "repository.inside": "仓库 {value} 位于要备份的数据之内",
    "password.inside": "{value} 的密码位于要备份的数据之内", "repeated": "{value} 中有重复的名称", "drill.never": "策略 {value} 从不真正恢复来证明备份可用",
    "bandwidth": "读不懂带宽:{message}", "rpo.period": "运行间隔大于允许丢失的时间:{message}",
    "tier.immutable": "无法确认是否有不可更改的副本:{message}", "proof": "证明不成立:{message}", "invalid": "“{value}”不成立:{message}",
}  # fmt: skip
