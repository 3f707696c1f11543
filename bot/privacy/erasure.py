"""Erasing a customer everywhere, proving that nothing is left, and a receipt that tells nothing of them.

Nothing is kept for bookkeeping: this database is the assistant's copy for support, and the shop's ledger is
elsewhere. What remains is a keyed digest of the id, so that no import brings the customer back.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import String
from sqlalchemy.orm import Session

from bot.customers.encryption import NOBODY, Encrypted, Sealed
from bot.customers.models import Base, Erasure
from bot.customers.store import CustomerStore, get_customer
from bot.privacy.conversations import Conversations
from bot.privacy.ownership import delete_rows, owned, personal_tables, rows_of
from bot.privacy.wanted import Wanted, values_of
from nlu.encoder import Vectors
from nlu.errors import LichnoError
from retrieval.profile_memory import ProfileMemory

Text = tuple[Any, dict[str, Any], str, str]  # table, row, column, what stands there
SIDE_FILES = ("", "-journal", "-wal", "-shm")  # what SQLite may leave beside a database


class NotErased(LichnoError):
    """Something of an erased customer was found."""


@dataclass
class Receipt:
    """What was erased and where nothing was found afterwards. Counts, digests and a time, nothing personal.

    ``shared`` are values that other customers have too, such as a surname, and that therefore prove nothing.
    ``found`` counts values per store; ``vectors_found`` those erased vectors whose nearest neighbour was still
    the customer's.
    """

    customer_digest: str
    erased_at: str
    rows: dict[str, int] = field(default_factory=dict)
    conversations: int = 0
    events: int = 0
    redacted: int = 0
    vectors: int = 0
    values: int = 0
    shared: int = 0
    searched: list[str] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)
    vectors_found: int = 0
    seconds: float = 0.0

    @property
    def proven(self) -> bool:
        """Whether nothing was found anywhere."""
        return not any(self.found.values()) and not self.vectors_found

    def as_dict(self) -> dict[str, Any]:
        """The receipt as JSON."""
        return {**asdict(self), "proven": self.proven}


@dataclass(frozen=True)
class Places:
    """Everything that may hold something of a customer.

    ``files`` are further files and folders that are searched, such as logs.
    """

    store: CustomerStore
    memory: ProfileMemory
    conversations: Conversations
    files: tuple[Path, ...] = ()


def erase(places: Places, customer_id: str, now: dt.datetime) -> Receipt:
    """Erase a customer and look for what is left.

    Raises:
        UnknownCustomer: there is none with this id.
    """
    started = time.perf_counter()
    store = places.store
    receipt = Receipt(store.keyring.digest(customer_id), now.isoformat(timespec="seconds"))
    with store.session() as session:
        get_customer(session, customer_id)
        connection = session.connection()
        wanted = values_of(rows_of(connection, customer_id))
        others = list(_texts(connection, but=customer_id))
        everything, wanted = len(wanted), wanted.without({text for _, _, _, text in others})
        receipt.values, receipt.shared = len(wanted), everything - len(wanted)
        vectors = places.memory.vectors_of(customer_id)
        receipt.conversations, receipt.events = places.conversations.erase(customer_id)
        receipt.redacted = places.conversations.redact(wanted)
        receipt.vectors = places.memory.forget(customer_id)
        receipt.redacted += _redact(session, wanted, others)
        receipt.rows = {name: count for name, count in delete_rows(connection, customer_id).items() if count}
        session.add(Erasure(customer_digest=receipt.customer_digest, erased_at=now))
        session.commit()
    store.compact()
    places.conversations.compact()
    _prove(places, customer_id, wanted, vectors, receipt)
    store.keyring.forget()
    receipt.seconds = round(time.perf_counter() - started, 3)
    return receipt


def _prove(places: Places, customer_id: str, wanted: Wanted, vectors: Vectors, receipt: Receipt) -> None:
    """Look for each value in every store, and for each vector in the profile index."""
    with places.store.session() as session:
        rows = sum(wanted.count(text) for _, _, _, text in _texts(session.connection()))
    receipt.found = {"database": rows, "conversations": sum(map(wanted.count, places.conversations.texts()))}
    for file in _files(places):
        receipt.found[file.name] = receipt.found.get(file.name, 0) + wanted.count_bytes(file.read_bytes())
    receipt.searched = sorted(receipt.found)
    nearest = [places.memory.nearest(np.asarray(vector)) for vector in vectors]
    left = len(places.memory.vectors_of(customer_id))
    receipt.vectors_found = left + sum(1 for hit in nearest if hit is not None and hit[0] == customer_id)


def _files(places: Places) -> Iterator[Path]:
    """Each file to be searched, once."""
    databases = [file for file in (places.store.file, places.conversations.file) if file]
    paths = [file.with_name(file.name + side) for file in databases for side in SIDE_FILES]
    paths += [places.memory.folder] if places.memory.folder else []
    seen: set[Path] = set()
    for path in (*paths, *places.files):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _texts(connection: Any, but: str | None = None) -> Iterator[Text]:
    """Every text in the database, one customer's rows left out."""
    for table in Base.metadata.sorted_tables:
        columns = [c.name for c in table.columns if isinstance(c.type, (String, Encrypted))]
        query = table.select()
        if but is not None and table in personal_tables():
            mine = {tuple(row[k] for k in _key(table)) for row in _mappings(connection, query.where(owned(table, but)))}
        else:
            mine = set()
        for row in _mappings(connection, query):
            if tuple(row[k] for k in _key(table)) not in mine:
                yield from ((table, row, name, row[name]) for name in columns if row[name])


def _redact(session: Session, wanted: Wanted, texts: list[Text]) -> int:
    """Take the values out of other people's texts; out of how many."""
    connection = session.connection()
    found = [
        (table, row, name, wanted.out_of(text))
        for table, row, name, text in texts
        if isinstance(table.c[name].type, Encrypted) and wanted.count(text)
    ]
    for table, row, name, text in found:
        owner = row.get("customer_id") or NOBODY
        cipher = connection.dialect.keyring.ciphers(connection, [owner])[owner]
        statement = table.update()
        for key in _key(table):
            statement = statement.where(table.c[key] == row[key])
        session.execute(statement.values({name: Sealed(text, cipher)}))
    return len(found)


def _mappings(connection: Any, query: Any) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(query)]


def _key(table: Any) -> list[str]:
    return [column.name for column in table.primary_key]
