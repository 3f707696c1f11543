"""Is a message like anything in the training set? Knows no Rasa.

Two scores that need no out-of-scope examples are added: the energy of the classifier's logits
(Liu et al. 2020, "Energy-based Out-of-distribution Detection") and, in the base encoder's space,
the relative Mahalanobis distance (Ren et al. 2021, "A Simple Fix to Mahalanobis Distance for
Improving Near-OOD Detection"): how much nearer a message lies to its nearest class than to the
training set as a whole. Where out-of-scope examples are given, a reject class is the third score.
``benchmarks/intent_methods.md`` compares these and others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from nlu.encoder import Vectors


@dataclass(frozen=True)
class Seen:
    """Messages as the detector sees them, a row each.

    ``base`` are the base encoder's vectors, ``full`` those that the classifier's head sees, ``logits`` its scores.
    """

    base: Vectors
    full: Vectors
    logits: Vectors


@dataclass(frozen=True)
class OutOfScope:
    """Scores, the higher the likelier in scope.

    ``means`` are the classes' in whitened space, shape (classes, dimension); ``within`` and
    ``overall`` whiten by the covariance within classes and of everything; ``reject`` are the
    reject class's weights with the bias last; ``scales`` make the scores commensurable.
    """

    means: Vectors
    within: Vectors
    overall: Vectors
    reject: Vectors | None = None
    scales: Vectors = field(default_factory=lambda: np.ones(3, dtype=np.float32))

    @classmethod
    def fit(cls, seen: Seen, targets: np.ndarray[Any, Any], outside: Seen | None = None) -> OutOfScope:
        """From training messages, centred, and, if there are any, out-of-scope ones."""
        means = np.stack([seen.base[targets == target].mean(axis=0) for target in range(seen.logits.shape[1])])
        within, overall = _whitening(seen.base - means[targets]), _whitening(seen.base)
        reject = _reject_class(seen.full, outside.full) if outside else None
        return cls(means @ within, within, overall, reject).scaled(seen)

    def scaled(self, seen: Seen) -> OutOfScope:
        """With every score's spread on these in-scope messages as its unit; best on unseen ones."""
        scales = np.maximum(self._scores(seen).std(axis=1), 1e-6)
        return replace(self, scales=scales.astype(np.float32))

    def score(self, seen: Seen) -> Vectors:
        """One number a message."""
        total: Vectors = (self._scores(seen) / self.scales[:, None]).sum(axis=0)
        return total

    def _scores(self, seen: Seen) -> Vectors:
        """Relative distance, energy, and reject margin, shape (3, messages)."""
        white = seen.base @ self.within
        squares = (white**2).sum(1)[:, None] - 2 * white @ self.means.T + (self.means**2).sum(1)[None, :]
        relative = ((seen.base @ self.overall) ** 2).sum(1) - squares.min(axis=1)
        top = seen.logits.max(axis=1)
        energy = top + np.log(np.exp(seen.logits - top[:, None]).sum(axis=1))
        margin = np.zeros_like(energy) if self.reject is None else -(seen.full @ self.reject[:-1] + self.reject[-1])
        scores: Vectors = np.stack([relative, energy, margin])
        return scores

    def arrays(self) -> dict[str, Vectors]:
        """For saving; ``OutOfScope(**arrays)`` reads them."""
        named = {"means": self.means, "within": self.within, "overall": self.overall, "scales": self.scales}
        return named if self.reject is None else {**named, "reject": self.reject}


def threshold_for(scores: Vectors, recall: float) -> float:
    """The score that this part of in-scope messages reaches."""
    return float(np.quantile(scores, 1.0 - recall))


def roc_auc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """Chance that an in-scope score exceeds an out-of-scope one; one half is a coin."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score([1] * len(inside) + [0] * len(outside), [*inside, *outside]))


def _whitening(differences: Vectors) -> Vectors:
    """Matrix whose product with a difference has the Mahalanobis length; the covariance is shrunk
    (Ledoit and Wolf 2004) because there are often fewer examples than dimensions."""
    from sklearn.covariance import ledoit_wolf

    covariance, _ = ledoit_wolf(differences, assume_centered=True)
    # A set without any spread (identical examples) still needs an inverse.
    inverse = np.linalg.inv(covariance + 1e-6 * np.eye(len(covariance)))
    whitening: Vectors = np.linalg.cholesky(inverse).astype(np.float32)
    return whitening


def _reject_class(inside: Vectors, outside: Vectors) -> Vectors:
    """Linear weights and the bias; both kinds weigh the same however few out-of-scope examples there are."""
    from sklearn.linear_model import LogisticRegression

    linear = LogisticRegression(C=3.0, class_weight="balanced", max_iter=200)
    linear.fit(np.concatenate([inside, outside]), [0] * len(inside) + [1] * len(outside))
    weights: Vectors = np.r_[linear.coef_[0], linear.intercept_[0]].astype(np.float32)
    return weights
