"""Nearness among many vectors.

Cosines of one encoder crowd together, those of E5 between 0.8 and 0.95. What all vectors of a language
or of a document have in common says nothing about any of them: taken away, cosines spread out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nlu.encoder import Vectors, unit

BLOCK = 512  # rows compared at once: with 50,000 others, 100 MB
NOWHERE = -2.0  # below every cosine


def centred(vectors: Vectors) -> Vectors:
    """Unit vectors of what each has apart from the mean of all, shape as given; one alone stays as it is."""
    return unit(vectors - vectors.mean(axis=0)) if len(vectors) > 1 else vectors


def nearest(
    vectors: Vectors, owners: npt.NDArray[np.int64], k: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """For each unit vector the ``k`` nearest of other owners: positions and cosines, nearest first, shape (rows, k).

    Where there are fewer, cosines are :data:`NOWHERE`.
    """
    k = min(k, len(vectors))
    positions = np.zeros((len(vectors), k), np.int64)
    cosines = np.zeros((len(vectors), k), np.float32)
    for start in range(0, len(vectors), BLOCK):
        block = slice(start, start + BLOCK)
        found = vectors[block] @ vectors.T
        found[owners[block, None] == owners] = NOWHERE
        best = np.argpartition(-found, k - 1, axis=1)[:, :k] if k else positions[block]
        order = np.argsort(-np.take_along_axis(found, best, 1), axis=1, kind="stable")
        positions[block] = np.take_along_axis(best, order, 1)
        cosines[block] = np.take_along_axis(found, positions[block], 1)
    return positions, cosines
