"""A column type whose values are plain text in the program and cipher text in the database.

``Column(Encrypted)``, or ``Column(EncryptedBytes)`` for a file, in a table that has a ``customer_id`` or an
``order_id`` is all it takes: each value is encrypted with its customer's own data key
(:mod:`bot.customers.keyring`). Attributes and selected columns come back in the clear. A value cannot be compared
inside the database, and one that no session has sealed is refused rather than stored.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, Text, event
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
        return f"{self.key_id}:{base64.b64encode(self._seal(text.encode())).decode()}"

    def seal_bytes(self, content: bytes) -> bytes:
        """``key id:bytes``, others each time."""
        return f"{self.key_id}:".encode() + self._seal(content)

    def open(self, stored: str) -> str:
        """The text of a stored value.

        Raises:
            cryptography.exceptions.InvalidTag: the value was changed or belongs to another key.
        """
        return self._open(base64.b64decode(stored.partition(":")[2])).decode()

    def open_bytes(self, stored: bytes) -> bytes:
        """The content of a stored value; raises as :meth:`open` does."""
        return self._open(stored.partition(b":")[2])

    def _seal(self, content: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self.aes.encrypt(nonce, content, self.key_id.encode())

    def _open(self, raw: bytes) -> bytes:
        return self.aes.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], self.key_id.encode())


class Sealed(str):
    """A text with the cipher that will store it."""

    cipher: Cipher

    def __new__(cls, text: str, cipher: Cipher) -> Sealed:
        sealed = super().__new__(cls, text)
        sealed.cipher = cipher
        return sealed


class SealedBytes(bytes):
    """A content with the cipher that will store it."""

    cipher: Cipher

    def __new__(cls, content: bytes, cipher: Cipher) -> SealedBytes:
        sealed = super().__new__(cls, content)
        sealed.cipher = cipher
        return sealed


NOT_SEALED = "A personal value is stored through a session only, which knows whose it is."


class Encrypted(TypeDecorator):
    """Text under its customer's key; the keyring of the database is found at its dialect."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError(NOT_SEALED)
        return value.cipher.seal(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else str(dialect.keyring.open(value))


class EncryptedBytes(TypeDecorator):
    """A content, such as a file's, under its customer's key."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Any) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, SealedBytes):
            raise TypeError(NOT_SEALED)
        return value.cipher.seal_bytes(value)

    def process_result_value(self, value: bytes | None, dialect: Any) -> bytes | None:
        return None if value is None else bytes(dialect.keyring.open_bytes(bytes(value)))


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
            kind = SealedBytes if isinstance(getattr(row, name), bytes) else Sealed
            setattr(row, name, kind(getattr(row, name), ciphers[owners[id(row)]]))


def _changed(row: Any) -> list[str]:
    state = inspected(row)
    columns = [a.key for a in state.mapper.column_attrs if isinstance(a.columns[0].type, (Encrypted, EncryptedBytes))]
    return [name for name in columns if any(map(_is_open, state.attrs[name].history.added or ()))]


def _is_open(value: Any) -> bool:
    return value is not None and not isinstance(value, (Sealed, SealedBytes))


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
