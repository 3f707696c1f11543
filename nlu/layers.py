"""Transformer layers run without padding. Knows no Rasa.

Texts of a batch lie end to end in one matrix, so the linear parts, where nearly all the time
goes, never multiply padding; only attention sees each text apart. The layers are those of any
BERT-like model of transformers (BERT, RoBERTa, XLM-RoBERTa), used as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from nlu.errors import ModelBroken


def run_layers(
    layers: Iterable[Any], hidden: Tensor, lengths: Sequence[int], keep: frozenset[int] = frozenset()
) -> Any:
    """Outputs of the last layer, and of those numbered in ``keep``.

    Args:
        layers: transformer layers, applied in order.
        hidden: what enters the first one, shape (positions of all texts, dimension).
        lengths: positions of each text; they sum to the rows of ``hidden``.
        keep: numbers of layers (0: the input, 1: the first layer's output) to return as well.

    Returns:
        (last output, {number: output}), each of the shape of ``hidden``.
    """
    kept = {0: hidden} if 0 in keep else {}
    for number, layer in enumerate(layers, start=1):
        hidden = _run_layer(layer, hidden, lengths)
        if number in keep:
            kept[number] = hidden
    return hidden, kept


def mean_of_each(hidden: Tensor, lengths: Sequence[int]) -> Tensor:
    """Mean over each text's positions in fp32, shape (texts, dimension)."""
    counts = torch.tensor(lengths)
    owner = torch.repeat_interleave(torch.arange(len(lengths)), counts)
    total = torch.zeros(len(lengths), hidden.shape[1]).index_add(0, owner, hidden.float())
    return total / counts[:, None]


def _run_layer(layer: Any, hidden: Tensor, lengths: Sequence[int]) -> Tensor:
    attention, output = layer.attention, layer.output
    attended = attention.output.dropout(attention.output.dense(_attend(attention.self, hidden, lengths)))
    hidden = attention.output.LayerNorm(attended + hidden)
    inner = layer.intermediate(hidden)
    return output.LayerNorm(output.dropout(output.dense(inner)) + hidden)


def _attend(attention: Any, hidden: Tensor, lengths: Sequence[int]) -> Tensor:
    """Each text attends to itself."""
    heads = attention.num_attention_heads
    parts = [attention.query(hidden), attention.key(hidden), attention.value(hidden)]
    mask = None
    if len(lengths) == 1:
        padded = [part[None] for part in parts]
    else:
        padded = [pad_sequence(part.split(list(lengths)), batch_first=True) for part in parts]
        mask = torch.arange(padded[0].shape[1])[None, :] < torch.tensor(lengths)[:, None]
    if torch.is_grad_enabled():
        padded = [part.float() for part in padded]  # backwards, fused attention takes twice as long in bf16
    query, key, value = (part.unflatten(2, (heads, -1)).transpose(1, 2) for part in padded)
    mixed = functional.scaled_dot_product_attention(
        query, key, value,
        attn_mask=None if mask is None else mask[:, None, None, :],
        dropout_p=attention.dropout.p if attention.training else 0.0,
    )  # fmt: skip
    flat = mixed.to(hidden.dtype).transpose(1, 2).flatten(2)
    return flat[0] if mask is None else flat[mask]


def check_layers(layers: Sequence[Any], model: str) -> None:
    """Refuse an architecture that :func:`run_layers` cannot run.

    Raises:
        ModelBroken: the layers are not BERT-like.
    """
    try:
        first = layers[0]
        _ = (first.attention.self.query, first.attention.output.LayerNorm, first.intermediate.dense, first.output.dense)
    except (AttributeError, IndexError):
        raise ModelBroken(
            f"The model {model} is not BERT-like: choose a BERT, RoBERTa or XLM-RoBERTa encoder in config.yml."
        ) from None


@cache
def serving_precision() -> torch.dtype:
    """bf16 where the processor multiplies it natively (cosine to fp32 0.9999), else fp32."""
    native = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if native else torch.float32


def native_bf16() -> torch.autocast:
    """Within it layers of fp32 multiply in bf16 where the processor does so natively: half the time.

    Elsewhere it changes nothing, since emulated bf16 takes several times as long.
    """
    return torch.autocast("cpu", torch.bfloat16, enabled=serving_precision() != torch.float32)
