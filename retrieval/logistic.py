"""A logistic regression on a few features, small enough to be read: it ships as a JSON file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from typing_extensions import Self

Features = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Logistic:
    """A fitted logistic regression over standardised features."""

    mean: list[float]
    deviation: list[float]
    weights: list[float]
    bias: float

    def probability_of(self, values: Features) -> float:
        """Probability of the kind fitted as right; a feature that is not known (NaN) counts as average."""
        scaled = np.nan_to_num((values - np.array(self.mean)) / np.array(self.deviation), nan=0.0)
        return float(1.0 / (1.0 + np.exp(-(scaled @ np.array(self.weights) + self.bias))))

    def save(self, path: Path) -> None:
        """Write the coefficients as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """What :meth:`save` wrote."""
        return cls(**json.loads(path.read_text()))

    @classmethod
    def fit(
        cls, right: Sequence[Features], wrong: Sequence[Features], balanced: bool = False, strength: float = 1.0
    ) -> Self:
        """Fit on the features of what is right and of what is not.

        Args:
            balanced: count both kinds alike, however many there are of each.
            strength: the inverse of the pull of the weights towards zero.
        """
        from sklearn.linear_model import LogisticRegression

        values = np.array([*right, *wrong])
        labels = [1] * len(right) + [0] * len(wrong)
        mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
        model = LogisticRegression(C=strength, class_weight="balanced" if balanced else None, max_iter=500)
        model.fit((values - mean) / deviation, labels)
        return cls(mean.tolist(), deviation.tolist(), model.coef_[0].tolist(), float(model.intercept_[0]))
