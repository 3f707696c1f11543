from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.customers.errors import CustomerStoreMissing, UnknownCustomer
from bot.customers.models import CANCELLABLE_STATUSES, OPEN_STATUSES, STATUSES, Consent, Order, Ticket
from bot.customers.store import (
    CustomerStore,
    add_event,
    find_order,
    get_customer,
    open_orders,
    open_ticket,
    record_consent,
)

NOON = dt.datetime(2026, 11, 24, 12)


def test_a_missing_database_is_an_error_with_its_remedy(tmp_path: Path) -> None:
    store = CustomerStore(f"sqlite:///{tmp_path}/none.db")
    assert not store.exists()
    with pytest.raises(CustomerStoreMissing, match="lichno customers import"), store.session():
        pass
    assert not (tmp_path / "none.db").exists()


def test_creating_twice_keeps_the_rows(shop: CustomerStore) -> None:
    shop.create()
    assert shop.exists()
    assert shop.customer_ids() == ["C1", "C2"]


def test_an_unknown_customer_is_named(shop: CustomerStore) -> None:
    with shop.session() as session, pytest.raises(UnknownCustomer, match="C9.*lichno customers show"):
        get_customer(session, "C9")


def test_an_order_is_found_for_its_own_customer_only(shop: CustomerStore) -> None:
    with shop.session() as session:
        found = find_order(get_customer(session, "C1"), "nl-1")
        assert found is not None and found.order_id == "NL-1"
        # Imported ids lack the sign that customers write.
        assert find_order(get_customer(session, "C1"), "#NL-1") == found
        assert find_order(get_customer(session, "C2"), "NL-1") is None
        assert find_order(get_customer(session, "C1"), "NL-9") is None


def test_open_orders_are_those_not_yet_received(demo: CustomerStore) -> None:
    with demo.session() as session:
        for customer_id in demo.customer_ids():
            orders = open_orders(get_customer(session, customer_id))
            assert all(order.status in OPEN_STATUSES for order in orders)
            assert [o.ordered_at for o in orders] == sorted((o.ordered_at for o in orders), reverse=True)


def test_only_open_orders_can_be_cancelled() -> None:
    assert set(CANCELLABLE_STATUSES) < set(OPEN_STATUSES) < set(STATUSES)


def test_an_event_is_the_last_of_its_order(shop: CustomerStore) -> None:
    with shop.session() as session:
        add_event(session, session.get(Order, "NL-1"), "returned", NOON)
        session.commit()
    with shop.session() as session:
        assert [event.event for event in session.get(Order, "NL-1").events] == ["placed", "returned"]


def test_tickets_are_numbered_on(shop: CustomerStore) -> None:
    with shop.session() as session:
        assert open_ticket(session, "C1", "return", "Как вернуть?", NOON, "NL-1") == "T0002"
        assert open_ticket(session, None, "product", "Hello?", NOON) == "T0003"
        session.commit()
    with shop.session() as session:
        assert session.get(Ticket, "T0002").order_id == "NL-1"
        assert session.get(Ticket, "T0003").customer_id is None


@pytest.mark.parametrize(("present", "following"), [("T9999", "T10000"), ("T10000", "T10001"), ("REQ-7", "T0002")])
def test_the_next_number_is_free_whatever_was_imported(shop: CustomerStore, present: str, following: str) -> None:
    with shop.session() as session:
        for ticket_id in {present, "T9999" if present == "T10000" else present}:
            session.add(Ticket(ticket_id=ticket_id, opened_at=NOON, topic="return", subject="?"))
        assert open_ticket(session, "C1", "return", "?", NOON) == following


def test_a_consent_is_kept_with_its_time_and_the_text_that_was_seen(shop: CustomerStore) -> None:
    with shop.session() as session:
        customer = get_customer(session, "C1")
        record_consent(session, customer, "memory", False, NOON, "web", "2026-11")
        record_consent(session, customer, "newsletter", True, NOON, "web", None)
        session.commit()
    with shop.session() as session:
        assert get_customer(session, "C1").consent_memory is False
        found = session.query(Consent).filter_by(customer_id="C1", channel="web").order_by(Consent.id)
        assert [(c.purpose, c.given, c.at, c.text_version) for c in found] == [
            ("memory", False, NOON, "2026-11"),
            ("newsletter", True, NOON, None),
        ]


def test_erasures_are_counted_even_before_there_is_a_database(shop: CustomerStore, tmp_path: Path) -> None:
    assert CustomerStore(f"sqlite:///{tmp_path}/none.db").erasures() == shop.erasures() == 0
