"""Vectors under stable integer ids, from ten to a million: one index that changes its kind as it grows."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np

from nlu.encoder import Vectors
from nlu.errors import LichnoError
from retrieval.exact_index import ExactIndex, Hits, Ids
from retrieval.inverted_index import SAMPLE, InvertedIndex, lists_for

AnyIds = Sequence[int] | Ids

EXACT_LIMIT = 50_000  # comparing with all of these takes 3 ms (benchmarks/vector_index.md)
GROWTH = 2  # lists are laid out anew when this many times as many are due: at four times the vectors
BLOCK = 1_000  # vectors written before waiting searches have their turn


class VectorIndexError(LichnoError):
    """An index's file is missing, damaged or of another dimension."""


class IndexKind(Protocol):
    """What a kind of index does; arguments as in :class:`VectorIndex`, ids distinct."""

    ivf: Any

    def __len__(self) -> int: ...

    def add(self, ids: Ids, vectors: Vectors) -> None: ...

    def remove(self, ids: Ids) -> None: ...

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> Hits: ...

    def vectors(self, ids: Ids) -> Vectors: ...

    def ids(self) -> Ids: ...


class VectorIndex:
    """Unit vectors with their ids.

    Exact up to ``exact_limit`` vectors. Beyond, vectors are kept as bytes in lists of which a search
    reads the nearest: cosines to about 0.001, and nearly all of the nearest. The step up, and a
    new layout whenever the vectors are four times as many, happen inside :meth:`add`.

    Any number of threads may use an index. Changes follow one another; searches and single blocks
    of a change take turns under a lock, so that a search sees every id in its old state or its new.
    A new layout is made beside the old one, which goes on answering until it is replaced.

    Args:
        dimension: length of a vector.
        exact_limit: greatest number of vectors that are compared one by one.
    """

    def __init__(self, dimension: int, exact_limit: int = EXACT_LIMIT) -> None:
        self.dimension = dimension
        self.exact_limit = exact_limit
        self._kind: IndexKind = ExactIndex.empty(dimension)
        self._changing = threading.Lock()  # held for a whole change; taken before the other
        self._turn = threading.Lock()

    def __len__(self) -> int:
        with self._turn:
            return len(self._kind)

    def add(self, ids: AnyIds, vectors: Vectors) -> None:
        """Add vectors, shape (ids, dimension); an id in use is replaced, and of a repeated id the last counts.

        Raises:
            ValueError: an id is negative, the shape is another or a number is not finite; nothing is added then.
        """
        if not len(ids):
            return
        numbers, rows = self._checked(ids, vectors)
        with self._changing:
            for block in _blocks(len(numbers)):
                with self._turn:
                    self._kind.add(numbers[block], rows[block])
                self._grow()

    def remove(self, ids: AnyIds) -> None:
        """Remove the vectors of these ids; unknown ids are passed over."""
        numbers = np.asarray(ids, dtype=np.int64)
        with self._changing:
            for block in _blocks(len(numbers)):
                with self._turn:
                    self._kind.remove(numbers[block])

    def search(self, vector: Vectors, k: int, allowed: AnyIds | None = None) -> Hits:
        """The ``k`` nearest (id, cosine) to a unit vector, best first, among ``allowed`` ids only when given.

        With ``allowed`` none of these is missed, however many vectors there are.
        """
        among = None if allowed is None else _distinct(allowed)
        with self._turn:
            k = min(k, len(self._kind), len(self._kind if among is None else among))
            return self._kind.search(vector, k, among) if k > 0 else []

    def vectors(self, ids: AnyIds) -> Vectors:
        """Stored vectors of these ids, shape (ids, dimension), beyond the exact limit to 8 bits.

        Raises:
            KeyError: an id is not stored.
        """
        numbers = np.asarray(ids, dtype=np.int64)
        try:
            with self._turn:
                return self._kind.vectors(numbers)
        except RuntimeError as error:
            raise KeyError("an id is not in the index") from error

    def save(self, path: Path) -> None:
        """Write to a file, whole or not at all."""
        unfinished = path.with_name(path.name + ".part")
        with self._changing:
            faiss.write_index(self._kind.ivf, str(unfinished))
            with unfinished.open("rb") as written:
                os.fsync(written.fileno())
            os.replace(unfinished, path)

    @classmethod
    def load(cls, path: Path, dimension: int | None = None, exact_limit: int = EXACT_LIMIT) -> VectorIndex:
        """Read what :meth:`save` wrote.

        Raises:
            VectorIndexError: the file is missing, damaged or holds vectors of another length than ``dimension``.
        """
        ivf = _read(path)
        if dimension not in (None, ivf.d):
            raise VectorIndexError(
                f"The vectors in {path} are {ivf.d} numbers long, the encoder's {dimension}:"
                " delete the index and index the articles again (lichno index add …)."
            )
        index = cls(ivf.d, exact_limit)
        index._kind = InvertedIndex.stored(ivf) if InvertedIndex.wrote(ivf) else ExactIndex(ivf)
        return index

    def _checked(self, ids: AnyIds, vectors: Vectors) -> tuple[Ids, Vectors]:
        numbers, rows = np.asarray(ids, dtype=np.int64), np.ascontiguousarray(vectors, dtype=np.float32)
        if rows.shape != (len(numbers), self.dimension):
            raise ValueError(f"vectors must have the shape {(len(numbers), self.dimension)}, not {rows.shape}.")
        if numbers.min() < 0 or not np.isfinite(rows.sum()):
            raise ValueError("ids must not be negative, and vectors must be finite.")
        distinct, last = np.unique(numbers[::-1], return_index=True)
        return (numbers, rows) if len(distinct) == len(numbers) else (distinct, rows[::-1][last])

    def _grow(self) -> None:
        """Lay out lists for the present number of vectors where that is due."""
        old, due = self._kind, lists_for(len(self._kind))
        if len(old) <= self.exact_limit or due < GROWTH * old.ivf.nlist:
            return
        ids = np.random.default_rng(0).permutation(old.ids())
        scale = old.scale if isinstance(old, InvertedIndex) else None
        new = InvertedIndex.trained(old.vectors(ids[: SAMPLE * due]), due, scale)
        for block in _blocks(len(ids)):
            new.add(ids[block], old.vectors(ids[block]))
        with self._turn:
            self._kind = new


def _distinct(ids: AnyIds) -> Ids:
    """The ids that may be stored, each once."""
    numbers = np.unique(np.asarray(ids, dtype=np.int64))
    kept: Ids = numbers[numbers >= 0]
    return kept


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, count, BLOCK))


def _read(path: Path) -> Any:
    """The FAISS index in a file, of a kind that an index here may have."""
    if not path.is_file():
        raise VectorIndexError(f"The file {path} does not exist: index the articles (lichno index add …).")
    try:
        ivf = faiss.read_index(str(path))
    except (RuntimeError, MemoryError) as error:
        raise _damaged(path) from error
    if not (isinstance(ivf, faiss.IndexIVFFlat) or InvertedIndex.wrote(ivf)):
        raise _damaged(path)
    return ivf


def _damaged(path: Path) -> VectorIndexError:
    return VectorIndexError(f"The file {path} is no index or damaged: index the articles again (lichno index add …).")
