"""The board as one query, for both ways of reading it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from adapters.state.text import moment_of
from policies.run import BoardRow, RunState

# the order of the columns is that of BoardRow's fields
BOARD_QUERY = """
SELECT b.policy, b.dataset, b.repository, b.last_run, b.last_state, b.last_reason, b.last_good,
       b.last_good_run, b.last_bytes,
       p.last_proven, p.last_drill, p.last_verdict, m.last_check, m.last_forget, m.last_prune, b.failures_in_row
FROM board b
LEFT JOIN proofs p ON p.dataset = b.dataset AND p.repository = b.repository
LEFT JOIN marks m ON m.repository = b.repository
"""


def board_rows(rows: Iterable[Sequence[Any]]) -> list[BoardRow]:
    """Rows of BOARD_QUERY as values, sorted here because databases sort text differently."""
    found = [
        BoardRow(
            policy=row[0],
            dataset=row[1],
            repository=row[2],
            last_run=moment_of(row[3]),
            last_state=RunState(row[4]) if row[4] else None,
            last_reason=row[5],
            last_good=moment_of(row[6]),
            last_good_run=row[7],
            last_bytes=row[8],
            last_proven=moment_of(row[9]),
            last_drill=moment_of(row[10]),
            last_verdict=row[11] or "",
            last_check=moment_of(row[12]),
            last_forget=moment_of(row[13]),
            last_prune=moment_of(row[14]),
            failures_in_row=row[15],
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (row.policy, row.dataset, row.repository))
