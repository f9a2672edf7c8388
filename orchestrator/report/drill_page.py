"""A drill report as one HTML page: no scripts, no outside files, readable in print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from html import escape

from policies.quantity import human_size, human_time
from policies.run import DrillRecord

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}
h2{margin-top:2.5rem}.proven{color:#06672b}.failed{color:#a40e0e}.could{color:#8a5a00}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ddd;vertical-align:top}"""


def drill_page(records: Sequence[DrillRecord], zone: tzinfo) -> str:
    """The page; every value is escaped."""
    body = "".join(_drill(record, zone) for record in records)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Restore drills</title><style>{STYLE}</style>'
        f"<body><h1>Restore drills</h1>{body}</body></html>\n"
    )


def _drill(record: DrillRecord, zone: tzinfo) -> str:
    kind = {"proven": "proven", "failed": "failed"}.get(record.verdict, "could")
    facts = [
        ("Started", f"{record.started.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"),
        (
            "Point",
            f"{record.point[:12]} of {record.point_time.astimezone(zone):%Y-%m-%d %H:%M %Z}"
            if record.point_time
            else "none",
        ),
        ("Expected slot", record.expected_slot or "none"),
        ("Level", record.level),
        ("Repository", record.repository),
        ("RPO, measured", human_time(record.rpo_seconds) if record.rpo_seconds is not None else "not measured"),
        ("RTO, measured", human_time(record.rto_seconds) if record.rto_seconds is not None else "not measured"),
        ("Size", human_size(record.bytes) if record.bytes is not None else "not known"),
        ("Tampered twin", record.twin_verdict or "not made at this level"),
        ("Because", record.reason or "-"),
    ]
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts)
    findings = "".join(
        f"<tr><td>{'equal' if f.ok else '<b>differs</b>'}</td><td>{escape(f.name)} {escape(f.subject)}</td><td>{escape(f.found)}</td>"
        f"<td>{escape(f.expected)}</td></tr>"
        for f in record.findings
    )
    table = (
        f"<table><tr><th></th><th>What</th><th>Found</th><th>Expected</th></tr>{findings}</table>" if findings else ""
    )
    return f'<h2 class="{kind}">{escape(record.dataset)}: {escape(record.verdict)}</h2><table>{rows}</table>{table}'
