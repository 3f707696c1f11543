"""Documents that are each other's translation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from nlu.encoder import Vectors
from retrieval.report.content import Content, Rows
from retrieval.report.geometry import BLOCK, centred

# Mean cosine of sentences that are each other's nearest, the others counted as 0, vectors centred by language. Of 226
# translations one has less; of other documents, where no translation is there, one pair in ten trials has more
# (benchmarks/contradictions).
TRANSLATED = 0.32


@dataclass(frozen=True)
class Counterpart:
    """Ids of two documents in two languages with the same content."""

    first: str
    second: str


def counterparts(content: Content) -> list[Counterpart]:
    """Pairs of translations, in the order of the first's ids."""
    documents = _documents(content)
    sentences = np.zeros_like(content.sentence_vectors)
    means: dict[str, tuple[list[str], Vectors]] = {}
    for language in content.languages:
        rows = np.isin(content.owners, content.rows_of(language))
        sentences[rows] = centred(content.sentence_vectors[rows])
        own = [i for i, passages in documents.items() if content.passages[passages[0]].language == language]
        means[language] = own, centred(np.stack([content.vectors[documents[i]].mean(axis=0) for i in own]))
    pairs = [pair for a, b in combinations(means, 2) for pair in _mutual(*means[a], *means[b])]
    rows_of = _sentences(content, {identifier for pair in pairs for identifier in pair}, documents)
    return sorted(
        (Counterpart(a, b) for a, b in pairs if _alignment(sentences[rows_of[a]], sentences[rows_of[b]]) >= TRANSLATED),
        key=lambda pair: (pair.first, pair.second),
    )


def _documents(content: Content) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for position, passage in enumerate(content.passages):
        found.setdefault(passage.document_id, []).append(position)
    return found


def _sentences(content: Content, wanted: set[str], documents: dict[str, list[int]]) -> dict[str, Rows]:
    bounds = np.searchsorted(content.owners, np.arange(len(content.passages) + 1))
    return {
        identifier: np.concatenate([np.arange(bounds[p], bounds[p + 1]) for p in documents[identifier]])
        for identifier in wanted
    }


def _mutual(first: list[str], one: Vectors, second: list[str], other: Vectors) -> Iterator[tuple[str, str]]:
    """Ids that are each other's nearest."""
    there, back = _nearest(one, other), _nearest(other, one)
    return ((first[a], second[b]) for a, b in enumerate(there) if back[b] == a)


def _nearest(vectors: Vectors, others: Vectors) -> list[int]:
    """For each vector the position of the nearest of the others."""
    blocks = (vectors[start : start + BLOCK] for start in range(0, len(vectors), BLOCK))
    return [position for block in blocks for position in (block @ others.T).argmax(axis=1).tolist()]


def _alignment(first: Vectors, second: Vectors) -> float:
    """0 where fewer than two sentences are each other's nearest: one alone may be so by chance."""
    if min(len(first), len(second)) < 2:
        return 0.0
    cosines = first @ second.T
    there, back = cosines.argmax(axis=1), cosines.argmax(axis=0)
    mutual = [float(cosines[a, b]) for a, b in enumerate(there.tolist()) if back[b] == a]
    return sum(mutual) / max(cosines.shape) if len(mutual) > 1 else 0.0
