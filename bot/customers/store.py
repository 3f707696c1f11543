"""Opening the customer database and asking it about one customer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, false, func, inspect, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.orm import Session

from bot.customers.adopt import adopt, is_unversioned
from bot.customers.errors import CustomerStoreMissing, StoreOutdated, UnknownCustomer
from bot.customers.keyring import Keyring
from bot.customers.models import ASSISTANT, Consent, Customer, DeliveryEvent, Erasure, Order, Ticket
from bot.privacy.masking import known_names
from nlu.order_numbers import unsigned

MIGRATIONS = Path(__file__).with_name("migrations")
TICKET_NUMBERS = 0x7E1C  # PostgreSQL's advisory lock for giving requests their numbers


class CustomerStore:
    """The database behind a URL; opening is free, tables are made by :meth:`create`.

    Args:
        url: an SQLAlchemy URL, for instance ``sqlite:///var/customers.db``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: Engine | None = None
        self._keyring: Keyring | None = None
        self._current = False

    @property
    def engine(self) -> Engine:
        """The connection pool, made at first use; its dialect carries the keyring to the encrypted columns."""
        if self._engine is None:
            self._engine = create_engine(self.url, future=True)
            if self._engine.dialect.name == "sqlite":
                event.listen(self._engine, "connect", _careful)
            self._keyring = Keyring(self._engine)
            self._engine.dialect.keyring = self._keyring
        return self._engine

    @property
    def keyring(self) -> Keyring:
        """The customers' data keys."""
        assert self.engine is not None and self._keyring is not None
        return self._keyring

    @property
    def file(self) -> Path | None:
        """SQLite's file; None for another database."""
        database = make_url(self.url).database
        return Path(database) if self.url.startswith("sqlite") and database else None

    def create(self) -> None:
        """Make the tables, or bring them up to date; rows are kept."""
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.engine.begin() as connection:
            old = adopt(connection) if is_unversioned(connection) else None
            command.upgrade(_alembic(connection), "head")
        if old:
            with Session(self.engine, future=True) as session:
                session.add_all(old)
                session.commit()
            self.compact()
        self._current = True

    def compact(self) -> None:
        """Rewrite SQLite's file, so that nothing deleted lies in it any more."""
        if self.file:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")

    def exists(self) -> bool:
        """Whether the tables are there."""
        if self.url.startswith("sqlite") and not (self.file and self.file.is_file()):
            return False
        return bool(inspect(self.engine).has_table(Customer.__tablename__))

    def _is_there(self) -> bool:
        """As :meth:`exists`, but tables that were seen once are not looked for again: only a file may go."""
        return (self.file is None or self.file.is_file()) if self._current else self.exists()

    def check_version(self) -> None:
        """See that the tables are those of this program.

        Raises:
            StoreOutdated: migrations are pending, or the database is newer.
        """
        with self.engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            head = ScriptDirectory.from_config(_alembic(connection)).get_current_head()
        if revision != head:
            raise StoreOutdated(
                f"The customer database is at version {revision or 'none'}, the program at {head}:"
                " run `lichno up --prepare-only`, which brings it up to date and keeps its rows."
            )

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session whose objects may be used until it ends.

        Raises:
            CustomerStoreMissing: nothing has been imported yet.
            StoreOutdated: migrations are pending.
        """
        if not self._is_there():
            raise CustomerStoreMissing(
                "There is no customer database yet: import one (lichno customers import training_data/customers)."
            )
        if not self._current:
            self.check_version()
            self._current = True
        with Session(self.engine, future=True) as session:
            yield session

    def customer_ids(self) -> list[str]:
        """Ids of all customers, in order."""
        with self.session() as session:
            return [row[0] for row in session.query(Customer.customer_id).order_by(Customer.customer_id)]

    def erasures(self) -> int:
        """How many erasures there have been: when this grows, whatever is remembered of customers must go."""
        if not self._is_there():
            return 0
        with self.session() as session:
            return int(session.query(Erasure.id).count())


def _alembic(connection: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _careful(connection: Any, record: Any) -> None:
    """SQLite as PostgreSQL is: references hold. And what is deleted is overwritten."""
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")


def get_customer(session: Session, customer_id: str, options: Sequence[Any] = ()) -> Customer:
    """One customer; SQLAlchemy's ``options`` say what is loaded along.

    Raises:
        UnknownCustomer: there is none with this id.
    """
    customer: Customer | None = session.get(Customer, customer_id, options=options)
    if customer is None:
        raise UnknownCustomer(f"No customer has the id {customer_id}: `lichno customers show` lists them.")
    known_names.know(customer.first_name, customer.last_name)  # so that no log tells them
    return customer


def open_orders(customer: Customer) -> list[Order]:
    """Orders not yet received, newest first."""
    return [order for order in customer.orders if order.is_open]


def find_order(customer: Customer, order_id: str) -> Order | None:
    """This customer's order with the id, with or without signs before it; another customer's order is not found."""
    wanted = unsigned(order_id)
    return next((order for order in customer.orders if unsigned(order.order_id) == wanted), None)


def add_event(session: Session, order: Order, event: str, at: dt.datetime) -> None:
    """Record a step of an order's way."""
    session.add(DeliveryEvent(order_id=order.order_id, happened_at=at, event=event))


def open_ticket(
    session: Session, customer_id: str | None, topic: str, subject: str, at: dt.datetime, order_id: str | None = None
) -> str:
    """File a request for a person; its number, which no other process can give until the session ends."""
    _lock_numbers(session)
    # Compared as numbers, and imported ids may have another form.
    used = (re.fullmatch(r"T(\d+)", row[0]) for row in session.query(Ticket.ticket_id))
    ticket_id = f"T{max((int(match[1]) for match in used if match), default=0) + 1:04d}"
    session.add(
        Ticket(
            ticket_id=ticket_id,
            customer_id=customer_id,
            order_id=order_id,
            opened_at=at,
            topic=topic,
            subject=subject,
            opened_by=ASSISTANT,
        )
    )
    return ticket_id


def _lock_numbers(session: Session) -> None:
    """Keep other processes from filing a request until this session's transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(TICKET_NUMBERS)))
    else:  # SQLite has one lock for all who write, which a change of no row takes as well
        session.execute(update(Ticket).where(false()).values(topic="").execution_options(synchronize_session=False))


def record_consent(
    session: Session,
    customer: Customer,
    purpose: str,
    given: bool,
    at: dt.datetime,
    channel: str,
    text_version: str | None,
) -> None:
    """Keep a yes or no with its time, its channel and the version of the text that was agreed to.

    Args:
        session: whose commit makes it last.
        customer: who decided; their column ``consent_<purpose>``, where there is one, follows.
        purpose: for instance ``memory`` or ``marketing``.
        given: yes or no.
        at: when.
        channel: where they said so.
        text_version: which text they saw; None if unknown.
    """
    session.add(
        Consent(
            customer_id=customer.customer_id,
            purpose=purpose,
            given=given,
            at=at,
            channel=channel,
            text_version=text_version,
        )
    )
    if hasattr(Customer, f"consent_{purpose}"):
        setattr(customer, f"consent_{purpose}", given)
