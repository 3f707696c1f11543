"""Vectors of customers' facts in one SQLite file, searchable for one customer at a time.

A row belongs to a customer, and a search reads that customer's rows alone: nobody else's vectors take
part, however many there are. FAISS then compares the few exactly. Rows hold no text, only a digest of it:
each search names the facts that are true now, and what is no longer among them is deleted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import faiss
import numpy as np

from nlu.encoder import Encoder, Progress, Vectors
from nlu.errors import LichnoError

FILE = "profiles.sqlite"
STORED = np.dtype("<f2")  # half precision: cosines differ by less than 0.001
BLOCK = 20_000  # vectors compared at once where all are looked through
BUSY_SECONDS = 10.0  # how long another process's write is waited for
_SPOKEN = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)(?:\|([^\[\]|]*))?\]")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (
    customer TEXT NOT NULL, digest BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (customer, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS encoder (identity TEXT NOT NULL);
"""


class ProfileMemoryError(LichnoError):
    """The file of facts' vectors cannot be used."""


@dataclass(frozen=True)
class Fact:
    """Something known of a customer, worded in both languages.

    A wording may hold places that differ by who is told: ``[about them|to them]`` in English,
    ``[о клиенте|на вы|на ты]`` in Russian; :meth:`text` and :meth:`said` choose.

    Attributes:
        kind: what sort of thing it tells.
        about: id of the order or ticket that it is about; empty for the customer as a whole.
        things: names of the products that it concerns, in both languages.
        since: when what it is about began; of several, a question mostly means the latest.
        open: whether what it is about is still going on.
        percent: the part of a sum that it tells of; None where it tells of none.
        most: the most that the part can be; None where nothing limits it.
    """

    kind: str
    ru: str
    en: str
    about: str = ""
    things: tuple[str, ...] = ()
    since: dt.date | None = None
    open: bool = False
    percent: int | None = None
    most: int | None = None

    def text(self, language: str) -> str:
        """The fact as told about the customer."""
        return _SPOKEN.sub(r"\1", self.ru if language == "ru" else self.en)

    def said(self, language: str, informal: bool = False) -> str:
        """The fact as told to the customer."""
        if language != "ru":
            return _SPOKEN.sub(r"\2", self.en)
        return _SPOKEN.sub(lambda place: place[3 if informal and place[3] is not None else 2], self.ru)


def literal(value: str) -> str:
    """A value for a wording, so that nothing in it is taken for a place of :class:`Fact`."""
    return value.replace("[", "(").replace("]", ")").replace("|", "/")


@dataclass(frozen=True)
class FactHit:
    """A fact and its cosine to the question."""

    fact: Fact
    cosine: float


class ProfileMemory:
    """Vectors of facts.

    Args:
        encoder: the project's encoder; vectors of another one are dropped.
        folder: where to keep the file; None keeps everything in memory.
    """

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self.encoder = encoder
        self.folder = folder
        self._lock = threading.RLock()

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        """The open file; a damaged one is replaced, since its content can be computed again."""
        if self.folder is None:
            return self._opened(":memory:")
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / FILE
        try:
            return self._opened(str(path))
        except sqlite3.OperationalError as error:
            raise ProfileMemoryError(f"{path} cannot be opened ({error}): check the folder's rights.") from error
        except sqlite3.DatabaseError:
            path.unlink()
            return self._opened(str(path))

    def _opened(self, database: str) -> sqlite3.Connection:
        connection = sqlite3.connect(database, timeout=BUSY_SECONDS, check_same_thread=False)
        try:
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten with zeros
            with connection:
                connection.executescript(_SCHEMA)
                found = connection.execute("SELECT identity FROM encoder").fetchone()
                if found is None or found[0] != self.encoder.identity:
                    connection.execute("DELETE FROM facts")
                    connection.execute("DELETE FROM encoder")
                    connection.execute("INSERT INTO encoder VALUES (?)", [self.encoder.identity])
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Close the file; it is opened again at the next use."""
        with self._lock:
            connection = self.__dict__.pop("_connection", None)
            if connection is not None:
                connection.close()

    def __len__(self) -> int:
        with self._lock:
            return int(self._connection.execute("SELECT count(*) FROM facts").fetchone()[0])

    def update(self, customer_id: str, facts: Sequence[Fact], language: str, progress: Progress | None = None) -> None:
        """Make the customer's vectors those of these facts: encode the new ones, delete those no longer true."""
        texts = [fact.text(language) for fact in facts]
        with self._lock:
            self._update(customer_id, {text_digest(text): text for text in texts}, progress)

    def search(
        self, customer_id: str, facts: Sequence[Fact], language: str, vector: Vectors, k: int = 5
    ) -> list[FactHit]:
        """The customer's facts nearest to a question, best first.

        Args:
            customer_id: whose facts they are; no other customer's vectors take part.
            facts: all that is true of them now.
            language: the wording to compare, the customer's own language.
            vector: the question's unit vector.
            k: number of facts.
        """
        if not facts:
            return []
        texts = {text_digest(text): text for text in (fact.text(language) for fact in facts)}
        by_digest = dict(zip((text_digest(fact.text(language)) for fact in reversed(facts)), reversed(facts)))
        with self._lock:
            stored = self._update(customer_id, texts, None)
        digests = [digest for digest in texts if digest in stored]
        vectors = np.stack([np.frombuffer(stored[digest], STORED) for digest in digests]).astype(np.float32)
        cosines, places = faiss.knn(vector[None], vectors, min(k, len(digests)), faiss.METRIC_INNER_PRODUCT)
        return [FactHit(by_digest[digests[n]], float(cosine)) for n, cosine in zip(places[0], cosines[0])]

    def forget(self, customer_id: str) -> int:
        """Remove every vector of a customer, overwriting it on disk; how many there were."""
        with self._lock, self._connection as connection:
            return connection.execute("DELETE FROM facts WHERE customer = ?", [customer_id]).rowcount

    def vectors_of(self, customer_id: str) -> Vectors:
        """A customer's vectors, shape (facts, dimension)."""
        with self._lock:
            rows = self._rows(customer_id)
        return _stacked(rows.values(), self.encoder.dimension)

    def nearest(self, vector: Vectors) -> tuple[str, float] | None:
        """Of everybody's vectors the nearest to this one, as (customer id, cosine); None where there are none.

        Everything is read, a second for every few hundred thousand facts: for proving an erasure.
        """
        best: tuple[str, float] | None = None
        for customers, vectors in self._blocks():
            cosines = vectors @ vector
            place = int(cosines.argmax())
            if best is None or cosines[place] > best[1]:
                best = customers[place], float(cosines[place])
        return best

    def _blocks(self) -> Iterator[tuple[list[str], Vectors]]:
        with self._lock, closing(self._connection.execute("SELECT customer, vector FROM facts")) as rows:
            while block := rows.fetchmany(BLOCK):
                yield [row[0] for row in block], _stacked((row[1] for row in block), self.encoder.dimension)

    def _rows(self, customer_id: str) -> dict[bytes, bytes]:
        rows = self._connection.execute("SELECT digest, vector FROM facts WHERE customer = ?", [customer_id])
        return dict(rows.fetchall())

    def _update(self, customer_id: str, texts: dict[bytes, str], progress: Progress | None) -> dict[bytes, bytes]:
        """The customer's rows once they are those of these texts."""
        stored = self._rows(customer_id)
        new = [digest for digest in texts if digest not in stored]
        outdated = stored.keys() - texts.keys()
        if not new and not outdated:
            return stored
        added = [texts[digest] for digest in new]
        vectors: Sequence[Vectors] = list(self.encoder.encode_passages(added, progress)) if new else []
        rows = [(digest, vector.astype(STORED).tobytes()) for digest, vector in zip(new, vectors)]
        with self._connection as connection:
            remove = "DELETE FROM facts WHERE customer = ? AND digest = ?"
            connection.executemany(remove, [(customer_id, digest) for digest in outdated])
            insert = "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)"
            connection.executemany(insert, [(customer_id, *row) for row in rows])
        return {**{digest: stored[digest] for digest in stored if digest in texts}, **dict(rows)}


def _stacked(blobs: Iterable[bytes], dimension: int) -> Vectors:
    found = np.frombuffer(b"".join(blobs), STORED)
    return found.astype(np.float32).reshape(-1, dimension)


def text_digest(text: str) -> bytes:
    """Under what a fact's vector is stored in place of its text."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
