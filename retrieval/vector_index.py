"""Vectors under stable integer ids: exact inner-product search in FAISS, filtered inside the search."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from nlu.encoder import Vectors

Ids = npt.NDArray[np.int64]


class VectorIndex:
    """Unit vectors with their ids; inner product is the cosine.

    Args:
        dimension: length of a vector.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Add vectors, shape (ids, dimension), under ids that are not in use."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.asarray(ids, np.int64))

    def remove(self, ids: Sequence[int]) -> None:
        """Remove the vectors of these ids; unknown ids are passed over."""
        if len(ids):
            self._index.remove_ids(np.asarray(ids, np.int64))

    def search(self, vector: Vectors, k: int, allowed: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The ``k`` nearest (id, cosine), best first, among ``allowed`` ids only when given."""
        k = min(k, len(self) if allowed is None else len(allowed))
        if k == 0:
            return []
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(np.asarray(allowed, np.int64))
            parameters = faiss.SearchParameters(sel=selector)
        scores, ids = self._index.search(vector.reshape(1, -1), k, params=parameters)
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0]) if i >= 0]

    def vectors(self, ids: Sequence[int]) -> Vectors:
        """Stored vectors of these ids, shape (ids, dimension)."""
        if not len(ids):
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._index.reconstruct(int(i)) for i in ids])

    def save(self, path: Path) -> None:
        """Write to a file, whole or not at all."""
        unfinished = path.with_suffix(".part")
        faiss.write_index(self._index, str(unfinished))
        os.replace(unfinished, path)

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        """Read what :meth:`save` wrote."""
        inner = faiss.read_index(str(path))
        index = cls(inner.d)
        index._index = inner
        return index
