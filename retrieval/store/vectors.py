"""Vectors by the text they are of, in half precision: cosines change by less than a ten-thousandth."""

from __future__ import annotations

import sqlite3
import time
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from retrieval.store.index_file import Damage, KnowledgeBaseError
from retrieval.store.stored_passage import digest

if TYPE_CHECKING:
    from nlu.encoder import Vectors
    from retrieval.late_interaction import TokenVectors

WAITING_SECONDS = 7 * 24 * 3600.0  # how long vectors of an interrupted indexing are kept


def vector_id(connection: sqlite3.Connection, text: str) -> int | None:
    """Id of the text's vector, None if there is none."""
    row = connection.execute("SELECT id FROM vector WHERE text = ?", (digest(text),)).fetchone()
    return row[0] if row else None


def dimension(connection: sqlite3.Connection) -> int:
    """Length of a vector, 0 while there is none."""
    row = connection.execute("SELECT length(value) FROM vector LIMIT 1").fetchone()
    return row[0] // np.dtype(np.float16).itemsize if row else 0


def remember(
    connection: sqlite3.Connection, vectors: Mapping[str, Vectors], tokens: Mapping[str, TokenVectors] | None = None
) -> None:
    """Keep vectors, and those that are known already, until a commit refers to them; ``tokens`` go with their texts.

    Raises:
        KnowledgeBaseError: a vector is not as long as the others.
    """
    expected = dimension(connection)
    for text, vector in vectors.items():
        expected = expected or len(vector)
        if len(vector) != expected:
            raise KnowledgeBaseError(
                f"The index holds vectors of length {expected}, the encoder gives {len(vector)}: delete the index's"
                " folder and index again (lichno index add …)."
            )
        identifier = vector_id(connection, text) or _insert(connection, text, vector)
        connection.execute("INSERT OR REPLACE INTO waiting VALUES (?, ?)", (identifier, time.time()))
        if tokens and text in tokens:
            value = tokens[text].to_bytes()
            connection.execute("INSERT OR REPLACE INTO token VALUES (?, ?, ?)", (identifier, value, zlib.crc32(value)))


def forget_waiting(connection: sqlite3.Connection) -> None:
    """Delete vectors that have waited too long for a commit; a trigger deletes the vectors themselves."""
    connection.execute("DELETE FROM waiting WHERE since < ?", (time.time() - WAITING_SECONDS,))


def decoded(rows: Sequence[tuple[bytes, int]], length: int) -> Vectors:
    """Stored values with their checksums to vectors, shape (rows, length).

    Raises:
        Damage: a value does not fit its checksum.
    """
    check_values(rows)
    halves = np.frombuffer(b"".join(value for value, _ in rows), np.float16)
    return halves.reshape(len(rows), length).astype(np.float32)


def check_values(rows: Sequence[tuple[bytes, int]]) -> None:
    """Compare values with their checksums.

    Raises:
        Damage: a value does not fit.
    """
    if any(zlib.crc32(value) != crc for value, crc in rows):
        raise Damage("a vector")


def _insert(connection: sqlite3.Connection, text: str, vector: Vectors) -> int | None:
    value = np.asarray(vector, np.float16).tobytes()
    return connection.execute(
        "INSERT INTO vector (text, value, crc) VALUES (?, ?, ?)", (digest(text), value, zlib.crc32(value))
    ).lastrowid
