"""Opening the customer database and asking it about one customer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.orm import Session

from bot.customers.errors import CustomerStoreMissing, UnknownCustomer
from bot.customers.models import Base, Customer, DeliveryEvent, Order, Ticket


class CustomerStore:
    """The database behind a URL; opening is free, tables are made by :meth:`create`.

    Args:
        url: an SQLAlchemy URL, for instance ``sqlite:///var/customers.db``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The connection pool, made at first use."""
        if self._engine is None:
            self._engine = create_engine(self.url, future=True)
        return self._engine

    def create(self) -> None:
        """Make the tables that are missing."""
        database = make_url(self.url).database
        if self.url.startswith("sqlite") and database:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        Base.metadata.create_all(self.engine)

    def exists(self) -> bool:
        """Whether the tables are there."""
        database = make_url(self.url).database
        if self.url.startswith("sqlite") and not (database and Path(database).is_file()):
            return False
        return bool(inspect(self.engine).has_table(Customer.__tablename__))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session whose objects may be used until it ends.

        Raises:
            CustomerStoreMissing: nothing has been imported yet.
        """
        if not self.exists():
            raise CustomerStoreMissing(
                "There is no customer database yet: import one (lichno customers import training_data/customers)."
            )
        with Session(self.engine, future=True) as session:
            yield session

    def customer_ids(self) -> list[str]:
        """Ids of all customers, in order."""
        with self.session() as session:
            return [row[0] for row in session.query(Customer.customer_id).order_by(Customer.customer_id)]


def get_customer(session: Session, customer_id: str) -> Customer:
    """One customer.

    Raises:
        UnknownCustomer: there is none with this id.
    """
    customer: Customer | None = session.get(Customer, customer_id)
    if customer is None:
        raise UnknownCustomer(f"No customer has the id {customer_id}: `lichno customers show` lists them.")
    return customer


def open_orders(customer: Customer) -> list[Order]:
    """Orders not yet received, newest first."""
    return [order for order in customer.orders if order.is_open]


def find_order(customer: Customer, order_id: str) -> Order | None:
    """This customer's order with the id; another customer's order is not found."""
    return next((order for order in customer.orders if order.order_id == order_id.upper()), None)


def add_event(session: Session, order: Order, event: str, at: dt.datetime) -> None:
    """Record a step of an order's way."""
    session.add(DeliveryEvent(order_id=order.order_id, happened_at=at, event=event))


def open_ticket(
    session: Session, customer_id: str | None, topic: str, subject: str, at: dt.datetime, order_id: str | None = None
) -> str:
    """File a request for a person; its number."""
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
        )
    )
    return ticket_id
