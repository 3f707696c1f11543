"""Attention for several texts behind one shared beginning, each seeing the beginning and itself.

Dense attention with a mask would compute every pair of texts only to throw it away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

NAME = "shared_prefix"


@dataclass(frozen=True)
class Layout:
    """Where the texts stand in a sequence: ``prefix`` tokens, then one text after the other.

    Args:
        prefix: tokens of the shared beginning.
        lengths: tokens of each text.
    """

    prefix: int
    lengths: list[int]

    def positions(self) -> Tensor:
        """Each token's position in its own text read after the beginning, shape (1, tokens)."""
        own = [torch.arange(self.prefix, self.prefix + length) for length in self.lengths]
        return torch.cat([torch.arange(self.prefix), *own])[None]

    def seen(self) -> Tensor:
        """Which keys (beginning, own tokens) a text's queries may see, shape (longest, prefix + longest)."""
        longest = max(self.lengths)
        own = torch.ones(longest, longest, dtype=torch.bool).tril()
        return torch.cat([torch.ones(longest, self.prefix, dtype=torch.bool), own], dim=1)


def attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Layout, scaling: float, **_: Any
) -> tuple[Tensor, None]:
    """A transformers attention function: query (1, heads, tokens, size), key and value (1, groups, tokens, size).

    Returns shape (1, tokens, heads, size).
    """
    layout, start = attention_mask, attention_mask.prefix
    query = query.to(value.dtype) * scaling
    key = key.to(value.dtype)
    causal = torch.ones(start, start, dtype=torch.bool).tril()
    parts = [_attended(query[:, :, :start], key[:, :, :start], value[:, :, :start], causal)[0]]
    if layout.lengths:
        keys = torch.cat([_repeated(key, layout), _rows(key, layout)], dim=2)
        values = torch.cat([_repeated(value, layout), _rows(value, layout)], dim=2)
        found = _attended(_rows(query, layout), keys, values, layout.seen())
        parts += [row[:length] for row, length in zip(found, layout.lengths)]
    return torch.cat(parts)[None], None


def _attended(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    """Attention of rows, shape (rows, tokens, heads, size).

    Plain products: on a CPU they are twice as fast as the fused kernel for heads that share keys.
    """
    rows, heads, tokens, size = query.shape
    groups = key.shape[1]
    together = query.reshape(rows, groups, heads // groups * tokens, size)
    scores = (together @ key.transpose(2, 3)).view(rows, heads, tokens, -1)
    weights = scores.masked_fill(~seen, torch.finfo(scores.dtype).min).softmax(dim=-1)
    return (
        (weights.view(rows, groups, heads // groups * tokens, -1) @ value)
        .view(rows, heads, tokens, size)
        .transpose(1, 2)
    )


def _rows(states: Tensor, layout: Layout) -> Tensor:
    """The texts' own states as rows, shape (texts, heads, longest, size)."""
    texts = states[0, :, layout.prefix :].transpose(0, 1).split(layout.lengths)
    return pad_sequence(list(texts), batch_first=True).transpose(1, 2)


def _repeated(states: Tensor, layout: Layout) -> Tensor:
    """The beginning's states for every text, shape (texts, heads, prefix, size)."""
    return states[:, :, : layout.prefix].expand(len(layout.lengths), -1, -1, -1)


ALL_ATTENTION_FUNCTIONS.register(NAME, attend)
