"""Sentences of different articles that speak of the same thing and give different amounts.

Within a language, two sentences speak of the same thing if they lie nearer to each other than each to its other
neighbours and share the words that are rare in the index. Across languages only translations are compared,
sentence by sentence.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nlu.encoder import Vectors
from retrieval.report.content import Content
from retrieval.report.counterparts import Counterpart
from retrieval.report.geometry import NOWHERE, centred, nearest
from retrieval.report.statements import (
    Difference,
    Statement,
    cased_words,
    difference,
    disagreement,
    nearest_measure,
)

# Set on 41 contradictions written into the demo's articles; of another 42 then 26 are found, and 27 of 29 that are
# reported are real (benchmarks/contradictions).
THRESHOLD = 0.32
SIZE = 0.08  # what a difference in size, as a logarithm, counts against the same thing being meant
NEIGHBOURS = 10  # nearest sentences that are looked at
AROUND = 4  # of these make up what a sentence's neighbours are like
FARTHEST = -0.1  # below the neighbours' mean cosine by more than this, nothing comes up to the threshold


@dataclass(frozen=True)
class Place:
    """A sentence and the amount in it that another contradicts."""

    document: str
    passage: str
    sentence: str
    amount: str


@dataclass(frozen=True)
class Contradiction:
    """Two sentences that cannot both be right; ``score`` orders them, the surest first."""

    first: Place
    second: Place
    score: float


def contradictions(content: Content, translations: Iterable[Counterpart]) -> list[Contradiction]:
    """Contradictions within each language and between translations, the surest first."""
    listed = [Statement.of(content.passages[o], text) for o, text in zip(content.owners.tolist(), _texts(content))]
    measured = np.flatnonzero([bool(statement.amounts) for statement in listed])
    found: list[Contradiction] = []
    for language in content.languages:
        rows = measured[np.isin(content.owners[measured], content.rows_of(language))]
        found += _Within([listed[row] for row in rows.tolist()], centred(content.sentence_vectors[rows])).found()
    found += _between(listed, content.sentence_vectors, translations)
    return sorted(found, key=lambda c: (-c.score, c.first.passage, c.second.passage))


def _texts(content: Content) -> list[str]:
    return [text for sentences in content.sentences for text in sentences]


class _Within:
    """Contradictions within one language.

    Args:
        statements: sentences with amounts.
        vectors: of these, centred.
    """

    def __init__(self, statements: Sequence[Statement], vectors: Vectors) -> None:
        self.statements = statements
        self.vectors = vectors
        self.rows_of: dict[str, list[int]] = {}
        for row, statement in enumerate(statements):
            self.rows_of.setdefault(statement.passage.document_id, []).append(row)
        frequency = Counter(term for statement in statements for term in statement.terms)
        self.weights = {term: math.log(len(statements) / count) for term, count in frequency.items()}
        self.names = _names(statements)

    def found(self) -> Iterator[Contradiction]:
        for a, b, margin in self._near():
            first, second = self.statements[a], self.statements[b]
            about = margin + self._overlap(first, second)
            apart = difference(first.amounts, second.amounts)
            if apart is None or about - SIZE * apart.ratio < THRESHOLD or self._other_names(first, second):
                continue
            apart = self._disagreement(a, b)
            if apart is not None and (score := about - SIZE * apart.ratio) >= THRESHOLD:
                yield _contradiction(first, second, apart, score)

    def _near(self) -> Iterator[tuple[int, int, float]]:
        """Pairs of rows, and by how much their cosine exceeds those of their neighbours."""
        documents = {identifier: n for n, identifier in enumerate(self.rows_of)}
        owners = np.array([documents[statement.passage.document_id] for statement in self.statements], np.int64)
        positions, cosines = nearest(self.vectors, owners, NEIGHBOURS)
        counted = cosines[:, :AROUND] > NOWHERE
        around = np.where(counted, cosines[:, :AROUND], 0.0).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
        margins = cosines - (around[:, None] + around[positions]) / 2
        rows, places = np.nonzero((cosines > NOWHERE) & (margins >= FARTHEST))
        pairs = {(min(r, o), max(r, o)): m for r, o, m in zip(rows, positions[rows, places], margins[rows, places])}
        return ((int(a), int(b), float(margin)) for (a, b), margin in pairs.items())

    def _overlap(self, first: Statement, second: Statement) -> float:
        """Share of terms in common, weighted by rarity, 0 to 1."""
        shared, either = (
            sum(self.weights[term] for term in terms)
            for terms in (first.terms & second.terms, first.terms | second.terms)
        )
        return shared / either if either else 0.0

    def _other_names(self, first: Statement, second: Statement) -> bool:
        """Whether each names something, a product or a place, that the other does not."""
        one, other = ({word.lower() for word in s.cased} & self.names for s in (first, second))
        return bool(one - other) and bool(other - one)

    def _disagreement(self, a: int, b: int) -> Difference | None:
        """The same as in :func:`disagreement`; what is nearest is judged by cosine and words together."""
        one, other = (self.rows_of[self.statements[row].passage.document_id] for row in (a, b))
        first, second = ([self.statements[row] for row in rows] for rows in (one, other))
        overlaps = np.array([[self._overlap(s, t) for t in second] for s in first], np.float32)
        nearness = self.vectors[one] @ self.vectors[other].T + overlaps
        return disagreement(first, second, nearness, one.index(a), other.index(b))


def _names(statements: Sequence[Statement]) -> set[str]:
    """Words that are never written small, but capitalised within a sentence."""
    small = {word for statement in statements for word in statement.cased if word[0].islower()}
    within = (word for statement in statements for word in cased_words(statement.text)[1:])
    return {word.lower() for word in within if word[0].isupper()} - small


def _between(
    statements: Sequence[Statement], vectors: Vectors, translations: Iterable[Counterpart]
) -> Iterator[Contradiction]:
    """Contradictions between translations, whose sentences are compared by what sets them apart in their document."""
    rows_of: dict[str, list[int]] = {}
    for row, statement in enumerate(statements):
        rows_of.setdefault(statement.passage.document_id, []).append(row)
    for pair in translations:
        (first, one), (second, other) = (_measured(statements, vectors, rows_of[i]) for i in (pair.first, pair.second))
        cosines = one @ other.T
        for x, statement in enumerate(first):
            y = nearest_measure(statement, second, cosines[x])
            if y is not None and (apart := disagreement(first, second, cosines, x, y)):
                yield _contradiction(statement, second[y], apart, float(cosines[x, y]))


def _measured(
    statements: Sequence[Statement], vectors: Vectors, rows: Sequence[int]
) -> tuple[list[Statement], Vectors]:
    """A document's statements with amounts, and their vectors centred in the document."""
    kept = [i for i, row in enumerate(rows) if statements[row].amounts]
    return [statements[rows[i]].across_languages() for i in kept], centred(vectors[rows])[kept]


def _contradiction(first: Statement, second: Statement, apart: Difference, score: float) -> Contradiction:
    return Contradiction(_place(first, apart.first.text), _place(second, apart.second.text), round(score, 3))


def _place(statement: Statement, amount: str) -> Place:
    return Place(statement.passage.document_id, statement.passage.id, statement.text, amount)
