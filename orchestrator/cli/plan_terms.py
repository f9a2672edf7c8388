"""The words of a plan's view, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from planner.language.plan_words import basis_zh
from planner.proof import Claim, Mend, Remedy, Why

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Terms:
    """One language. What a table lacks is shown as it is."""

    words: Mapping[str, str]
    claims: Mapping[Claim, str]
    fields: Mapping[str, str]
    whys: Mapping[Why, str]
    mends: Mapping[Mend, str]
    comma: str
    days: tuple[str, ...]

    def word(self, key: str) -> str:
        return self.words.get(key, key)

    def claim(self, claim: Claim) -> str:
        return self.claims[claim]

    def field(self, name: str) -> str:
        return self.fields.get(name, name)

    def why(self, why: Why) -> str:
        return self.whys.get(why, why.value)

    def remedy(self, remedy: Remedy) -> str:
        return f"{self.mends.get(remedy.mend, remedy.mend.value)} {remedy.value}"

    def basis(self, basis: str) -> str:
        return basis_zh(basis) if self.days else basis

    def listed(self, parts: Iterable[str]) -> str:
        return self.comma.join(parts)

    def moment(self, moment: datetime) -> str:
        """A run's time: `Wed 11 Mar 01:40`, `3月11日(周三) 01:40`."""
        if self.days:
            return f"{moment.month}月{moment.day}日({self.days[moment.weekday()]}) {moment:%H:%M}"
        return f"{moment:%a %d %b %H:%M}"


ENGLISH = Terms(
    words={
        "before": "said before",
        "plan": "Plan", "no limit": "limit: none set", "space of": "{now} now, {low} to {high} in a year",
        "cost of": "{cost} a month in a year", "holds on": "{what} on each of the next {days} days ({runs} runs)",
        "nothing proven": "nothing was demanded that could be proven",
        "would do": "would do:", "or": " or ",
        "against": "{worst} against {limit}", "refuted": "does not hold",
        "unseen": "{name} can't be backed up as it is now: {why}", "mend": "mend it before the first run",
        "going": "{gone} of {there} recovery points of policy {name} go with its next run",
    },
    claims={
        Claim.RUNS: "runs", Claim.RPO: "lost at worst", Claim.RTO: "back within", Claim.WINDOW: "window", Claim.SPACE: "space",
        Claim.RETENTION: "retention",
    },
    fields={
        "datasets": "what", "repositories": "where", "retention": "keep", "schedule.every": "when", "schedule.at": "at",
        "schedule.days": "on", "verification": "proof",
    },
    whys={}, mends={}, comma=", ", days=(),
)  # fmt: skip
CHINESE = Terms(
    words={
        "plan": "计划", "policy": "策略", "assumed": "默认", "before": "前面说过",
        "space": "空间", "cost": "费用", "holds": "已证明", "next runs": "接下来",
        "not known": "未知", "limit": "上限", "no limit": "上限:未设", "worst night": "最差的夜晚", "measured": "实测",
        "estimated": "估算", "proven": "已证明", "space of": "现在 {now},一年后 {low} 到 {high}", "cost of": "一年后每月 {cost}",
        "holds on": "{what},在接下来 {days} 天的每一天都成立({runs} 次运行)",
        "nothing proven": "没有提出可以证明的要求",
        "from": "自", "would do": "可行的办法:", "or": " 或 ", "against": "{worst},上限 {limit}", "refuted": "不成立",
        "unseen": "{name} 现在无法备份:{why}", "mend": "请在第一次运行前解决",
        "going": "策略 {name} 的 {there} 个恢复点中有 {gone} 个会在下次运行时删除",
    },
    claims={
        Claim.RUNS: "运行", Claim.RPO: "最多丢失", Claim.RTO: "恢复用时", Claim.WINDOW: "时段", Claim.SPACE: "空间",
        Claim.RETENTION: "保留",
    },
    fields={
        "datasets": "对象", "repositories": "存放", "retention": "保留", "schedule.every": "频率", "schedule.at": "时间",
        "schedule.days": "日期",
        "schedule.month_days": "日期",
        "schedule.nth_weekday": "日期", "schedule.months": "月份", "schedule.timezone": "时区",
        "verification": "验证", "window": "时段", "tier": "方案", "notify": "通知",
        "rpo": "最多丢失", "rto": "恢复时限", "bandwidth": "带宽",
        "storage": "空间",
    },
    whys={
        Why.CLOCKS_BACK: "时钟回拨", Why.CLOCKS_FORWARD: "时钟拨快", Why.SCHEDULE: "计划的最长间隔", Why.FIRST_RUN: "首次运行读取全部数据",
        Why.DURATION: "一次运行耗时更长", Why.GROWTH: "保留的变化量", Why.NO_RUNS: "此范围内没有运行", Why.RATE: "恢复速度不够",
    },
    mends={
        Mend.START_BY: "最晚开始于", Mend.WIDEN_WINDOW: "时段延长到", Mend.EVERY: "每隔", Mend.LIMIT: "上限提高到", Mend.FREE: "腾出",
        Mend.RPO: "允许丢失", Mend.RTO: "允许恢复用时", Mend.RATE: "恢复速度达到", Mend.KEEP: "保留",
    },
    comma="、", days=("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
)  # fmt: skip
TERMS: dict[Language, Terms] = {"en": ENGLISH, "zh": CHINESE}
