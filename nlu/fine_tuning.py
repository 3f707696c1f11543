"""Fine-tuning the encoder's top layers on labelled texts. Knows no Rasa.

The lower layers stay as they are: their outputs for the training texts are computed once, and at
run time one pass through them serves understanding and retrieval alike. The top layers learn by
cross-entropy through a cosine head together with supervised contrast (Khosla et al. 2020,
"Supervised Contrastive Learning"), in batches where every class brings a pair. Dropping a third
of the tokens of each text (Shen et al. 2020, "A Simple but Tough-to-Beat Data Augmentation
Approach", token cutoff) keeps few examples from being learned by heart.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nlu.layers import mean_of_each, native_bf16, run_layers

StepProgress = Callable[[int, int, float], None]


@dataclass(frozen=True)
class FineTuningArguments:
    """Hyperparameters; the defaults won the comparison in ``benchmarks/intent_methods.md``."""

    layers: int = 6  # how many, from the top; the rest is shared with retrieval
    epochs: int = 6
    finishing_epochs: int = 4  # more of them on everything, after the run that measured on the held-out part
    examples_seen: int = 40_000  # a large set gets fewer epochs, down to two
    batch_size: int = 32
    group: int = 2  # examples of one class that stand together in a batch
    learning_rate: float = 2e-4
    head_learning_rate: float = 2e-3
    layer_decay: float = 0.9  # each layer below the top learns this much slower
    warmup: float = 0.1
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    scale: float = 20.0  # initial factor on the head's cosines
    cross_entropy: float = 1.0  # weight of the head's loss
    contrast: float = 1.0  # weight of the contrastive loss beside it
    contrast_temperature: float = 0.05
    token_dropout: float = 0.3
    seed: int = 13

    def epochs_for(self, examples: int) -> int:
        """Epochs for a training set of this size."""
        return max(min(self.epochs, 2), min(self.epochs, round(self.examples_seen / max(1, examples))))


@dataclass
class FineTuning:
    """One run: layers, what they learn from, and the losses so far.

    Args:
        layers: the top layers, in fp32; trained in place.
        states: for each example what enters them, shape (positions, dimension).
        targets: class of each example, shape (examples,).
        rows: the head's initial rows, shape (classes, dimension).
        centre: subtracted from unit vectors, shape (dimension,): E5's vectors crowd around it.
    """

    layers: nn.ModuleList
    states: Sequence[Tensor]
    targets: Tensor
    rows: Tensor
    centre: Tensor
    arguments: FineTuningArguments
    losses: list[float] = field(default_factory=list)

    def run(self, progress: StepProgress | None = None, check: Callable[[], float] | None = None) -> None:
        """Train; ``progress`` hears (step, steps, loss).

        With ``check`` (an error, the lower the better) the layers of the best epoch are kept, and
        training stops after the second epoch in a row without improvement.
        """
        self._prepare()
        epochs = self.arguments.epochs_for(len(self.states))
        steps = epochs * math.ceil(len(self.states) / self.arguments.batch_size)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: triangle(step, steps, self.arguments.warmup)
        )
        best = _Best(self.layers)
        for _ in range(epochs):
            self.layers.train()
            for batch in self._batches():
                self._step(batch)
                schedule.step()
                if progress:
                    progress(len(self.losses), max(steps, len(self.losses)), self.losses[-1])
            self.layers.eval()
            if check and best.is_over(check()):
                break
        best.restore()

    def _prepare(self) -> None:
        arguments, depth = self.arguments, len(self.layers)
        self._shuffle = random.Random(arguments.seed)
        self._rows = nn.Parameter(self.rows.clone())
        self._log_scale = nn.Parameter(torch.tensor(math.log(arguments.scale)))
        groups: list[dict[str, Any]] = [
            {
                "params": list(layer.parameters()),
                "lr": arguments.learning_rate * arguments.layer_decay ** (depth - 1 - i),
            }
            for i, layer in enumerate(self.layers)
        ]
        groups.append(
            {"params": [self._rows, self._log_scale], "lr": arguments.head_learning_rate, "weight_decay": 0.0}
        )
        self._optimizer = torch.optim.AdamW(groups, weight_decay=arguments.weight_decay)
        self._parameters = [parameter for group in groups for parameter in group["params"]]

    def _batches(self) -> list[list[int]]:
        """Groups of a class's examples, shuffled, filled into batches."""
        by_class = defaultdict(list)
        for index, target in enumerate(self.targets.tolist()):
            by_class[target].append(index)
        groups = []
        for members in by_class.values():
            self._shuffle.shuffle(members)
            size = self.arguments.group
            groups += [members[start : start + size] for start in range(0, len(members), size)]
        self._shuffle.shuffle(groups)
        flat = [index for group in groups for index in group]
        size = self.arguments.batch_size
        return [flat[start : start + size] for start in range(0, len(flat), size)]

    def _step(self, batch: list[int]) -> None:
        states = [self._thin(self.states[i]) for i in batch]
        lengths = [len(state) for state in states]
        with native_bf16():
            hidden, _ = run_layers(self.layers, torch.cat(states), lengths)
        vectors = centred(mean_of_each(hidden, lengths), self.centre)
        targets = self.targets[batch]
        logits = vectors @ functional.normalize(self._rows, dim=1).T * self._log_scale.exp()
        arguments = self.arguments
        loss = arguments.cross_entropy * functional.cross_entropy(
            logits, targets, label_smoothing=arguments.label_smoothing
        ) + arguments.contrast * supervised_contrast(vectors, targets, arguments.contrast_temperature)
        loss.backward()
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self.losses.append(loss.item())

    def _thin(self, state: Tensor) -> Tensor:
        """The text without a random part of its tokens; the first position always stays."""
        kept = torch.rand(len(state)) >= self.arguments.token_dropout
        kept[0] = True
        return state[kept]


class _Best:
    """Remembers the layers of the epoch with the lowest error."""

    def __init__(self, layers: nn.ModuleList) -> None:
        self._layers, self._error, self._worse = layers, math.inf, 0
        self._state: dict[str, Tensor] | None = None

    def is_over(self, error: float) -> bool:
        if error < self._error:
            self._error, self._worse = error, 0
            self._state = {name: value.clone() for name, value in self._layers.state_dict().items()}
        else:
            self._worse += 1
        return self._worse >= 2

    def restore(self) -> None:
        if self._state is not None:
            self._layers.load_state_dict(self._state)


def supervised_contrast(vectors: Tensor, targets: Tensor, temperature: float) -> Tensor:
    """Mean over examples with a classmate in the batch of -log p(classmate); 0 if nobody has one.

    Args:
        vectors: unit vectors, shape (batch, dimension).
        targets: classes, shape (batch,).
    """
    itself = torch.eye(len(targets), dtype=torch.bool)
    scores = (vectors @ vectors.T / temperature).masked_fill(itself, torch.finfo(torch.float32).min)
    log_p = scores - torch.logsumexp(scores, dim=1, keepdim=True)
    mates = (targets[:, None] == targets[None, :]) & ~itself
    counts = mates.sum(1)
    if not counts.any():
        return vectors.sum() * 0.0
    means = (log_p * mates).sum(1)[counts > 0] / counts[counts > 0]
    return -means.mean()


def centred(vectors: Tensor, centre: Tensor) -> Tensor:
    """Unit vectors of the differences between unit vectors and the centre."""
    return functional.normalize(functional.normalize(vectors, dim=1) - centre, dim=1)


def stratified_split(targets: np.ndarray[Any, Any], part: float, at_least: int, seed: int) -> np.ndarray[Any, Any]:
    """Which examples to hold out: ``part`` of every class that has ``at_least`` examples; a mask, shape (examples,)."""
    generator = np.random.default_rng(seed)
    mask = np.zeros(len(targets), dtype=bool)
    for target in np.unique(targets):
        members = np.flatnonzero(targets == target)
        if part > 0 and len(members) >= at_least:
            mask[generator.permutation(members)[: max(1, round(len(members) * part))]] = True
    return mask


def triangle(step: int, steps: int, warmup: float, least: float = 0.0) -> float:
    """Share of the learning rate: linear warm-up, then linear decay to ``least``."""
    rise = max(1.0, warmup * steps)
    return min(1.0, (step + 1) / rise) * max(least, 1.0 - step / max(1, steps))
