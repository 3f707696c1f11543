"""Reading the whole index and comparing it with its checksums."""

from __future__ import annotations

import sqlite3
from collections import Counter

from retrieval.store.index_file import Damage
from retrieval.store.stored_passage import StoredPassage, digest
from retrieval.store.vectors import check_values
from retrieval.store.versions import current


def check_all(connection: sqlite3.Connection) -> None:
    """Pages, texts, vectors, terms, and the version's checksum.

    Raises:
        Damage: something is not what was written.
    """
    if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        raise Damage("a page")
    passages, checksum = 0, 0
    frequencies: Counter[str] = Counter()
    for passage, key, text, removed in connection.execute(
        "SELECT id, digest, ifnull(json, ''), removed FROM passage LEFT JOIN body USING (id)"
    ):
        stored = StoredPassage.from_json(text, key)
        _check_vectors(connection, passage, stored)
        if removed is None:
            passages, checksum = passages + 1, checksum ^ int.from_bytes(key, "big")
            frequencies.update(set(stored.terms))
    if (passages, checksum) != current(connection)[1:]:
        raise Damage("the version")
    _check_undoing(connection)
    if Counter(dict(connection.execute("SELECT term, doc FROM vocabulary"))) != frequencies:
        raise Damage("the terms")


def _check_undoing(connection: sqlite3.Connection) -> None:
    """The changes since the oldest version that can be undone must lead from each version to the next."""
    kept = connection.execute(
        "SELECT number, passages, checksum FROM version"
        " WHERE number >= (SELECT min(number) FROM version WHERE undoable) - 1 ORDER BY number"
    ).fetchall()
    rows = [(0, 0, b"")] + kept
    for (before, passages, checksum), (number, passages_after, checksum_after) in zip(rows, kept):
        if number != before + 1:
            continue  # the one before is forgotten
        total = int.from_bytes(checksum, "big")
        for step, key in connection.execute(
            "SELECT step, digest FROM change JOIN passage ON id = passage WHERE version = ?", (number,)
        ):
            passages, total = passages + step, total ^ int.from_bytes(key, "big")
        if (passages, total) != (passages_after, int.from_bytes(checksum_after, "big")):
            raise Damage("what a version changed")


def _check_vectors(connection: sqlite3.Connection, passage: int, stored: StoredPassage) -> None:
    rows = connection.execute(
        "SELECT text, value, crc FROM embedding JOIN vector ON vector.id = embedding.vector"
        " WHERE passage = ? ORDER BY position",
        (passage,),
    ).fetchall()
    if [text for text, _, _ in rows] != [digest(text) for text in stored.texts]:
        raise Damage("the vectors of a passage")
    check_values([row[1:] for row in rows])
    check_values(
        connection.execute(
            "SELECT value, crc FROM embedding JOIN token USING (vector) WHERE passage = ?", (passage,)
        ).fetchall()
    )
