"""Rows into their table: new ones are added, changed ones updated, others left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.customers.encryption import NOBODY, Encrypted, Sealed
from bot.customers.models import ASSISTANT, Order

if TYPE_CHECKING:
    from bot.customers.importer import Note

Rows = list[tuple[str, int, dict[str, Any]]]  # file, line, values
CHUNK = 500
WHOLE = {"order_items": "order_id"}  # tables whose rows with one parent are replaced as a whole


@dataclass
class Counts:
    """What became of a table's rows."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    refused: int = 0


def write(session: Session, table: Any, rows: Rows, all_rows: dict[str, Rows], refused: list[Note]) -> Counts:
    """Make the table hold these rows.

    Rows with a key of their own are found by it. Others are compared whole: what is not there is added, and
    of the tables in :data:`WHOLE` what the files no longer have is removed.
    """
    writer = _Writer(session, table, _owners(session, table, rows, all_rows))
    counts = Counts()
    if "id" in table.columns:
        _write_whole(writer, rows, counts)
    else:
        for some in _chunks(rows):
            _write_keyed(writer, some, counts, refused)
    return counts


class _Writer:
    """Statements on one table, personal values sealed for their customer."""

    def __init__(self, session: Session, table: Any, owners: dict[int, str]) -> None:
        self.session = session
        self.table = table
        self.owners = owners
        self.personal = [column.name for column in table.columns if isinstance(column.type, Encrypted)]
        connection = session.connection()
        keyring = connection.dialect.keyring
        self.ciphers = keyring.ciphers(connection, set(owners.values())) if self.personal else {}

    def sealed(self, values: dict[str, Any]) -> dict[str, Any]:
        personal = {n: values[n] for n in self.personal if values.get(n) is not None}
        if not personal:
            return values
        cipher = self.ciphers[self.owners[id(values)]]
        return {**values, **{name: Sealed(text, cipher) for name, text in personal.items()}}

    def stored(self, column: Any, values: set[Any]) -> list[dict[str, Any]]:
        queries = (self.table.select().where(column.in_(some)) for some in _chunks(sorted(values)))
        return [dict(row._mapping) for query in queries for row in self.session.execute(query)]

    def insert(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.execute(self.table.insert(), [self.sealed(values) for values in rows])


def _write_keyed(writer: _Writer, rows: Rows, counts: Counts, refused: list[Note]) -> None:
    from bot.customers.importer import Note

    keys = [column.name for column in writer.table.primary_key]
    stored = {
        tuple(row[key] for key in keys): row
        for row in writer.stored(writer.table.c[keys[0]], {values[keys[0]] for _, _, values in rows})
    }
    new = []
    for file, line, values in rows:
        known = stored.get(tuple(values[key] for key in keys))
        if known is None:
            new.append(values)
        elif known.get("opened_by") == ASSISTANT and values.get("opened_by") != ASSISTANT:
            refused.append(
                Note(writer.table.name, file, line, keys[0], "is the number of a request that the assistant has opened")
            )
        elif known == values:
            counts.unchanged += 1
        else:
            statement = writer.table.update()
            for key in keys:
                statement = statement.where(writer.table.c[key] == values[key])
            changed = {name: value for name, value in writer.sealed(values).items() if known[name] != value}
            writer.session.execute(statement.values(changed))
            counts.changed += 1
    writer.insert(new)
    counts.added += len(new)


def _write_whole(writer: _Writer, rows: Rows, counts: Counts) -> None:
    parent = next(column for column in writer.table.columns if column.foreign_keys)
    stored = writer.stored(parent, {values[parent.name] for _, _, values in rows})
    there = Counter(_content(row) for row in stored)
    new = []
    for _, _, values in rows:
        content = _content(values)
        if there[content]:
            there[content] -= 1
            counts.unchanged += 1
        else:
            new.append(values)
    writer.insert(new)
    counts.added += len(new)
    if writer.table.name in WHOLE:
        counts.removed += _remove(writer, stored, there)


def _remove(writer: _Writer, stored: list[dict[str, Any]], left: Counter[Any]) -> int:
    """Delete the stored rows that no file's row was like."""
    gone = []
    for row in stored:
        if left[_content(row)]:
            left[_content(row)] -= 1
            gone.append(row["id"])
    if gone:
        writer.session.execute(writer.table.delete().where(writer.table.c.id.in_(gone)))
    return len(gone)


def _content(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted(((name, value) for name, value in row.items() if name != "id"), key=lambda item: item[0]))


def _owners(session: Session, table: Any, rows: Rows, all_rows: dict[str, Rows]) -> dict[int, str]:
    """Whose each row is, by the row's identity."""
    if "customer_id" in table.columns:
        return {id(values): values["customer_id"] or NOBODY for _, _, values in rows}
    if "order_id" not in table.columns:
        return {id(values): NOBODY for _, _, values in rows}
    owner = {values["order_id"]: values["customer_id"] for _, _, values in all_rows.get("orders", [])}
    for some in _chunks([values["order_id"] for _, _, values in rows if values["order_id"] not in owner]):
        known = session.query(Order.order_id, Order.customer_id).filter(Order.order_id.in_(some))
        owner.update({order: customer for order, customer in known})
    return {id(values): owner[values["order_id"]] for _, _, values in rows}


def _chunks(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
