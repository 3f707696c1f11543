"""Whether what was found answers the question: a probability from retrieval alone.

A logistic regression on the features below. Its coefficients, in ``answerability.json``, are fitted
by ``benchmarks/fit_ranking.py`` on written questions of ``training_data/replies``, each asked with the
passage that answers it in the index, with only its other-language version, and without either. No
question or article of the demo shop takes part, so the figures measured there are honest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.documents import Hit

Features = npt.NDArray[np.float64]

COEFFICIENTS = Path(__file__).with_name("answerability.json")
FEATURES = ("cosine", "own")


def features(hits: Sequence[Hit]) -> Features:
    """The features of a ranking, best first: :data:`FEATURES` of the best hit's signals.

    More were tried: its other signals, its lead over the next document, agreement of both sides. They
    fit the written scenarios better and other articles worse, where several often tell the same.
    """
    return np.array([getattr(hits[0].signals, name) for name in FEATURES])


@dataclass(frozen=True)
class Answerability:
    """A fitted logistic regression over standardised features."""

    mean: list[float]
    deviation: list[float]
    weights: list[float]
    bias: float

    def probability(self, hits: Sequence[Hit]) -> float:
        """Probability that this ranking answers its question; 0 where nothing was found."""
        return self.probability_of(features(hits)) if hits else 0.0

    def probability_of(self, values: Features) -> float:
        """The same from :func:`features`."""
        scaled = (values - np.array(self.mean)) / np.array(self.deviation)
        return float(1.0 / (1.0 + np.exp(-(scaled @ np.array(self.weights) + self.bias))))

    def save(self, path: Path = COEFFICIENTS) -> None:
        """Write the coefficients as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path = COEFFICIENTS) -> Answerability:
        """The shipped coefficients, or those of ``path``."""
        return cls(**json.loads(path.read_text()))


def fit(answerable: Sequence[Features], unanswerable: Sequence[Features]) -> Answerability:
    """Fit on the features of rankings that do and do not hold the answer."""
    from sklearn.linear_model import LogisticRegression

    values = np.array([*answerable, *unanswerable])
    labels = [1] * len(answerable) + [0] * len(unanswerable)
    mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
    model = LogisticRegression().fit((values - mean) / deviation, labels)
    return Answerability(mean.tolist(), deviation.tolist(), model.coef_[0].tolist(), float(model.intercept_[0]))
