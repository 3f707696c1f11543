from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from bot.customers import models
from bot.customers.attachments import File, attach, read
from bot.customers.errors import StoreOutdated
from bot.customers.person import person_of
from bot.customers.store import CustomerStore, _alembic
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop
from tests.bot.customers.test_attachments import NOW
from tests.bot.customers.test_wording import TODAY


def test_migrations_make_the_tables_of_the_models(url: str) -> None:
    store = CustomerStore(url)
    store.create()
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, models.Base.metadata) == []


def test_a_customer_is_the_same_in_either_database(url: str, tmp_path: Path, shop: CustomerStore) -> None:
    other = imported(tmp_path, write_shop(tmp_path / "shop"), url)
    assert other.customer_ids() == shop.customer_ids() == ["C1", "C2"]
    for customer_id in other.customer_ids():
        assert person_of(other, customer_id, TODAY) == person_of(shop, customer_id, TODAY)


def test_a_database_of_another_version_is_refused_with_the_remedy(shop: CustomerStore) -> None:
    with shop.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(StoreOutdated, match="version 0000, the program at .*lichno up"):
        CustomerStore(shop.url).customer_ids()


def test_references_hold_in_either_database(url: str, tmp_path: Path) -> None:
    from sqlalchemy.exc import IntegrityError

    store = imported(tmp_path, write_shop(tmp_path / "shop"), url)
    with store.session() as session, pytest.raises(IntegrityError):
        session.add(models.OrderItem(order_id="NL-404", product_id="P1", quantity=1, price=1))
        session.commit()


def test_files_of_before_there_were_keys_for_them_are_encrypted(url: str, tmp_path: Path) -> None:
    store = imported(tmp_path, write_shop(tmp_path / "shop"), url)
    kept = attach(store, "C1", File("чек.pdf", "application/pdf", b"%PDF-1.7 total"), "", NOW)
    for revision in ("0003", "0004"):
        with store.engine.begin() as connection:
            change = command.downgrade if revision == "0003" else command.upgrade
            change(_alembic(connection), revision)
            (stored,) = connection.execute(text("SELECT content FROM attachments")).one()
        assert (b"total" in bytes(stored)) is (revision == "0003")
    assert read(store, "C1", kept.id) == File("чек.pdf", "application/pdf", b"%PDF-1.7 total")
