from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from bot.customers.adopt import is_unversioned
from bot.customers.encryption import NOBODY, Cipher, Encrypted, Sealed
from bot.customers.errors import DataKeyMissing, MasterKeyWrong
from bot.customers.keyring import KEY_VARIABLE, Keyring, fingerprint, new_key, parsed
from bot.customers.models import Base, Customer, DataKey, DeliveryEvent, Order, Ticket
from bot.customers.store import CustomerStore, open_ticket
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop

NOON = dt.datetime(2026, 11, 24, 12)
SECRET = "Домофон 45, спросить Ирину"


def stored(store: CustomerStore, query: str) -> list[str | None]:
    """What the database itself holds."""
    with store.engine.connect() as connection:
        return [row[0] for row in connection.execute(text(query))]


@given(st.text(), st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens_to_the_same_and_never_looks_the_same(value: str, key: bytes) -> None:
    cipher = Cipher("k1", AESGCM(key))
    assert cipher.open(cipher.seal(value)) == value
    assert cipher.seal(value) != cipher.seal(value)


def test_attributes_and_columns_are_plain_and_the_database_is_not(url: str, tmp_path: Path) -> None:
    store = imported(tmp_path, write_shop(tmp_path / "shop"), url)
    with store.session() as session:
        assert session.get(Customer, "C1").last_name == "Соколова"
        assert {name for (name,) in session.query(Customer.last_name)} == {"Соколова", "Harper"}
    kept = stored(store, "SELECT last_name FROM customers")
    assert all(value and "Соколова" not in value and "Harper" not in value for value in kept)


def test_nothing_personal_lies_in_the_file(shop: CustomerStore) -> None:
    assert shop.file is not None
    content = shop.file.read_bytes()
    for personal in ("Ирина", "Соколова", "Тихая", "i@m.example", "000-00-01", "Как вернуть"):
        assert personal.encode() not in content


def test_every_text_that_can_be_personal_is_encrypted() -> None:
    plain = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if not isinstance(column.type, Encrypted)
    }
    personal = {"first_name", "last_name", "city", "street_address", "phone", "email", "delivery_address", "subject"}
    personal |= {"resolution", "note", "text", "details"}
    assert not {name for name in plain if name.split(".")[1] in personal}


def test_a_change_is_encrypted_and_read_back(shop: CustomerStore) -> None:
    with shop.session() as session:
        session.get(Order, "NL-1").delivery_address = SECRET
        session.add(DeliveryEvent(order_id="NL-1", happened_at=NOON, event="delivered", note=SECRET))
        session.commit()
    with shop.session() as session:
        order = session.get(Order, "NL-1")
        assert (order.delivery_address, order.events[-1].note) == (SECRET, SECRET)
    assert shop.file is not None and SECRET.encode() not in shop.file.read_bytes()


def test_a_row_and_its_order_can_be_new_together(shop: CustomerStore) -> None:
    order = {"customer_id": "C2", "status": "placed", "delivery_method": "courier", "total": 1, "delivery_cost": 0}
    with shop.session() as session:
        session.add(Order(order_id="NL-9", delivery_address=SECRET, paid=True, **order))
        session.add(DeliveryEvent(order_id="NL-9", happened_at=NOON, event="placed", note=SECRET))
        session.commit()
    (note,) = stored(shop, "SELECT note FROM delivery_events WHERE order_id = 'NL-9'")
    (key,) = stored(shop, "SELECT key_id FROM data_keys WHERE customer_id = 'C2'")
    assert note and key and note.startswith(key)


def test_each_customer_has_a_key_and_visitors_share_one(shop: CustomerStore) -> None:
    with shop.session() as session:
        open_ticket(session, None, "product", "Hello?", NOON)
        session.commit()
    with shop.session() as session:
        assert {key.customer_id for key in session.query(DataKey)} == {"C1", "C2", NOBODY}
        assert session.query(Ticket).filter(Ticket.customer_id.is_(None)).one().subject == "Hello?"


def test_without_its_key_a_value_cannot_be_read_by_anyone(shop: CustomerStore) -> None:
    with shop.session() as session:
        session.query(DataKey).filter(DataKey.customer_id == "C1").delete()
        session.commit()
    shop.keyring.forget()
    with shop.session() as session, pytest.raises(DataKeyMissing):
        session.get(Customer, "C1")
    with shop.session() as session:
        assert session.get(Customer, "C2").last_name == "Harper"


def test_a_plain_value_past_the_session_is_refused(shop: CustomerStore) -> None:
    with shop.session() as session, pytest.raises(StatementError, match="through a session only"):
        session.execute(Customer.__table__.update().values(city="Тула"))


def test_a_value_that_was_rolled_back_leaves_no_key_in_use(shop: CustomerStore) -> None:
    with shop.session() as session:
        open_ticket(session, None, "product", "Hello?", NOON)
        session.flush()
        session.rollback()
        open_ticket(session, None, "product", "Again?", NOON)
        session.commit()
    shop.keyring.forget()
    with shop.session() as session:
        assert session.query(Ticket).filter(Ticket.customer_id.is_(None)).one().subject == "Again?"


def test_another_master_key_opens_nothing_and_makes_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    store = imported(tmp_path, write_shop(tmp_path / "shop"))
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    other = CustomerStore(store.url)
    with other.session() as session:
        with pytest.raises(MasterKeyWrong, match="another master key"):
            session.get(Customer, "C1")
        with pytest.raises(MasterKeyWrong, match="another master key"):
            open_ticket(session, None, "product", "Hello?", NOON)
            session.flush()
        session.rollback()
        with pytest.raises(MasterKeyWrong, match="another master key"):
            other.keyring.check(session.connection())


@pytest.mark.parametrize("key", ["short", "x" * 44, "Я", "A" * 42])
def test_a_malformed_master_key_is_named_with_its_place(key: str) -> None:
    with pytest.raises(MasterKeyWrong, match="^LICHNO_MASTER_KEY is no master key.*openssl"):
        parsed(key, KEY_VARIABLE)


def test_the_demos_master_key_is_made_once_for_this_user_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    ring = Keyring(None, tmp_path / "var/master.key")
    with pytest.raises(MasterKeyWrong, match="master key is missing"):
        ring.master()
    key = ring.master(make=True)
    assert ring.master() == ring.master(make=True) == key
    assert (tmp_path / "var/master.key").stat().st_mode & 0o777 == 0o600
    assert fingerprint(key) == fingerprint(ring.master()) != fingerprint(parsed(new_key(), "it"))


def test_a_sealed_text_is_a_text() -> None:
    assert Sealed("Ирина", Cipher("k", AESGCM(bytes(32)))) == "Ирина"


def test_a_database_from_before_is_taken_over_with_all_its_rows(shop: CustomerStore, tmp_path: Path) -> None:
    """Made as the first version of the program did: the same tables in plain text, without versions."""
    old = CustomerStore(f"sqlite:///{tmp_path}/old.db")
    with old.engine.begin() as connection:
        for line in OLD_DATABASE.split(";"):
            connection.execute(text(line))
        assert is_unversioned(connection)
    old.create()
    with old.session() as session:
        customer = session.get(Customer, "C1")
        assert (customer.first_name, customer.orders[0].total, customer.tickets[0].subject) == ("Ирина", 8990, SECRET)
    assert old.file is not None
    assert SECRET.encode() not in old.file.read_bytes() and "Ирина".encode() not in old.file.read_bytes()


OLD_DATABASE = f"""
CREATE TABLE customers (customer_id VARCHAR NOT NULL PRIMARY KEY, first_name VARCHAR NOT NULL, last_name VARCHAR NOT
 NULL, gender VARCHAR NOT NULL, language VARCHAR NOT NULL, address_form VARCHAR NOT NULL, city VARCHAR NOT NULL,
 street_address VARCHAR NOT NULL, phone VARCHAR NOT NULL, email VARCHAR NOT NULL, loyalty_level VARCHAR NOT NULL,
 points INTEGER NOT NULL, registered DATE NOT NULL, consent_memory BOOLEAN NOT NULL, consent_marketing BOOLEAN);
INSERT INTO customers VALUES ('C1', 'Ирина', 'Соколова', 'f', 'ru', 'formal', 'Москва', 'Тихая', '+7 1', 'i@m.example',
 'start', 10, '2024-01-31', 1, 0);
CREATE TABLE orders (order_id VARCHAR NOT NULL PRIMARY KEY, customer_id VARCHAR NOT NULL REFERENCES customers,
 ordered_at DATE NOT NULL, status VARCHAR NOT NULL, delivery_method VARCHAR NOT NULL, delivery_address VARCHAR NOT NULL,
 expected_at DATE, delivered_at DATE, total INTEGER NOT NULL, delivery_cost INTEGER NOT NULL, payment_method VARCHAR,
 paid BOOLEAN NOT NULL, tracking_code VARCHAR);
INSERT INTO orders VALUES ('NL-1', 'C1', '2026-11-01', 'placed', 'courier', 'Тихая', NULL, NULL, 8990, 0, 'card', 1,
 NULL);
CREATE TABLE tickets (ticket_id VARCHAR NOT NULL PRIMARY KEY, customer_id VARCHAR REFERENCES customers, order_id VARCHAR
 REFERENCES orders, opened_at DATETIME NOT NULL, closed_at DATETIME, topic VARCHAR NOT NULL, subject TEXT NOT NULL,
 resolution TEXT);
INSERT INTO tickets VALUES ('T0001', 'C1', 'NL-1', '2026-11-06 09:00:00.000000', NULL, 'return', '{SECRET}', NULL)
"""
