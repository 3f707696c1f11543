"""Passages that may answer, with everything that ranking looks at."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.encoder import Vectors
from retrieval.documents import Passage
from retrieval.late_interaction import TokenVectors
from retrieval.passage_store import PassageStore, StoredPassage
from retrieval.spelling import words_in

REMEMBERED = 2_000  # about 100 MB


@dataclass(frozen=True)
class Candidate:
    """A passage in memory: its sentences with vectors, stems with counts, runs of sounds, and word pieces."""

    passage: Passage
    sentences: list[str]
    vectors: Vectors  # the passage's, then its sentences', shape (1 + sentences, dimension)
    counts: Counter[str]
    length: int  # in stems
    runs: frozenset[str]
    tokens: TokenVectors


class Candidates:
    """Reads candidates from the store and remembers those asked for last; an id's content never changes."""

    def __init__(self, store: PassageStore, remembered: int = REMEMBERED) -> None:
        self._store = store
        self._size = remembered
        self._known: OrderedDict[int, Candidate] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, ids: Sequence[int]) -> list[Candidate]:
        """In this order; ids that the store has not are left out."""
        with self._lock:
            found = {i: self._known[i] for i in ids if i in self._known}
        found |= self._read([i for i in ids if i not in found])
        with self._lock:
            for i in ids:
                if i in found:
                    self._known[i] = found[i]
                    self._known.move_to_end(i)
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return [found[i] for i in ids if i in found]

    def _read(self, ids: Sequence[int]) -> dict[int, Candidate]:
        if not ids:
            return {}
        with self._store.reading():
            stored, tokens, vectors = self._store.passages(ids), self._store.tokens(ids), self._store.vectors(ids)
        return {i: _candidate(passage, vectors[i], tokens[i]) for i, passage in stored.items()}


def _candidate(stored: StoredPassage, vectors: Vectors, tokens: TokenVectors) -> Candidate:
    runs = frozenset(run for _, _, word in words_in(stored.passage.embedded_text) for run in word)
    return Candidate(stored.passage, stored.sentences, vectors, Counter(stored.terms), len(stored.terms), runs, tokens)
