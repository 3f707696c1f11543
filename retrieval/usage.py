"""How often each article is found: counts by its id, no question and no customer.

Counts wait in memory and are added to a file now and then, so an answer costs next to nothing. Several
processes may count into one file.
"""

from __future__ import annotations

import atexit
import logging
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from nlu.errors import LichnoError

FILE = "usage.sqlite"
WAITING = 50  # questions counted in memory: what a killed process loses
WAIT_SECONDS = 0.1  # for another process that writes: an answer is waiting meanwhile
READ_SECONDS = 10.0  # the same where nobody's answer waits
_TABLES = (
    "CREATE TABLE IF NOT EXISTS article (id TEXT PRIMARY KEY, first INTEGER NOT NULL, hits INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS total (one INTEGER PRIMARY KEY CHECK (one = 1), since TEXT NOT NULL,"
    " questions INTEGER NOT NULL)",
)
_ADD = (
    "INSERT INTO article VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET first = first + excluded.first, hits = hits + excluded.hits"
)
_ADD_TOTAL = "INSERT INTO total VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET questions = questions + excluded.questions"

log = logging.getLogger(__name__)


class UsageError(LichnoError):
    """The counts cannot be read."""


@dataclass(frozen=True)
class Found:
    """For how many questions an article was the first hit, and for how many among the hits."""

    first: int
    hits: int


@dataclass(frozen=True)
class Counts:
    """``since`` is the day of the first question counted (YYYY-MM-DD), empty before it; articles by their ids."""

    since: str
    questions: int
    articles: dict[str, Found]

    def never_found(self, all_ids: Collection[str]) -> list[str]:
        """Those of the articles that were not among the hits of any question, in the order given."""
        return [identifier for identifier in all_ids if identifier not in self.articles]


class Usage:
    """Counts in the folder of an index. Several threads may use one.

    Args:
        folder: where ``usage.sqlite`` is or will be.
    """

    def __init__(self, folder: Path) -> None:
        self.path = (folder / FILE).absolute()  # written at the end, wherever the process is by then
        self._first: Counter[str] = Counter()
        self._hits: Counter[str] = Counter()
        self._questions = 0
        self._due = WAITING
        self._lock = threading.Lock()
        atexit.register(self.flush)

    def found(self, document_ids: Sequence[str]) -> None:
        """Count a question with the articles that were found for it, best first; one may be there several times."""
        with self._lock:
            self._questions += 1
            self._first.update(document_ids[:1])
            self._hits.update(set(document_ids))
            due = self._questions >= self._due
        if due:
            self.flush()

    def flush(self) -> None:
        """Add what waits to the file. What cannot be written waits on; an answer never fails for it."""
        with self._lock:
            if not self._questions:
                return
            try:
                self._write()
            except (sqlite3.Error, OSError) as error:
                self._due = self._questions + WAITING
                log.warning("%s: the counts of found articles could not be written (%s).", self.path, error)
                return
            self._first.clear()
            self._hits.clear()
            self._questions, self._due = 0, WAITING

    def counts(self) -> Counts:
        """What all processes have written, and this one has counted.

        Raises:
            UsageError: the file is damaged or cannot be opened.
        """
        self.flush()
        if not self.path.is_file():
            return Counts("", 0, {})
        try:
            with closing(sqlite3.connect(self.path, timeout=READ_SECONDS)) as connection:
                since, questions = connection.execute("SELECT since, questions FROM total").fetchone()
                rows = connection.execute("SELECT id, first, hits FROM article").fetchall()
        except (sqlite3.Error, TypeError) as error:
            raise UsageError(
                f"The counts of found articles in {self.path} cannot be read ({error}): check the permissions, or"
                " delete the file, and counting begins anew."
            ) from error
        return Counts(since, questions, {identifier: Found(first, hits) for identifier, first, hits in rows})

    def never_found(self, all_ids: Collection[str]) -> list[str]:
        """As in :meth:`Counts.never_found`."""
        return self.counts().never_found(all_ids)

    def _write(self) -> None:
        rows = [(identifier, self._first[identifier], hits) for identifier, hits in self._hits.items()]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # a power failure may cost the counts, nothing else
            connection.execute("BEGIN IMMEDIATE")
            for statement in _TABLES:
                connection.execute(statement)
            connection.executemany(_ADD, rows)
            connection.execute(_ADD_TOTAL, (time.strftime("%Y-%m-%d"), self._questions))
            connection.execute("COMMIT")
