from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from bot.customers.encryption import Encrypted, EncryptedBytes
from bot.customers.errors import UnknownCustomer
from bot.customers.models import Base, Customer, DataKey, Ticket
from bot.customers.money import Money
from bot.customers.store import open_ticket, record_consent
from bot.privacy.conversations import Conversations
from bot.privacy.erasure import Places, erase
from bot.privacy.ownership import NOBODYS, OwnerUnknown, delete_rows, owned, personal_tables, rows_of
from bot.privacy.wanted import Wanted, values_of
from retrieval.profile_memory import ProfileMemory
from tests.fakes import HashEncoder

NOW = dt.datetime(2026, 11, 25, 12)
TOLD = "Мой телефон +70000000001, позвоните"


def some_value(column: Any, n: int) -> Any:
    """A value that the column takes."""
    kinds: dict[type, Any] = {
        Integer: n, Float: n, Money: n, Boolean: True, Date: NOW.date(), DateTime: NOW, Encrypted: f"secret {n}",
        BigInteger: n, JSON: {"said": f"value {n}"}, LargeBinary: f"value {n}".encode(),
        EncryptedBytes: f"secret {n}".encode(),
    }  # fmt: skip
    return kinds.get(type(column.type), f"value {n}")


def fill_every_table(session: Any, customer_id: str, n: int) -> None:
    """A row of the customer in every table there is, also in those that come later."""
    mappers = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    made: dict[str, Any] = {}
    for table in Base.metadata.sorted_tables:
        if table.name in (DataKey.__tablename__, *(NOBODYS - {"products"})):
            continue
        values = {column.name: some_value(column, n) for column in table.columns if column.name != "id"}
        for column in table.columns:
            for key in column.foreign_keys:
                values[column.name] = getattr(made[key.column.table.name], key.column.name)
        if "customer_id" in values:
            values["customer_id"] = customer_id
        made[table.name] = mappers[table](**values)
        session.add(made[table.name])
        session.flush()


def test_every_table_is_a_customers_or_nobodys() -> None:
    """A new table without an owner fails here: see bot/privacy/ownership.py."""
    for table in personal_tables():
        owned(table, "C1")


def test_a_table_that_names_no_owner_is_an_error() -> None:
    table = Table("notes", MetaData(), Column("id", Integer, primary_key=True))
    with pytest.raises(OwnerUnknown, match="notes has no customer_id"):
        owned(table, "C1")


def test_rows_of_every_table_are_shown_and_erased_for_their_customer_alone(places: Places) -> None:
    with places.store.session() as session:
        fill_every_table(session, "N1", 1)
        fill_every_table(session, "N2", 2)
        session.commit()
    with places.store.session() as session:
        connection = session.connection()
        names = {table.name for table in personal_tables()}
        assert rows_of(connection, "N1").keys() == names - {DataKey.__tablename__}
        assert all(len(rows) == 1 for rows in rows_of(connection, "N1").values())
        assert delete_rows(connection, "N1") == dict.fromkeys(names, 1)
        assert not any(rows_of(connection, "N1").values())
        assert all(len(rows) == 1 for rows in rows_of(connection, "N2").values())


def test_nothing_of_an_erased_customer_is_found_anywhere(places: Places, tmp_path: Path) -> None:
    with places.store.session() as session:
        open_ticket(session, "C1", "account", TOLD, NOW, "NL-1")
        open_ticket(session, "C2", "account", "My friend is Ирина Соколова", NOW)
        record_consent(session, session.get(Customer, "C1"), "memory", True, NOW, "web", "7")
        wanted = values_of(rows_of(session.connection(), "C1"))
        session.commit()
    receipt = erase(places, "C1", NOW)
    assert receipt.proven and not any(receipt.found.values()) and receipt.vectors_found == 0
    assert {"conversations", "database", "conversations.db"} <= set(receipt.searched)
    for file in tmp_path.rglob("*"):
        if file.is_file() and "shop" not in file.parts:
            assert wanted.count_bytes(file.read_bytes()) == 0, file
    with places.store.session() as session:
        assert session.get(Customer, "C1") is None and session.get(DataKey, "C1") is None
        assert session.get(Ticket, "T0003").subject == "My friend is [erased]"
        assert [order.order_id for order in session.get(Customer, "C2").orders] == ["NL-2", "NL-3"]


def test_the_receipt_counts_and_tells_nothing_of_the_customer(places: Places) -> None:
    receipt = erase(places, "C1", NOW)
    assert receipt.rows["customers"] == receipt.rows["orders"] == receipt.rows["data_keys"] == 1
    assert (receipt.conversations, receipt.redacted) == (3, 2)
    assert receipt.vectors > 0 and receipt.values > 5
    told = json.dumps(receipt.as_dict(), ensure_ascii=False)
    assert not any(word in told for word in ("C1", "Ирина", "m.example", "NL-1", "Москва"))
    assert receipt.customer_digest == places.store.keyring.digest("C1")


def test_another_process_memory_of_facts_no_longer_knows_the_customer(places: Places, tmp_path: Path) -> None:
    erase(places, "C1", NOW)
    again = ProfileMemory(HashEncoder(), tmp_path / "profiles")
    assert len(again.vectors_of("C1")) == 0 and len(again.vectors_of("C2")) > 0


def test_what_is_still_there_is_counted(places: Places, tmp_path: Path) -> None:
    """A log that nobody erased, and a profile index that did not forget."""

    class Unforgetting(ProfileMemory):
        def forget(self, customer_id: str) -> int:
            return 0

    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/old.log").write_text("mail to i@m.example failed")
    (tmp_path / "logs/other.log").write_text("mail to xi@m.example failed, NL-11")
    stubborn = Unforgetting(HashEncoder(), tmp_path / "profiles")
    receipt = erase(replace(places, memory=stubborn), "C1", NOW)
    assert not receipt.proven
    assert (receipt.found["old.log"], receipt.found["other.log"]) == (1, 0)
    assert receipt.vectors_found > 0


def test_values_that_others_share_prove_nothing(places: Places) -> None:
    with places.store.session() as session:
        session.get(Customer, "C2").last_name = "Соколова"
        session.commit()
    receipt = erase(places, "C1", NOW)
    assert receipt.proven and receipt.shared == 1


def test_what_another_customer_wrote_of_an_erased_order_stays_theirs(places: Places) -> None:
    with places.store.session() as session:
        ticket = open_ticket(session, "C2", "delivery", "About my neighbour's parcel", NOW, "NL-1")
        visitors = open_ticket(session, None, "delivery", "Where is it?", NOW, "NL-1")
        session.commit()
    assert erase(places, "C1", NOW).proven
    with places.store.session() as session:
        left = session.get(Ticket, ticket)
        assert (left.order_id, left.subject) == (None, "About my neighbour's parcel")
        assert session.get(Ticket, visitors) is None


def test_an_unknown_customer_is_refused_and_nothing_is_touched(places: Places) -> None:
    with pytest.raises(UnknownCustomer):
        erase(places, "C9", NOW)
    assert places.store.erasures() == 0


def test_without_conversations_the_rest_is_erased(places: Places) -> None:
    assert erase(replace(places, conversations=Conversations(None)), "C1", NOW).conversations == 0
    assert places.store.customer_ids() == ["C2"]


@pytest.mark.parametrize(
    ("text", "count"),
    [("NL-1", 1), ("see NL-1.", 1), ("NL-10", 0), ("XNL-1", 0), ("Соколова, Тихая", 2), ("Соколовай", 0), ("", 0)],
)
def test_values_are_found_as_whole_words(text: str, count: int) -> None:
    wanted = Wanted(["NL-1", "Соколова", "Тихая"])
    assert wanted.count(text) == count
    assert wanted.out_of({"a": [text]}) == {"a": [text]} or count


def test_phones_are_wanted_in_every_writing() -> None:
    rows = {"customers": [{**dict.fromkeys(Customer.__table__.columns.keys()), "phone": "+7 912 345-67-89"}]}
    assert {"+79123456789", "79123456789", "+7 912 345-67-89", "8 (912) 345-67-89"} <= set(values_of(rows).values)


def test_a_word_that_anybody_may_write_is_not_taken_out_of_what_others_said(places: Places) -> None:
    with places.store.session() as session:
        open_ticket(session, "C1", "account", "please", NOW)
        session.commit()
    assert erase(places, "C1", NOW).proven
    assert "Write to [erased], please." in "\n".join(places.conversations.texts())


def test_a_foreign_key_to_a_customers_row_makes_a_table_theirs() -> None:
    table = Table("parcels", MetaData(), Column("order_id", ForeignKey(Base.metadata.tables["orders"].c.order_id)))
    assert "orders.customer_id" in str(owned(table, "C1"))
