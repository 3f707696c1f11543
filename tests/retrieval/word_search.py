"""A search without weights: the cosine of words in common."""

from __future__ import annotations

from collections.abc import Mapping

from retrieval.documents import SearchResult
from retrieval.lexical import words
from tests.retrieval.articles import hit


class WordSearch:
    """Finds documents by their words and remembers what it was asked.

    Args:
        documents: texts by id. ``sure`` holds how answerable a question is that one of them answers, 1 at first.
    """

    def __init__(self, documents: Mapping[str, str]) -> None:
        self.documents = {name: set(words(text)) for name, text in documents.items()}
        self.sure = dict.fromkeys(documents, 1.0)
        self.asked: list[str] = []

    def __call__(self, question: str, k: int) -> SearchResult:
        self.asked.append(question)
        said = set(words(question))
        cosines = {
            name: len(said & held) / max(len(said) * len(held), 1) ** 0.5 for name, held in self.documents.items()
        }
        best = sorted(cosines, key=lambda name: -cosines[name])[:k]
        hits = [hit(cosines[name], name, cosine=cosines[name]) for name in best]
        return SearchResult(hits, self.sure[best[0]] if best and cosines[best[0]] else 0.0)
