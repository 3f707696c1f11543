"""Teaching the encoder what questions mean: contrastive fine-tuning of its top layers by LoRA.

In every batch a question must lie nearer to the passage that answers it, and to its answering
sentence, than to those of the other questions and to near ones that do not answer (InfoNCE, van den
Oord et al. 2018); another wording of the same question is near as well. Both measures that
retrieval uses are taught: mean vectors, and late interaction of word pieces. The lower layers stay,
since understanding has been fine-tuned on top of them.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from nlu.encoder import MESSAGE_TOKENS, PASSAGE, QUERY, Encoder
from nlu.fine_tuning import StepProgress
from nlu.layers import mean_of_each, run_layers, serving_precision
from retrieval.late_interaction import LateInteraction
from retrieval.lessons import Lesson, mistyped
from retrieval.lora import LINEAR_LAYERS, LoraArguments, fit, interrupted, mixed_precision, save_adapter

PASSAGE_TOKENS = 256  # of a passage in training; the longest of the index are twice as long

Lessons = Callable[[random.Random], Sequence[Lesson]]


@dataclass(frozen=True)
class EncoderTrainingArguments(LoraArguments):
    """Hyperparameters of one run."""

    epochs: int = 2
    layers: int = 6  # how many, from the top
    batch_size: int = 24  # lessons, each asked in two wordings
    temperature: float = 0.03
    sentences: float = 0.5  # weight of finding the answering sentence, beside the passage
    wordings: float = 0.5  # of another wording of the same question
    late_interaction: float = 1.0


@dataclass
class _Read:
    """Texts as the encoder being trained reads them."""

    hidden: Tensor  # (positions of all texts, dimension)
    lengths: list[int]
    ids: list[list[int]]

    def vectors(self) -> Tensor:
        """Unit vectors, shape (texts, dimension)."""
        return functional.normalize(mean_of_each(self.hidden, self.lengths), dim=1)


@dataclass(frozen=True)
class _Batch:
    """Two wordings of each lesson's question; passages and sentences, the answering ones first."""

    first: list[str]
    second: list[str]
    passages: list[str]
    sentences: list[str]
    alike: Tensor  # (lessons, passages): another text of the lesson's owner, which proves nothing
    said_alike: Tensor  # (lessons, sentences): the same of sentences that answer other lessons


class EncoderTraining:
    """One run of fine-tuning.

    Args:
        base: folder of the encoder that the adapter is for.
        start: an adapter to go on from; None starts with one that changes nothing.
        arguments: hyperparameters.
    """

    def __init__(
        self, base: Path, start: Path | None, arguments: EncoderTrainingArguments = EncoderTrainingArguments()
    ) -> None:
        self.arguments = arguments
        self.encoder = Encoder(base)
        self._late = LateInteraction(self.encoder)
        self._start = start
        self._base = base

    def run(self, lessons: Lessons, adapter: Path, checkpoint: Path, progress: StepProgress | None = None) -> float:
        """Train and write the adapter; returns the mean loss of the last steps.

        An interrupted run goes on from ``checkpoint``. ``lessons`` are drawn anew for every epoch;
        ``progress`` hears (step, steps, loss).
        """
        torch.manual_seed(self.arguments.seed)
        model = self._model(checkpoint)
        loss = fit(model, self._batches(lessons), lambda b: self._loss(model, b), self.arguments, checkpoint, progress)
        save_adapter(model, adapter)
        shutil.rmtree(checkpoint, ignore_errors=True)
        return loss

    def _model(self, checkpoint: Path) -> Any:
        """The encoder with trainable LoRA layers: fresh, of the start, or of the interrupted run."""
        from peft import LoraConfig, PeftModel, get_peft_model

        transformer = self.encoder.fresh_transformer()
        transformer.encoder.layer.to(serving_precision())
        start = checkpoint if interrupted(checkpoint) else self._start
        if start is not None:
            return PeftModel.from_pretrained(transformer, str(start), is_trainable=True)
        depth = len(transformer.encoder.layer)
        config = LoraConfig(
            r=self.arguments.rank,
            lora_alpha=2 * self.arguments.rank,
            target_modules=LINEAR_LAYERS,
            layers_to_transform=list(range(depth - self.arguments.layers, depth)),
            layers_pattern="layer",
            base_model_name_or_path=self._base.as_posix(),
        )
        return get_peft_model(transformer, config)

    # -- what is learned from ----------------------------------------------------------------

    def _batches(self, lessons: Lessons) -> list[Any]:
        """All of the run's, the same for the same seed."""
        choice = random.Random(self.arguments.seed)
        batches = []
        for _ in range(self.arguments.epochs):
            drawn = [*lessons(choice)]
            choice.shuffle(drawn)
            size = self.arguments.batch_size
            batches += [self._batch(drawn[start : start + size], choice) for start in range(0, len(drawn), size)]
        return batches

    def _batch(self, lessons: Sequence[Lesson], choice: random.Random) -> Any:
        """What one step reads, which :meth:`_loss` understands."""
        return _batch(lessons, choice)

    # -- the loss ----------------------------------------------------------------------------

    def _loss(self, model: Any, batch: Any) -> Tensor:
        count = len(batch.first)
        questions = self._read(model, QUERY, batch.first + batch.second, MESSAGE_TOKENS)
        passages = self._read(model, PASSAGE, batch.passages, PASSAGE_TOKENS)
        sentences = self._read(model, PASSAGE, batch.sentences, MESSAGE_TOKENS)
        asked, told, said = questions.vectors(), passages.vectors(), sentences.vectors()
        late = self._interaction(questions, passages)
        arguments = self.arguments
        loss = arguments.wordings * self._contrast(asked[:count] @ asked[count:].T)
        for rows in (slice(count), slice(count, None)):
            loss = loss + self._contrast(asked[rows] @ told.T, batch.alike)
            loss = loss + arguments.sentences * self._contrast(asked[rows] @ said.T, batch.said_alike)
            loss = loss + arguments.late_interaction / 2 * self._contrast(late[rows], batch.alike)
        return loss

    def _contrast(self, similarities: Tensor, alike: Tensor | None = None) -> Tensor:
        """Cross-entropy of finding for each row the column of the same number."""
        scores = similarities / self.arguments.temperature
        if alike is not None:
            scores = scores.masked_fill(alike, -1e4)
        return functional.cross_entropy(scores, torch.arange(len(scores)))

    def _read(self, model: Any, prefix: str, texts: Sequence[str], max_tokens: int) -> _Read:
        with torch.no_grad():
            hidden, ids = self.encoder.embed([prefix + text for text in texts], max_tokens)
        lengths = [len(row) for row in ids]
        with mixed_precision(model):
            layers = model.base_model.model.encoder.layer
            output, _ = run_layers(layers, hidden.to(serving_precision()), lengths)
        return _Read(output.float(), lengths, ids)

    def _interaction(self, questions: _Read, passages: _Read) -> Tensor:
        """Weighted mean over a question's pieces of the nearest piece's cosine, shape (questions, passages)."""
        asked, _ = self._pieces(questions, self.encoder.prefix_length(QUERY))
        told, there = self._pieces(passages, self.encoder.prefix_length(PASSAGE))
        weights = pad_sequence(
            [
                torch.from_numpy(self._late.weights(row[self.encoder.prefix_length(QUERY) : -1]))
                for row in questions.ids
            ],
            batch_first=True,
        )
        similarities = torch.einsum("aqd,bpd->abqp", asked, told)
        nearest = similarities.masked_fill(~there[None, :, None, :], -1e4).amax(dim=3)
        return (nearest * weights[:, None, :]).sum(dim=2)

    def _pieces(self, read: _Read, skipped: int) -> tuple[Tensor, Tensor]:
        """Directions of the text's own pieces, shape (texts, pieces, dimension), and which places are taken."""
        common = torch.from_numpy(self._late.common)
        parts = [
            functional.normalize(functional.normalize(part[skipped:-1], dim=1) - common, dim=1)
            for part in read.hidden.split(read.lengths)
        ]
        padded = pad_sequence(parts, batch_first=True)
        return padded, torch.arange(padded.shape[1]) < torch.tensor([len(part) for part in parts])[:, None]


def _batch(lessons: Sequence[Lesson], choice: random.Random) -> _Batch:
    """Questions and texts drawn from the lessons; each brings a passage and a sentence that do not answer."""
    first, second = two_wordings(lessons, choice)
    passages = [choice.choice(lesson.passages) for lesson in lessons]
    sentences = [choice.choice(lesson.sentences or lesson.passages) for lesson in lessons]
    near = [choice.choice(lesson.near) for lesson in lessons if lesson.near]
    beside = [choice.choice(lesson.beside) for lesson in lessons if lesson.beside]
    owners = [lesson.owner for lesson in lessons]
    return _Batch(
        first,
        second,
        passages + [text for _, text in near],
        sentences + beside,
        alike(owners, owners + [owner for owner, _ in near]),
        alike(owners, owners + [""] * len(beside)),
    )


def two_wordings(lessons: Sequence[Lesson], choice: random.Random) -> tuple[list[str], list[str]]:
    """Each lesson's question in two wordings where it has them, now and then mistyped."""
    first, second = [], []
    for lesson in lessons:
        one, other = choice.sample(lesson.asked, 2) if len(lesson.asked) > 1 else lesson.asked * 2
        first.append(mistyped(one, choice))
        second.append(mistyped(other, choice))
    return first, second


def alike(owners: Sequence[str], columns: Sequence[str]) -> Tensor:
    """Where a column has the row's owner without being the row's own."""
    return torch.tensor([[a == b and i != j for j, b in enumerate(columns)] for i, a in enumerate(owners)])
