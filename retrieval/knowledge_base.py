"""The knowledge base: articles in, passages for a question out.

On disk it is a folder of numbered versions and a file ``current`` that names one. A change
writes a whole new version and then replaces ``current`` in one step, so readers and crashes see
either the old state or the new. Vectors of unchanged passages are carried over, not computed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu.base_models import check, write_checksums
from nlu.encoder import Encoder, Progress, Vectors
from nlu.errors import LichnoError
from nlu.language import detect
from retrieval.answerability import Answerability
from retrieval.chunking import passages_of
from retrieval.documents import Document, Hit, Passage, SearchResult
from retrieval.fusion import Scores, fuse
from retrieval.lexical import LexicalIndex
from retrieval.sentences import sentences_of
from retrieval.vector_index import VectorIndex

CURRENT = "current"
VECTORS_FILE, PASSAGES_FILE, CONFIG_FILE = "vectors.faiss", "passages.jsonl", "config.json"
KEPT_VERSIONS = 2
SENTENCE_WEIGHT = 0.6  # of the best sentence against the whole passage in the dense score


class KnowledgeBaseError(LichnoError):
    """The index is missing, damaged or of another encoder."""


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
    """Passages with their vectors and words, searched together.

    Args:
        folder: where versions are kept.
        encoder: must be the same one for as long as the index lives.
        answerability: judges rankings; None takes the shipped one.
    """

    def __init__(self, folder: Path, encoder: Encoder, answerability: Answerability | None = None) -> None:
        self.folder = folder
        self.encoder = encoder
        self.version = 0
        self._answerability = answerability or Answerability.load()
        self._set([], np.zeros((0, 1), dtype=np.float32))

    # -- opening and saving -----------------------------------------------------------------

    @classmethod
    def open(cls, folder: Path, encoder: Encoder) -> KnowledgeBase:
        """The current version, or an empty knowledge base where there is none yet.

        Raises:
            KnowledgeBaseError: a file is damaged, or the index was made with another encoder.
        """
        base = cls(folder, encoder)
        base.reload()
        return base

    def current_version(self) -> int:
        """Number of the version on disk, 0 if there is none."""
        pointer = self.folder / CURRENT
        return int(pointer.read_text()) if pointer.is_file() else 0

    def reload(self) -> bool:
        """Take up the version on disk; True if it was another than the loaded one."""
        version = self.current_version()
        if version == self.version:
            return False
        folder = self._version_folder(version)
        self._check(folder)
        lines = (folder / PASSAGES_FILE).read_text().split("\n")  # not splitlines: U+2028 may stand inside a string
        passages = [Passage(**json.loads(line)) for line in lines if line]
        index = VectorIndex.load(folder / VECTORS_FILE)
        self._set(passages, index.vectors(range(len(index))))
        self.version = version
        return True

    def _check(self, folder: Path) -> None:
        try:
            check(folder)
        except LichnoError as error:
            raise KnowledgeBaseError(
                f"The index {folder} is damaged: index the articles again (lichno index add training_data/knowledge)."
            ) from error
        config: dict[str, Any] = json.loads((folder / CONFIG_FILE).read_text())
        if config["encoder"] != self.encoder.name:
            raise KnowledgeBaseError(
                f"The index {self.folder} was made with the encoder {config['encoder']}, the settings name"
                f" {self.encoder.name}: delete the folder and index again (lichno index add …)."
            )

    def _save(self) -> None:
        self.version = self.current_version() + 1
        folder = self._version_folder(self.version)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        index = VectorIndex(self.encoder.dimension)
        index.add(range(len(self._vectors)), self._vectors)
        index.save(folder / VECTORS_FILE)
        lines = [json.dumps(asdict(passage), ensure_ascii=False) for passage in self.passages]
        (folder / PASSAGES_FILE).write_text("".join(line + "\n" for line in lines))
        (folder / CONFIG_FILE).write_text(json.dumps({"encoder": self.encoder.name}))
        write_checksums(folder)
        pointer = self.folder / (CURRENT + ".part")
        pointer.write_text(str(self.version))
        os.replace(pointer, self.folder / CURRENT)
        for old in range(self.version - KEPT_VERSIONS, 0, -1):
            shutil.rmtree(self._version_folder(old), ignore_errors=True)

    def _version_folder(self, version: int) -> Path:
        return self.folder / f"version-{version}"

    def _set(self, passages: list[Passage], vectors: Vectors) -> None:
        """Take up passages and the vectors of their :func:`embedded_texts`, in that order."""
        self.passages = passages
        self._vectors = vectors
        self._index = VectorIndex(vectors.shape[1])
        self._index.add(range(len(vectors)), vectors)
        self._lexical = LexicalIndex([passage.embedded_text for passage in passages])
        self._languages = [passage.language for passage in passages]
        self._sentences = [sentences_of(passage.text) for passage in passages]
        owners = [i for i, sentences in enumerate(self._sentences) for _ in sentences]
        self._owners = np.array(owners, dtype=np.int64)

    # -- changing ---------------------------------------------------------------------------

    def update(self, documents: Iterable[Document], progress: Progress | None = None) -> UpdateReport:
        """Add documents, replacing those with the same id; save if anything changed.

        ``progress`` hears how many passages each batch encoded.
        """
        before = self._by_document()
        incoming = {document.id: passages_of(document) for document in documents}
        changed = {i: p for i, p in incoming.items() if before.get(i) != p}
        report = UpdateReport(
            added=len(changed.keys() - before.keys()),
            changed=len(changed.keys() & before.keys()),
            unchanged=len(incoming) - len(changed),
            removed=0,
            passages=sum(map(len, incoming.values())),
            encoded=self._replace({**before, **incoming}, progress) if changed else 0,
        )
        return report

    def remove(self, document_ids: Sequence[str]) -> UpdateReport:
        """Remove documents; save.

        Raises:
            KnowledgeBaseError: an id is unknown; nothing is removed then.
        """
        before = self._by_document()
        if unknown := [i for i in document_ids if i not in before]:
            raise KnowledgeBaseError(f"No article has the id {', '.join(unknown)}: `lichno index status` lists them.")
        left = {i: p for i, p in before.items() if i not in set(document_ids)}
        self._replace(left, None)
        return UpdateReport(0, 0, len(left), len(before) - len(left), len(self.passages), 0)

    def _replace(self, documents: dict[str, list[Passage]], progress: Progress | None) -> int:
        """Make these documents the content; the number of passages that had to be encoded."""
        known = dict(zip(embedded_texts(self.passages), self._vectors))
        passages = [p for group in documents.values() for p in group]
        texts = embedded_texts(passages)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, self.encoder.encode_passages(new, progress)))
        vectors = np.stack([known[text] for text in texts]) if texts else np.zeros((0, 1), dtype=np.float32)
        self._set(passages, vectors)
        self._save()
        return len(new)

    def _by_document(self) -> dict[str, list[Passage]]:
        groups: dict[str, list[Passage]] = {}
        for passage in self.passages:
            groups.setdefault(passage.document_id, []).append(passage)
        return groups

    # -- searching --------------------------------------------------------------------------

    def search(self, question: str, k: int = 5, vector: Vectors | None = None) -> SearchResult:
        """The passages most likely to answer, best first.

        Args:
            question: as the customer wrote it.
            k: number of passages.
            vector: the question's unit vector if the caller has it already.
        """
        if not self.passages or not question.strip():
            return SearchResult([], 0.0)
        if vector is None:
            vector = self.encoder.encode_query(question)
        cosines = self._cosines(vector)
        dense = self._dense(cosines)
        coverage = self._lexical.coverage(question)
        language = detect(question).language
        scores = fuse(dense, coverage, self._languages, language)
        best = np.argsort(-scores, kind="stable")[:k].tolist()
        hits = [
            Hit(self.passages[i], float(scores[i]), float(dense[i]), float(coverage[i]), self._sentences_of(i, cosines))
            for i in best
        ]
        return SearchResult(hits, self._answerability.probability(hits, language))

    def _cosines(self, vector: Vectors) -> Scores:
        """Cosines of all passages, then of all sentences, shape (passages + sentences,)."""
        cosines = np.zeros(len(self._index), dtype=np.float32)
        for identifier, cosine in self._index.search(vector, len(self._index)):
            cosines[identifier] = cosine
        return cosines

    def _dense(self, cosines: Scores) -> Scores:
        """Each passage's cosine mixed with its best sentence's, shape (passages,)."""
        whole = cosines[: len(self.passages)]
        best = whole.copy()
        np.maximum.at(best, self._owners, cosines[len(self.passages) :])
        mixed: Scores = (1 - SENTENCE_WEIGHT) * whole + SENTENCE_WEIGHT * best
        return mixed

    def _sentences_of(self, passage: int, cosines: Scores) -> list[tuple[str, float]]:
        rows = np.flatnonzero(self._owners == passage) + len(self.passages)
        return list(zip(self._sentences[passage], cosines[rows].tolist()))

    def status(self) -> dict[str, Any]:
        """Counts for people: documents, passages, languages, version, encoder."""
        documents = {p.document_id: p.language for p in self.passages}
        return {
            "folder": str(self.folder),
            "version": self.version,
            "encoder": self.encoder.name,
            "documents": len(documents),
            "passages": len(self.passages),
            "languages": dict(Counter(documents.values())),
            "ids": sorted(documents),
        }


def embedded_texts(passages: Sequence[Passage]) -> list[str]:
    """What is encoded: every passage, then every sentence under its passage's heading."""
    sentences = [f"{p.heading}: {sentence}" for p in passages for sentence in sentences_of(p.text)]
    return [p.embedded_text for p in passages] + sentences
