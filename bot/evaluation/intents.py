"""Training an intent model on one file and measuring it on another."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bot.evaluation.labelled import Labelled, unknown_intents
from nlu.calibration import expected_calibration_error
from nlu.encoder import Encoder
from nlu.fine_tuning import StepProgress
from nlu.intent_model import IntentModel, IntentTrainingArguments, Prediction
from nlu.out_of_scope import roc_auc

TIMED_TEXTS = 200


@dataclass
class IntentScores:
    """What ``lichno eval intents`` prints.

    ``accuracy`` takes the best intent whatever its scope; ``accuracy_accepted`` counts a text that
    the detector rejects as an error. Out-of-scope figures are None without such texts.
    """

    texts: int
    intents: int
    accuracy: float
    macro_f1: float
    expected_calibration_error: float
    accepted: float
    accuracy_accepted: float
    oos_texts: int
    oos_recall: float | None
    oos_precision: float | None
    oos_auc: float | None
    seconds_training: float
    ms_per_text: float
    training: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


@dataclass
class IntentEvaluation:
    """A trained model with its predictions on the test texts and on the out-of-scope ones."""

    model: IntentModel
    test: Labelled
    predictions: list[Prediction]
    outside: Labelled
    rejected: list[Prediction]
    scores: IntentScores

    def write(self, path: Path) -> None:
        """One JSON line a text; out-of-scope texts have no intent."""
        rows = [
            *zip(self.test.texts, self.test.intents, self.predictions),
            *((text, None, prediction) for text, prediction in zip(self.outside.texts, self.rejected)),
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as stream:
            for text, intent, prediction in rows:
                line = {
                    "text": text,
                    "intent": intent,
                    "predicted": prediction.intent,
                    "confidence": round(prediction.confidence, 4),
                    "in_scope": prediction.in_scope,
                    "scope": round(prediction.scope, 3),
                }
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")


def evaluate_intents(
    encoder: Encoder,
    train: Labelled,
    test: Labelled,
    outside: Labelled | None = None,
    outside_train: Labelled | None = None,
    arguments: IntentTrainingArguments = IntentTrainingArguments(),
    progress: StepProgress | None = None,
) -> IntentEvaluation:
    """Train on ``train`` (and out-of-scope examples, if given), measure on ``test`` and ``outside``."""
    outside = outside or Labelled([], [])
    model = IntentModel(encoder)
    started = time.perf_counter()
    report = model.train(train.texts, train.intents, arguments, progress, outside_train.texts if outside_train else ())
    seconds = time.perf_counter() - started
    predictions, rejected = model.predict(test.texts), model.predict(outside.texts)
    right = np.array([p.intent == intent for p, intent in zip(predictions, test.intents)])
    accepted = np.array([p.in_scope for p in predictions])
    confidences = np.array([p.confidence for p in predictions], dtype=np.float32)
    scores = IntentScores(
        texts=len(test.texts),
        intents=len(model.labels),
        accuracy=float(right.mean()),
        macro_f1=_macro_f1(test.intents, predictions),
        expected_calibration_error=expected_calibration_error(confidences, right),
        accepted=float(accepted.mean()),
        accuracy_accepted=float((right & accepted).mean()),
        **_out_of_scope(predictions, rejected),
        seconds_training=round(seconds, 1),
        ms_per_text=round(_milliseconds(model, test.texts[:TIMED_TEXTS]), 1),
        training=asdict(report),
        warnings=[*report.warnings, *([doubt] if (doubt := unknown_intents(test, train)) else [])],
    )
    return IntentEvaluation(model, test, predictions, outside, rejected, scores)


def _macro_f1(intents: Sequence[str], predictions: Sequence[Prediction]) -> float:
    from sklearn.metrics import f1_score

    predicted = [prediction.intent for prediction in predictions]
    return float(f1_score(intents, predicted, average="macro", labels=sorted(set(intents)), zero_division=0))


def _out_of_scope(inside: Sequence[Prediction], outside: Sequence[Prediction]) -> dict[str, Any]:
    if not outside:
        return {"oos_texts": 0, "oos_recall": None, "oos_precision": None, "oos_auc": None}
    caught = sum(not p.in_scope for p in outside)
    wrongly = sum(not p.in_scope for p in inside)
    return {
        "oos_texts": len(outside),
        "oos_recall": caught / len(outside),
        "oos_precision": caught / max(1, caught + wrongly),
        "oos_auc": roc_auc([p.scope for p in inside], [p.scope for p in outside]),
    }


def _milliseconds(model: IntentModel, texts: Sequence[str]) -> float:
    """Median of one text at a time with one thread, as they are served."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    times = []
    for text in texts:
        started = time.perf_counter()
        model.predict([text])
        times.append(time.perf_counter() - started)
    torch.set_num_threads(threads)
    return float(np.median(times)) * 1000
