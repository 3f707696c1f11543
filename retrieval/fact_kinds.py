"""What a question asks about the customer: the kind of fact that answers it, or none.

Learned from written questions of each kind (``training_data/facts``): a question resembles other questions
more than it resembles the fact that answers it. Two further kinds stand for questions that no fact answers.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import yaml

from nlu.calibration import softmax
from nlu.encoder import MESSAGE_TOKENS, QUERY, Encoder, Progress, Vectors, unit
from nlu.errors import TrainingDataError
from nlu.language import LANGUAGES
from retrieval.cues import CUES, cues_in
from retrieval.own import speaks_of_self

GENERAL, HOW_TO = "general", "how_to"  # answered alike for everybody; about using a device
NO_FACT = (GENERAL, HOW_TO)
CACHE = "fact-kinds.npz"
PLACE = "{}"  # in a question: for a product
VARIANTS = 3  # of a question with a place for a product
STRENGTH = 100.0  # inverse regularisation
SIGN = 1.0  # size of a sign beside a unit vector
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
    owned: list[bool]  # whether it names a product that the customer has


def read_examples(folder: Path) -> Examples:
    """The written questions of a folder, each place for a product filled in several ways.

    Raises:
        TrainingDataError: a file is missing, or is no mapping of kinds to questions.
    """
    found = [one for language in LANGUAGES for one in _filled(read_questions(folder, language), language)]
    return Examples([text for text, _, _ in found], [kind for _, kind, _ in found], [owned for _, _, owned in found])


def read_questions(folder: Path, language: str) -> dict[str, list[str]]:
    """The written questions of a language by kind, a place for a product left open as ``{}``.

    Raises:
        TrainingDataError: the file is missing, or is no mapping of kinds to questions.
    """
    path = folder / f"{language}.yml"
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise TrainingDataError(f"{path} cannot be read, restore it: {error}") from error
    if not isinstance(written, dict) or not all(isinstance(texts, list) for texts in written.values()):
        raise TrainingDataError(f"{path}: expected a list of questions under each kind of fact.")
    return {str(kind): [str(text) for text in texts] for kind, texts in written.items()}


def _filled(questions: Mapping[str, Sequence[str]], language: str) -> Iterator[tuple[str, str, bool]]:
    products = itertools.cycle(PRODUCTS[language])
    for kind, texts in questions.items():
        for text in texts:
            for _ in range(VARIANTS if PLACE in text else 1):
                yield text.replace(PLACE, next(products)), kind, PLACE in text


@dataclass(frozen=True)
class _Fitted:
    """A logistic regression: weights of shape (kinds, dimension)."""

    kinds: list[str]
    weights: Vectors
    bias: Vectors
    centre: Vectors


class FactKinds:
    """Probabilities of kinds for a question's vector.

    Args:
        encoder: the project's encoder.
        folder: of the written questions.
        cache: folder that keeps what was learned of them; None learns it once a process.
    """

    def __init__(self, encoder: Encoder, folder: Path, cache: Path | None = None) -> None:
        self.encoder = encoder
        self.folder = folder
        self.cache = cache / CACHE if cache else None

    @cached_property
    def examples(self) -> Examples:
        """The written questions."""
        return read_examples(self.folder)

    def probabilities(self, question: str, owned: bool) -> dict[str, float]:
        """Each kind's probability; they sum to one.

        Args:
            question: the customer's.
            owned: whether it names a product that they have or ordered, and not as one asks of a model.
        """
        fitted = self._fitted
        seen = _seen(self.encoder.encode_query(question)[None], [question], [owned], fitted.centre)
        found = softmax(seen @ fitted.weights.T + fitted.bias)[0]
        return dict(zip(fitted.kinds, found.tolist()))

    def prepare(self, progress: Progress | None = None) -> None:
        """Learn the questions where the cache does not hold what was learned."""
        self._fitted = self._load() or self._learn(progress)

    @cached_property
    def _fitted(self) -> _Fitted:
        return self._load() or self._learn(None)

    @cached_property
    def _key(self) -> str:
        cues = {name: cue.pattern for name, cue in CUES.items()}
        known = [self.encoder.identity, self.examples.texts, self.examples.kinds, STRENGTH, SIGN, cues]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()

    def _load(self) -> _Fitted | None:
        """What was learned of these questions on this encoder; None where the cache holds something else."""
        if self.cache is None or not self.cache.is_file():
            return None
        try:
            with np.load(self.cache) as stored:
                if str(stored["key"]) != self._key:
                    return None
                kinds = [str(kind) for kind in stored["kinds"]]
                return _Fitted(kinds, stored["weights"], stored["bias"], stored["centre"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return None

    def _learn(self, progress: Progress | None) -> _Fitted:
        from sklearn.linear_model import LogisticRegression

        vectors = self.encoder.encode(self.examples.texts, QUERY, MESSAGE_TOKENS, progress)
        centre = vectors.mean(axis=0)
        seen = _seen(vectors, self.examples.texts, self.examples.owned, centre)
        model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(seen, self.examples.kinds)
        fitted = _Fitted(model.classes_.tolist(), model.coef_, model.intercept_, centre)
        if self.cache:
            self.cache.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self.cache.with_name(f"{os.getpid()}-{CACHE}")
            np.savez(
                unfinished,
                key=np.array(self._key),
                kinds=np.array(fitted.kinds),
                weights=fitted.weights,
                bias=fitted.bias,
                centre=centre,
            )
            os.replace(unfinished, self.cache)
        return fitted


def _seen(vectors: Vectors, texts: Sequence[str], owned: Sequence[bool], centre: Vectors) -> Vectors:
    """What the regression sees: vectors apart from what all questions have in common, and signs."""
    signs = [[speaks_of_self(text), own, *cues_in(text)] for text, own in zip(texts, owned)]
    return np.hstack([unit(vectors - centre), SIGN * np.array(signs, dtype=np.float32)])


def fact_probability(probabilities: Mapping[str, float]) -> float:
    """How likely it is that a fact of the customer answers."""
    return 1.0 - sum(probabilities.get(kind, 0.0) for kind in NO_FACT)
