"""A shop's files into the customer database: cleaned, checked, and only what changed is written.

Each row is cleaned cell by cell (:mod:`bot.customers.cleaning`). A row that cannot be used is refused with
its reason, and so are rows that refer to it; everything else is added, or changes the row with the same id.
What the files do not mention stays: tickets that the assistant opened, what customers decided since. A
second import of the same files changes nothing.

The demo's files describe the shop on one day; ``moved_to`` shifts all their dates so that this day becomes
another, which keeps a demo's parcels on their way whenever it is started.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot.customers.cleaning import Cell, Conventions, Unusable, clean
from bot.customers.errors import ImportRefused
from bot.customers.mapping import Mapping, TableMapping, columns_of, mapping_for
from bot.customers.models import Base, Consent, Customer, Erasure, Order
from bot.customers.reading import Record, Table, read_table
from bot.customers.store import record_consent
from bot.customers.writing import Counts, Rows, write

DEMO_FILES = Path("training_data/customers")
DEMO_DAY = dt.date(2026, 11, 24)  # the day that the demo's files describe
SHOWN_FAULTS = 20
IMPORT_CHANNEL = "import"
PURPOSES = ("memory", "marketing")


@dataclass(frozen=True)
class Note:
    """What was done to a cell, or why a row was refused. Nothing of its content is repeated."""

    table: str
    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, column {self.column}: {self.reason}"


@dataclass
class ImportReport:
    """What an import did; ``noticed`` is what a person should look at."""

    tables: dict[str, Counts] = field(default_factory=dict)
    repaired: list[Note] = field(default_factory=list)
    refused: list[Note] = field(default_factory=list)
    noticed: list[Note] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json`` and ``--report``."""
        return {
            "tables": {name: vars(counts) for name, counts in self.tables.items()},
            **{
                kind: [{**vars(note)} for note in notes]
                for kind, notes in (("repaired", self.repaired), ("refused", self.refused), ("noticed", self.noticed))
            },
        }


def import_folder(
    session: Session,
    folder: Path,
    moved_to: dt.date | None = None,
    mapping: Path | None = None,
    replace: bool = False,
    strict: bool = False,
) -> ImportReport:
    """Bring a folder's files into the database.

    Args:
        session: committed at the end, rolled back if the import is refused.
        folder: the files.
        moved_to: the day that :data:`DEMO_DAY` becomes; None leaves dates as they are.
        mapping: what stands where; None: the folder's own ``mapping.yml``, or files named like the tables.
        replace: empty the database first, tickets of the assistant included.
        strict: refuse everything if one row must be refused.

    Raises:
        ImportRefused: a file is missing or unreadable, or ``strict`` found something; nothing was changed.
        MappingWrong: the mapping cannot be used.
    """
    plan = mapping_for(folder, mapping)
    reader = _Reader(plan, (moved_to - DEMO_DAY) if moved_to else dt.timedelta())
    rows = reader.read(folder)
    report = reader.report
    with session.begin():
        if replace:
            for table in reversed(Base.metadata.sorted_tables):
                if table.name != Erasure.__tablename__:
                    session.execute(table.delete())
        _refuse_erased(session, rows, report)
        _refuse_orphans(session, rows, report)
        _refuse_mixed(session, rows, report)
        if strict and report.refused:
            raise ImportRefused(_listed(report.refused))
        _notice_twins(rows, report)
        _keep_decisions(session, rows)
        for table in Base.metadata.sorted_tables:
            if table.name in rows:
                report.tables[table.name] = write(session, table, rows[table.name], rows, report.refused)
        _record_consents(session, rows)
    for note in report.refused:
        report.tables[note.table].refused += 1
    return report


def _listed(faults: list[Note]) -> str:
    more = f"\n… and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
    listed = "\n".join(map(str, faults[:SHOWN_FAULTS]))
    return f"Nothing was imported. Mend these cells and import again:\n{listed}{more}"


class _Reader:
    """Files to rows: each cell cleaned, repetitions dropped."""

    def __init__(self, plan: Mapping, shift: dt.timedelta) -> None:
        self.plan = plan
        self.shift = shift
        self.conventions = Conventions(plan.region, plan.date_order)
        self.report = ImportReport()

    def read(self, folder: Path) -> dict[str, Rows]:
        """Rows of every table that the files have, by table."""
        missing = [t.file for t in self.plan.tables if not t.optional and not (folder / t.file).is_file()]
        if missing:
            raise ImportRefused(f"The folder {folder} lacks {', '.join(dict.fromkeys(missing))}: nothing was imported.")
        found: dict[str, Rows] = {}
        for part in self.plan.tables:
            if (folder / part.file).is_file():
                table = read_table(folder / part.file, part.rows)
                if table.encoding:
                    self.report.repaired.append(Note(part.table, part.file, 1, "all", f"read as {table.encoding}"))
                self._check_header(part, table)
                found.setdefault(part.table, []).extend(self._rows(part, table.records))
        return found

    def _check_header(self, part: TableMapping, table: Table) -> None:
        for name, column in columns_of(part.table).items():
            place = part.columns.get(name)
            given = name in part.constants or name in part.defaults or column.nullable or column.default is not None
            lacks = place is None or (table.header is not None and place == name and place not in table.header)
            if lacks and not given:
                raise ImportRefused(
                    f"{part.file}, line 1, column {place or name}: the column is missing; nothing was imported."
                )

    def _rows(self, part: TableMapping, records: Iterable[Record]) -> Rows:
        keys = [c.name for c in columns_of(part.table).values() if c.primary_key]
        seen: dict[Any, tuple[int, dict[str, Any]]] = {}
        rows: Rows = []
        for record in records:
            values = self._row(part, record)
            if values is None:
                continue
            key = _key(part.table, keys, record.line, values)
            if key in seen:
                self._repeated(part, record.line, keys, values, *seen[key])
                continue
            seen[key] = (record.line, values)
            rows.append((part.file, record.line, values))
        return rows

    def _repeated(
        self, part: TableMapping, line: int, keys: list[str], values: dict[str, Any], first: int, known: dict[str, Any]
    ) -> None:
        column = keys[0] if keys else "all"
        if values == known:
            self.report.repaired.append(
                Note(part.table, part.file, line, column, f"repeats line {first} and was left out")
            )
        else:
            reason = f"stands in line {first} already, with other values"
            self.report.refused.append(Note(part.table, part.file, line, column, reason))

    def _row(self, part: TableMapping, record: Record) -> dict[str, Any] | None:
        """The row's values; None if one of them cannot do without what is wrong with it."""
        if "" in record.fields:
            self.report.refused.append(
                Note(part.table, part.file, record.line, "last", "the row has more cells than the header")
            )
            return None
        values: dict[str, Any] = {}
        usable = True
        for name, column in columns_of(part.table).items():
            try:
                cell = self._cell(part, record, name, column)
            except Unusable as error:
                if not column.nullable:
                    self.report.refused.append(Note(part.table, part.file, record.line, name, str(error)))
                    usable = False
                    continue
                cell = Cell(None, [f"{error}, so it was left empty"])
            self.report.repaired.extend(
                Note(part.table, part.file, record.line, name, repair) for repair in cell.repairs
            )
            values[name] = cell.value
        return values if usable else None

    def _cell(self, part: TableMapping, record: Record, name: str, column: Any) -> Cell:
        place = part.columns.get(name)
        raw = part.constants[name] if name in part.constants else record.field(place) if place else None
        cell = clean(column, raw, self.conventions, part.values.get(name))
        if cell.value is None and name in part.defaults:
            cell.value = clean(column, part.defaults[name], self.conventions).value
        if cell.value is None and column.default is not None and not column.nullable:
            cell.value = column.default.arg
        if cell.value is None and not column.nullable:
            raise Unusable("is empty")
        if isinstance(cell.value, dt.date):
            try:
                cell.value += self.shift
            except OverflowError:
                raise Unusable("is a date of another age") from None
        return cell


def _key(table: str, keys: list[str], line: int, values: dict[str, Any]) -> Any:
    """What no two rows may share: their key, or all that they say; of an order two of a kind may stand apart."""
    if table == "order_items":
        return line
    return tuple(values[name] for name in keys) if keys else tuple(sorted(values.items(), key=lambda item: item[0]))


def _drop(rows: dict[str, Rows], table: str, keep: Any, report: ImportReport, column: str, reason: str) -> None:
    kept: Rows = []
    for file, line, values in rows[table]:
        if keep(values):
            kept.append((file, line, values))
        else:
            report.refused.append(Note(table, file, line, column, reason))
    rows[table] = kept


def _refuse_erased(session: Session, rows: dict[str, Rows], report: ImportReport) -> None:
    """Who was erased does not come back."""
    erased = {row[0] for row in session.query(Erasure.customer_digest)}
    if not erased or "customers" not in rows:
        return
    digest = session.connection().dialect.keyring.digest
    reason = "was erased at their wish and is not brought back"
    _drop(rows, "customers", lambda v: digest(v["customer_id"]) not in erased, report, "customer_id", reason)


def _refuse_orphans(session: Session, rows: dict[str, Rows], report: ImportReport) -> None:
    """Every foreign key must name a row that is accepted or already there."""
    for table in Base.metadata.sorted_tables:
        if table.name not in rows:
            continue
        for column in table.columns:
            for key in column.foreign_keys:
                target = key.column
                known = {values[target.name] for _, _, values in rows.get(target.table.name, [])}
                known |= {row[0] for row in session.execute(target.table.select().with_only_columns([target]))}
                known.add(None)
                reason = f"is not in {target.table.name}"
                _drop(rows, table.name, lambda v: v[column.name] in known, report, column.name, reason)  # noqa: B023


def _refuse_mixed(session: Session, rows: dict[str, Rows], report: ImportReport) -> None:
    """A customer's row must not refer to an order of another's."""
    owner = dict(session.query(Order.order_id, Order.customer_id).all())
    owner.update({values["order_id"]: values["customer_id"] for _, _, values in rows.get("orders", [])})
    for table in rows:
        if table != "orders" and {"customer_id", "order_id"} <= columns_of(table).keys():
            reason = "is an order of another customer"

            def own(v: dict[str, Any]) -> bool:
                return v["order_id"] is None or v["customer_id"] in (None, owner[v["order_id"]])

            _drop(rows, table, own, report, "order_id", reason)


def _notice_twins(rows: dict[str, Rows], report: ImportReport) -> None:
    """Customers who share a phone or an e-mail may be one; that is for a person to say."""
    for column in ("phone", "email"):
        first: dict[str, int] = {}
        for file, line, values in rows.get("customers", []):
            value = values[column]
            if value and value.lower() in first:
                report.noticed.append(
                    Note("customers", file, line, column, f"is the same as in line {first[value.lower()]}")
                )
            elif value:
                first[value.lower()] = line


def _keep_decisions(session: Session, rows: dict[str, Rows]) -> None:
    """A consent that a customer gave or took back themselves outlasts what a file says."""
    ids = {values["customer_id"] for _, _, values in rows.get("customers", [])}
    decided = {
        (consent.customer_id, consent.purpose): consent.given
        for consent in session.query(Consent).filter(Consent.channel != IMPORT_CHANNEL).order_by(Consent.id)
        if consent.customer_id in ids
    }
    for _, _, values in rows.get("customers", []):
        for purpose in PURPOSES:
            own = decided.get((values["customer_id"], purpose))
            if own is not None:
                values[f"consent_{purpose}"] = own


def _record_consents(session: Session, rows: dict[str, Rows]) -> None:
    """What the files say of consent, where that is not what was known last."""
    latest = {(c.customer_id, c.purpose): c.given for c in session.query(Consent).order_by(Consent.id)}
    now = dt.datetime.now().replace(microsecond=0)
    for _, _, values in rows.get("customers", []):
        for purpose in PURPOSES:
            given = values[f"consent_{purpose}"]
            if latest.get((values["customer_id"], purpose), False) != given:
                customer = session.get(Customer, values["customer_id"])
                record_consent(session, customer, purpose, given, now, IMPORT_CHANNEL, None)
