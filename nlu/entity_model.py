"""Entities learned from annotated examples: a tagger of words on the shared encoder's states. Knows no Rasa.

The encoder stays as it is and a message's one pass serves everything. A word is the mean of its
pieces' vectors in a few middle layers, where they still tell the word and already its context,
with flags for its spelling; a small network (nlu/tagger.py) tags the words.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from nlu.encoder import BATCH, Encoder, Encoding
from nlu.entities import Entity, without_overlaps
from nlu.entity_examples import EntityExample, Span, Variants
from nlu.errors import ModelBroken, TrainingDataError
from nlu.fine_tuning import StepProgress
from nlu.tagger import Tagger

WEIGHTS_FILE, MODEL_FILE = "entities.safetensors", "entities.json"
DEPTH = 12  # layers of the encoder that the numbers in the arguments are meant for
FLAGS = 8  # length of _spelling

_WORD = re.compile(r"\w+(?:[-'’]\w+|[.,]\d+)*|[^\w\s]")
_CLOSING = {")": "(", "]": "[", "»": "«", "”": "“", '"': '"', "“": "„"}
# No entity begins or ends with these; English particles may end one ("stopped switching on").
_NOT_FIRST = frozenset(
    "в во на из с со к ко по от до для у о об за и in on at to from of for by with and the a".split()
)
_NOT_LAST = frozenset("в во на из с со к ко по от до для у о об за и at to from of for by with and the a".split())


@dataclass(frozen=True)
class EntityTrainingArguments:
    """Hyperparameters, chosen on quarters of the demo's training examples kept apart.

    F1 of exact spans there, each measured by changing one thing. With layers 4, 8, 12 and no
    variants: window 3 0.776, without the random field 0.752, a BiLSTM instead 0.764, neither
    neighbours nor field 0.671. Layers 5, 7, 9 instead: 0.787; layers 3, 6, 9: 0.782. With variants
    0.79 to 0.81, and more of them no surer. A second convolution, an LSTM on top, four layers, more
    units or each word's first piece as well: no better. Figures of two runs differ by up to 0.02.
    """

    layers: tuple[int, ...] = (5, 7, 9)  # of twelve; another depth takes those at the same height
    hidden: int = 128
    window: int = 3  # words that the convolution sees at once
    dropout: float = 0.4
    variants: int = 1  # recased copies of an annotated example, values exchanged
    exchanged: float = 0.6  # part of the values that such a copy takes from another example
    bound: tuple[str, ...] = ("reason",)  # kinds whose values fit their own sentence only
    epochs: int = 15
    batch_size: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    seed: int = 13


@dataclass(frozen=True)
class EntityTrainingReport:
    """What was learned from."""

    examples: int
    spans: int
    kinds: list[str]
    last_loss: float


class EntityModel:
    """Texts to entities.

    >>> model = EntityModel(Encoder())                                                  # doctest: +SKIP
    >>> report = model.train([EntityExample("курьер в Туле", [Span(9, 13, "city")])])   # doctest: +SKIP
    >>> model.predict(["магазин в Туле?"])[0][0].value                                  # doctest: +SKIP
    'Туле'
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.kinds: list[str] = []
        self.layers: list[int] = []
        self._tagger: Tagger | None = None

    # -- training ---------------------------------------------------------------------------

    def train(
        self,
        examples: Sequence[EntityExample],
        arguments: EntityTrainingArguments = EntityTrainingArguments(),
        progress: StepProgress | None = None,
    ) -> EntityTrainingReport:
        """Learn from annotated examples; ``progress`` hears (step, steps, loss).

        Raises:
            TrainingDataError: no example is annotated, or an annotation lies outside its text.
        """
        _check(examples)
        self.kinds = sorted({span.kind for example in examples for span in example.spans})
        self._use_layers([max(1, round(layer * self.encoder.depth / DEPTH)) for layer in arguments.layers])
        with torch.random.fork_rng():
            torch.manual_seed(arguments.seed)
            size = len(self.layers) * self.encoder.dimension + FLAGS
            self._tagger = Tagger(size, len(self.kinds), arguments.hidden, arguments.window, arguments.dropout)
            last_loss = self._fit(self._tagger, examples, arguments, progress)
        spans = sum(len(example.spans) for example in examples)
        return EntityTrainingReport(len(examples), spans, self.kinds, last_loss)

    def _fit(
        self,
        tagger: Tagger,
        examples: Sequence[EntityExample],
        arguments: EntityTrainingArguments,
        progress: StepProgress | None,
    ) -> float:
        rng = random.Random(arguments.seed)
        learned = self._copies(examples, arguments, rng)
        optimizer = torch.optim.AdamW(
            tagger.parameters(), lr=arguments.learning_rate, weight_decay=arguments.weight_decay
        )
        steps = arguments.epochs * -(-len(learned) // arguments.batch_size)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, arguments.learning_rate, total_steps=steps, pct_start=arguments.warmup
        )
        batches = (batch for _ in range(arguments.epochs) for batch in _batches(learned, arguments.batch_size, rng))
        tagger.train()
        for step, batch in enumerate(batches, start=1):
            loss = tagger.loss([example.words for example in batch], [example.tags for example in batch])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(tagger.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            if progress:
                progress(step, steps, loss.item())
        tagger.eval()
        return float(loss.item())

    def _copies(
        self, examples: Sequence[EntityExample], arguments: EntityTrainingArguments, rng: random.Random
    ) -> list[list[_Learned]]:
        """Of each example with words the original and its variants, as the tagger learns from them."""
        variants = Variants(examples, arguments.variants, arguments.exchanged, arguments.bound, rng)
        copies = [[example, *variants.of(example)] for example in examples]
        learned = iter(self._read([copy for group in copies for copy in group]))
        groups = [[next(learned) for _ in group] for group in copies]
        return [group for group in groups if all(len(copy.words) for copy in group)]

    def _read(self, examples: Sequence[EntityExample]) -> list[_Learned]:
        """The encoder's pass over the examples, those of like length together."""
        learned: dict[int, _Learned] = {}
        order = sorted(range(len(examples)), key=lambda i: len(examples[i].text))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            for i, encoding in zip(batch, self.encoder.read([examples[i].text for i in batch])):
                words, vectors = self._words(encoding, examples[i].text)
                learned[i] = _Learned(vectors, torch.tensor(self._tags(words, examples[i].spans), dtype=torch.long))
        return [learned[i] for i in range(len(examples))]

    def _tags(self, words: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[int]:
        """The tag of each word: O is 0, B- of kind i is 2 i + 1, I- is 2 i + 2. A word cut by a span is in it."""
        tags = [0] * len(words)
        for span in spans:
            inside = [i for i, (start, end) in enumerate(words) if start < span.end and end > span.start]
            for i in inside:
                tags[i] = 2 * self.kinds.index(span.kind) + (1 if i == inside[0] else 2)
        return tags

    # -- use --------------------------------------------------------------------------------

    def predict(self, texts: Sequence[str]) -> list[list[Entity]]:
        """Entities of each text, in order, none overlapping."""
        found: list[list[Entity]] = []
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            found += self.predict_read(self.encoder.read(batch), batch)
        return found

    def predict_read(self, encodings: Sequence[Encoding], texts: Sequence[str]) -> list[list[Entity]]:
        """The same from passes already made. Words beyond what the encoder read are in no entity."""
        return [self._find(encoding, text) for encoding, text in zip(encodings, texts)]

    def _find(self, encoding: Encoding, text: str) -> list[Entity]:
        words, vectors = self._words(encoding, text)
        if not words or self._tagger is None:
            return []
        tags, certain = self._tagger.decode(vectors)
        entities = []
        for first, last, kind in _runs(tags):
            # A span is as certain as its least certain word.
            confidence = min(certain[first : last + 1])
            first, last = _trimmed([text[start:end] for start, end in words], first, last)
            if first <= last:
                start, end = words[first][0], words[last][1]
                entities.append(Entity(self.kinds[kind], start, end, text[start:end], confidence))
        return without_overlaps(sorted(entities, key=lambda entity: -entity.confidence))

    def _words(self, encoding: Encoding, text: str) -> tuple[list[tuple[int, int]], Tensor]:
        """Offsets of the words that the encoder read, and their features, shape (words, features)."""
        read = [encoding.pieces(layer) for layer in self.layers]
        pieces = np.array(read[0][1]).reshape(-1, 2)
        words = np.array([match.span() for match in _WORD.finditer(text)]).reshape(-1, 2)
        words = words[words[:, 0] < pieces[:, 1].max(initial=0)]
        own = (pieces[None, :, 0] < words[:, None, 1]) & (pieces[None, :, 1] > words[:, None, 0])
        share = own / np.maximum(own.sum(axis=1, keepdims=True), 1)
        spans = [(int(start), int(end)) for start, end in words]
        flags = np.array([_spelling(text[start:end], start) for start, end in spans]).reshape(-1, FLAGS)
        vectors = np.concatenate([share @ vectors for vectors, _ in read] + [flags], axis=1)
        return spans, torch.from_numpy(vectors.astype(np.float32))

    def _use_layers(self, layers: Sequence[int]) -> None:
        self.layers = sorted(set(layers))
        self.encoder.keep(*self.layers)

    # -- saving -----------------------------------------------------------------------------

    def save(self, folder: Path) -> None:
        """Write the tagger's weights and what they are for; an untrained model cannot be saved."""
        from safetensors.torch import save_file

        assert self._tagger is not None
        save_file(self._tagger.state_dict(), folder / WEIGHTS_FILE)
        described = {
            "encoder": self.encoder.identity,
            "kinds": self.kinds,
            "layers": self.layers,
            "tagger": self._tagger.sizes,
        }
        (folder / MODEL_FILE).write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> EntityModel:
        """Read what :meth:`save` wrote; the encoder must be the one it was trained with.

        Raises:
            ModelBroken: the folder holds no such model.
        """
        from safetensors.torch import load_file

        if not (folder / MODEL_FILE).is_file():
            raise ModelBroken(f"{folder} holds no entity model: train it with `lichno train`.")
        described = json.loads((folder / MODEL_FILE).read_text())
        encoder.check_same(described.get("encoder"), "entity model")
        model = cls(encoder)
        model.kinds = described["kinds"]
        model._use_layers(described["layers"])
        model._tagger = Tagger(**described["tagger"])
        model._tagger.load_state_dict(load_file(folder / WEIGHTS_FILE))
        model._tagger.eval()
        return model


def is_stored(folder: Path) -> bool:
    """Whether :meth:`EntityModel.save` wrote into the folder."""
    return (folder / MODEL_FILE).is_file()


@dataclass(frozen=True)
class _Learned:
    """An example as the tagger sees it."""

    words: Tensor  # (words, features)
    tags: Tensor  # (words,)


def _check(examples: Sequence[EntityExample]) -> None:
    if not any(example.spans for example in examples):
        raise TrainingDataError("No example is annotated with an entity: mark some, as in [Tula](city).")
    for example in examples:
        for span in example.spans:
            if not 0 <= span.start < span.end <= len(example.text):
                raise TrainingDataError(
                    f"An annotation from {span.start} to {span.end} lies outside its text: {example.text!r}."
                )


def _batches(learned: list[list[_Learned]], size: int, rng: random.Random) -> list[list[_Learned]]:
    """One epoch: of each example one copy, in new order."""
    chosen = [rng.choice(copies) for copies in learned]
    rng.shuffle(chosen)
    return [chosen[start : start + size] for start in range(0, len(chosen), size)]


def _spelling(word: str, start: int) -> list[bool]:
    return [
        word.isdigit(),
        any(char.isdigit() for char in word),
        word[0].isupper(),
        len(word) > 1 and word.isupper(),
        not word[0].isalnum(),
        word.isascii(),
        start == 0,
        len(word) <= 2,
    ]


def _runs(tags: Sequence[int]) -> list[tuple[int, int, int]]:
    """First word, last word and kind of each span."""
    runs: list[tuple[int, int, int]] = []
    for i, tag in enumerate(tags):
        if tag % 2:
            runs.append((i, i, tag // 2))
        elif tag:
            runs[-1] = (runs[-1][0], i, runs[-1][2])
    return runs


def _trimmed(words: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """The span without punctuation and prepositions at its ends; a bracket or quote closed inside it stays."""
    while first <= last and (_is_mark(words[first]) or _is_preposition(words, first)):
        first += 1
    while last >= first and (_is_loose(words[first : last + 1]) or words[last].lower() in _NOT_LAST):
        last -= 1
    return first, last


def _is_mark(word: str) -> bool:
    return not word[0].isalnum()


def _is_preposition(words: Sequence[str], i: int) -> bool:
    """With a full stop after it, it is an initial: К. Маркса."""
    return words[i].lower() in _NOT_FIRST and words[i + 1 : i + 2] != ["."]


def _is_loose(words: Sequence[str]) -> bool:
    """Whether the last word is a mark that closes nothing opened among them."""
    opening = _CLOSING.get(words[-1])
    before = words[:-1]
    if opening == words[-1]:
        return before.count(opening) % 2 == 0
    return _is_mark(words[-1]) and (opening is None or before.count(opening) <= before.count(words[-1]))
