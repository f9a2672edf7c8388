"""The network: one encoder, heads for the words and for each intent."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from planner.language.labels import ACTIONS, MOST, TAGS, TOPICS


class Marker(nn.Module):
    """Of a batch of requests (`ids`, `mask`: batch x pieces):

    - `tags`: batch x pieces x TAGS, what a piece's words carry;
    - `owners`: batch x pieces x MOST, whether they belong to the nth intent (logits);
    - `actions`, `topics`: batch x MOST x …, of the nth intent, which gathers its own view of the words;
    - `doubt`: batch, whether a careful reader would ask back (logit)."""

    def __init__(self, encoder: Any, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        size = encoder.config.hidden_size
        # The base was made to tell whole sentences apart: its last layer says nearly the same of every piece, and says it quietly.
        self.layers = nn.Parameter(torch.zeros(encoder.config.num_hidden_layers + 1))
        self.level = nn.LayerNorm(size)
        self.dropout = nn.Dropout(dropout)
        self.tags = nn.Linear(size, len(TAGS))
        self.queries = nn.Parameter(torch.randn(MOST + 1, size) * 0.02)
        self.keys = nn.Linear(size, size)
        self.values = nn.Linear(size, size)
        self.mix = nn.Sequential(nn.Linear(2 * size, size), nn.GELU())
        self.actions = nn.Linear(size, len(ACTIONS))
        self.topics = nn.Linear(size, len(TOPICS))
        self.belongs = nn.Linear(size, size)
        self.owner = nn.Linear(size, MOST)
        self.doubt = nn.Linear(size, 1)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        every = self.encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        shares = self.layers.softmax(0)
        mixed = sum(share * nn.functional.layer_norm(layer, layer.shape[-1:]) for share, layer in zip(shares, every, strict=True))
        states = self.dropout(self.level(mixed))
        scale = states.shape[-1] ** 0.5
        looks = torch.einsum("qh,bth->bqt", self.queries, self.keys(states)) / scale
        looks = looks.masked_fill(mask[:, None, :] == 0, -1e4).softmax(-1)
        seen = torch.einsum("bqt,bth->bqh", looks, self.values(states))
        mean = (states * mask[..., None]).sum(1, keepdim=True) / mask.sum(1)[:, None, None]
        seen = self.dropout(self.mix(torch.cat([seen, mean.expand(-1, MOST + 1, -1)], -1)))
        intents, whole = seen[:, :MOST], seen[:, MOST]
        owners = torch.einsum("bth,bqh->btq", self.belongs(states), intents) / scale + self.owner(states)
        return self.tags(states), owners, self.actions(intents), self.topics(intents), self.doubt(whole).squeeze(-1)
