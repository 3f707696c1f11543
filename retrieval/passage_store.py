"""What the knowledge base keeps on disk: passages and their vectors, in versions.

A commit is one transaction and one version, seen by every process from its end on. A passage keeps
its integer id for as long as neither it nor its place in the document changes. A vector is kept
under its text, so it is computed once, however often the text is removed and added again.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.documents import Passage
from retrieval.late_interaction import TokenVectors
from retrieval.store import versions
from retrieval.store.check import check_all
from retrieval.store.index_file import IndexFile, KnowledgeBaseError
from retrieval.store.stored_passage import StoredPassage, embedded_texts
from retrieval.store.term_index import TermIndex
from retrieval.store.vectors import check_values, decoded, dimension, forget_waiting, remember, vector_id
from retrieval.store.versions import NOTHING, Version

if TYPE_CHECKING:
    from nlu.encoder import Vectors

__all__ = ["NOTHING", "KnowledgeBaseError", "PassageStore", "StoredPassage", "Version", "embedded_texts"]

BLOCK = 10_000
_LIST = "(SELECT value FROM json_each(?))"


@dataclass(frozen=True)
class Changes:
    """How to get to ``version``: these ids come and those go, or ``everything`` is to be read anew."""

    version: Version
    added: list[int]
    removed: list[int]
    everything: bool = False


@dataclass(frozen=True)
class Commit:
    """The version after a commit, and what the commit did to how many documents."""

    version: Version
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


@dataclass(frozen=True)
class StoredDocument:
    """A document as its first passage names it, and how many passages it has."""

    id: str
    title: str
    language: str
    url: str
    updated: str
    passages: int


class PassageStore:
    """The index's content; one object serves several threads, one folder several processes.

    Every method raises :class:`KnowledgeBaseError` where the file is damaged, another process writes
    for too long, or the disk is full. A change that fails leaves everything as it was.

    Args:
        folder: where ``knowledge.sqlite`` is; nothing is made there before the first change.
        encoder: identity of the encoder whose vectors are kept.

    Raises:
        KnowledgeBaseError: the file is damaged or was made with another encoder.
    """

    def __init__(self, folder: Path, encoder: str) -> None:
        self._file = IndexFile(folder, encoder)
        self.lexical = TermIndex(self._file)

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """A block in which all reads by this thread are of one version, whatever is committed meanwhile."""
        return self._file.reading()

    def close(self) -> None:
        """Close this thread's connection; the next use opens one again."""
        self._file.close()

    # -- changing ---------------------------------------------------------------------------

    def missing(self, texts: Collection[str]) -> list[str]:
        """Those of the texts that have no vector yet, each once, in order."""
        with self._file.reading() as connection:
            return [text for text in dict.fromkeys(texts) if vector_id(connection, text) is None]

    def remember(self, vectors: Mapping[str, Vectors], tokens: Mapping[str, TokenVectors] | None = None) -> None:
        """Keep unit vectors by text ahead of their commit: an indexing that is cut off need not compute them again.

        Args:
            vectors: of any :func:`embedded_texts`.
            tokens: word pieces of those texts among them that are passages.

        Raises:
            KnowledgeBaseError: a vector is not as long as the others.
        """
        if vectors:
            with self._file.writing() as connection:
                remember(connection, vectors, tokens)

    def commit(
        self,
        put: Mapping[str, Sequence[Passage]],
        remove: Collection[str] = (),
        vectors: Mapping[str, Vectors] | None = None,
        undoable: bool = True,
    ) -> Commit:
        """Add, replace and remove documents, all of it or nothing; where nothing differs, no version is made.

        Args:
            put: all passages of each document by its id.
            remove: ids of documents; unknown ones are passed over.
            vectors: of those :func:`embedded_texts` that are :meth:`missing`, unless remembered already.
            undoable: whether :meth:`rollback` may undo it.

        Raises:
            KnowledgeBaseError: a text has no vector, or a vector is not as long as the others.
        """
        if not put and self.version() == NOTHING:
            return Commit(NOTHING)
        wanted = dict.fromkeys(remove, ()) | dict(put)
        with self._file.writing() as connection:
            remember(connection, vectors or {})
            differences = [versions.compare(connection, document, passages) for document, passages in wanted.items()]
            added = [i for difference in differences for i in difference.after - difference.before]
            removed = [i for difference in differences for i in difference.before - difference.after]
            version = versions.current(connection).version
            if added or removed:
                version = versions.advance(connection, added, removed, undoable)
                versions.purge(connection)
                forget_waiting(connection)
        kinds = Counter(difference.kind for difference in differences)
        return Commit(version, kinds["added"], kinds["changed"], kinds["unchanged"], kinds["removed"])

    def rollback(self) -> Version:
        """Undo the last commit that has not been undone; a new version, with the content of the one before.

        Raises:
            KnowledgeBaseError: nothing is left to undo.
        """
        with self._file.reading() as connection:
            versions.undoable(connection)  # refused before anything is made on disk
        with self._file.writing() as connection:
            return versions.undo(connection)

    # -- reading ----------------------------------------------------------------------------

    def version(self) -> Version:
        """The current version; cheap enough to ask before every search."""
        with self._file.reading() as connection:
            return versions.current(connection).version

    @property
    def size(self) -> int:
        """Number of passages."""
        with self._file.reading() as connection:
            return versions.current(connection).passages

    @property
    def dimension(self) -> int:
        """Length of a vector, 0 while there is none."""
        with self._file.reading() as connection:
            return dimension(connection)

    def changes(self, since: Version) -> Changes:
        """The way from a version to the current one."""
        with self._file.reading() as connection:
            version = versions.current(connection).version
            steps = {} if since == version else versions.steps_since(connection, since)
        if steps is None:
            return Changes(version, [], [], everything=True)
        return Changes(version, [i for i, n in steps.items() if n > 0], [i for i, n in steps.items() if n < 0])

    def blocks(self, size: int = BLOCK) -> Iterator[list[int]]:
        """Ids of all passages, ascending, ``size`` at a time; within :meth:`reading`, those of one version."""
        last = 0
        while ids := self._ids_after(last, size):
            yield ids
            last = ids[-1]

    def _ids_after(self, last: int, count: int) -> list[int]:
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT id FROM passage WHERE removed IS NULL AND id > ? ORDER BY id LIMIT ?", (last, count)
            )
            return [row[0] for row in rows]

    def passages(self, ids: Collection[int]) -> dict[int, StoredPassage]:
        """Those of the passages that the current version has, by id."""
        with self._file.reading() as connection:
            rows = connection.execute(
                f"SELECT id, digest, json FROM passage JOIN body USING (id) WHERE removed IS NULL AND id IN {_LIST}",
                (_list(ids),),
            )
            return {identifier: StoredPassage.from_json(text, digest) for identifier, digest, text in rows}

    def by_language(self, ids: Collection[int]) -> dict[str, list[int]]:
        """Those of the passages that the current version has, by their language, ascending."""
        found: dict[str, list[int]] = {}
        with self._file.reading() as connection:
            for identifier, language in connection.execute(
                f"SELECT id, language FROM passage WHERE removed IS NULL AND id IN {_LIST} ORDER BY id", (_list(ids),)
            ):
                found.setdefault(language, []).append(identifier)
        return found

    def passage_vectors(self, ids: Collection[int]) -> tuple[list[int], Vectors]:
        """Ids, ascending, of those passages that the current version has, and their vectors, shape (ids, dimension)."""
        return self._vectors(ids, "position = 0")

    def sentence_vectors(self, ids: Collection[int]) -> tuple[list[int], Vectors]:
        """Vectors of the passages' sentences in reading order, and for each its passage's id, ascending."""
        return self._vectors(ids, "position > 0")

    def vectors(self, ids: Collection[int]) -> dict[int, Vectors]:
        """By id the vectors of a passage and of its sentences, in this order, shape (1 + sentences, dimension)."""
        owners, rows = self._vectors(ids, "TRUE")
        begins = [i for i, owner in enumerate(owners) if i == 0 or owners[i - 1] != owner]
        return {owners[a]: rows[a:b] for a, b in zip(begins, [*begins[1:], len(owners)])}

    def tokens(self, ids: Collection[int]) -> dict[int, TokenVectors]:
        """By id the passages' word pieces."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT passage, value, crc FROM embedding JOIN token USING (vector)"
                f" WHERE position = 0 AND passage IN {_LIST}",
                (_list(ids),),
            ).fetchall()
            check_values([row[1:] for row in rows])
        return {passage: TokenVectors.from_bytes(value) for passage, value, _ in rows}

    def _vectors(self, ids: Collection[int], where: str) -> tuple[list[int], Vectors]:
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT passage.id, value, crc FROM passage JOIN embedding ON embedding.passage = passage.id"
                " JOIN vector ON vector.id = embedding.vector"
                f" WHERE removed IS NULL AND {where} AND passage.id IN {_LIST} ORDER BY passage.id, position",
                (_list(ids),),
            ).fetchall()
            return [row[0] for row in rows], decoded([row[1:] for row in rows], dimension(connection))

    def documents(self) -> list[StoredDocument]:
        """All documents, those indexed first at the front."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT digest, json, passages FROM (SELECT min(id) AS id, count(*) AS passages FROM passage"
                " WHERE removed IS NULL GROUP BY document) JOIN passage USING (id) JOIN body USING (id) ORDER BY id"
            )
            first = [(StoredPassage.from_json(text, digest).passage, count) for digest, text, count in rows]
        return [StoredDocument(p.document_id, p.title, p.language, p.url, p.updated, count) for p, count in first]

    def verify(self) -> None:
        """Read everything and compare it with its checksums; takes minutes for a million passages.

        Raises:
            KnowledgeBaseError: something is not what was written.
        """
        with self._file.reading() as connection:
            check_all(connection)


def _list(ids: Collection[int]) -> str:
    return json.dumps([int(i) for i in ids])
