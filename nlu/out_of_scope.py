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
from nlu.fine_tuning import stratified_split

SHRINKAGE = 0.5  # of covariances, towards a sphere: from 0.2 to 0.7 alike with 5, 10 and 100 examples an intent
FEWER = 0.25  # part of the examples left out to see how distances fall as examples are added

Targets = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Seen:
    """Messages as the detector sees them, a row each.

    ``base`` are the base encoder's vectors, ``full`` those that the classifier's head sees, ``logits`` its scores.
    """

    base: Vectors
    full: Vectors
    logits: Vectors


@dataclass(frozen=True)
class RelativeDistance:
    """How much nearer to its nearest class than to everything a vector lies.

    ``means`` are the classes' in whitened space, shape (classes, dimension); ``within`` and
    ``overall`` whiten by the covariance within classes and of everything.
    """

    means: Vectors
    within: Vectors
    overall: Vectors

    @classmethod
    def fit(cls, vectors: Vectors, targets: Targets) -> RelativeDistance:
        """From centred vectors, and the class of each; every class needs one."""
        means = np.stack([vectors[targets == target].mean(axis=0) for target in range(targets.max() + 1)])
        within, overall = _whitening(vectors - means[targets]), _whitening(vectors)
        return cls(means @ within, within, overall)

    def score(self, vectors: Vectors) -> Vectors:
        """One number a vector, the higher the likelier in scope."""
        white = vectors @ self.within
        squares = (white**2).sum(1)[:, None] - 2 * white @ self.means.T + (self.means**2).sum(1)[None, :]
        relative: Vectors = ((vectors @ self.overall) ** 2).sum(1) - squares.min(axis=1)
        return relative


@dataclass(frozen=True)
class OutOfScope:
    """Scores, the higher the likelier in scope.

    ``reject`` are the reject class's weights with the bias last; ``scales`` make the three scores
    commensurable.
    """

    distance: RelativeDistance
    reject: Vectors | None = None
    scales: Vectors = field(default_factory=lambda: np.ones(3, dtype=np.float32))

    @classmethod
    def fit(cls, seen: Seen, targets: Targets, outside: Seen | None = None) -> OutOfScope:
        """From training messages, centred, and, if there are any, out-of-scope ones."""
        reject = _reject_class(seen.full, outside.full) if outside else None
        return cls(RelativeDistance.fit(seen.base, targets), reject).scaled(seen)

    def scaled(self, seen: Seen) -> OutOfScope:
        """With every score's spread on these in-scope messages as its unit; best on unseen ones."""
        scales = np.maximum(self.scores(seen).std(axis=1), 1e-6)
        return replace(self, scales=scales.astype(np.float32))

    def score(self, seen: Seen) -> Vectors:
        """One number a message."""
        return self.total(self.scores(seen))

    def total(self, scores: Vectors) -> Vectors:
        """One number a message from its three :meth:`scores`."""
        total: Vectors = (scores / self.scales[:, None]).sum(axis=0)
        return total

    def scores(self, seen: Seen) -> Vectors:
        """Relative distance, energy, and reject margin, shape (3, messages)."""
        top = seen.logits.max(axis=1)
        energy = top + np.log(np.exp(seen.logits - top[:, None]).sum(axis=1))
        margin = np.zeros_like(energy) if self.reject is None else -(seen.full @ self.reject[:-1] + self.reject[-1])
        return np.stack([self.distance.score(seen.base), energy, margin])

    def arrays(self) -> dict[str, Vectors]:
        """For saving; :meth:`from_arrays` reads them."""
        distance = self.distance
        named = {"means": distance.means, "within": distance.within, "overall": distance.overall, "scales": self.scales}
        return named if self.reject is None else {**named, "reject": self.reject}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Vectors]) -> OutOfScope:
        """What :meth:`arrays` gave."""
        distance = RelativeDistance(arrays["means"], arrays["within"], arrays["overall"])
        return cls(distance, arrays.get("reject"), arrays["scales"])


def distances_with_all(vectors: Vectors, targets: Targets, unseen: Vectors, part: float, seed: int) -> Vectors:
    """The unseen vectors' relative distances, as they will be once these too have been learned from.

    With few examples a class a distance depends much on how many there are. It is measured with the
    given ones and with fewer, and carried on: as the error of a mean, it goes with one over the number.

    Args:
        vectors: centred vectors learned from so far, shape (examples, dimension).
        targets: the class of each.
        unseen: those still to come, shape (messages, dimension).
        part: share of all examples that ``vectors`` are.
        seed: of the choice of the fewer.
    """
    kept = ~stratified_split(targets, FEWER, 2, seed)
    now = RelativeDistance.fit(vectors, targets).score(unseen)
    before = RelativeDistance.fit(vectors[kept], targets[kept]).score(unseen)
    fewer = part * kept.mean()
    if fewer == part:
        return now
    carried: Vectors = now + (now - before) * (1.0 / part - 1.0) / (1.0 / fewer - 1.0 / part)
    return carried


def threshold_for(scores: Vectors, recall: float) -> float:
    """The score that this part of in-scope messages reaches."""
    return float(np.quantile(scores, 1.0 - recall))


def roc_auc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """Chance that an in-scope score exceeds an out-of-scope one; one half is a coin."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score([1] * len(inside) + [0] * len(outside), [*inside, *outside]))


def _whitening(differences: Vectors) -> Vectors:
    """Matrix whose product with a difference has the Mahalanobis length; the covariance is shrunk
    because there are often fewer examples than dimensions."""
    covariance = differences.T @ differences / len(differences)
    size = len(covariance)
    sphere = np.trace(covariance) / size * np.eye(size)
    # A set without any spread (identical examples) still needs an inverse.
    inverse = np.linalg.inv((1.0 - SHRINKAGE) * covariance + SHRINKAGE * sphere + 1e-6 * np.eye(size))
    whitening: Vectors = np.linalg.cholesky(inverse).astype(np.float32)
    return whitening


def _reject_class(inside: Vectors, outside: Vectors) -> Vectors:
    """Linear weights and the bias; both kinds weigh the same however few out-of-scope examples there are."""
    from sklearn.linear_model import LogisticRegression

    linear = LogisticRegression(C=3.0, class_weight="balanced", max_iter=200)
    linear.fit(np.concatenate([inside, outside]), [0] * len(inside) + [1] * len(outside))
    weights: Vectors = np.r_[linear.coef_[0], linear.intercept_[0]].astype(np.float32)
    return weights
