"""The knowledge base: articles in, passages for a question out.

What is kept on disk is :mod:`retrieval.passage_store`'s; in memory there is a FAISS index of the
passages' vectors, brought up to date before each search, so that what another process added or
removed counts from the next question on. FAISS and the terms on disk name candidates; ranking then
looks at each closely.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu.encoder import BATCH, PASSAGE, PASSAGE_TOKENS, Encoder, Encoding, Progress, Vectors
from nlu.language import detect
from retrieval.answerability import JUDGED, Answerability
from retrieval.candidates import Candidate, Candidates
from retrieval.chunking import passages_of
from retrieval.documents import Document, Hit, Passage, SearchResult
from retrieval.late_interaction import LateInteraction, Match, QuestionTokens, TokenVectors
from retrieval.lexical import coverage, term_weights, words
from retrieval.passage_store import NOTHING, KnowledgeBaseError, PassageStore, embedded_texts
from retrieval.ranking import Ranking, Signals
from retrieval.spelling import Runs, shared, words_in
from retrieval.vector_index import VectorIndex

NEAREST, MATCHING = 48, 24  # candidates by vectors, of each language, and by terms
# Of the cosine beside late interaction in a sentence's match. Together they put an answering sentence first for 51 %
# of the written questions kept for calibration, late interaction alone for 48 %, the cosine alone for 48 %.
COSINE_SHARE = 1.5
# Cosine of two passages in different languages from which they say the same. Of the written ones kept for calibration
# 98 % of the translations have it, and no two passages of a company that tell of different things.
TRANSLATED = 0.78
REMEMBER_EVERY = 8 * BATCH  # texts encoded between two writes: what an interrupted indexing loses

__all__ = ["KnowledgeBase", "KnowledgeBaseError", "UpdateReport"]


@dataclass(frozen=True)
class UpdateReport:
    """What an update did, in documents and passages."""

    added: int
    changed: int
    unchanged: int
    removed: int
    passages: int
    encoded: int


class KnowledgeBase:
    """Passages with their vectors and words, searched together. Several threads may use one.

    Args:
        folder: where the index is kept.
        encoder: must be the same one for as long as the index lives.
        answerability: judges rankings; None takes the shipped one.
        ranking: orders candidates; None takes the shipped one.

    Raises:
        KnowledgeBaseError: the index is damaged or was made with another encoder.
    """

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        answerability: Answerability | None = None,
        ranking: Ranking | None = None,
    ) -> None:
        self.folder = folder
        self.encoder = encoder
        self.store = PassageStore(folder, encoder.identity)
        self._answerability = answerability or Answerability.load()
        self._ranking = ranking or Ranking.load()
        self._late = LateInteraction(encoder)
        self._candidates = Candidates(self.store)
        self._indexes: dict[str, VectorIndex] = {}  # by language
        self._version = NOTHING
        self._refreshing = threading.Lock()

    # -- changing ---------------------------------------------------------------------------

    def update(self, documents: Iterable[Document], progress: Progress | None = None) -> UpdateReport:
        """Add documents, replacing those with the same id.

        ``progress`` hears how many texts each batch encoded.
        """
        incoming = {document.id: passages_of(document) for document in documents}
        return self._put(incoming, progress, undoable=True)

    def begin(self, passages: Sequence[Passage], progress: Progress | None = None) -> UpdateReport:
        """Fill an empty index with passages already cut; this cannot be undone."""
        incoming: dict[str, list[Passage]] = {}
        for passage in passages:
            incoming.setdefault(passage.document_id, []).append(passage)
        return self._put(incoming, progress, undoable=False)

    def _put(
        self, incoming: Mapping[str, Sequence[Passage]], progress: Progress | None, undoable: bool
    ) -> UpdateReport:
        passages = [passage for group in incoming.values() for passage in group]
        encoded = self._encode(passages, progress)
        commit = self.store.commit(incoming, undoable=undoable)
        return UpdateReport(commit.added, commit.changed, commit.unchanged, 0, len(passages), encoded)

    def remove(self, document_ids: Sequence[str]) -> UpdateReport:
        """Remove documents.

        Raises:
            KnowledgeBaseError: an id is unknown; nothing is removed then.
        """
        before = {document.id for document in self.store.documents()}
        if unknown := [i for i in document_ids if i not in before]:
            raise KnowledgeBaseError(
                f"No article has the id {', '.join(unknown)}: `lichno index status --json` lists them."
            )
        removed = self.store.commit({}, document_ids).removed
        return UpdateReport(0, 0, len(before) - removed, removed, self.store.size, 0)

    def rollback(self) -> int:
        """Undo the last change; the number of the new version.

        Raises:
            KnowledgeBaseError: nothing is left to undo.
        """
        return self.store.rollback().number

    def _encode(self, passages: Sequence[Passage], progress: Progress | None) -> int:
        """Compute the vectors that are missing and keep them; how many texts had none."""
        by_text = {passage.embedded_text: passage for passage in passages}
        missing = self.store.missing(embedded_texts(passages))
        for start in range(0, len(missing), REMEMBER_EVERY):
            texts = missing[start : start + REMEMBER_EVERY]
            vectors, tokens = self._read([by_text[text] for text in texts if text in by_text], progress)
            others = [text for text in texts if text not in by_text]
            vectors |= zip(others, self.encoder.encode_passages(others, progress))
            self.store.remember(vectors, tokens)
        return len(missing)

    def _read(
        self, passages: Sequence[Passage], progress: Progress | None
    ) -> tuple[dict[str, Vectors], dict[str, TokenVectors]]:
        vectors, tokens = {}, {}
        for start in range(0, len(passages), BATCH):
            batch = passages[start : start + BATCH]
            encodings = self.encoder.read([p.embedded_text for p in batch], PASSAGE, PASSAGE_TOKENS)
            for passage, encoding in zip(batch, encodings):
                vectors[passage.embedded_text] = encoding.vector
                tokens[passage.embedded_text] = self._late.passage(encoding, passage)
            if progress:
                progress(len(batch))
        return vectors, tokens

    # -- searching --------------------------------------------------------------------------

    def refresh(self) -> None:
        """Bring memory up to the version on disk; what :meth:`search` does first."""
        with self._refreshing:
            self._refresh()

    def _refresh(self) -> None:
        with self.store.reading():
            changes = self.store.changes(self._version)
            if changes.version == self._version:
                return
            if changes.everything:
                self._indexes = {}
                self._candidates = Candidates(self.store)  # in another file an id is another passage's
            for index in self._indexes.values():
                index.remove(changes.removed)
            for added in self.store.blocks() if changes.everything else [changes.added]:
                for language, ids in self.store.by_language(added).items():
                    index = self._indexes.setdefault(language, VectorIndex(self.encoder.dimension))
                    index.add(*self.store.passage_vectors(ids))
            self._version = changes.version

    def search(self, question: str, k: int = 5) -> SearchResult:
        """The passages most likely to answer, best first.

        Args:
            question: as the customer wrote it.
            k: number of passages.
        """
        if not question.strip() or not self.store.size:
            return SearchResult([], 0.0)
        encoding = self.encoder.read_message(question)
        with self.store.reading():
            nearest = self._nearest(encoding.vector)
            frequencies = self.store.lexical.document_frequency(dict.fromkeys(words(question)))
            matching = [i for i, _ in self.store.lexical.match(frequencies, MATCHING)]
            candidates = self._candidates.get(list(dict.fromkeys(nearest + matching)))
            size = self.store.size
        if not candidates:
            return SearchResult([], 0.0)
        return self._rank(
            _Question(question, encoding, self._late.question(encoding), frequencies, size), candidates, k
        )

    def _nearest(self, vector: Vectors) -> list[int]:
        """Passages by their vectors; the lock keeps the indexes at the version that is being read.

        Each language has an index of its own: the encoder finds texts of the question's language
        nearer whatever they say, and they would crowd the others out.
        """
        with self._refreshing:
            self._refresh()
            return [i for index in self._indexes.values() for i, _ in index.search(vector, NEAREST)]

    def _rank(self, question: _Question, candidates: Sequence[Candidate], k: int) -> SearchResult:
        matches = self._late.match(question.tokens, [candidate.tokens for candidate in candidates])
        usual = float(np.mean([candidate.length for candidate in candidates]))
        cosines = [question.cosines(candidate) for candidate in candidates]
        signals = [question.signals(c, m, near, usual) for c, m, near in zip(candidates, matches, cosines)]
        scores = self._ranking.scores(signals)
        best = _descending(scores, candidates)[: max(k, JUDGED)]
        translations = _translations([candidates[i] for i in best])
        hits = [
            Hit(
                candidates[i].passage,
                float(scores[i]),
                signals[i],
                _sentences(candidates[i], matches[i], cosines[i]),
                translations[n],
            )
            for n, i in enumerate(best)
        ]
        return SearchResult(hits[:k], self._answerability.probability(hits))

    # -- looking in -------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Number of the version on disk, 0 where there is none."""
        return self.store.version().number

    @property
    def passages(self) -> list[Passage]:
        """All passages, those indexed first at the front."""
        with self.store.reading():
            return [stored.passage for ids in self.store.blocks() for stored in self.store.passages(ids).values()]

    def verify(self) -> None:
        """Compare everything on disk with its checksums.

        Raises:
            KnowledgeBaseError: something is not what was written.
        """
        self.store.verify()

    def status(self) -> dict[str, Any]:
        """Counts for people: documents, passages, languages, version, encoder."""
        documents = self.store.documents()
        return {
            "folder": str(self.folder),
            "version": self.version,
            "encoder": self.encoder.identity,
            "documents": len(documents),
            "passages": sum(document.passages for document in documents),
            "languages": dict(Counter(document.language for document in documents)),
            "ids": sorted(document.id for document in documents),
        }


class _Question:
    """A question with all that it is compared by."""

    def __init__(
        self, text: str, encoding: Encoding, tokens: QuestionTokens, frequencies: dict[str, int], passages: int
    ) -> None:
        self._vector = encoding.vector
        self.tokens = tokens
        self._language = detect(text).language
        self._weights = term_weights(frequencies, passages)
        self._words: list[tuple[Runs, float]] = [(runs, tokens.weight(a, b)) for a, b, runs in words_in(text)]

    def cosines(self, candidate: Candidate) -> Vectors:
        """With each of the passage's sentences; with the passage itself where it has none."""
        cosines: Vectors = (candidate.vectors[1:] if len(candidate.vectors) > 1 else candidate.vectors) @ self._vector
        return cosines

    def signals(self, candidate: Candidate, match: Match, cosines: Vectors, usual_length: float) -> Signals:
        return Signals(
            words=match.whole,
            sentence=match.best,
            cosine=float(cosines.max()),
            coverage=coverage(self._weights, candidate.counts, candidate.length / max(usual_length, 1.0)),
            spelling=shared(self._words, candidate.runs),
            own=float(candidate.passage.language == self._language),
        )


def _descending(scores: Vectors, candidates: Sequence[Candidate]) -> list[int]:
    """Positions, best first; what differs by rounding only is in the order of the passages' ids."""
    rounded = np.round(scores, 6).tolist()
    return sorted(range(len(candidates)), key=lambda i: (-rounded[i], candidates[i].passage.id))


def _translations(candidates: Sequence[Candidate]) -> list[frozenset[str]]:
    """For each passage the ids of those that say the same in another language."""
    vectors = np.stack([candidate.vectors[0] for candidate in candidates])
    near = vectors @ vectors.T >= TRANSLATED
    passages = [candidate.passage for candidate in candidates]
    return [
        frozenset(b.id for b, same in zip(passages, row) if same and b.language != a.language)
        for a, row in zip(passages, near)
    ]


def _sentences(candidate: Candidate, match: Match, cosines: Vectors) -> list[tuple[str, float]]:
    """The passage's sentences, each with how well it matches: by its words, and as a whole."""
    return [
        (text, match.sentences.get(number, -1.0) + COSINE_SHARE * float(cosine))
        for number, (text, cosine) in enumerate(zip(candidate.sentences, cosines))
    ]
