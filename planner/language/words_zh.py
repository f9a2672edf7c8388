"""Chinese words for typed values."""

from __future__ import annotations

DAYS = {"mon": "周一", "tue": "周二", "wed": "周三", "thu": "周四", "fri": "周五", "sat": "周六", "sun": "周日"}
UNITS = {"min": "分钟", "h": "小时", "d": "天", "w": "周", "mo": "个月", "y": "年"}
PERIODS = {
    "1h": "每小时",
    "1d": "每天",
    "1w": "每周",
    "1mo": "每月",
    "3mo": "每季度",
    "1y": "每年",
    "continuous": "持续",
}
PARTS = {"night": "每天夜里", "morning": "每天早上", "afternoon": "每天下午", "evening": "每天晚上"}
NTH = {1: "第一个", 2: "第二个", 3: "第三个", 4: "第四个", 5: "第五个", -1: "最后一个"}
KEEP = {"daily": "日备", "weekly": "周备", "monthly": "月备", "yearly": "年备", "hourly": "小时备"}
WINDOW = {"night": "只在夜间", "off_hours": "业务低峰期", "weekend": "仅限周末"}
LABELS = {
    "action": "操作", "targets": "对象", "items": "部分", "exclude": "排除", "schedule": "时间", "window": "时段", "retention": "保留",
    "type": "类型", "destinations": "存放", "source": "来源", "policy": "方案", "rpo": "最多丢失", "rto": "恢复时限", "immutable": "锁定",
    "encrypt": "加密", "limits": "限制", "point": "时间点", "to": "恢复到", "in_place": "覆盖", "notify": "通知", "read": "读取",
    "topic": "询问", "until": "截止", "dry_run": "试运行",
}  # fmt: skip
ACTIONS = {
    "protect": "备份", "backup": "立即备份", "restore": "恢复", "recover": "灾难恢复", "drill": "恢复演练", "verify": "校验", "replicate": "复制快照",
    "forget": "删除快照", "pause": "暂停备份", "resume": "继续备份", "unprotect": "取消备份", "status": "备份状态", "diagnose": "查找问题原因",
    "optimize": "优化方案", "explain": "解释", "unsupported": "不在 restora 的范围内",
}  # fmt: skip
TOPICS = {
    "last_backup": "最近一次备份", "next_run": "下次运行", "failures": "失败记录", "size": "大小", "snapshots": "快照", "coverage": "备份覆盖情况",
    "compliance": "达标情况", "schedule": "备份计划", "progress": "正在运行的任务", "restore_time": "恢复所需时间", "cost": "费用", "general": "备份状态",
}  # fmt: skip
FRAMES = {
    "destinations": "存放到 {}", "source": "来源 {}", "to": "恢复到 {}", "exclude": "排除 {}", "type": "{}", "policy": "按 {} 方案",
}  # fmt: skip
ON = {"failure": "失败时", "success": "成功时", "always": "每次"}
CHANNELS = {"email": "邮件"}
PART_NAMES = {"night": "夜里", "morning": "早上", "afternoon": "下午", "evening": "晚上"}
