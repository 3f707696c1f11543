"""Versions: which passages are current, how the next version comes about and how it is undone.

A version is a commit, or the undoing of one; either way its number is new. What it removes stays
in the file, unseen, for as long as the commit can be undone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from typing import NamedTuple

from retrieval.documents import Passage
from retrieval.store.index_file import KnowledgeBaseError
from retrieval.store.stored_passage import DIGEST_BYTES, StoredPassage, digest
from retrieval.store.term_index import write_terms
from retrieval.store.vectors import vector_id

KEPT_COMMITS = 3  # that can be undone
KEPT_CHANGES = 1000  # versions that another process may be behind without having to read everything


class Version(NamedTuple):
    """Number of a version, and a token that no version of another file shares."""

    number: int
    token: int


NOTHING = Version(0, 0)


class State(NamedTuple):
    """A version, how many passages it has, and the exclusive or of their digests."""

    version: Version
    passages: int
    checksum: int


class Difference(NamedTuple):
    """Ids of a document's passages before and after."""

    before: set[int]
    after: set[int]

    @property
    def kind(self) -> str:
        """What this makes of the document."""
        if self.before == self.after:
            return "unchanged" if self.after else "absent"
        return "removed" if not self.after else "changed" if self.before else "added"


def current(connection: sqlite3.Connection) -> State:
    """The last version's state, of :data:`NOTHING` before the first."""
    row = connection.execute(
        "SELECT number, token, passages, checksum FROM version ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return State(Version(*row[:2]), row[2], int.from_bytes(row[3], "big")) if row else State(NOTHING, 0, 0)


def compare(connection: sqlite3.Connection, document: str, passages: Sequence[Passage]) -> Difference:
    """What a document has and what it shall have; passages that are new get an id, but are not current yet.

    Raises:
        KnowledgeBaseError: a text has no vector.
    """
    rows = connection.execute("SELECT digest, id, removed FROM passage WHERE document = ?", (document,)).fetchall()
    known = {key: identifier for key, identifier, _ in rows}
    after = set()
    for stored in map(StoredPassage.of, passages):
        key = digest(stored.json)
        if key not in known:
            known[key] = _insert(connection, document, key, stored)
        after.add(known[key])
    return Difference({identifier for _, identifier, removed in rows if removed is None}, after)


def advance(
    connection: sqlite3.Connection, added: Collection[int], removed: Collection[int], undoable: bool
) -> Version:
    """Write the next version: these passages become current and those cease to be; ``undoable`` for a commit."""
    last = current(connection)
    number, checksum = last.version.number + 1, last.checksum
    for passage, step in [(passage, -1) for passage in sorted(removed)] + [(passage, 1) for passage in sorted(added)]:
        key, text = connection.execute(
            "SELECT digest, json FROM passage JOIN body USING (id) WHERE id = ?", (passage,)
        ).fetchone()
        checksum ^= int.from_bytes(key, "big")
        write_terms(connection, passage, StoredPassage.from_json(text, key).terms, step)
        connection.execute("UPDATE passage SET removed = ? WHERE id = ?", (None if step > 0 else number, passage))
        connection.execute("INSERT INTO change VALUES (?, ?, ?)", (number, passage, step))
    connection.execute(
        "INSERT INTO version (number, undoable, passages, checksum) VALUES (?, ?, ?, ?)",
        (number, undoable, last.passages + len(added) - len(removed), checksum.to_bytes(DIGEST_BYTES, "big")),
    )
    return current(connection).version


def undoable(connection: sqlite3.Connection) -> int:
    """Number of the last commit that can be undone and has not been.

    Raises:
        KnowledgeBaseError: there is none.
    """
    number: int | None = connection.execute("SELECT max(number) FROM version WHERE undoable").fetchone()[0]
    if number is None:
        raise KnowledgeBaseError(
            f"There is no earlier version to go back to: only the last {KEPT_COMMITS} changes can be undone, each once."
        )
    return number


def undo(connection: sqlite3.Connection) -> Version:
    """Write the next version, as it was before the last commit that has not been undone.

    Raises:
        KnowledgeBaseError: nothing is left to undo.
    """
    number = undoable(connection)
    steps = connection.execute("SELECT passage, step FROM change WHERE version = ?", (number,)).fetchall()
    connection.execute("UPDATE version SET undoable = 0 WHERE number = ?", (number,))
    added, removed = ([passage for passage, step in steps if step == sign] for sign in (-1, 1))
    return advance(connection, added, removed, undoable=False)


def purge(connection: sqlite3.Connection) -> None:
    """Delete what no undoing can bring back; triggers delete bodies, embeddings and vectors with it."""
    kept = connection.execute(
        "SELECT number FROM version WHERE undoable ORDER BY number DESC LIMIT ?", (KEPT_COMMITS,)
    ).fetchall()
    if not kept:
        return
    newest, oldest = kept[0][0], kept[-1][0]
    connection.execute("UPDATE version SET undoable = 0 WHERE undoable AND number < ?", (oldest,))
    connection.execute("DELETE FROM passage WHERE removed < ?", (oldest,))
    forgotten = min(oldest, newest - KEPT_CHANGES)
    connection.execute("DELETE FROM change WHERE version < ?", (forgotten,))
    connection.execute("DELETE FROM version WHERE number < ?", (forgotten,))


def steps_since(connection: sqlite3.Connection, since: Version) -> dict[int, int] | None:
    """Passages that came (1), went (-1) or did both (0) after a version; None if that is not known any more."""
    known = connection.execute("SELECT 1 FROM version WHERE number = ? AND token = ?", since).fetchone()
    if known is None:
        return None
    rows = connection.execute(
        "SELECT passage, sum(step) FROM change WHERE version > ? GROUP BY passage", (since.number,)
    )
    return dict(rows.fetchall())


def _insert(connection: sqlite3.Connection, document: str, key: bytes, stored: StoredPassage) -> int:
    vectors = [vector_id(connection, text) for text in stored.texts]
    if None in vectors:
        raise KnowledgeBaseError(
            f"The article {document} has a text without a vector, another process may have removed it: index again."
        )
    passage = connection.execute(
        "INSERT INTO passage (document, digest, language) VALUES (?, ?, ?)", (document, key, stored.passage.language)
    ).lastrowid
    assert passage is not None
    connection.execute("INSERT INTO body VALUES (?, ?)", (passage, stored.json))
    connection.executemany(
        "INSERT INTO embedding VALUES (?, ?, ?)", ((passage, position, v) for position, v in enumerate(vectors))
    )
    return passage
