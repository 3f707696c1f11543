"""One scripted conversation: played through the trained assistant, its end compared with what was wanted."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import yaml

from bot.customers.models import AuditEntry, Customer, Order, Ticket
from bot.customers.store import CustomerStore
from bot.runtime import Assistant

CONVERSATIONS = Path(__file__).parent
NO_CODE = "000000"
CODE, WRONG = "{code}", "{wrong}"
TABLES: dict[str, Any] = {"orders": Order, "customers": Customer}


@dataclass(frozen=True)
class Script:
    """What a customer writes, and what must then have happened."""

    name: str
    language: str
    turns: list[list[str]]  # a message, and a regular expression that the reply must match
    customer: str | None = None
    changes: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)  # table, row, column: value
    tickets: list[dict[str, str]] = field(default_factory=list)  # regular expressions of their columns
    done: list[str] = field(default_factory=list)  # actions in the audit log, in order


def scripts() -> list[Script]:
    """All conversations."""
    return [
        Script(language=path.stem, **entry)
        for path in sorted(CONVERSATIONS.glob("*.yml"))
        for entry in yaml.safe_load(path.read_text())
    ]


@dataclass
class Shop:
    """A database that every conversation finds as it was, and the folder that codes are sent to."""

    store: CustomerStore
    pristine: Path
    letters: Path

    def reset(self) -> None:
        """As nobody had ever written."""
        path = self.store.url.removeprefix("sqlite:///")
        for leftover in Path(path).parent.glob(f"{Path(path).name}-*"):
            leftover.unlink()
        shutil.copy(self.pristine, path)
        shutil.rmtree(self.letters, ignore_errors=True)

    def code(self) -> str:
        """The code sent last."""
        letters = sorted(self.letters.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        if not letters:
            return NO_CODE
        text = message_from_bytes(letters[-1].read_bytes()).get_payload(decode=True)
        assert isinstance(text, bytes)
        found = re.search(r"\b\d{6}\b", text.decode())
        assert found is not None
        return found.group()

    def rows(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Every cell of orders and customers."""
        with self.store.session() as session:
            return {
                name: {
                    str(row[0]): {column.name: value for column, value in zip(table.__table__.columns, row)}
                    for row in session.query(*table.__table__.columns)
                }
                for name, table in TABLES.items()
            }

    def tickets(self) -> dict[str, dict[str, str]]:
        """Every ticket, by number."""
        with self.store.session() as session:
            return {
                str(ticket.ticket_id): {
                    "topic": str(ticket.topic),
                    "order_id": str(ticket.order_id or ""),
                    "subject": str(ticket.subject),
                    "customer_id": str(ticket.customer_id),
                }
                for ticket in session.query(Ticket).order_by(Ticket.ticket_id)
            }

    def done(self) -> list[str]:
        """The audit log's actions."""
        with self.store.session() as session:
            return [str(entry.action) for entry in session.query(AuditEntry).order_by(AuditEntry.id)]


async def play(script: Script, assistant: Assistant, shop: Shop) -> list[str]:
    """What went otherwise than it should; nothing if the conversation ended rightly."""
    shop.reset()
    before, tickets = shop.rows(), shop.tickets()
    faults = []
    for text, *wanted in script.turns:
        said = _with_code(text, shop)
        told = await assistant.ask(said, script.customer, f"{script.language}: {script.name}")
        faults += [
            f"{said!r}: {told.reply!r} does not match {pattern!r}"
            for pattern in wanted
            if not re.search(pattern, told.reply, re.IGNORECASE)
        ]
    filed = [row for number, row in shop.tickets().items() if number not in tickets]
    return [*faults, *_changed(script, before, shop.rows()), *_filed(script, filed), *_logged(script, shop.done())]


def _with_code(text: str, shop: Shop) -> str:
    code = shop.code() if "{" in text else NO_CODE
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    return text.replace(CODE, code).replace(WRONG, wrong)


def _changed(script: Script, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    changes = {
        name: {
            key: cells
            for key, row in rows.items()
            if (cells := {column: value for column, value in row.items() if before[name][key][column] != value})
        }
        for name, rows in after.items()
    }
    found = {name: rows for name, rows in changes.items() if rows}
    return [] if found == script.changes else [f"changed {found}, wanted {script.changes}"]


def _filed(script: Script, filed: list[dict[str, str]]) -> list[str]:
    right = len(filed) == len(script.tickets) and all(
        ticket["customer_id"] == script.customer
        and all(re.search(pattern, ticket[column], re.IGNORECASE) for column, pattern in wanted.items())
        for ticket, wanted in zip(filed, script.tickets)
    )
    return [] if right else [f"filed {filed}, wanted {script.tickets}"]


def _logged(script: Script, done: list[str]) -> list[str]:
    return [] if done == script.done else [f"did {done}, wanted {script.done}"]
