"""CSV files into the customer database: all of it, or nothing.

Every row is checked before the first is written; each fault is named by file, line and column.
The files describe the shop on one day; ``moved_to`` shifts all their dates so that this day
becomes another, which keeps a demo's parcels on their way whenever it is started.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Float, Integer
from sqlalchemy.orm import Session

from bot.customers.errors import ImportRefused
from bot.customers.models import (
    STATUSES,
    Base,
    BrowsingEvent,
    Customer,
    DeliveryEvent,
    Order,
    OrderItem,
    Product,
    Ticket,
)
from bot.customers.wording import DELIVERY_METHODS, VISITS

DEMO_FILES = Path("training_data/customers")
DEMO_DAY = dt.date(2026, 11, 24)  # the day that the demo's files describe
SHOWN_FAULTS = 20

# In an order in which every row's references are already there.
TABLES: dict[str, Any] = {
    "customers.csv": Customer,
    "products.csv": Product,
    "orders.csv": Order,
    "order_items.csv": OrderItem,
    "delivery_events.csv": DeliveryEvent,
    "tickets.csv": Ticket,
    "browsing_events.csv": BrowsingEvent,
}
CHOICES = {
    ("customers", "language"): ("ru", "en"),
    ("customers", "address_form"): ("formal", "informal"),
    ("customers", "gender"): ("f", "m"),
    ("customers", "loyalty_level"): ("start", "silver", "gold"),
    ("orders", "status"): STATUSES,
    ("orders", "delivery_method"): tuple(DELIVERY_METHODS["en"]),
    ("browsing_events", "event"): tuple(VISITS["en"]),
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell."""

    file: Path
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file.name}, line {self.line}, column {self.column}: {self.reason}"


def import_folder(session: Session, folder: Path, moved_to: dt.date | None = None) -> dict[str, int]:
    """Replace the database's content by a folder's files; rows a table.

    Args:
        session: committed at the end, rolled back if anything is refused.
        folder: holds the seven files of :data:`TABLES`.
        moved_to: the day that :data:`DEMO_DAY` becomes; None leaves dates as they are.

    Raises:
        ImportRefused: files missing or cells wrong, all of them named.
    """
    shift = (moved_to - DEMO_DAY) if moved_to else dt.timedelta()
    missing = [name for name in TABLES if not (folder / name).is_file()]
    if missing:
        raise ImportRefused(f"The folder {folder} lacks {', '.join(missing)}: nothing was imported.")
    faults: list[Fault] = []
    rows = {name: list(_read(folder / name, table, shift, faults)) for name, table in TABLES.items()}
    _check_references(folder, rows, faults)
    if faults:
        more = f"\n… and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
        listed = "\n".join(map(str, faults[:SHOWN_FAULTS]))
        raise ImportRefused(f"Nothing was imported. Mend these cells and import again:\n{listed}{more}")
    with session.begin():
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
        for name, table in TABLES.items():
            session.bulk_insert_mappings(table, [row for _, row in rows[name]])
    return {name.removesuffix(".csv"): len(rows[name]) for name in TABLES}


Row = tuple[int, dict[str, Any]]


def _read(path: Path, table: Any, shift: dt.timedelta, faults: list[Fault]) -> Iterator[Row]:
    """(line, values) of the rows without fault."""
    columns = [column for column in table.__table__.columns if column.name != "id"]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(Fault(path, 1, "all", f"not UTF-8 text (byte {error.start}); save the file as UTF-8"))
        return
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        header = reader.fieldnames or []
        records = [(reader.line_num, record) for record in reader]
    except csv.Error as error:
        faults.append(Fault(path, reader.line_num, "all", f"not CSV ({error})"))
        return
    for column in columns:
        if column.name not in header:
            faults.append(Fault(path, 1, column.name, "the column is missing"))
            return
    seen: set[str] = set()
    for line, record in records:
        before = len(faults)
        values = {c.name: _cell(path, line, c, record.get(c.name), shift, faults) for c in columns}
        if None in record:
            faults.append(Fault(path, line, "last", "the row has more cells than the header"))
        for column in columns:
            if column.primary_key and values[column.name] is not None and values[column.name] in seen:
                reason = f"{values[column.name]} stands in an earlier row already"
                faults.append(Fault(path, line, column.name, reason))
            elif column.primary_key:
                seen.add(values[column.name])
        if len(faults) == before:
            yield line, values


def _cell(path: Path, line: int, column: Any, text: str | None, shift: dt.timedelta, faults: list[Fault]) -> Any:
    text = (text or "").strip()
    if not text:
        if not column.nullable:
            faults.append(Fault(path, line, column.name, "is empty"))
        return None
    choices = CHOICES.get((column.table.name, column.name))
    if choices and text not in choices:
        faults.append(Fault(path, line, column.name, f"“{text}” is none of {', '.join(choices)}"))
    try:
        value = _parser(column)(text)
        return value + shift if isinstance(value, dt.date) else value
    except (ValueError, KeyError, OverflowError):
        faults.append(Fault(path, line, column.name, f"“{text}” is not {_EXPECTED[type(column.type)]}"))
        return None


_EXPECTED = {
    Boolean: "yes or no",
    Date: "a date like 2026-11-24",
    DateTime: "a time like 2026-11-24T09:30",
    Float: "a number",
    Integer: "a whole number",
}


def _parser(column: Any) -> Callable[[str], Any]:
    parsers: dict[type, Callable[[str], Any]] = {
        Boolean: {"yes": True, "no": False}.__getitem__,
        Date: dt.date.fromisoformat,
        DateTime: dt.datetime.fromisoformat,
        Float: _finite,
        Integer: int,
    }
    return parsers.get(type(column.type), str)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _check_references(folder: Path, rows: dict[str, list[Row]], faults: list[Fault]) -> None:
    """Every foreign key must name a row of its file."""
    if faults:
        return
    file_of = {table.__tablename__: name for name, table in TABLES.items()}
    for name, table in TABLES.items():
        for column in table.__table__.columns:
            for key in column.foreign_keys:
                target = file_of[key.column.table.name]
                known = {row[key.column.name] for _, row in rows[target]}
                faults.extend(
                    Fault(folder / name, line, column.name, f"{row[column.name]} is not in {target}")
                    for line, row in rows[name]
                    if row[column.name] is not None and row[column.name] not in known
                )
