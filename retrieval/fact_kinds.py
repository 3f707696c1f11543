"""What a question asks about the customer: the kind of fact that answers it, or none.

Learned from written questions of each kind (``training_data/facts``): a question resembles other questions
more than it resembles the fact that answers it. Two further kinds stand for questions that no fact answers.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from nlu.encoder import MESSAGE_TOKENS, QUERY, Encoder, Progress, Vectors
from nlu.errors import TrainingDataError
from nlu.language import LANGUAGES

GENERAL, HOW_TO = "general", "how_to"  # answered alike for everybody; about using a device
NO_FACT = (GENERAL, HOW_TO)
CACHE = "questions.npz"
VARIANTS = 3  # of a question with a place for a product
STRENGTH = 30.0  # inverse regularisation; by cross-validation on the examples
# Nominative and accusative are alike, so each fits wherever a product may stand.
PRODUCTS = {
    "ru": "чайник роутер телефон телевизор ноутбук пылесос планшет тостер датчик стилус кабель рюкзак"
    " браслет аккумулятор блендер".split(),
    "en": "kettle router phone television laptop vacuum tablet toaster sensor stylus cable backpack band"
    " charger headphones".split(),
}


@dataclass(frozen=True)
class Examples:
    """Questions with their kinds."""

    texts: list[str]
    kinds: list[str]


def read_examples(folder: Path) -> Examples:
    """The written questions of a folder, one file a language, each place for a product filled in several ways.

    Raises:
        TrainingDataError: a file is missing, or is no mapping of kinds to questions.
    """
    pairs = [pair for language in LANGUAGES for pair in _filled(folder / f"{language}.yml", language)]
    return Examples([text for text, _ in pairs], [kind for _, kind in pairs])


def _filled(path: Path, language: str) -> Iterator[tuple[str, str]]:
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise TrainingDataError(f"{path} cannot be read, restore it: {error}") from error
    if not isinstance(written, dict) or not all(isinstance(texts, list) for texts in written.values()):
        raise TrainingDataError(f"{path}: expected a list of questions under each kind of fact.")
    products = itertools.cycle(PRODUCTS[language])
    for kind, texts in written.items():
        for text in map(str, texts):
            for _ in range(VARIANTS if "{}" in text else 1):
                yield text.replace("{}", next(products)), str(kind)


class FactKinds:
    """Probabilities of kinds for a question's vector.

    Args:
        encoder: the project's encoder.
        folder: of the written questions.
        cache: folder that keeps their vectors; None computes them once a process.
    """

    def __init__(self, encoder: Encoder, folder: Path, cache: Path | None = None) -> None:
        self.encoder = encoder
        self.folder = folder
        self.cache = cache / CACHE if cache else None

    @cached_property
    def examples(self) -> Examples:
        """The written questions."""
        return read_examples(self.folder)

    def probabilities(self, vector: Vectors) -> dict[str, float]:
        """Each kind's probability; they sum to one.

        Args:
            vector: the question's unit vector, as :meth:`Encoder.encode_query` makes it.
        """
        found = self._model.predict_proba(vector[None])[0]
        return dict(zip(self._model.classes_.tolist(), found.tolist()))

    def prepare(self, progress: Progress | None = None) -> None:
        """Encode the questions where the cache does not hold them."""
        self._vectors(progress)

    @cached_property
    def _model(self) -> Any:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=STRENGTH, max_iter=1000, class_weight="balanced")
        return model.fit(self._vectors(None), self.examples.kinds)

    def _vectors(self, progress: Progress | None) -> Vectors:
        """Vectors of the examples, shape (examples, dimension)."""
        key = hashlib.sha256(json.dumps([self.encoder.identity, self.examples.texts]).encode()).hexdigest()
        if self.cache and self.cache.is_file() and (kept := _kept(self.cache, key)) is not None:
            return kept
        vectors = self.encoder.encode(self.examples.texts, QUERY, MESSAGE_TOKENS, progress)
        if self.cache:
            self.cache.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self.cache.with_name(f"{os.getpid()}-{CACHE}")
            np.savez(unfinished, key=np.array(key), vectors=vectors)
            os.replace(unfinished, self.cache)
        return vectors


def _kept(path: Path, key: str) -> Vectors | None:
    """The cached vectors if they are of these texts by this encoder; a damaged file counts as none."""
    try:
        with np.load(path) as stored:
            return np.asarray(stored["vectors"], dtype=np.float32) if str(stored["key"]) == key else None
    except (OSError, ValueError, KeyError):
        return None


def fact_probability(probabilities: Mapping[str, float]) -> float:
    """How likely it is that a fact of the customer answers."""
    return 1.0 - sum(probabilities.get(kind, 0.0) for kind in NO_FACT)
