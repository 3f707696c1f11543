"""Ways to classify intents from few examples, compared; the default is the last row's.

    python -m benchmarks.intent_methods FOLDER [--train train_10.csv] [--test valid.csv]

FOLDER holds CSV files ``text,intent``. Choices are made on a validation file, never on the test
file. Prints accuracy and seconds of training of every way; ``intent_methods.md`` keeps a run.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

import bot.quiet  # noqa: F401
from bot.evaluation.labelled import Labelled, read_labelled
from nlu.encoder import MESSAGE_TOKENS, QUERY, Encoder, Vectors, unit
from nlu.intent_examples import spoken
from nlu.intent_model import IntentModel, IntentTrainingArguments

DEFAULT = replace(IntentTrainingArguments(), held_out=0.0)  # calibration is not compared
PLAIN = replace(DEFAULT, contrast=0.0, token_dropout=0.0)
TUNED = {
    "cross-entropy": PLAIN,
    "contrast, then a head (as SetFit)": replace(DEFAULT, cross_entropy=0.0, token_dropout=0.0),
    "cross-entropy and contrast": replace(DEFAULT, token_dropout=0.0),
    "both, batches without pairs": replace(DEFAULT, token_dropout=0.0, group=1),
    "both, tokens dropped, 4 layers": replace(DEFAULT, layers=4),
    "both, tokens dropped, 12 layers": replace(DEFAULT, layers=12),
    "both, tokens dropped, 6 layers (default)": DEFAULT,
}


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--train", default="train_10.csv")
    parser.add_argument("--test", default="valid.csv")
    options = parser.parse_args()
    train, test = read_labelled(options.folder / options.train), read_labelled(options.folder / options.test)
    encoder = Encoder()
    for name, method in FROZEN.items():
        _show(name, test, lambda method=method: method(encoder, train, test))  # type: ignore[misc]
    for name, arguments in TUNED.items():
        _show(name, test, lambda arguments=arguments: _tuned(encoder, train, test, arguments))  # type: ignore[misc]


def _show(name: str, test: Labelled, predict: Callable[[], list[str]]) -> None:
    started = time.perf_counter()
    predicted = predict()
    accuracy = np.mean([one == other for one, other in zip(predicted, test.intents)])
    print(f"| {name} | {accuracy:.3f} | {time.perf_counter() - started:.0f} |", flush=True)


def _tuned(encoder: Encoder, train: Labelled, test: Labelled, arguments: IntentTrainingArguments) -> list[str]:
    model = IntentModel(encoder)
    model.train(train.texts, train.intents, arguments)
    return [prediction.intent for prediction in model.predict(test.texts)]


def _names(encoder: Encoder, train: Labelled, test: Labelled) -> list[str]:
    """The nearest intent's name."""
    labels, centre = sorted(set(train.intents)), _vectors(encoder, train.texts).mean(axis=0)
    rows = unit(_vectors(encoder, [spoken(label) for label in labels]) - centre)
    return _nearest(rows, labels, unit(_vectors(encoder, test.texts) - centre))


def _prototypes(encoder: Encoder, train: Labelled, test: Labelled) -> list[str]:
    """The nearest mean of an intent's examples."""
    labels, vectors = sorted(set(train.intents)), _vectors(encoder, train.texts)
    centre = vectors.mean(axis=0)
    vectors, intents = unit(vectors - centre), np.array(train.intents)
    rows = unit(np.stack([vectors[intents == label].mean(axis=0) for label in labels]))
    return _nearest(rows, labels, unit(_vectors(encoder, test.texts) - centre))


def _linear(encoder: Encoder, train: Labelled, test: Labelled) -> list[str]:
    """A linear head on frozen vectors."""
    return _head(encoder, train.texts, train.intents, test)


def _linear_with_names(encoder: Encoder, train: Labelled, test: Labelled) -> list[str]:
    """The same with each intent's name as one more example."""
    labels = sorted(set(train.intents))
    return _head(encoder, train.texts + [spoken(label) for label in labels], train.intents + labels, test)


def _head(encoder: Encoder, texts: list[str], intents: list[str], test: Labelled) -> list[str]:
    vectors = _vectors(encoder, texts)
    centre = vectors.mean(axis=0)
    head = LogisticRegression(C=30, max_iter=300).fit(unit(vectors - centre), intents)
    return [str(intent) for intent in head.predict(unit(_vectors(encoder, test.texts) - centre))]


def _nearest(rows: Vectors, labels: list[str], vectors: Vectors) -> list[str]:
    return [labels[i] for i in (vectors @ rows.T).argmax(axis=1)]


def _vectors(encoder: Encoder, texts: list[str]) -> Vectors:
    return encoder.encode(texts, QUERY, MESSAGE_TOKENS)


FROZEN = {
    "frozen: intents' names only": _names,
    "frozen: prototypes": _prototypes,
    "frozen: linear head": _linear,
    "frozen: linear head, names as examples": _linear_with_names,
}


if __name__ == "__main__":
    main()
