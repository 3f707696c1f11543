"""Many vectors: a byte a number, in lists of neighbours, of which a search reads the nearest.

Numbers are stored as distances from the mean, all on one scale, for two reasons. FAISS compares
such bytes as integers, three times as fast as its scaled 8-bit codes. And between unit vectors the
cosine is 1 - distance² / 2, in which the mean cancels: the rounding error is multiplied by the
short way from question to passage, not by the whole question, whose length in a crowded space is
mostly the mean's. That halves what 8 bits cost in recall.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import faiss
import numpy as np

from nlu.encoder import Vectors
from retrieval.exact_index import ExactIndex, Hits, Ids

# Measured with benchmarks/vector_index.py, to hold recall@10 above 0.95 from 30,000 to 1,000,000 vectors.
LISTS = 2  # lists are this many times the root of the number of vectors
PROBES = 10  # lists read are this many times the root of the number of lists
CANDIDATES = 50  # vectors read for each one asked for, at least
SAMPLE = 64  # vectors to train on for each list
ROUNDS = 5  # of k-means; ten took twice as long and found no more
REFINED = 8  # further hits whose order is decided with the question's full precision


@dataclass(frozen=True)
class ByteScale:
    """Vectors as numbers from 0 to 255 around their mean; numbers beyond the scale are cut.

    Shapes are (vectors, dimension); ``mean`` has the shape (dimension,).
    """

    mean: Vectors
    scale: float

    @classmethod
    def of(cls, sample: Vectors) -> ByteScale:
        """The scale on which all but one in a hundred of the sample fit uncut."""
        mean = sample.mean(axis=0)
        reach = float(np.quantile(np.abs(sample - mean).max(axis=1), 0.99))
        return cls(mean, 127 / max(reach, 1e-6))

    def encoded(self, vectors: Vectors) -> Vectors:
        """Vectors to whole numbers, still as floats, as FAISS takes them."""
        numbers: Vectors = np.clip(np.rint((vectors - self.mean) * self.scale + 128), 0, 255).astype(np.float32)
        return numbers

    def decoded(self, numbers: Vectors) -> Vectors:
        """The vectors, each number within half a step."""
        vectors: Vectors = (numbers - 128) / np.float32(self.scale) + self.mean
        return vectors


class InvertedIndex(ExactIndex):
    """Unit vectors as bytes in lists around centres.

    Args:
        ivf: a trained ``faiss.IndexIVFScalarQuantizer`` of direct bytes.
        scale: what the bytes mean.
    """

    def __init__(self, ivf: Any, scale: ByteScale) -> None:
        super().__init__(ivf)
        self.scale = scale
        # Bytes taken directly need no training, so FAISS leaves this field free, and keeps it in the file.
        faiss.copy_array_to_vector(np.append(scale.mean, np.float32(scale.scale)), ivf.sq.trained)

    @classmethod
    def trained(cls, sample: Vectors, lists: int, scale: ByteScale | None = None) -> InvertedIndex:
        """An index without vectors, its lists laid out for a sample.

        Args:
            sample: some of the vectors to come, at least as many as lists.
            lists: their number.
            scale: kept if given, so that vectors decoded from it lose nothing by being encoded again.
        """
        scale = scale or ByteScale.of(sample)
        dimension, bytes_direct = sample.shape[1], faiss.ScalarQuantizer.QT_8bit_direct
        quantizer = faiss.IndexFlatL2(dimension)
        ivf = faiss.IndexIVFScalarQuantizer(quantizer, dimension, lists, bytes_direct, faiss.METRIC_L2, False)
        ivf.cp.niter, ivf.cp.min_points_per_centroid = ROUNDS, 1  # 1: no warnings on standard error
        ivf.train(scale.encoded(sample))
        return cls(ivf, scale)

    @staticmethod
    def wrote(ivf: Any) -> bool:
        """Whether a FAISS index read from a file is of this kind."""
        return isinstance(ivf, faiss.IndexIVFScalarQuantizer) and ivf.sq.trained.size() == ivf.d + 1

    @classmethod
    def stored(cls, ivf: Any) -> InvertedIndex:
        """The index that a file held."""
        *mean, scale = faiss.vector_to_array(ivf.sq.trained)
        return cls(ivf, ByteScale(np.array(mean, dtype=np.float32), float(scale)))

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> Hits:
        """About the ``k`` nearest (id, cosine), best first; exact to rounding if ``allowed`` is given."""
        _, ids = self._nearest(vector, k + REFINED, self._probes(k), allowed)
        cosines = 1 - np.square(self.vectors(ids) - vector).sum(axis=1) / 2
        best = np.argsort(-cosines, kind="stable")[:k]
        return list(zip(ids[best].tolist(), cosines[best].tolist()))

    def _probes(self, k: int) -> int:
        lists: int = self.ivf.nlist
        share = CANDIDATES * k / max(len(self), 1)
        return min(lists, ceil(max(PROBES * sqrt(lists), share * lists)))

    def _encoded(self, vectors: Vectors) -> Vectors:
        return self.scale.encoded(vectors)

    def _decoded(self, vectors: Vectors) -> Vectors:
        return self.scale.decoded(vectors)


def lists_for(vectors: int) -> int:
    """Number of lists for a number of vectors."""
    return min(vectors, int(LISTS * sqrt(vectors)))
