"""Which rows are a customer's, found out from the tables themselves.

A row belongs to whom its ``customer_id`` names; where it names nobody, to whom a row belongs that it refers
to (an item to its order, an order to its customer). So a new table is exported, erased and searched without
a line here; one that is nobody's must be named in :data:`NOBODYS`, or it is an error.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, or_, select

from bot.customers.models import Base, Customer, DataKey, DeskAgent, Erasure, Product
from nlu.errors import LichnoError

NOBODYS = frozenset({Product.__tablename__, Erasure.__tablename__, DeskAgent.__tablename__})
NOT_SHOWN = frozenset({DataKey.__tablename__})  # a key is of no use to its customer


class OwnerUnknown(LichnoError):
    """A table does not say whose its rows are."""


def personal_tables() -> list[Any]:
    """The tables with customers' rows, parents first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in NOBODYS]


def owned(table: Any, customer_id: str) -> Any:
    """The condition that a row is the customer's.

    Raises:
        OwnerUnknown: the table names no customer and refers to no row that has one.
    """
    if table.name == Customer.__tablename__:
        return table.c.customer_id == customer_id
    through = [key.parent.in_(select(key.column).where(owned(key.column.table, customer_id))) for key in _links(table)]
    if "customer_id" not in table.columns:
        conditions = through
    else:
        own = table.c.customer_id
        conditions = [own == customer_id, *(and_(own.is_(None), condition) for condition in through)]
    if not conditions:
        raise OwnerUnknown(
            f"The table {table.name} has no customer_id and refers to no row that has one: add the column, or name"
            " the table in bot/privacy/ownership.py if it holds nothing personal."
        )
    return or_(*conditions)


def rows_of(connection: Any, customer_id: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of a customer, by table."""
    return {
        table.name: [dict(row._mapping) for row in connection.execute(table.select().where(owned(table, customer_id)))]
        for table in personal_tables()
        if table.name not in NOT_SHOWN
    }


def delete_rows(connection: Any, customer_id: str) -> dict[str, int]:
    """Delete all rows of a customer, their key with them; how many in each table.

    What others' rows refer to of it they refer to no more.
    """
    for table in personal_tables():
        for key in _links(table):
            if "customer_id" in table.columns and key.parent.nullable:
                theirs = select(key.column).where(owned(key.column.table, customer_id))
                others = and_(key.parent.in_(theirs), table.c.customer_id != customer_id)
                connection.execute(table.update().where(others).values({key.parent.name: None}))
    return {
        table.name: connection.execute(table.delete().where(owned(table, customer_id))).rowcount
        for table in reversed(personal_tables())
    }


def _links(table: Any) -> list[Any]:
    """The foreign keys to rows that are a customer's, apart from the customer's own row."""
    apart = NOBODYS | {Customer.__tablename__, table.name}
    return [key for column in table.columns for key in column.foreign_keys if key.column.table.name not in apart]
