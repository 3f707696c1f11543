"""Few vectors: kept whole, and every search compares all of them."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from nlu.encoder import Vectors

Ids = npt.NDArray[np.int64]
Hits = list[tuple[int, float]]

ONE_LIST = 1
BITS = 8  # of a bitmap of ids for each stored vector, at most


class ExactIndex:
    """Unit vectors in one inverted list, compared by inner product.

    An inverted list rather than FAISS's flat index, because only its table of ids finds, replaces
    and removes a vector in constant time; with a single list nothing is left out of a search.

    Args:
        ivf: a trained ``faiss.IndexIVF``.
    """

    def __init__(self, ivf: Any) -> None:
        self.ivf = ivf
        if ivf.direct_map.type != faiss.DirectMap.Hashtable:
            ivf.set_direct_map_type(faiss.DirectMap.Hashtable)

    @classmethod
    def empty(cls, dimension: int) -> ExactIndex:
        """An index without vectors."""
        quantizer = faiss.IndexFlatIP(dimension)
        quantizer.add(np.zeros((ONE_LIST, dimension), dtype=np.float32))
        ivf = faiss.IndexIVFFlat(quantizer, dimension, ONE_LIST, faiss.METRIC_INNER_PRODUCT)
        ivf.is_trained = True
        return cls(ivf)

    def __len__(self) -> int:
        return int(self.ivf.ntotal)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add vectors, shape (ids, dimension), under distinct ids; those in use are replaced."""
        self.remove(ids)
        self.ivf.add_with_ids(self._encoded(vectors), ids)

    def remove(self, ids: Ids) -> None:
        """Remove these ids; unknown ones are passed over."""
        self.ivf.remove_ids(ids)

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> Hits:
        """The ``k`` nearest (id, cosine), best first."""
        scores, ids = self._nearest(vector, k, 1, allowed)
        return list(zip(ids.tolist(), scores.tolist()))

    def vectors(self, ids: Ids) -> Vectors:
        """Stored vectors, shape (ids, dimension); a RuntimeError if an id is unknown."""
        stored: Vectors = self.ivf.reconstruct_batch(ids)
        return self._decoded(stored)

    def ids(self) -> Ids:
        """All ids, in no particular order."""
        lists = self.ivf.invlists
        filled = [(lists.get_ids(i), lists.list_size(i)) for i in range(self.ivf.nlist) if lists.list_size(i)]
        parts = [faiss.rev_swig_ptr(pointer, size).copy() for pointer, size in filled]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])

    def _nearest(self, vector: Vectors, k: int, lists: int, allowed: Ids | None) -> tuple[Vectors, Ids]:
        """FAISS's scores and ids from the nearest lists, or, with ``allowed``, from all."""
        parameters = faiss.SearchParametersIVF(nprobe=lists)
        if allowed is not None:
            parameters = faiss.SearchParametersIVF(nprobe=self.ivf.nlist, sel=_selector(allowed, len(self)))
        scores, ids = self.ivf.search(self._encoded(vector[None]), k, params=parameters)
        found = ids[0] >= 0
        return scores[0][found], ids[0][found]

    def _encoded(self, vectors: Vectors) -> Vectors:
        return vectors

    def _decoded(self, vectors: Vectors) -> Vectors:
        return vectors


def _selector(allowed: Ids, stored: int) -> Any:
    """Tests ids of ``allowed``: by a bitmap if they are small numbers, many times as fast as by hashing."""
    greatest = int(allowed.max())
    if greatest >= BITS * stored:
        return faiss.IDSelectorBatch(allowed)
    marked = np.zeros(greatest + 1, dtype=bool)
    marked[allowed] = True
    return faiss.IDSelectorBitmap(np.packbits(marked, bitorder="little"))
