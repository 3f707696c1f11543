"""How Alembic reaches the database: by the connection it is given, or by the project's settings."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from bot.customers.models import Base


def storage_type(kind: str, column: Any, autogen_context: Any) -> str | Literal[False]:
    """Migrations name how a value is stored, since what it means in the program may change."""
    if kind == "type" and isinstance(column, TypeDecorator):
        return f"sa.{column.impl!r}"
    return False


def run(connection: Any) -> None:
    """Migrate over a connection, in its transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=storage_type,
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite cannot change a column in place
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    from bot.customers.store import CustomerStore
    from bot.settings import load_settings

    with CustomerStore(load_settings().customers).engine.begin() as connection:
        run(connection)
