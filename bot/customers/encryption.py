"""A column type whose values are plain text in the program and cipher text in the database.

``Column(Encrypted)`` in a table that has a ``customer_id`` or an ``order_id`` is all it takes: each value
is encrypted with its customer's own data key (:mod:`bot.customers.keyring`). Attributes and selected
columns come back as text. A value cannot be compared inside the database, and a plain text that no session
has sealed is refused rather than stored.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Text, event
from sqlalchemy import inspect as inspected
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

NOBODY = ""  # owner of what anonymous visitors wrote
NONCE_BYTES = 12  # AES-GCM's


@dataclass(frozen=True)
class Cipher:
    """One customer's data key, ready for use."""

    key_id: str
    aes: AESGCM

    def seal(self, text: str) -> str:
        """``key id:base64``, another one each time."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self.aes.encrypt(nonce, text.encode(), self.key_id.encode())
        return f"{self.key_id}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, stored: str) -> str:
        """The text of a stored value.

        Raises:
            cryptography.exceptions.InvalidTag: the value was changed or belongs to another key.
        """
        raw = base64.b64decode(stored.partition(":")[2])
        return self.aes.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], self.key_id.encode()).decode()


class Sealed(str):
    """A text with the cipher that will store it."""

    cipher: Cipher

    def __new__(cls, text: str, cipher: Cipher) -> Sealed:
        sealed = super().__new__(cls, text)
        sealed.cipher = cipher
        return sealed


class Encrypted(TypeDecorator):
    """Text under its customer's key; the keyring of the database is found at its dialect."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError("A personal value is stored through a session only, which knows whose it is.")
        return value.cipher.seal(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else str(dialect.keyring.open(value))


def _seal(session: Session, context: Any, instances: Any) -> None:
    """Every changed text of an encrypted column gets its owner's cipher."""
    changed = [(row, names) for row in (*session.new, *session.dirty) if (names := _changed(row))]
    if not changed:
        return
    owners = {id(row): _owner(session, row) for row, _ in changed}
    connection = session.connection()
    ciphers: Mapping[str, Cipher] = connection.dialect.keyring.ciphers(connection, set(owners.values()))
    for row, names in changed:
        for name in names:
            setattr(row, name, Sealed(getattr(row, name), ciphers[owners[id(row)]]))


def _changed(row: Any) -> list[str]:
    state = inspected(row)
    columns = [a.key for a in state.mapper.column_attrs if isinstance(a.columns[0].type, Encrypted)]
    return [
        name
        for name in columns
        if any(value is not None and not isinstance(value, Sealed) for value in state.attrs[name].history.added or ())
    ]


def _owner(session: Session, row: Any) -> str:
    """Whose row it is: its own customer's, its order's, or nobody's."""
    if hasattr(row, "customer_id"):
        customer = getattr(row, "customer", None) if row.customer_id is None else None
        return row.customer_id or (customer.customer_id if customer else NOBODY)
    from bot.customers.models import Order

    pending = (new for new in session.new if isinstance(new, Order) and new.order_id == row.order_id)
    with session.no_autoflush:
        order = next(pending, None) or session.get(Order, row.order_id)
    return _owner(session, order) if order is not None else NOBODY


event.listen(Session, "before_flush", _seal)
