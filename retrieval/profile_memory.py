"""A customer's facts in FAISS, searchable for that customer only.

Vectors are kept under the fact's text, so a fact is encoded once and an outdated one simply
stops being asked for: each search names the customer's facts of this moment, and the search
itself is limited to their ids.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.encoder import Encoder, Progress, Vectors
from retrieval.vector_index import VectorIndex, VectorIndexError

VECTORS_FILE, IDS_FILE = "facts.faiss", "facts.json"


@dataclass(frozen=True)
class Fact:
    """Something known of a customer, worded in both languages."""

    kind: str
    ru: str
    en: str

    def text(self, language: str) -> str:
        """The fact's wording in a language."""
        return self.ru if language == "ru" else self.en


@dataclass(frozen=True)
class FactHit:
    """A fact and its cosine to the question."""

    fact: Fact
    cosine: float


class ProfileMemory:
    """Vectors of facts.

    Args:
        encoder: the project's encoder.
        folder: where to keep the vectors; None keeps them in memory.
    """

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self.encoder = encoder
        self.folder = folder
        self._ids: dict[str, int] = {}
        self._index: VectorIndex | None = None
        self._next = 0
        self._lock = threading.Lock()

    @classmethod
    def open(cls, encoder: Encoder, folder: Path) -> ProfileMemory:
        """What :meth:`save` wrote, or an empty memory where there is nothing that can be used.

        Vectors of another encoder, and a damaged or missing file of vectors, cost time only: what is
        needed is computed again.
        """
        memory = cls(encoder, folder)
        path = folder / IDS_FILE
        if path.is_file():
            stored = json.loads(path.read_text())
            if stored["encoder"] == encoder.identity:
                with suppress(VectorIndexError):
                    memory._index = VectorIndex.load(folder / stored["vectors"])
                    memory._ids = stored["ids"]
                    memory._next = stored["next"]
        return memory

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, customer_id: str, facts: Sequence[Fact], language: str, progress: Progress | None = None) -> None:
        """Encode the facts that are not known yet."""
        with self._lock:
            self._add([_key(customer_id, fact.text(language)) for fact in facts], progress)

    def search(
        self, customer_id: str, facts: Sequence[Fact], language: str, vector: Vectors, k: int = 5
    ) -> list[FactHit]:
        """The customer's facts nearest to a question, best first.

        Args:
            customer_id: whose facts they are; no other customer's vectors take part.
            facts: what is true of them now.
            language: the wording to compare, the customer's own language.
            vector: the question's unit vector.
            k: number of facts.
        """
        if not facts:
            return []
        keys = [_key(customer_id, fact.text(language)) for fact in facts]
        with self._lock:
            self._add(keys, None)
            assert self._index is not None
            allowed = {self._ids[key]: fact for key, fact in zip(keys, facts)}
            found = self._index.search(vector, k, list(allowed))
        return [FactHit(allowed[identifier], cosine) for identifier, cosine in found]

    def forget(self, customer_id: str) -> int:
        """Remove every vector of a customer; how many there were."""
        with self._lock:
            own = [key for key in self._ids if key.startswith(_key(customer_id, ""))]
            if self._index is not None:
                self._index.remove([self._ids.pop(key) for key in own])
            return len(own)

    def vectors_of(self, customer_id: str) -> Vectors:
        """A customer's vectors, shape (facts, dimension)."""
        with self._lock:
            own = [number for key, number in self._ids.items() if key.startswith(_key(customer_id, ""))]
            if not own or self._index is None:
                return np.zeros((0, self.encoder.dimension), np.float32)
            return self._index.vectors(own)

    def nearest(self, vector: Vectors) -> tuple[str, float] | None:
        """Of everybody's vectors the nearest to this one, as (customer id, cosine); None where there are none."""
        with self._lock:
            found = self._index.search(vector, 1) if self._index is not None else []
            if not found:
                return None
            number, cosine = found[0]
            owner = next((key for key, other in self._ids.items() if other == number), "\n").partition("\n")[0]
            return owner, cosine

    def save(self) -> None:
        """Write ids and vectors; the vectors' file is new each time, the ids' file names it."""
        if self.folder is None or self._index is None:
            return
        with self._lock:
            self.folder.mkdir(parents=True, exist_ok=True)
            vectors = f"{self._next}-{VECTORS_FILE}"
            self._index.save(self.folder / vectors)
            stored = {"encoder": self.encoder.identity, "vectors": vectors, "next": self._next, "ids": self._ids}
            unfinished = self.folder / (IDS_FILE + ".part")
            unfinished.write_text(json.dumps(stored, ensure_ascii=False))
            os.replace(unfinished, self.folder / IDS_FILE)
            for old in self.folder.glob(f"*-{VECTORS_FILE}"):
                if old.name != vectors:
                    old.unlink()

    def _add(self, keys: Sequence[str], progress: Progress | None) -> None:
        new = [key for key in dict.fromkeys(keys) if key not in self._ids]
        if not new:
            return
        vectors = self.encoder.encode_passages([key.split("\n", 1)[1] for key in new], progress)
        if self._index is None:
            self._index = VectorIndex(vectors.shape[1])
        ids = range(self._next, self._next + len(new))
        self._index.add(ids, vectors)
        self._ids.update(zip(new, ids))
        self._next += len(new)


def _key(customer_id: str, text: str) -> str:
    return f"{customer_id}\n{text}"
