"""Whether what was found answers the question: a probability from retrieval alone.

A logistic regression on the features below. Its coefficients, in ``answerability.json``, are fitted
by ``benchmarks/fit_ranking.py`` on the written questions of ``training_data/replies``, each asked
with the passage that answers it in the index, with only its other-language version, and without
either. No question or article of the demo shop takes part, so the figures measured there are honest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.documents import Hit
from retrieval.ranking import Signals

Features = npt.NDArray[np.float64]

COEFFICIENTS = Path(__file__).with_name("answerability.json")
FEATURES = (*Signals.names(), "best sentence's lead", "lead over other documents", "agreement")


def features(hits: Sequence[Hit]) -> Features:
    """The features of a ranking, best first: see :data:`FEATURES`.

    The best hit's signals; by how much its best sentence matches better than its sentences do on
    average; its lead in score over the next document; and whether the other passages found hold no
    more of the question's words than it does.
    """
    best = hits[0]
    matches = [match for _, match in best.sentences if match > -1.0] or [best.signals.sentence]
    others = [hit.score for hit in hits[1:] if hit.passage.document_id != best.passage.document_id]
    return np.array(
        [
            *best.signals.values(),
            max(matches) - float(np.mean(matches)),
            best.score - max(others, default=best.score),
            best.signals.coverage - max(hit.signals.coverage for hit in hits),
        ]
    )


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
