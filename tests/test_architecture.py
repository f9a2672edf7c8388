"""The rules of docs/architecture.md that a program can check."""

from __future__ import annotations

import ast
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("orchestrator", "planner", "adapters", "policies")
MOST_LINES = 400
VAGUE = {"util", "utils", "helper", "helpers", "common", "base", "manager", "managers", "misc", "stuff"}
HEAVY = (
    "torch",
    "transformers",
    "peft",
    "llguidance",
    "scipy",
    "numpy",
    "boto3",
    "botocore",
    "sqlmodel",
    "sqlalchemy",
    "dbos",
    "alembic",
)
#: where libraries that run or train models may be imported: the reader's runtime, the optional larger model, which is another
#: library and another kind of model, and training, which no command needs
RUNS_MODELS = {"planner/language/runtime.py", "planner/language/causal.py"}
TRAINS_MODELS = "planner/language/training"
MODEL_LIBRARIES = {"torch", "transformers", "peft", "llguidance", "onnxruntime"}
STARTS_PROCESSES = {"subprocess", "multiprocessing", "pty", "pexpect", "sh"}
STARTS_PROCESSES_BY_NAME = {
    "os.system", "os.popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.posix_spawnp",
    "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell",
}  # fmt: skip
READS_THE_TIME = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic"}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(tree: ast.AST) -> Iterator[str]:
    """First words of every module that is imported, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def dotted_names(tree: ast.AST) -> Iterator[str]:
    """Last two words of every `a.b` that is read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            left = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else "?"
            yield f"{left}.{node.attr}"


def test_import_contracts_hold() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    if not program.exists():
        pytest.fail("no lint-imports beside this Python: make environment")
    result = subprocess.run([program, "--no-cache"], check=False, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_file_is_longer_than_a_reader_bears() -> None:
    lengths = {
        path: len(path.read_text("utf-8").splitlines()) for path in sources(*ROOMS, "tests", "benchmarks", "examples")
    }
    too_long = [f"{shown(path)}: {lines}" for path, lines in lengths.items() if lines > MOST_LINES]
    assert not too_long
    assert statistics.median(lines for lines in lengths.values() if lines > 5) <= 150


def test_no_name_says_nothing() -> None:
    vague = [
        shown(path)
        for path in sources(*ROOMS, "tests", "benchmarks", "examples")
        if {path.stem, *path.relative_to(ROOT).parts[:-1]} & VAGUE
    ]
    assert not vague


def test_processes_start_in_one_place() -> None:
    elsewhere = []
    for path in sources(*ROOMS):
        if shown(path) == "adapters/process.py":
            continue
        tree = ast.parse(path.read_text("utf-8"))
        found = STARTS_PROCESSES.intersection(imports(tree)) | STARTS_PROCESSES_BY_NAME.intersection(dotted_names(tree))
        found |= {name for name in dotted_names(tree) if name.startswith(("os.exec", "os.spawn"))}
        elsewhere += [f"{shown(path)}: {name}" for name in sorted(found)]
    assert not elsewhere


def test_model_libraries_are_known_in_few_places() -> None:
    elsewhere = [
        f"{shown(path)}: {name}"
        for path in sources(*ROOMS)
        if shown(path) not in RUNS_MODELS and not shown(path).startswith(f"{TRAINS_MODELS}/")
        for name in sorted(MODEL_LIBRARIES.intersection(imports(ast.parse(path.read_text("utf-8")))))
    ]
    assert not elsewhere


def test_no_shell_is_ever_used() -> None:
    used = [
        f"{shown(path)}:{node.lineno}"
        for path in sources(*ROOMS)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "shell" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    assert not used


def test_rules_and_thinking_are_told_the_time() -> None:
    asking = [
        f"{shown(path)}: {name}"
        for path in sources("policies", "planner")
        if "training" not in path.parts
        for name in sorted(READS_THE_TIME.intersection(dotted_names(ast.parse(path.read_text("utf-8")))))
    ]
    assert not asking


def is_frozen(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and any(
        keyword.arg == "frozen" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in decorator.keywords
    )


def test_values_of_the_domain_are_frozen() -> None:
    open_to_change = [
        f"{shown(path)}: {node.name}"
        for path in sources("policies")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        if "dataclass" in ast.unparse(decorator) and not is_frozen(decorator)
    ]
    assert not open_to_change


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from orchestrator.cli.main import main\n"
        "sys.argv = ['restora', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print('HEAVY', *sorted(set(sys.modules) & set({HEAVY!r})))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "120"},
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].split() == ["HEAVY"]
