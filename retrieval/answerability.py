"""Whether what was found answers the question: the probability that the best passage does, from retrieval alone.

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
FEATURES = ("cosine", "own", "lead")
JUDGED = 8  # first hits that are looked at


def features(hits: Sequence[Hit]) -> Features:
    """The features of a ranking, best first: two of the best hit's signals, and its score's lead over the next ones'.

    Where nothing else was found the lead is not known (NaN). The other signals were tried as well; they fit
    the written scenarios better and other articles worse. None of them tells a question that nothing answers
    from one that is answered in other words: such questions share more with the passages.
    """
    best, others = hits[0], [hit.score for hit in hits[1:JUDGED]]
    lead = best.score - float(np.mean(others)) if others else np.nan
    return np.array([best.signals.cosine, best.signals.own, lead])


@dataclass(frozen=True)
class Answerability:
    """A fitted logistic regression over standardised features."""

    mean: list[float]
    deviation: list[float]
    weights: list[float]
    bias: float

    def probability(self, hits: Sequence[Hit]) -> float:
        """Probability that the first of these hits answers their question; 0 where nothing was found."""
        return self.probability_of(features(hits)) if hits else 0.0

    def probability_of(self, values: Features) -> float:
        """The same from :func:`features`; one that is not known counts as average."""
        scaled = np.nan_to_num((values - np.array(self.mean)) / np.array(self.deviation), nan=0.0)
        return float(1.0 / (1.0 + np.exp(-(scaled @ np.array(self.weights) + self.bias))))

    def save(self, path: Path = COEFFICIENTS) -> None:
        """Write the coefficients as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path = COEFFICIENTS) -> Answerability:
        """The shipped coefficients, or those of ``path``."""
        return cls(**json.loads(path.read_text()))


def fit(right: Sequence[Features], wrong: Sequence[Features]) -> Answerability:
    """Fit on the features of rankings whose first passage answers, and of others."""
    from sklearn.linear_model import LogisticRegression

    values = np.array([*right, *wrong])
    labels = [1] * len(right) + [0] * len(wrong)
    mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
    model = LogisticRegression().fit((values - mean) / deviation, labels)
    return Answerability(mean.tolist(), deviation.tolist(), model.coef_[0].tolist(), float(model.intercept_[0]))
