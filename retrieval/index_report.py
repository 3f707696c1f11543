"""What an index says about its articles: copies, translations, and amounts that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from retrieval.passage_store import PassageStore
from retrieval.report.content import Content
from retrieval.report.contradictions import Contradiction, contradictions
from retrieval.report.counterparts import Counterpart, counterparts
from retrieval.report.duplicates import Copy, copied_documents, copied_passages

MOST_PASSAGES = 20_000  # compared with each other


@dataclass(frozen=True)
class IndexReport:
    """Findings, the surest first.

    ``copied_passages`` are of documents that are no copies as a whole. ``left_out`` counts passages beyond
    :data:`MOST_PASSAGES`, which were compared with nothing.
    """

    copied_documents: list[Copy] = field(default_factory=list)
    copied_passages: list[Copy] = field(default_factory=list)
    translations: list[Counterpart] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    left_out: int = 0


def report(content: Content, left_out: int = 0) -> IndexReport:
    """Compare all passages, sentences and amounts with each other."""
    if not content.passages:
        return IndexReport(left_out=left_out)
    copies = copied_passages(content)
    documents = copied_documents(content, copies)
    whole = {frozenset((copy.first, copy.second)) for copy in documents}
    passages = [copy for copy in copies if frozenset(map(_document, (copy.first, copy.second))) not in whole]
    translations = counterparts(content)
    return IndexReport(documents, passages, translations, contradictions(content, translations), left_out)


def report_of(store: PassageStore) -> IndexReport:
    """The same of the index's current version, of its first :data:`MOST_PASSAGES` passages.

    Raises:
        KnowledgeBaseError: the index is damaged.
    """
    return report(*content_of(store))


def content_of(store: PassageStore) -> tuple[Content, int]:
    """The first :data:`MOST_PASSAGES` passages of the current version, and how many more there are."""
    with store.reading():
        ids = [identifier for block in store.blocks() for identifier in block]
        return _read(store, ids[:MOST_PASSAGES]), max(0, len(ids) - MOST_PASSAGES)


def _read(store: PassageStore, ids: list[int]) -> Content:
    stored = store.passages(ids)
    return Content(
        [stored[identifier].passage for identifier in ids],
        [stored[identifier].sentences for identifier in ids],
        store.passage_vectors(ids)[1],
        store.sentence_vectors(ids)[1],
    )


def _document(passage: str) -> str:
    return passage.rpartition("#")[0]
