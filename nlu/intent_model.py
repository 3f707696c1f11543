"""Intent classification by fine-tuning the encoder end to end. Knows no Rasa.

Every transformer layer is trained together with a cosine head whose rows start at the classes'
centroids, so the first step is already a nearest-centroid classifier; word embeddings stay
frozen and shared with the base encoder, which halves memory and keeps rare words in place.
Confidence is the softmax at a temperature fitted on examples held out of training
(Guo et al. 2017, "On Calibration of Modern Neural Networks").
"""

from __future__ import annotations

import copy
import json
import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nlu.encoder import MESSAGE_TOKENS, QUERY, Encoder, Vectors
from nlu.errors import TrainingDataError

StepProgress = Callable[[int, int, float], None]

LAYERS_FILE, HEAD_FILE = "layers.safetensors", "head.json"
MIN_EXAMPLES_TO_HOLD_OUT = 10  # a class must spare one for calibration and still teach


@dataclass(frozen=True)
class IntentTrainingArguments:
    """Hyperparameters of fine-tuning."""

    epochs: int = 4
    batch_size: int = 32
    learning_rate: float = 2e-4
    head_learning_rate: float = 2e-3
    layer_decay: float = 0.9  # each layer below the top learns this much slower
    warmup: float = 0.1
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    scale: float = 20.0  # initial factor on the cosines
    held_out: float = 0.1  # part of each class kept for calibration when it is large enough
    seed: int = 13
    threads: int | None = None  # None: all cores


@dataclass(frozen=True)
class Prediction:
    """Intents with calibrated confidences, best first; they sum to one."""

    ranking: list[tuple[str, float]]

    @property
    def intent(self) -> str:
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        return self.ranking[0][1]


@dataclass
class TrainingReport:
    """What training measured: examples used, and accuracy on the held-out part (None without one)."""

    examples: int
    held_out: int
    accuracy: float | None = None
    temperature: float = 1.0
    losses: list[float] = field(default_factory=list)


class IntentModel:
    """Texts to intents.

    >>> model = IntentModel(Encoder())                                # doctest: +SKIP
    >>> report = model.train(["привет", "where is my order"], ["greet", "order_status"])  # doctest: +SKIP
    >>> model.predict(["hello"])[0].intent                            # doctest: +SKIP
    'greet'
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.labels: list[str] = []
        self.temperature = 1.0
        self._layers: nn.Module | None = None
        self._head: Tensor | None = None
        self._log_scale: Tensor | None = None

    # -- training ---------------------------------------------------------------------------

    def train(
        self,
        texts: Sequence[str],
        intents: Sequence[str],
        arguments: IntentTrainingArguments = IntentTrainingArguments(),
        progress: StepProgress | None = None,
    ) -> TrainingReport:
        """Fine-tune on labelled texts; ``progress`` hears (step, steps, loss).

        Raises:
            TrainingDataError: no texts, fewer than two intents, or lengths that differ.
        """
        check_examples(texts, intents)
        self.labels = sorted(set(intents))
        index = {label: i for i, label in enumerate(self.labels)}
        targets = np.array([index[intent] for intent in intents])
        kept, held_out = split_for_calibration(targets, arguments)
        with _threads(arguments.threads), torch.random.fork_rng():
            torch.manual_seed(arguments.seed)
            self._start([texts[i] for i in kept], targets[kept], arguments.scale)
            report = TrainingReport(len(kept), len(held_out))
            report.losses = self._fit([texts[i] for i in kept], targets[kept], arguments, progress)
            if held_out.size:
                logits = self._logits([texts[i] for i in held_out])
                self.temperature = fit_temperature(logits, torch.from_numpy(targets[held_out]))
                report.temperature = self.temperature
                report.accuracy = float((logits.argmax(1).numpy() == targets[held_out]).mean())
        return report

    def _start(self, texts: list[str], targets: Vectors, scale: float) -> None:
        vectors = self.encoder.encode(texts, QUERY, MESSAGE_TOKENS)
        centroids = np.stack([vectors[targets == i].mean(axis=0) for i in range(len(self.labels))])
        self._layers = copy.deepcopy(self.encoder.transformer.encoder).train()
        self._head = nn.Parameter(torch.from_numpy(centroids))
        self._log_scale = nn.Parameter(torch.tensor(math.log(scale)))
        self.temperature = 1.0

    def _fit(
        self,
        texts: list[str],
        targets: Vectors,
        arguments: IntentTrainingArguments,
        progress: StepProgress | None,
    ) -> list[float]:
        assert self._layers is not None
        steps = arguments.epochs * math.ceil(len(texts) / arguments.batch_size)
        optimizer = torch.optim.AdamW(self._parameter_groups(arguments), weight_decay=arguments.weight_decay)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _triangle(step, steps, arguments.warmup))
        shuffle = random.Random(arguments.seed)
        losses: list[float] = []
        for _ in range(arguments.epochs):
            order = list(range(len(texts)))
            shuffle.shuffle(order)
            for start in range(0, len(order), arguments.batch_size):
                batch = order[start : start + arguments.batch_size]
                loss = self._loss([texts[i] for i in batch], torch.from_numpy(targets[batch]), arguments)
                loss.backward()
                nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], 1.0)
                optimizer.step()
                schedule.step()
                optimizer.zero_grad(set_to_none=True)
                losses.append(loss.item())
                if progress:
                    progress(len(losses), steps, losses[-1])
        self._layers.eval()
        return losses

    def _loss(self, texts: list[str], targets: Tensor, arguments: IntentTrainingArguments) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors = self._vectors(texts)
        return functional.cross_entropy(
            self._score(vectors.float()), targets, label_smoothing=arguments.label_smoothing
        )

    def _parameter_groups(self, arguments: IntentTrainingArguments) -> list[dict[str, Any]]:
        assert self._layers is not None and isinstance(self._layers.layer, nn.ModuleList)
        depth = len(self._layers.layer)
        groups: list[dict[str, Any]] = [
            {
                "params": list(layer.parameters()),
                "lr": arguments.learning_rate * arguments.layer_decay ** (depth - 1 - i),
            }
            for i, layer in enumerate(self._layers.layer)
        ]
        groups.append({"params": [self._head, self._log_scale], "lr": arguments.head_learning_rate})
        return groups

    # -- use --------------------------------------------------------------------------------

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Rankings of all intents for each text."""
        confidences = functional.softmax(self._logits(texts) / self.temperature, dim=1).tolist()
        return [Prediction(sorted(zip(self.labels, row), key=lambda pair: (-pair[1], pair[0]))) for row in confidences]

    def _logits(self, texts: Sequence[str]) -> Tensor:
        assert self._layers is not None
        self._layers.eval()
        with torch.inference_mode():
            parts = [self._score(self._vectors(list(texts[i : i + 32]))) for i in range(0, len(texts), 32)]
        return torch.cat(parts)

    def _vectors(self, texts: list[str]) -> Tensor:
        """Pooled outputs of the fine-tuned layers on the base encoder's frozen embeddings."""
        assert self._layers is not None
        base = self.encoder.transformer
        batch = self.encoder.tokenizer(
            [QUERY + text for text in texts],
            padding=True,
            truncation=True,
            max_length=MESSAGE_TOKENS,
            return_tensors="pt",
        )
        mask = batch["attention_mask"]
        with torch.no_grad():
            embedded = base.embeddings(input_ids=batch["input_ids"])
        # Clipped so that a padded row never meets -inf in bf16.
        bias = (1.0 - mask[:, None, None, :].to(embedded.dtype)) * torch.finfo(torch.bfloat16).min
        hidden = self._layers(embedded, attention_mask=bias).last_hidden_state
        weights = mask[..., None].to(hidden.dtype)
        return (hidden * weights).sum(1) / weights.sum(1)

    def _score(self, vectors: Tensor) -> Tensor:
        assert self._head is not None and self._log_scale is not None
        cosines = functional.normalize(vectors, dim=1) @ functional.normalize(self._head, dim=1).T
        return cosines * self._log_scale.exp()

    # -- saving -----------------------------------------------------------------------------

    def save(self, folder: Path) -> None:
        """Write the fine-tuned layers (bf16) and the head."""
        from safetensors.torch import save_file

        assert self._layers is not None and self._head is not None and self._log_scale is not None
        layers = {name: value.to(torch.bfloat16).contiguous() for name, value in self._layers.state_dict().items()}
        save_file(layers, folder / LAYERS_FILE)
        head = {
            "labels": self.labels,
            "temperature": self.temperature,
            "log_scale": self._log_scale.item(),
            "rows": self._head.tolist(),
        }
        (folder / HEAD_FILE).write_text(json.dumps(head))

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> IntentModel:
        """Read what :meth:`save` wrote; the encoder must be the one it was trained with."""
        from safetensors.torch import load_file

        model = cls(encoder)
        head = json.loads((folder / HEAD_FILE).read_text())
        model.labels, model.temperature = head["labels"], head["temperature"]
        model._head = torch.tensor(head["rows"])
        model._log_scale = torch.tensor(head["log_scale"])
        layers = copy.deepcopy(encoder.transformer.encoder)
        layers.load_state_dict({name: value.float() for name, value in load_file(folder / LAYERS_FILE).items()})
        model._layers = layers.eval()
        return model


def check_examples(texts: Sequence[str], intents: Sequence[str]) -> None:
    """Refuse data that cannot be trained on.

    Raises:
        TrainingDataError: saying what is wrong with it.
    """
    if len(texts) != len(intents):
        raise TrainingDataError(f"There are {len(texts)} texts but {len(intents)} intents: give one for each.")
    if len(set(intents)) < 2:
        raise TrainingDataError(
            f"A classifier needs at least two intents, found {len(set(intents))}: add examples under training_data/nlu."
        )


def split_for_calibration(
    targets: Vectors, arguments: IntentTrainingArguments
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]]]:
    """Indices to train on and to hold out; classes with few examples hold out none."""
    counts = Counter(targets.tolist())
    generator = np.random.default_rng(arguments.seed)
    held_out: list[int] = []
    for target, count in sorted(counts.items()):
        if count >= MIN_EXAMPLES_TO_HOLD_OUT:
            chosen = generator.permutation(np.flatnonzero(targets == target))
            held_out.extend(chosen[: max(1, round(count * arguments.held_out))].tolist())
    mask = np.ones(len(targets), dtype=bool)
    mask[held_out] = False
    return np.flatnonzero(mask), np.array(sorted(held_out), dtype=np.int64)


def fit_temperature(logits: Tensor, targets: Tensor) -> float:
    """The temperature that minimises negative log-likelihood, within 0.25 to 4."""
    candidates = torch.logspace(math.log10(0.25), math.log10(4.0), 121)
    losses = [functional.cross_entropy(logits / t, targets).item() for t in candidates]
    return float(candidates[int(np.argmin(losses))])


def _triangle(step: int, steps: int, warmup: float) -> float:
    """Linear warm-up, then linear decay to zero."""
    rise = max(1.0, warmup * steps)
    return min(1.0, (step + 1) / rise) * max(0.0, 1.0 - step / max(1, steps))


class _threads:
    """Lets training use all cores and gives serving its number back."""

    def __init__(self, count: int | None) -> None:
        import os

        self.count = count or os.cpu_count() or 1

    def __enter__(self) -> None:
        self.before = torch.get_num_threads()
        torch.set_num_threads(self.count)

    def __exit__(self, *_: object) -> None:
        torch.set_num_threads(self.before)
