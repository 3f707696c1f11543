"""Whether what was found answers the question: a probability from retrieval alone.

A logistic regression on the features below. Its coefficients, in ``answerability.json``, are fitted
by ``benchmarks/calibrate_answerability.py`` on the written questions of ``training_data/replies``,
each asked with the passage that answers it in the index, with only its other-language version, and
without either. No question or
article of the demo shop takes part, so the figures measured there are honest.
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
FEATURES = (
    "cosine",
    "best sentence",
    "coverage",
    "lead over other documents",
    "best coverage",
    "in another language",
)


def features(hits: Sequence[Hit], language: str) -> Features:
    """The features of a ranking, best first, for a question in ``language``: see :data:`FEATURES`.

    Words shared with a passage in another language are names and numbers, so they count for nothing there.
    """
    best = hits[0]
    own = best.passage.language == language
    others = [hit.cosine for hit in hits[1:] if hit.passage.document_id != best.passage.document_id]
    return np.array(
        [
            best.cosine,
            max((cosine for _, cosine in best.sentences), default=best.cosine),
            best.coverage * own,
            best.cosine - max(others, default=best.cosine),
            max(hit.coverage for hit in hits) * own,
            1.0 - own,
        ]
    )


@dataclass(frozen=True)
class Answerability:
    """A fitted logistic regression over standardised features."""

    mean: list[float]
    deviation: list[float]
    weights: list[float]
    bias: float

    def probability(self, hits: Sequence[Hit], language: str) -> float:
        """Probability that this ranking answers its question; 0 where nothing was found."""
        if not hits:
            return 0.0
        scaled = (features(hits, language) - np.array(self.mean)) / np.array(self.deviation)
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
