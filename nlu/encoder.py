"""The sentence encoder: texts to unit vectors, the same for understanding and for retrieval."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlu.base_models import ENCODER, check

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int], None]

QUERY, PASSAGE = "query: ", "passage: "  # the prefixes that E5 was trained with
BATCH = 32
MESSAGE_TOKENS = 128  # a chat message longer than this is cut; customers' questions are far shorter
PASSAGE_TOKENS = 512
REMEMBERED_QUERIES = 256


@dataclass(frozen=True)
class TokenVectors:
    """Contextual vectors of one text's word pieces.

    ``vectors`` has shape (pieces, dimension); ``spans`` are the pieces' character offsets.
    """

    vectors: Vectors
    spans: list[tuple[int, int]]


class Encoder:
    """A transformer with mean pooling. Constructing is free; weights load at first use.

    Args:
        model: a ``from_pretrained`` folder or hub name of a BERT-like encoder.
    """

    def __init__(self, model: str | Path = ENCODER) -> None:
        self.name = str(model)
        self._queries: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    @cached_property
    def tokenizer(self) -> Any:
        """The fast tokenizer that belongs to the model."""
        from transformers import AutoTokenizer

        self._check()
        return AutoTokenizer.from_pretrained(self.name)

    @cached_property
    def transformer(self) -> Any:
        """The torch module, in fp32 and evaluation mode."""
        from transformers import AutoModel
        from transformers.utils import logging

        self._check()
        logging.disable_progress_bar()
        return AutoModel.from_pretrained(self.name).eval()

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.transformer.config.hidden_size)

    def encode_query(self, text: str) -> Vectors:
        """Unit vector of a customer's message, shape (dimension,).

        The last few hundred are remembered, so that the reply reuses the vector that
        understanding computed instead of encoding the message a second time.
        """
        with self._lock:
            if text in self._queries:
                self._queries.move_to_end(text)
                return self._queries[text]
        vector: Vectors = self.encode([text], QUERY, MESSAGE_TOKENS)[0]
        self.remember_query(text, vector)
        return vector

    def remember_query(self, text: str, vector: Vectors) -> None:
        """Keep a message's vector for :meth:`encode_query`."""
        with self._lock:
            self._queries[text] = vector
            while len(self._queries) > REMEMBERED_QUERIES:
                self._queries.popitem(last=False)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors of passages, shape (texts, dimension); ``progress`` hears each batch's size."""
        return self.encode(texts, PASSAGE, PASSAGE_TOKENS, progress)

    def encode(self, texts: Sequence[str], prefix: str, max_tokens: int, progress: Progress | None = None) -> Vectors:
        """Unit vectors, shape (texts, dimension), batched by length so that little is padded."""
        result = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            hidden, mask, _ = self._forward([prefix + texts[i] for i in batch], max_tokens)
            result[batch] = unit(mean_pool(hidden, mask))
            if progress:
                progress(len(batch))
        return result

    def encode_tokens(self, texts: Sequence[str], prefix: str = QUERY) -> list[tuple[Vectors, TokenVectors]]:
        """For each text its unit vector and its pieces' vectors, from one pass.

        Offsets refer to the text itself; pieces of the prefix and special tokens are left out.
        """
        hidden, mask, offsets = self._forward([prefix + text for text in texts], MESSAGE_TOKENS)
        pooled = unit(mean_pool(hidden, mask))
        results = []
        for row, spans in enumerate(offsets):
            kept = [(i, (a - len(prefix), b - len(prefix))) for i, (a, b) in enumerate(spans) if b > len(prefix)]
            vectors = hidden[row][[i for i, _ in kept]]
            results.append((pooled[row], TokenVectors(vectors, [(max(a, 0), b) for _, (a, b) in kept])))
        return results

    def _forward(
        self, texts: list[str], max_tokens: int
    ) -> tuple[Vectors, npt.NDArray[np.int64], list[list[tuple[int, int]]]]:
        import torch

        batch = self.tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=max_tokens,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = batch.pop("offset_mapping").tolist()
        with torch.inference_mode():
            hidden = self.transformer(**batch).last_hidden_state
        return hidden.float().numpy(), batch["attention_mask"].numpy(), offsets

    def _check(self) -> None:
        """A folder is checked; anything else is a hub name and left to transformers."""
        if Path(self.name).is_dir() or self.name.startswith(("models/", "/", ".")):
            _check_once(self.name)


_checked: set[str] = set()


def _check_once(folder: str) -> None:
    if folder not in _checked:
        check(Path(folder))
        _checked.add(folder)


_shared: dict[str, Encoder] = {}


def shared_encoder(model: str | Path = ENCODER) -> Encoder:
    """The process's one encoder of this name: components and retrieval must not load it twice."""
    return _shared.setdefault(str(model), Encoder(model))


def mean_pool(hidden: Vectors, mask: npt.NDArray[np.int64]) -> Vectors:
    """Mean of the unmasked positions: (batch, tokens, dimension) to (batch, dimension)."""
    weights = mask[..., None].astype(np.float32)
    pooled: Vectors = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
    return pooled


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length one; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(lengths, 1e-12)
    return scaled
