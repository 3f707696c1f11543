"""Intent classification on the encoder's top layers, fine-tuned. Knows no Rasa.

A message's vectors are two: that of the fine-tuned top layers and that of the base encoder, which
retrieval needs anyhow. A logistic regression on both, with the intents' names as further examples,
classifies; its confidence is calibrated and its out-of-scope threshold set on examples that the
measured model did not learn from. ``benchmarks/intent_methods.md`` compares the ways tried.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nlu.asking import Asking
from nlu.calibration import expected_calibration_error, fit_temperature, softmax
from nlu.encoder import BATCH, Encoder, Encoding, Vectors, unit
from nlu.errors import ModelBroken
from nlu.fine_tuning import FineTuning, FineTuningArguments, StepProgress, stratified_split
from nlu.intent_examples import check_examples, is_telling, spoken
from nlu.layers import mean_of_each, native_bf16, run_layers, serving_precision
from nlu.out_of_scope import OutOfScope, Seen, distances_with_all, threshold_for

LAYERS_FILE, ARRAYS_FILE, MODEL_FILE = "layers.safetensors", "arrays.npz", "intents.json"
MIN_TO_STOP_EARLY = 400  # held-out examples: fewer would stop training by chance
NOTHING_REJECTED = -1e9  # the threshold where no unseen examples could set one
TOO_FEW = (
    "No intent has four examples: confidence is not calibrated and out-of-scope messages are not recognised;"
    " write more examples."
)
Targets = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class IntentTrainingArguments(FineTuningArguments):
    """Hyperparameters of the whole model."""

    head_strength: float = 10.0  # inverse regularisation of the logistic regression
    held_out: float = 0.2  # part of each class of four or more kept from the model that calibrates
    enough: int = 4000  # from this many examples on that model is the final one: holding out costs nothing
    in_scope_recall: float = 0.98  # part of in-scope messages that the out-of-scope threshold lets pass
    threads: int | None = None  # None: all cores


@dataclass(frozen=True)
class Prediction:
    """Intents with calibrated confidences, best first; they sum to one.

    ``scope`` is how far the message lies inside the training set's scope, above zero, or outside, below.
    ``asks`` is the probability that it asks for something, rather than tell what the asking is about; 1 if unknown.
    """

    ranking: list[tuple[str, float]]
    scope: float = 0.0
    asks: float = 1.0

    @property
    def intent(self) -> str:
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        return self.ranking[0][1]

    @property
    def in_scope(self) -> bool:
        return self.scope >= 0.0


@dataclass
class TrainingReport:
    """What training measured on examples that the measured model did not learn from (None: there were none)."""

    examples: int
    intents: int
    held_out: int = 0
    accuracy: float | None = None
    calibration_error: float | None = None
    temperature: float = 1.0
    last_loss: float | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Corpus:
    """Training texts as the layers and the head see them."""

    states: list[Tensor]  # what enters the top layers
    base: Vectors  # the base encoder's unit vectors

    def __getitem__(self, chosen: Targets) -> _Corpus:
        return _Corpus([self.states[i] for i in chosen], self.base[chosen])

    def __add__(self, other: _Corpus) -> _Corpus:
        return _Corpus(self.states + other.states, np.concatenate([self.base, other.base]))


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
        self.threshold = 0.0
        self._layers = nn.ModuleList()
        self._centre: Vectors = np.zeros(0, dtype=np.float32)
        self._weights: Vectors = np.zeros((0, 0), dtype=np.float32)  # (intents, 2 x dimension + bias)
        self._scope: OutOfScope | None = None
        self._asking: Asking | None = None

    # -- training ---------------------------------------------------------------------------

    def train(
        self,
        texts: Sequence[str],
        intents: Sequence[str],
        arguments: IntentTrainingArguments = IntentTrainingArguments(),
        progress: StepProgress | None = None,
        out_of_scope: Sequence[str] = (),
        told: Sequence[str] = (),
    ) -> TrainingReport:
        """Fine-tune on labelled texts; ``progress`` hears (step, steps, loss).

        ``out_of_scope`` are texts that belong to no intent; they sharpen the detector. ``told`` are parts of
        messages that ask nothing; without them every part of a message is taken for one that asks.

        Raises:
            TrainingDataError: texts that cannot be learned from, saying why.
        """
        doubts = check_examples(texts, intents)
        self.labels = sorted(set(intents))
        index = {label: i for i, label in enumerate(self.labels)}
        targets = np.array([index[intent] for intent in intents], dtype=np.int64)
        with _threads(arguments.threads), torch.random.fork_rng():
            torch.manual_seed(arguments.seed)
            report = self._train(texts, targets, arguments, progress, out_of_scope, told)
        report.warnings = doubts if report.held_out else [*doubts, TOO_FEW]
        return report

    def _train(
        self,
        texts: Sequence[str],
        targets: Targets,
        arguments: IntentTrainingArguments,
        progress: StepProgress | None,
        out_of_scope: Sequence[str],
        told: Sequence[str],
    ) -> TrainingReport:
        layer = self.encoder.depth - arguments.layers
        self.temperature = 1.0
        corpus, outside = self._read(texts, layer), self._read(out_of_scope, layer)
        named = np.array([i for i, label in enumerate(self.labels) if is_telling(label)], dtype=np.int64)
        names = self._read([spoken(self.labels[i]) for i in named], layer)
        held_out = stratified_split(targets, arguments.held_out, 4, arguments.seed)
        kept, unseen = np.flatnonzero(~held_out), np.flatnonzero(held_out)
        report = TrainingReport(len(texts), len(self.labels), len(unseen))
        finishes = len(unseen) > 0 and len(texts) < arguments.enough
        first, last = _halves(progress) if finishes else (progress, None)
        everything = (corpus + names, np.r_[targets, named])
        self._layers = self.encoder.fresh_layers(arguments.layers)
        if len(unseen):
            # First the model does not see the held-out part: there it shows how sure a model may be.
            learned = (corpus[kept] + names, np.r_[targets[kept], named])
            seen = corpus[unseen], targets[unseen]
            report.last_loss = self._fit_layers(*learned, arguments, first, seen)
            self._fit_head(*learned, arguments)
            self._calibrate(corpus[kept], targets[kept], seen, outside, finishes, arguments, report)
        else:
            longer = replace(arguments, epochs=arguments.epochs + arguments.finishing_epochs)
            report.last_loss = self._fit_layers(*everything, longer, first)
        if finishes:
            finishing = replace(arguments, epochs=arguments.finishing_epochs)
            report.last_loss = self._fit_layers(*everything, finishing, last)
        self._fit_head(*everything, arguments)
        scales = self._scope.scales if self._scope and len(unseen) else None
        inside = self._seen(corpus)
        self._scope = OutOfScope.fit(inside, targets, self._seen(outside) if outside.states else None)
        if scales is None:
            self.threshold = NOTHING_REJECTED
        else:
            self._scope = replace(self._scope, scales=scales)
        self._asking = Asking.fit(corpus.base, self._read(told, layer).base) if told else None
        return report

    def _read(self, texts: Sequence[str], layer: int) -> _Corpus:
        """The base encoder's pass over the texts, up to the layer where fine-tuning begins, and to its end."""
        self.encoder.keep(layer)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        encodings: list[Encoding | None] = [None] * len(texts)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            for i, encoding in zip(batch, self.encoder.read([texts[i] for i in batch]), strict=True):
                encodings[i] = encoding
        done = [encoding for encoding in encodings if encoding]
        states = [encoding.states[layer].float().clone() for encoding in done]
        base = np.stack([encoding.vector for encoding in done]) if done else np.zeros((0, self.encoder.dimension))
        return _Corpus(states, base.astype(np.float32))

    def _fit_layers(
        self,
        corpus: _Corpus,
        targets: Targets,
        arguments: IntentTrainingArguments,
        progress: StepProgress | None,
        unseen: tuple[_Corpus, Targets] | None = None,
    ) -> float:
        """Teach the present layers, the base encoder's at first, these examples; returns the last loss."""
        self._layers.float()
        self._centre = corpus.base.mean(axis=0)
        vectors = unit(corpus.base - self._centre)
        rows = np.stack([vectors[targets == i].mean(axis=0) for i in range(len(self.labels))])
        tuning = FineTuning(
            self._layers,
            corpus.states,
            torch.from_numpy(targets),
            torch.from_numpy(rows),
            torch.from_numpy(self._centre),
            arguments,
        )
        check = None
        if unseen and len(unseen[1]) >= MIN_TO_STOP_EARLY:
            check = lambda: 1.0 - self._nearest(corpus, targets, *unseen)  # noqa: E731
        tuning.run(progress, check)
        self._layers.to(serving_precision())
        return tuning.losses[-1]

    def _nearest(self, corpus: _Corpus, targets: Targets, unseen: _Corpus, wanted: Targets) -> float:
        """Accuracy on the unseen part by the nearest class centroid, for early stopping."""
        vectors = self._tuned(corpus.states)
        rows = unit(np.stack([vectors[targets == i].mean(axis=0) for i in range(len(self.labels))]))
        return float(((self._tuned(unseen.states) @ rows.T).argmax(axis=1) == wanted).mean())

    def _fit_head(self, corpus: _Corpus, targets: Targets, arguments: IntentTrainingArguments) -> None:
        from sklearn.linear_model import LogisticRegression

        head = LogisticRegression(C=arguments.head_strength, max_iter=200, tol=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that stops at max_iter is good enough here
            head.fit(self._vectors(corpus), targets)
        weights = np.c_[head.coef_, head.intercept_].astype(np.float32)
        # Of two classes scikit-learn keeps the second's row only.
        self._weights = np.concatenate([-weights, weights]) / 2 if len(weights) == 1 else weights

    def _calibrate(
        self,
        corpus: _Corpus,
        targets: Targets,
        unseen: tuple[_Corpus, Targets],
        outside: _Corpus,
        finishes: bool,
        arguments: IntentTrainingArguments,
        report: TrainingReport,
    ) -> None:
        """Temperature and threshold from examples that the present layers and head have not seen.

        Where the model ``finishes`` on them later, the threshold allows for it.
        """
        seen, wanted = self._seen(unseen[0]), unseen[1]
        logits = seen.logits
        report.temperature = self.temperature = fit_temperature(logits, wanted)
        confidences, right = softmax(logits / self.temperature).max(axis=1), logits.argmax(axis=1) == wanted
        report.accuracy = float(right.mean())
        report.calibration_error = expected_calibration_error(confidences, right)
        kept = self._seen(corpus)
        self._scope = OutOfScope.fit(kept, targets, self._seen(outside) if outside.states else None).scaled(seen)
        scores = self._scope.scores(seen)
        if finishes:
            part = len(targets) / (len(targets) + len(wanted))
            scores[0] = distances_with_all(kept.base, targets, seen.base, part, arguments.seed)
        self.threshold = threshold_for(self._scope.total(scores), arguments.in_scope_recall)

    # -- use --------------------------------------------------------------------------------

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Rankings of all intents for each text."""
        predictions: list[Prediction] = []
        for start in range(0, len(texts), BATCH):
            predictions += self.predict_read(self.encoder.read(list(texts[start : start + BATCH])))
        return predictions

    def predict_read(self, encodings: Sequence[Encoding]) -> list[Prediction]:
        """The same from passes already made: only the fine-tuned layers run."""
        assert self._scope is not None
        layer = self.encoder.depth - len(self._layers)
        base = np.stack([encoding.vector for encoding in encodings])
        seen = self._seen(_Corpus([encoding.states[layer] for encoding in encodings], base))
        confidences = softmax(seen.logits / self.temperature).tolist()
        scopes = (self._scope.score(seen) - self.threshold).tolist()
        asks = self._asking.probabilities(base).tolist() if self._asking else [1.0] * len(base)
        return [
            Prediction(sorted(zip(self.labels, row), key=lambda pair: (-pair[1], pair[0])), scope, asking)
            for row, scope, asking in zip(confidences, scopes, asks)
        ]

    def _seen(self, corpus: _Corpus) -> Seen:
        full = self._vectors(corpus)
        base = full[:, -corpus.base.shape[1] :]  # the second half of what the head sees
        return Seen(base, full, full @ self._weights[:, :-1].T + self._weights[:, -1])

    def _vectors(self, corpus: _Corpus) -> Vectors:
        """What the head sees, shape (texts, 2 x dimension): fine-tuned and base vectors, centred."""
        return np.concatenate([self._tuned(corpus.states), unit(corpus.base - self._centre)], axis=1)

    def _tuned(self, states: Sequence[Tensor]) -> Vectors:
        parts = []
        with torch.inference_mode():
            precision = next(self._layers.parameters()).dtype
            for start in range(0, len(states), BATCH):
                batch = states[start : start + BATCH]
                lengths = [len(state) for state in batch]
                with native_bf16():  # for the fp32 masters of training
                    hidden, _ = run_layers(self._layers, torch.cat(list(batch)).to(precision), lengths)
                parts.append(mean_of_each(hidden, lengths).numpy())
        return unit(unit(np.concatenate(parts)) - self._centre)

    # -- saving -----------------------------------------------------------------------------

    def save(self, folder: Path) -> None:
        """Write the fine-tuned layers (bf16), the head and the detector."""
        from safetensors.torch import save_file

        assert self._scope is not None
        layers = {name: value.to(torch.bfloat16).contiguous() for name, value in self._layers.state_dict().items()}
        save_file(layers, folder / LAYERS_FILE)
        scope = {f"scope_{name}": array for name, array in self._scope.arrays().items()}
        asking = {"asking": self._asking.weights} if self._asking else {}
        np.savez(folder / ARRAYS_FILE, weights=self._weights, centre=self._centre, **asking, **scope)
        described = {
            "encoder": self.encoder.identity,
            "labels": self.labels,
            "layers": len(self._layers),
            "temperature": self.temperature,
            "threshold": self.threshold,
        }
        (folder / MODEL_FILE).write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> IntentModel:
        """Read what :meth:`save` wrote; the encoder must be the one it was trained with.

        Raises:
            ModelBroken: the folder holds no such model.
        """
        from safetensors.torch import load_file

        if not (folder / MODEL_FILE).is_file():
            raise ModelBroken(f"{folder} holds no intent model of this version: train it again with `lichno train`.")
        model = cls(encoder)
        described = json.loads((folder / MODEL_FILE).read_text())
        encoder.check_same(described.get("encoder"), "intent model")
        model.labels, model.temperature = described["labels"], described["temperature"]
        model.threshold = described["threshold"]
        arrays = dict(np.load(folder / ARRAYS_FILE))
        model._weights, model._centre = arrays.pop("weights"), arrays.pop("centre")
        model._asking = Asking(arrays.pop("asking")) if "asking" in arrays else None
        model._scope = OutOfScope.from_arrays({n.removeprefix("scope_"): array for n, array in arrays.items()})
        layers = encoder.fresh_layers(described["layers"])
        layers.load_state_dict({name: value.float() for name, value in load_file(folder / LAYERS_FILE).items()})
        model._layers = layers.eval().to(serving_precision())
        encoder.keep(encoder.depth - described["layers"])
        return model


def _halves(progress: StepProgress | None) -> tuple[StepProgress | None, StepProgress | None]:
    """Progress of two runs, taking them as equally long."""
    if not progress:
        return None, None
    return (
        lambda step, steps, loss: progress(step, 2 * steps, loss),
        lambda step, steps, loss: progress(steps + step, 2 * steps, loss),
    )


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Lets training use all cores and gives serving its number back."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or os.cpu_count() or 1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
