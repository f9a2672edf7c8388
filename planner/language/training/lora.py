"""Fine-tunes a causal model on requests and their intents by LoRA: small matrices beside the attention weights are trained,
then folded into them, so that what comes out is a model like any other."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from planner.language.intent import Intent
from planner.language.prompting import answer, messages
from policies.errors import ConfigurationError, ToolMissing, UsageError

RANK = 16
ALPHA = 32
LEARNING_RATE = 2e-4
BATCH = 4
#: linear layers of attention as the common families call them; peft trains those that a model has
LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "query_key_value", "c_attn")
MARK = re.compile(r"⟦(.*?)\|[^|⟧]*⟧", re.S)
IGNORED = -100  # what the loss leaves out


@dataclass(frozen=True, slots=True)
class Lesson:
    """A request and what it asks for, in the contract's form."""

    text: str
    now: datetime
    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """How far a training is: steps done of all, and the loss of the last one (nats a token)."""

    done: int
    of: int
    loss: float


def lessons(lines: Iterable[str]) -> Iterator[Lesson]:
    """The lessons in lines of a corpus (`{"marked" or "text", "now", "gold", "ambiguous"}`); lines on which a careful reader must ask
    back teach no answer and are left out. Raises UsageError with the number of a line that is none."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text = row.get("text") or MARK.sub(r"\1", row["marked"])
            intents = tuple(Intent.model_validate(one) for one in row["gold"])
            moment = datetime.fromisoformat(row["now"])
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise UsageError(
                f"line {number} of the corpus is no lesson: {error}"[:300], hint="see docs/language.md"
            ) from None
        if not row.get("ambiguous"):
            yield Lesson(text, moment, intents)


def train_lora(
    model_folder: str,
    corpus: Iterable[Lesson],
    out: Path,
    epochs: int = 1,
    seed: int = 0,
    progress: Callable[[Step], None] = lambda _: None,
) -> Path:
    """Fine-tune the model of `model_folder` (hub id, folder or GGUF file) and write the whole new one to the folder `out`, which
    `llm.model` of restora.yaml may then name. Lessons are put as requests are at work, so that both see the same prompt.

    `out` must not exist yet: nothing is overwritten. The same seed, corpus and machine give the same model. Raises UsageError for a
    corpus without lessons, ConfigurationError for a model that can't be trained, ToolMissing without the `llm` extra."""
    taught = list(corpus)
    if not taught or epochs < 1:
        raise UsageError(
            f"nothing to learn: {len(taught)} lessons, {epochs} epochs", hint="name a corpus with requests"
        )
    if out.exists():
        raise UsageError(f"{out} is there already", hint="name a folder that does not exist", untouched=str(out))
    try:
        import torch
        from peft import LoraConfig, get_peft_model

        from planner.language.causal import load
    except ImportError as error:
        raise ToolMissing(
            f"training needs {error.name}, which is not installed", hint="pip install 'restora[llm]'"
        ) from None
    torch.manual_seed(seed)
    tokenizer, model = load(model_folder)
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=_layers(model), task_type="CAUSAL_LM")
    tuned = get_peft_model(model, config)
    losses = _fit(tuned, [_encoded(lesson, tokenizer) for lesson in taught], epochs, seed, progress)
    merged = tuned.merge_and_unload()
    if hasattr(merged.config, "quantization_config"):  # the weights are whole now, whatever they were read from
        del merged.config.quantization_config
    out.mkdir(parents=True)
    merged.save_pretrained(out, safe_serialization=True)
    tokenizer.save_pretrained(out)
    card = {
        "base": Path(model_folder).name, "method": "lora", "rank": RANK, "epochs": epochs, "seed": seed, "lessons": len(taught),
        "first_loss": round(losses[0], 4), "last_loss": round(losses[-1], 4),
    }  # fmt: skip
    (out / "training.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return out


def _fit(
    model: Any, encoded: Sequence[tuple[list[int], int]], epochs: int, seed: int, progress: Callable[[Step], None]
) -> list[float]:
    """Train in place; the loss of every step."""
    import torch

    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=LEARNING_RATE)
    order = random.Random(seed)  # noqa: S311  a shuffle, no secret
    per_epoch = -(-len(encoded) // BATCH)
    losses: list[float] = []
    model.train()
    for _ in range(epochs):
        shuffled = order.sample(encoded, len(encoded))
        for start in range(0, len(shuffled), BATCH):
            batch = shuffled[start : start + BATCH]
            total = 0.0
            for tokens, begin in batch:  # one by one: prompts are long, and padding would cost more than it saves
                ids = torch.tensor([tokens], device=model.device)
                labels = ids.clone()
                labels[:, :begin] = IGNORED
                loss = model(input_ids=ids, labels=labels).loss / len(batch)
                loss.backward()
                total += float(loss.detach())
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(total)
            progress(Step(len(losses), epochs * per_epoch, total))
    model.eval()
    return losses


def _encoded(lesson: Lesson, tokenizer: Any) -> tuple[list[int], int]:
    """The tokens of prompt and answer, and where the answer begins."""
    from planner.language.causal import turns

    prompt = tokenizer.apply_chat_template(
        turns(messages(lesson.text, lesson.now), tokenizer), add_generation_prompt=True, tokenize=True, return_dict=True
    )["input_ids"]
    said = answer([intent.as_contract() for intent in lesson.intents])
    tokens = tokenizer(said, add_special_tokens=False)["input_ids"]
    return [*prompt, *tokens, tokenizer.eos_token_id], len(prompt)


def _layers(model: Any) -> list[str]:
    """Which layers of a model are trained."""
    there = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    found = [name for name in LAYERS if name in there]
    if not found:
        raise ConfigurationError(
            f"{type(model).__name__} has no attention layers that are known here", hint=f"known: {', '.join(LAYERS)}"
        )
    return found
