"""A causal language model that transformers runs here: a hub id, a folder, or a GGUF file; its answers can be nothing but JSON
after the schema that was asked for."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from functools import cached_property
from pathlib import Path
from typing import Any

from policies.errors import ConfigurationError, ToolMissing
from policies.language_model import LanguageModelFailed, Message
from policies.larger_model import LocalModel

MISSING = "pip install 'restora[llm]'"
MOST_THREADS = 1  # one answer at a time: two would only slow each other down


class CausalModel:
    """One model in memory, loaded when it is first asked. A hub id that is not on this disk yet is fetched then."""

    def __init__(self, config: LocalModel) -> None:
        self._config = config
        self._one = threading.BoundedSemaphore(MOST_THREADS)

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
        """As `LanguageModel.complete`. The time-out is for writing the answer; loading the model comes on top, once."""
        with self._one:
            tokenizer, model = self._loaded
            return self._answer(tokenizer, model, messages, schema)

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        return load(self._config.model)

    @cached_property
    def _vocabulary(self) -> Any:
        """The tokenizer as the grammar engine wants it; about a second's work."""
        from llguidance.hf import from_tokenizer

        tokenizer, model = self._loaded
        try:
            return from_tokenizer(tokenizer, n_vocab=model.config.vocab_size)
        except ValueError as error:
            raise ConfigurationError(
                f"{self._config.model} has no fast tokenizer: {error}", hint="name a model with a tokenizer.json"
            ) from None

    def _answer(self, tokenizer: Any, model: Any, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
        import torch

        prompt = tokenizer.apply_chat_template(
            turns(messages, tokenizer), add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).to(model.device)
        begin = prompt["input_ids"].shape[1]
        room = getattr(model.config, "max_position_embeddings", None) or begin + self._config.max_tokens
        if begin + 16 > room:
            raise LanguageModelFailed(f"the request is too long for {self._config.model} ({begin} of {room} tokens)")
        guide = _Guide(self._vocabulary, schema, begin)
        with torch.inference_mode():
            found = model.generate(
                **prompt, max_new_tokens=min(self._config.max_tokens, room - begin), do_sample=False,
                logits_processor=[guide], max_time=self._config.timeout, pad_token_id=tokenizer.eos_token_id,
            )  # fmt: skip
        written = found[0, begin:]
        if not guide.is_whole(written.tolist()):
            raise LanguageModelFailed(
                f"{self._config.model} wrote no whole answer within {self._config.timeout:g} s"
                f" and {self._config.max_tokens} tokens",
                hint="raise llm.timeout or llm.max_tokens, or take a smaller model",
            )
        return str(tokenizer.decode(written, skip_special_tokens=True))


class _Guide:
    """Leaves the model only the tokens that go on with JSON after the schema."""

    def __init__(self, vocabulary: Any, schema: Mapping[str, Any], begin: int) -> None:
        from llguidance import LLMatcher

        # Without white space: small models love to write nothing else.
        grammar = LLMatcher.grammar_from_json_schema(json.dumps(schema), overrides={"whitespace_flexible": False})
        self._matcher = LLMatcher(vocabulary, grammar)
        if self._matcher.is_error():
            raise LanguageModelFailed(f"the schema can't guide the model: {self._matcher.get_error()}")
        self._begin, self._followed = begin, 0

    def __call__(self, tokens: Any, scores: Any) -> Any:
        import torch

        self._follow(tokens[0, self._begin + self._followed :].tolist())
        # llguidance's own kernel is compiled by a C++ compiler at first use, which not every host has
        bits = torch.frombuffer(bytearray(self._matcher.compute_bitmask()), dtype=torch.uint8)
        allowed = ((bits[:, None] >> torch.arange(8, dtype=torch.uint8)) & 1).bool().flatten()[: scores.shape[-1]]
        allowed = torch.nn.functional.pad(allowed, (0, scores.shape[-1] - allowed.shape[0]))
        return scores.masked_fill(~allowed.to(scores.device), float("-inf"))

    def is_whole(self, written: Sequence[int]) -> bool:
        """Whether the tokens written after the prompt end the answer."""
        self._follow(written[self._followed :])
        return bool(self._matcher.is_stopped() or self._matcher.is_accepting())

    def _follow(self, tokens: Sequence[int]) -> None:
        for token in tokens:
            if not self._matcher.is_stopped():
                self._matcher.consume_token(token)
        self._followed += len(tokens)


def load(name: str) -> tuple[Any, Any]:
    """Tokenizer and model of a hub id, a folder, or a GGUF file, in single precision on the CPU unless there is a GPU.

    Only weights are read, never code: no pickles, no scripts that come with a model. Raises ToolMissing without the `llm` extra,
    ConfigurationError where there is no such model."""
    try:
        import llguidance  # noqa: F401  what guides the answer: better missed before minutes of loading
        import torch
        import transformers
    except ImportError as error:
        raise ToolMissing(f"the larger model needs {error.name}, which is not installed", hint=MISSING) from None
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    path = Path(name).expanduser()
    place, more = str(path) if path.exists() else name, {}
    settings: dict[str, Any] = {"use_safetensors": True}
    if path.suffix.casefold() == ".gguf":
        if not path.is_file():
            raise ConfigurationError(f"llm.model: there is no file {name}", hint="name an existing GGUF file")
        place, more = str(path.parent), {"gguf_file": path.name}
        settings = {"quantization_config": transformers.GgufConfig(dequantize=True)}
    try:
        with redirect_stderr(io.StringIO()):  # bars of progress that no setting turns off
            tokenizer = transformers.AutoTokenizer.from_pretrained(place, trust_remote_code=False, **more)
            model = transformers.AutoModelForCausalLM.from_pretrained(
                place, trust_remote_code=False, dtype=torch.float32, **more, **settings
            )
    except ImportError as error:
        raise ToolMissing(f"{name} needs {error.name or error}, which is not installed", hint=MISSING) from None
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        said = " ".join(str(error).split())[:200]
        raise ConfigurationError(
            f"llm.model: {name} can't be loaded: {said}", hint="name a hub id, a model's folder or a GGUF file"
        ) from None
    if torch.cuda.is_available():
        model = model.to("cuda")
    return tokenizer, model.eval()


def turns(messages: Sequence[Message], tokenizer: Any) -> list[dict[str, str]]:
    """The messages as a chat template takes them; a model without one is told so."""
    if not getattr(tokenizer, "chat_template", None):
        raise ConfigurationError(
            "llm.model: the model has no chat template", hint="name one that was made for instructions (… Instruct)"
        )
    return [{"role": message.role, "content": message.content} for message in messages]
