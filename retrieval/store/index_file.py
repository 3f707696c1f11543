"""The index's one file: connections to an SQLite database, and its failures in words.

Write-ahead logging lets readers go on with the last commit while one process writes. Every thread
has a connection of its own; a file that is not there yet reads as an empty one.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from nlu.errors import LichnoError
from retrieval.store.tables import SCHEMA, TABLES

FILE = "knowledge.sqlite"
WAIT_SECONDS = 30.0  # for another process that is writing
RETRY_SECONDS = 0.01  # between two attempts where SQLite does not wait by itself
OPENING_BYTES = 64 << 10  # what SQLite needs beside the file to open it
LOG_BYTES = 64 << 20  # a longer write-ahead log is cut to this once it has been written back


class KnowledgeBaseError(LichnoError):
    """The index is damaged, of another encoder, in use by another process, or has no space."""


class Damage(sqlite3.DatabaseError):
    """Content that is not what was written; leaves :class:`IndexFile` in words, as SQLite's own errors do."""


class _Held(threading.local):
    """A thread's connection and the inode of the file behind it, None for the empty stand-in."""

    connection: sqlite3.Connection | None = None
    inode: int | None = None


class IndexFile:
    """Connections to ``knowledge.sqlite``; the file is made by the first write.

    Args:
        folder: where the file is or will be.
        encoder: identity of the encoder whose vectors it holds; None takes any, to read only.

    Raises:
        KnowledgeBaseError: the file is damaged or was made with another encoder.
    """

    def __init__(self, folder: Path, encoder: str | None) -> None:
        self.folder = folder
        self.encoder = encoder
        self.path = folder / FILE
        self._held = _Held()
        with self.reading():
            pass

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A snapshot: everything read inside, by this thread, is of one version. Nests."""
        with self._errors_in_words():
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()  # does nothing where an error has ended the transaction

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is kept whole when the block ends and dropped whole when it fails."""
        with self._errors_in_words():
            connection = self._connection(create=True)
            if connection.in_transaction:
                raise RuntimeError("A snapshot is being read in this thread: write after it.")
            try:
                connection.execute("BEGIN IMMEDIATE")
                self._ensure_tables(connection)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self.close()  # which drops the transaction
                raise

    def close(self) -> None:
        """Close this thread's connection; the next use opens one again."""
        if self._held.connection is not None:
            self._held.connection.close()
        self._held.connection = None

    # -- opening ----------------------------------------------------------------------------

    def _connection(self, create: bool = False) -> sqlite3.Connection:
        """The thread's connection, opened anew where another file has taken the place of its own."""
        held = self._held
        if held.connection is not None and held.connection.in_transaction:
            return held.connection
        try:
            inode = self._inode()
            if held.connection is None or inode != held.inode or (create and inode is None):
                self.close()
                held.connection = self._open(create)
        except OSError as error:
            reason = "full" if error.errno == errno.ENOSPC else f"unable to open: {error.strerror}"
            raise sqlite3.OperationalError(reason) from error
        return held.connection

    def _open(self, create: bool) -> sqlite3.Connection:
        self._held.inode = self._inode()
        if create:
            self.folder.mkdir(parents=True, exist_ok=True)
        if create or self._held.inode is not None:
            connection = self._connect(f"file:{quote(str(self.path.absolute()))}?mode={'rwc' if create else 'rw'}")
            if create:
                _write_ahead(connection)
            if self._is_made(connection) or create:
                return connection
            connection.close()
        self._held.inode = None
        connection = self._connect("file::memory:")
        self._ensure_tables(connection)
        return connection

    def _connect(self, uri: str) -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")  # an update that was reported survives a power failure
        connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        return connection

    def _ensure_tables(self, connection: sqlite3.Connection) -> None:
        if not self._is_made(connection):
            for statement in TABLES:
                connection.execute(statement)
            connection.execute("INSERT INTO made_with VALUES (?)", (self.encoder or "",))

    def _is_made(self, connection: sqlite3.Connection) -> bool:
        """Whether there are tables, and that they are this encoder's; a file whose first commit failed has none."""
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        if schema not in (0, SCHEMA):
            raise KnowledgeBaseError(
                f"The index {self.path} was made by another release of Lichno: delete the folder and index again"
                " (lichno index add …)."
            )
        if schema:
            (encoder,) = connection.execute("SELECT max(encoder) FROM made_with").fetchone()
            if encoder is None:
                raise Damage("the encoder's name")
            if self.encoder is not None and encoder != self.encoder:
                raise KnowledgeBaseError(
                    f"The index {self.folder} was made with the encoder {encoder}, not with {self.encoder}: stop the"
                    " assistant and run `lichno up`, which encodes it anew."
                )
        return bool(schema)

    def _inode(self) -> int | None:
        try:
            return self.path.stat().st_ino
        except FileNotFoundError:
            return None

    # -- failures ---------------------------------------------------------------------------

    @contextmanager
    def _errors_in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if type(error) not in (Damage, sqlite3.DatabaseError, sqlite3.OperationalError):
                raise  # a fault of the caller's
            raise self._in_words(str(error)) from error

    def _in_words(self, reason: str) -> KnowledgeBaseError:
        beyond_sqlite = any(words in reason for words in ("unable to open", "readonly", "disk I/O"))
        if "full" in reason or (beyond_sqlite and self._no_space()):
            return KnowledgeBaseError(
                f"No space is left in {self.folder}: free some and run again; the index is as it was."
            )
        if "locked" in reason:
            return KnowledgeBaseError(
                f"Another process is indexing into {self.folder}: run again when it has finished."
            )
        if beyond_sqlite:
            return KnowledgeBaseError(
                f"The index {self.path} cannot be read or written ({reason}): check the disk and the permissions."
            )
        return KnowledgeBaseError(
            f"The index {self.path} is damaged: delete the file and index the articles again (lichno index add …)."
        )

    def _no_space(self) -> bool:
        return self.folder.is_dir() and shutil.disk_usage(self.folder).free < OPENING_BYTES


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, which stands in the file from then on.

    Of two processes that make the file at once SQLite refuses one immediately, without waiting as it does for
    every other lock; so the waiting is done here.
    """
    give_up = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(RETRY_SECONDS)


def made_with(folder: Path) -> str | None:
    """The encoder whose vectors an index holds; None where there is no index, or nothing was ever written."""
    if not (folder / FILE).is_file():
        return None
    file = IndexFile(folder, None)
    try:
        with file.reading() as connection:
            encoder: str = connection.execute("SELECT max(encoder) FROM made_with").fetchone()[0]
            return encoder or None
    finally:
        file.close()


def single_file(folder: Path) -> None:
    """Write the log back and leave nothing beside the file, so that it can be moved.

    Raises:
        KnowledgeBaseError: another process has it open.
    """
    with closing(sqlite3.connect(folder / FILE, timeout=1.0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA journal_mode = WAL")  # stands in the file: later readers need it
        except sqlite3.OperationalError as error:
            raise KnowledgeBaseError(
                f"Another process has the index {folder} open: stop the assistant and run again."
            ) from error
