"""The customers' data keys: made, kept wrapped under the master key, unwrapped for use, wrapped anew.

The master key is 32 bytes in base64, from ``LICHNO_MASTER_KEY``; for the demo it is made once in
``var/master.key``. It never enters the database. Deleting a customer's row of ``data_keys`` makes
everything that was encrypted for them unreadable, wherever a copy of it may lie.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.customers.encryption import NONCE_BYTES, Cipher
from bot.customers.errors import DataKeyMissing, MasterKeyWrong
from bot.customers.models import DataKey

KEY_VARIABLE, NEXT_KEY_VARIABLE = "LICHNO_MASTER_KEY", "LICHNO_NEXT_MASTER_KEY"
KEY_FILE = Path("var/master.key")
KEY_BYTES = 32
REMEMBERED_KEYS = 10_000
CHUNK = 500  # ids in one query


def new_key() -> str:
    """A master key as it is written down."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def parsed(text: str, where: str) -> bytes:
    """A written master key's bytes.

    Raises:
        MasterKeyWrong: it is not 32 bytes in base64.
    """
    try:
        key = base64.b64decode(text.strip().encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeyWrong(
            f"{where} is no master key: it must be {KEY_BYTES} bytes in base64, such as"
            " `openssl rand -base64 32` prints."
        )
    return key


def write_key(path: Path, key: str) -> None:
    """Keep a key readable for this user only, the file whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(key)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(unfinished, path)


def fingerprint(master: bytes) -> str:
    """Tells one master key from another and nothing else about it."""
    return hashlib.sha256(b"lichno master key\n" + master).hexdigest()[:16]


class Keyring:
    """The data keys of one database.

    Args:
        engine: the database.
        file: where the master key lies when the environment has none.
    """

    def __init__(self, engine: Any, file: Path = KEY_FILE) -> None:
        self._engine = engine
        self._file = file.absolute()
        self._lock = threading.Lock()
        self._ciphers: dict[str, Cipher] = {}

    def master(self, make: bool = False) -> bytes:
        """The master key; ``make`` writes one where there is none.

        Raises:
            MasterKeyWrong: there is none, or it is malformed.
        """
        if written := os.environ.get(KEY_VARIABLE):
            return parsed(written, KEY_VARIABLE)
        if not self._file.is_file():
            if not make:
                raise MasterKeyWrong(
                    f"The master key is missing: set {KEY_VARIABLE} to the one that the customers' data was"
                    f" encrypted with, or put it into {KEY_FILE}."
                )
            write_key(self._file, new_key())
        return parsed(self._file.read_text(), str(KEY_FILE))

    def open(self, stored: str) -> str:
        """The text of an encrypted value.

        Raises:
            DataKeyMissing: its key was erased.
            MasterKeyWrong: the master key is missing or another.
        """
        return self._cipher(stored.partition(":")[0]).open(stored)

    def open_bytes(self, stored: bytes) -> bytes:
        """The content of an encrypted value; raises as :meth:`open` does."""
        return self._cipher(stored.partition(b":")[0].decode()).open_bytes(stored)

    def ciphers(self, connection: Any, owners: Iterable[str]) -> dict[str, Cipher]:
        """Each owner's cipher, in the connection's transaction; new keys are made in it where they lack."""
        wanted = sorted(set(owners))
        found: dict[str, Cipher] = {}
        for some in _chunks(wanted):
            query = _KEYS.select().where(_KEYS.c.customer_id.in_(some))
            found.update({row.customer_id: self._remember(row) for row in connection.execute(query)})
        if missing := [owner for owner in wanted if owner not in found]:
            rows = self._new_keys(connection, missing)
            connection.execute(_KEYS.insert(), rows)
            for row in connection.execute(_KEYS.select().where(_KEYS.c.key_id.in_([r["key_id"] for r in rows]))):
                found[row.customer_id] = self._remember(row)
        return found

    def forget(self) -> None:
        """Drop the keys in memory."""
        with self._lock:
            self._ciphers.clear()

    def check(self, connection: Any) -> int:
        """How many keys there are, all of them under this master key.

        Raises:
            MasterKeyWrong: some are not, or there is no master key.
        """
        masters = [row[0] for row in connection.execute(_KEYS.select().with_only_columns([_KEYS.c.master]))]
        if masters and set(masters) != {fingerprint(self.master())}:
            raise MasterKeyWrong(_OTHER)
        return len(masters)

    def rotate(self, connection: Any, master: bytes) -> int:
        """Wrap every data key under another master key, in the connection's transaction; how many."""
        rows = [
            {"key_id": row.key_id, **_wrap(row.key_id, _unwrap(row, self.master()), master)}
            for row in connection.execute(_KEYS.select())
        ]
        for row in rows:
            connection.execute(_KEYS.update().where(_KEYS.c.key_id == row["key_id"]).values(**row))
        return len(rows)

    def digest(self, customer_id: str) -> str:
        """A customer's id as only the holder of the master key can recognise it."""
        return hmac.new(self.master(make=True), customer_id.encode(), hashlib.sha256).hexdigest()

    def _cipher(self, key_id: str) -> Cipher:
        return self._ciphers.get(key_id) or self._load(key_id)

    def _load(self, key_id: str) -> Cipher:
        # A connection of its own: this is called amid the reading of a result.
        with self._engine.connect() as connection:
            row = connection.execute(_KEYS.select().where(_KEYS.c.key_id == key_id)).first()
        if row is None:
            raise DataKeyMissing("A value's data key was erased, so nobody can read it any more.")
        return self._remember(row)

    def _remember(self, row: Any) -> Cipher:
        cipher = self._ciphers.get(row.key_id)
        if cipher is None:
            cipher = Cipher(row.key_id, AESGCM(_unwrap(row, self.master())))
            with self._lock:
                if len(self._ciphers) >= REMEMBERED_KEYS:
                    self._ciphers.clear()
                self._ciphers[row.key_id] = cipher
        return cipher

    def _new_keys(self, connection: Any, owners: list[str]) -> list[dict[str, str]]:
        any_key = connection.execute(_KEYS.select().limit(1)).first()
        master = self.master(make=any_key is None)
        if any_key is not None and any_key.master != fingerprint(master):
            raise MasterKeyWrong(_OTHER)
        rows = []
        for owner in owners:
            key_id = secrets.token_hex(8)
            wrapped = _wrap(key_id, AESGCM.generate_key(bit_length=256), master)
            rows.append({"customer_id": owner, "key_id": key_id, **wrapped})
        return rows


_KEYS = DataKey.__table__
_OTHER = (
    "The customers' data was encrypted under another master key than this one: put the right one into"
    f" {KEY_VARIABLE} or {KEY_FILE} (after an interrupted rotation it is in {KEY_FILE}.next)."
)


def _wrap(key_id: str, key: bytes, master: bytes) -> dict[str, str]:
    nonce = os.urandom(NONCE_BYTES)
    wrapped = nonce + AESGCM(master).encrypt(nonce, key, key_id.encode())
    return {"wrapped": base64.b64encode(wrapped).decode(), "master": fingerprint(master)}


def _unwrap(row: Any, master: bytes) -> bytes:
    raw = base64.b64decode(row.wrapped)
    try:
        return AESGCM(master).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], row.key_id.encode())
    except InvalidTag:
        raise MasterKeyWrong(_OTHER) from None


def _chunks(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
