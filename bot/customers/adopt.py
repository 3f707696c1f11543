"""Taking over a database that was made before there were migrations, its values still in plain text."""

from __future__ import annotations

from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect

from bot.customers.models import Base, Customer


def is_unversioned(connection: Any) -> bool:
    """Whether there are tables that no migration has made."""
    known = MigrationContext.configure(connection).get_current_revision()
    return known is None and bool(inspect(connection).has_table(Customer.__tablename__))


def adopt(connection: Any) -> list[Any]:
    """The rows as new objects, parents first; their tables are dropped, for the migrations to make."""
    old = MetaData()
    old.reflect(connection, only=lambda name, _: name in Base.metadata.tables)
    classes = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}
    rows = [
        classes[table.name](**dict(row._mapping))
        for table in Base.metadata.sorted_tables
        if table.name in old.tables
        for row in connection.execute(old.tables[table.name].select())
    ]
    old.drop_all(connection)
    return rows
