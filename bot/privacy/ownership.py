"""Which rows are a customer's, found out from the tables themselves.

A row belongs to whom its ``customer_id`` names, and to whom a row belongs that it refers to (an item to its
order, an order to its customer). So a new table is exported, erased and searched without a line here; one
that is nobody's must be named in :data:`NOBODYS`, or it is an error.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from bot.customers.models import Base, Customer, DataKey, Erasure, Product
from nlu.errors import LichnoError

NOBODYS = frozenset({Product.__tablename__, Erasure.__tablename__})
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
    conditions = [table.c.customer_id == customer_id] if "customer_id" in table.columns else []
    for column in table.columns:
        for key in column.foreign_keys:
            target = key.column.table
            if target.name not in NOBODYS | {Customer.__tablename__, table.name}:
                conditions.append(column.in_(select(key.column).where(owned(target, customer_id))))
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
    """Delete all rows of a customer, their key with them; how many in each table."""
    return {
        table.name: connection.execute(table.delete().where(owned(table, customer_id))).rowcount
        for table in reversed(personal_tables())
    }
