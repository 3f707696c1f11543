"""Confidence that means something. Knows no Rasa."""

from __future__ import annotations

from typing import Any

import numpy as np

from nlu.encoder import Vectors

BINS = 15


def softmax(logits: Vectors) -> Vectors:
    """Rows that sum to one."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Vectors = powers / powers.sum(axis=1, keepdims=True)
    return shares


def fit_temperature(logits: Vectors, targets: np.ndarray[Any, Any]) -> float:
    """The temperature, within 0.1 to 10, that minimises negative log-likelihood on unseen examples
    (Guo et al. 2017, "On Calibration of Modern Neural Networks")."""
    candidates = np.logspace(-1.0, 1.0, 161)
    rows = np.arange(len(targets))
    losses = [-np.log(softmax(logits / t)[rows, targets] + 1e-12).mean() for t in candidates]
    return float(candidates[int(np.argmin(losses))])


def expected_calibration_error(confidences: Vectors, right: np.ndarray[Any, Any], bins: int = BINS) -> float:
    """Mean gap between confidence and accuracy over bins of equal width, weighted by their sizes."""
    which = np.minimum((confidences * bins).astype(int), bins - 1)
    gaps = [
        (which == b).mean() * abs(confidences[which == b].mean() - right[which == b].mean()) for b in np.unique(which)
    ]
    return float(np.sum(gaps))
