"""The words of reports (runs, restores, drills, the board) in both languages: an English phrase is its own key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from policies.catalog import Catalog

Language = Literal["en", "zh"]

CHINESE = {
    # titles
    "dataset": "数据集",
    "in": "仓库",
    "result": "结果",
    "files": "文件",
    "size": "大小",
    "added": "新增",
    "time": "用时",
    "last good": "最近成功",
    "proven": "已验证",
    "next": "下次",
    # states and verdicts
    "queued": "排队",
    "succeeded": "成功",
    "partial": "部分成功",
    "suspect": "可疑",
    "failed": "失败",
    "skipped": "已跳过",
    "cancelled": "已取消",
    "could not run": "无法进行",
    "ok": "正常",
    "BAD": "异常",
    "!": "注意",
    # runs
    "{}: not readable: {}": "{}:无法读取:{}",
    "{}: {} snapshots that retention no longer keeps were removed": "{}:已删除 {} 个不再保留的快照",
    # restores
    "Would restore {}. Nothing was done.": "会恢复 {}。没有做任何事。",
    "{} of {} ({}) from {} {}": "{} 的 {} 备份({}),来自 {},{}",
    "over the original of {}": "覆盖 {} 的原位置",
    "to {}": "到 {}",
    "Nothing was changed.": "没有做任何更改。",
    "Restored": "已恢复",
    "Restore {}? A safety copy is taken first. [y/n]": "恢复 {} 吗?会先做一份安全备份。[y/n]",
    "{}{} (measured) · the data is {} old · point {}": "{}{}(实测)· 数据距今 {} · 恢复点 {}",
    "{} in ": "{},用时 ",
    "and {} more comparisons, all equal": "另有 {} 项比较,全部一致",
    "not compared:": "没有比较:",
    "nothing is known of its content at backup time": "没有备份时内容的记录",
    "The state before it is kept as run {}": "之前的状态保留在运行 {} 中",
    # drills
    "{} from {} · level {}": "{},来自 {} · 级别 {}",
    "point": "恢复点",
    "{} of {}": "{},{}",
    ", expected slot {}": ",预期时段 {}",
    "because": "原因",
    "measured: age of the data when the drill began": "实测:演练开始时数据的年龄",
    "measured: restored and compared{}": "实测:恢复并比较{}",
    "compared": "比较",
    "{} facts, {} equal": "{} 项,{} 项一致",
    "differs": "不一致",
    "twin": "对照",
    # the board
    "{} ago": "{} 前",
    "never": "从未",
    "{} promises, {} with problems": "{} 项承诺,{} 项有问题",
    "{} promises, all kept": "{} 项承诺,全部达成",
    "1 promise, {} with problems": "1 项承诺,{} 项有问题",
    "1 promise, all kept": "1 项承诺,已达成",
    "daemon alive, {} ago": "守护进程在运行,{} 前",
    (
        "[red]no daemon is running[/]: restora daemon, or restora install-service"
    ): "[red]守护进程没有运行[/]:restora daemon 或 restora install-service",
    'Nothing is promised yet: restora "back up … nightly, keep 30 days"': '还没有任何备份计划:restora "每晚备份 …,保留30天"',
    "{} more: --all": "还有 {} 项:--all",
    "[yellow]No policy protects:[/] {}": "[yellow]没有策略保护:[/] {}",
    "[yellow]Drills were not looked at for {}:[/] restart the daemon": "[yellow]已有 {} 没有检查演练:[/] 请重启守护进程",
}


def say(language: Language, phrase: str, *values: object) -> str:
    """A phrase with its values, in a language; what has no words there is said in English."""
    text = CHINESE.get(phrase, phrase) if language == "zh" else phrase
    return text.format(*values) if values else text


def of_site(catalog: Catalog) -> Language:
    """The language of reports that no request asked for."""
    return "zh" if catalog.site.language == "zh" else "en"
