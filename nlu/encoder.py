"""The sentence encoder: texts to unit vectors, the same for understanding and for retrieval."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nlu.base_models import CHECKSUMS, ENCODER, check, sha256
from nlu.errors import ModelBroken
from nlu.layers import check_layers, mean_of_each, run_layers, serving_precision

if TYPE_CHECKING:
    from torch import Tensor, nn

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int], None]

QUERY, PASSAGE = "query: ", "passage: "  # the prefixes that E5 was trained with
BATCH = 32
MESSAGE_TOKENS = 128  # a chat message longer than this is cut; customers' questions are far shorter
PASSAGE_TOKENS = 512
REMEMBERED_QUERIES = 256
REMEMBERED_MESSAGES = 16  # with their layers' outputs: enough for the components of the messages in progress


@dataclass(frozen=True)
class Encoding:
    """One text's pass through the encoder.

    ``vector`` is the unit mean of the last layer, ``last`` that layer's output. ``states`` holds the
    outputs of the kept layers. Both have the shape (positions, dimension), prefix and special tokens
    included; ``ids`` are the positions' word pieces, ``spans`` their character offsets in the text,
    None for prefix and special tokens.
    """

    vector: Vectors
    ids: list[int]
    spans: list[tuple[int, int] | None]
    last: Tensor
    states: dict[int, Tensor]

    def pieces(self, layer: int) -> tuple[Vectors, list[tuple[int, int]]]:
        """Vectors of the text's word pieces at a kept layer, shape (pieces, dimension), and their offsets."""
        inside = [i for i, span in enumerate(self.spans) if span]
        return self.states[layer][inside].float().numpy(), [span for span in self.spans if span]


class Encoder:
    """A transformer with mean pooling. Constructing is free; weights load at first use.

    Args:
        model: a ``from_pretrained`` folder or hub name of a BERT-like encoder.
    """

    def __init__(self, model: str | Path = ENCODER) -> None:
        self.name = str(model)
        self._queries: OrderedDict[str, Vectors] = OrderedDict()
        self._messages: OrderedDict[str, Encoding] = OrderedDict()
        self._kept: frozenset[int] = frozenset()
        self._lock = threading.Lock()
        self._tokenizing = threading.Lock()

    @cached_property
    def identity(self) -> str:
        """Name and content: vectors of two encoders with different identities must not be compared."""
        sums = Path(self.name) / CHECKSUMS
        return f"{Path(self.name).name} {sha256(sums)[:12]}" if sums.is_file() else self.name

    def check_same(self, identity: str | None, what: str) -> None:
        """Refuse what was trained on another encoder's vectors.

        Raises:
            ModelBroken: it was, naming both.
        """
        if identity != self.identity:
            raise ModelBroken(
                f"The {what} was trained on the encoder {identity}, not on {self.identity}: train it again"
                " (`lichno train nlu`, or `rasa train --force`)."
            )

    @cached_property
    def tokenizer(self) -> Any:
        """The fast tokenizer that belongs to the model."""
        from transformers import AutoTokenizer

        self._check()
        return AutoTokenizer.from_pretrained(self.name)

    @cached_property
    def transformer(self) -> Any:
        """The torch module in evaluation mode; :attr:`layers` puts its layers into the serving precision."""
        transformer = self.fresh_transformer()
        check_layers(list(getattr(getattr(transformer, "encoder", None), "layer", [])), self.name)
        return transformer

    def fresh_transformer(self) -> Any:
        """The torch module read anew, in fp32, for training."""
        from transformers import AutoModel
        from transformers.utils import logging

        self._check()
        logging.disable_progress_bar()
        return AutoModel.from_pretrained(self.name).eval()

    @cached_property
    def layers(self) -> Any:
        """The transformer layers, in the precision that serves."""
        return self.transformer.encoder.layer.to(serving_precision())

    def fresh_layers(self, count: int) -> nn.ModuleList:
        """The ``count`` top layers as they were pretrained, in fp32, for a component to fine-tune or fill."""
        from torch import nn

        if not 1 <= count <= self.depth:
            raise ValueError(f"layers must be between 1 and {self.depth}, not {count}.")
        return nn.ModuleList(self.fresh_transformer().encoder.layer[self.depth - count :])

    @cached_property
    def surprisals(self) -> Vectors | None:
        """-log p of every word piece in running text, in nats; None where the tokenizer knows no frequencies."""
        model = json.loads(self.tokenizer.backend_tokenizer.to_str())["model"]
        if model["type"] != "Unigram":
            return None
        return -np.array([score for _, score in model["vocab"]], dtype=np.float32)

    @property
    def depth(self) -> int:
        """Number of transformer layers."""
        return len(self.layers)

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

    def forget_messages(self) -> None:
        """Drop every message that is remembered."""
        with self._lock:
            self._queries.clear()
            self._messages.clear()

    def remember_query(self, text: str, vector: Vectors) -> None:
        """Keep a message's vector for :meth:`encode_query`."""
        with self._lock:
            self._queries[text] = vector
            while len(self._queries) > REMEMBERED_QUERIES:
                self._queries.popitem(last=False)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors of passages, shape (texts, dimension); ``progress`` hears each batch's size."""
        return self.encode(texts, PASSAGE, PASSAGE_TOKENS, progress)

    def keep(self, *layers: int) -> None:
        """Have every later :meth:`read` keep these layers' outputs (0: embeddings) for a component."""
        with self._lock:
            if not self._kept.issuperset(layers):
                self._kept |= frozenset(layers)
                self._messages.clear()

    def read_message(self, text: str) -> Encoding:
        """The message's one pass, shared by all components and by retrieval."""
        with self._lock:
            if text in self._messages:
                return self._messages[text]
        encoding = self.read([text])[0]
        self.remember_query(text, encoding.vector)
        with self._lock:
            self._messages[text] = encoding
            while len(self._messages) > REMEMBERED_MESSAGES:
                self._messages.popitem(last=False)
        return encoding

    def read(self, texts: Sequence[str], prefix: str = QUERY, max_tokens: int = MESSAGE_TOKENS) -> list[Encoding]:
        """Full passes of a few texts, with all that :class:`Encoding` holds."""
        import torch

        with torch.inference_mode():
            batch = self._tokens([prefix + text for text in texts], max_tokens)
            hidden, kept, lengths = self._forward(batch["input_ids"], self._kept)
            vectors = unit(mean_of_each(hidden, lengths).numpy())
            last = hidden.split(lengths)
            states = {layer: output.split(lengths) for layer, output in kept.items()}
        return [
            Encoding(
                vectors[row],
                batch["input_ids"][row],
                _shift(spans, len(prefix)),
                last[row],
                {layer: parts[row] for layer, parts in states.items()},
            )
            for row, spans in enumerate(batch["offset_mapping"])
        ]

    def encode(self, texts: Sequence[str], prefix: str, max_tokens: int, progress: Progress | None = None) -> Vectors:
        """Unit vectors, shape (texts, dimension)."""
        import torch

        result = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            with torch.inference_mode():
                tokens = self._tokens([prefix + texts[i] for i in batch], max_tokens)
                hidden, _, lengths = self._forward(tokens["input_ids"], frozenset())
                result[batch] = unit(mean_of_each(hidden, lengths).numpy())
            if progress:
                progress(len(batch))
        return result

    def _tokens(self, texts: list[str], max_tokens: int) -> Any:
        with self._tokenizing:  # transformers sets the tokenizer's limit before it uses it: "Already borrowed"
            return self.tokenizer(texts, truncation=True, max_length=max_tokens, return_offsets_mapping=True)

    def _forward(self, ids: list[list[int]], keep: frozenset[int]) -> tuple[Tensor, dict[int, Tensor], list[int]]:
        """Last and kept outputs of all positions end to end, and the positions of each text."""
        lengths = [len(row) for row in ids]
        hidden, kept = run_layers(self.layers, self._embeddings(ids).to(serving_precision()), lengths, keep)
        return hidden, kept, lengths

    def embed(self, texts: list[str], max_tokens: int) -> tuple[Tensor, list[list[int]]]:
        """What enters the first layer, for training the layers.

        Returns:
            (embeddings of all texts' positions end to end, shape (positions, dimension), the word pieces of each).
        """
        ids = self._tokens(texts, max_tokens)["input_ids"]
        return self._embeddings(ids), ids

    def prefix_length(self, prefix: str) -> int:
        """Positions of the prefix and of what the tokenizer puts before it."""
        spans = self._tokens([prefix + "x"], MESSAGE_TOKENS)["offset_mapping"][0]
        return next(i for i, span in enumerate(_shift(spans, len(prefix))) if span)

    def _embeddings(self, ids: list[list[int]]) -> Tensor:
        """Embeddings of tokens lying end to end; position numbers begin after the padding's where the model's do."""
        import torch

        embeddings = self.transformer.embeddings
        first = 1 + embeddings.padding_idx if hasattr(embeddings, "padding_idx") else 0
        positions = torch.cat([torch.arange(len(row)) for row in ids]) + first
        tokens = torch.tensor([i for row in ids for i in row])
        embedded: Tensor = embeddings(input_ids=tokens[None], position_ids=positions[None])[0]
        return embedded

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


def _shift(spans: Sequence[tuple[int, int]], by: int) -> list[tuple[int, int] | None]:
    """Offsets without the prefix; None for positions outside the text."""
    return [(max(start - by, 0), end - by) if end > by else None for start, end in spans]


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length one; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(lengths, 1e-12)
    return scaled
