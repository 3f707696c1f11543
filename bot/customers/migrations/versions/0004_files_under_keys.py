"""Attached files under their customers' keys, and gone with their requests."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TICKET_KEY = "attachments_ticket_id_fkey"  # what PostgreSQL called it
NAMES = {"fk": "%(table_name)s_%(column_0_name)s_fkey"}  # SQLite gave it no name
FILES = sa.table(
    "attachments",
    sa.column("id", sa.Integer),
    sa.column("customer_id", sa.String),
    sa.column("name", sa.Text),
    sa.column("content", sa.LargeBinary),
)


def upgrade() -> None:
    _refer("CASCADE", sa.String(), sa.Text())
    bind = op.get_bind()
    owners = {row.customer_id for row in bind.execute(sa.select(FILES.c.customer_id).distinct())}
    ciphers = bind.dialect.keyring.ciphers(bind, owners) if owners else {}
    for row in _rows(bind):
        cipher = ciphers[row.customer_id]
        _write(bind, row.id, cipher.seal(row.name), cipher.seal_bytes(bytes(row.content)))


def downgrade() -> None:
    bind = op.get_bind()
    for row in _rows(bind):
        keyring = bind.dialect.keyring
        _write(bind, row.id, keyring.open(row.name), keyring.open_bytes(bytes(row.content)))
    _refer(None, sa.Text(), sa.String())


def _refer(ondelete: str | None, before: Any, name: Any) -> None:
    """Make what happens to a file when its request is deleted, and the type of its name, anew."""
    with op.batch_alter_table("attachments", naming_convention=NAMES) as table:
        table.drop_constraint(TICKET_KEY, type_="foreignkey")
        table.create_foreign_key(TICKET_KEY, "tickets", ["ticket_id"], ["ticket_id"], ondelete=ondelete)
        table.alter_column("name", existing_type=before, type_=name, existing_nullable=False)


def _rows(bind: Any) -> Any:
    """The files, one after the other: together they may not fit into memory."""
    for number in [row.id for row in bind.execute(sa.select(FILES.c.id))]:
        yield bind.execute(sa.select(FILES).where(FILES.c.id == number)).one()


def _write(bind: Any, number: int, name: str, content: bytes) -> None:
    bind.execute(FILES.update().where(FILES.c.id == number).values(name=name, content=content))
