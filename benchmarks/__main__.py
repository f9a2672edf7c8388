"""make bench: all benchmarks, as a Markdown table on standard output and as JSON in .bench/results.json.

Every line is a ratio of two things measured in the same run on the same machine; nothing else can be compared."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import backup, board, start_up
from benchmarks.measure import Ratio
from benchmarks.site import RESTORA, ROOT, newest_restic

Benchmark = Callable[[Path, bool], Iterator[Ratio]]
BENCHMARKS: dict[str, Benchmark] = {"start-up": start_up.measure, "status": board.measure, "backup": backup.measure}
BYTES_NEEDED = {False: 12 << 30, True: 1 << 30}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a quick look: a small tree, a short history")
    parser.add_argument("--only", choices=BENCHMARKS, action="append", help="this one (may be repeated)")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".bench", help="where the trees and repositories lie for the time"
    )
    options = parser.parse_args()
    if not RESTORA.exists():
        print(f"no {RESTORA}: make environment", file=sys.stderr)
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(options.folder).free
    if free < BYTES_NEEDED[options.small]:
        print(
            f"{options.folder}: {free >> 30} GiB free, {BYTES_NEEDED[options.small] >> 30} needed: --folder DIR",
            file=sys.stderr,
        )
        return 1
    ratios: list[Ratio] = []
    print("| measured | ours | against | ratio |\n|---|---:|---:|---:|")
    for name in options.only or BENCHMARKS:
        with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=options.folder) as place:
            for ratio in BENCHMARKS[name](Path(place), options.small):
                ratios.append(ratio)
                print(line(ratio), flush=True)
    results = options.folder / "results.json"
    results.write_text(
        json.dumps({**circumstances(options.small), "ratios": [as_dict(ratio) for ratio in ratios]}, indent=2) + "\n"
    )
    print(f"\n{results}", file=sys.stderr)
    return 0


def line(ratio: Ratio) -> str:
    return f"| {ratio.name} | {ratio.ours:.2f} {ratio.unit} | {ratio.theirs:.2f} {ratio.unit} | {ratio.value:.2f} |"


def as_dict(ratio: Ratio) -> dict[str, object]:
    return {**asdict(ratio), "ratio": round(ratio.value, 3)}


def circumstances(small: bool) -> dict[str, object]:
    restic = subprocess.run([newest_restic(), "version"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "small": small,
        "python": platform.python_version(),
        "restic": restic,
        "processors": os.cpu_count(),
    }


if __name__ == "__main__":
    sys.exit(main())
