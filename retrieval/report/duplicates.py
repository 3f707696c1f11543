"""Passages and documents that say nearly the same in nearly the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from retrieval.report.content import Content
from retrieval.report.geometry import NOWHERE, nearest

# Share of common runs of three words. Different passages of the 80 demo articles have up to 0.27 in common; of their
# copies in which every tenth word is another one, 19 of 20 keep 0.5 (benchmarks/contradictions).
RUN, ALIKE = 3, 0.4
LOOKED_AT = 5  # nearest passages whose words are compared

Runs = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Copy:
    """Ids of two passages or two documents, and the share of runs of words that they have in common."""

    first: str
    second: str
    alike: float


def copied_passages(content: Content) -> list[Copy]:
    """Pairs of passages of different documents in one language, most alike first."""
    found: dict[tuple[int, int], float] = {}
    runs = [runs_of(passage.text) for passage in content.passages]
    for a, b in _neighbours(content):
        if (a, b) not in found and (alike := likeness(runs[a], runs[b])) >= ALIKE:
            found[a, b] = alike
    ids = [passage.id for passage in content.passages]
    return _sorted([Copy(ids[a], ids[b], alike) for (a, b), alike in found.items()])


def copied_documents(content: Content, passages: list[Copy]) -> list[Copy]:
    """Of the documents with copied passages those that are alike as a whole, most alike first."""
    document = {passage.id: passage.document_id for passage in content.passages}
    pairs = {tuple(sorted((document[copy.first], document[copy.second]))) for copy in passages}
    wanted = {identifier for pair in pairs for identifier in pair}
    texts: dict[str, list[str]] = {}
    for passage in content.passages:
        if passage.document_id in wanted:
            texts.setdefault(passage.document_id, []).append(passage.text)
    runs = {identifier: runs_of(" ".join(parts)) for identifier, parts in texts.items()}
    copies = [Copy(a, b, likeness(runs[a], runs[b])) for a, b in pairs]
    return _sorted([copy for copy in copies if copy.alike >= ALIKE])


def runs_of(text: str) -> Runs:
    """All runs of three words; of a shorter text, itself."""
    words = re.findall(r"\w+", text.lower())
    return frozenset(tuple(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1)))


def likeness(a: Runs, b: Runs) -> float:
    """Share of runs in common, 0 to 1."""
    return len(a & b) / len(a | b)


def _neighbours(content: Content) -> Iterator[tuple[int, int]]:
    """Positions of passages that lie near each other, the earlier one first."""
    documents = {passage.document_id: n for n, passage in enumerate(content.passages)}
    owners = np.array([documents[passage.document_id] for passage in content.passages], np.int64)
    for language in content.languages:
        rows = content.rows_of(language)
        positions, cosines = nearest(content.vectors[rows], owners[rows], LOOKED_AT)
        for row, others, near in zip(rows.tolist(), rows[positions].tolist(), cosines.tolist()):
            yield from ((min(row, o), max(row, o)) for o, cosine in zip(others, near) if cosine > NOWHERE)


def _sorted(copies: list[Copy]) -> list[Copy]:
    return sorted(copies, key=lambda copy: (-copy.alike, copy.first, copy.second))
