from __future__ import annotations

import datetime as dt
import re

import pytest

from bot.customers.facts import RECENT_TICKETS, RECENT_VISITS, facts_of
from bot.customers.importer import DEMO_DAY
from bot.customers.models import Order
from bot.customers.store import CustomerStore, get_customer
from retrieval.profile_memory import Fact

ORDER_ID = re.compile(r"NL-\d+")
DAY = dt.date(2026, 11, 24)


def facts(store: CustomerStore, customer_id: str, today: dt.date = DAY) -> list[Fact]:
    with store.session() as session:
        return facts_of(get_customer(session, customer_id), today)


def of_kind(found: list[Fact], kind: str) -> list[Fact]:
    return [fact for fact in found if fact.kind == kind]


def test_no_fact_names_another_customers_order(demo: CustomerStore) -> None:
    with demo.session() as session:
        own = {
            customer_id: {order_id for (order_id,) in session.query(Order.order_id).filter_by(customer_id=customer_id)}
            for customer_id in demo.customer_ids()
        }
    for customer_id, orders in own.items():
        for fact in facts(demo, customer_id, DEMO_DAY):
            assert set(ORDER_ID.findall(fact.ru + fact.en)) <= orders


def test_both_wordings_of_a_fact_name_the_same_orders(demo: CustomerStore) -> None:
    for customer_id in demo.customer_ids():
        for fact in facts(demo, customer_id, DEMO_DAY):
            assert ORDER_ID.findall(fact.ru) == ORDER_ID.findall(fact.en)


def test_only_an_order_in_transit_is_on_its_way(demo: CustomerStore) -> None:
    with demo.session() as session:
        status = {order.order_id: order.status for order in session.query(Order)}
    for customer_id in demo.customer_ids():
        for fact in of_kind(facts(demo, customer_id, DEMO_DAY), "order"):
            (order_id,) = ORDER_ID.findall(fact.en)
            assert ("on its way" in fact.en) == ("в пути" in fact.ru) == (status[order_id] == "in_transit")
            assert ("received" in fact.en) == (status[order_id] == "delivered")


def test_every_delivered_order_has_a_return_term_and_a_warranty(demo: CustomerStore) -> None:
    with demo.session() as session:
        delivered = {order.order_id for order in session.query(Order).filter_by(status="delivered")}
    found = [fact for customer_id in demo.customer_ids() for fact in facts(demo, customer_id, DEMO_DAY)]
    for kind in ("return", "warranty"):
        assert {i for fact in of_kind(found, kind) for i in ORDER_ID.findall(fact.en)} == delivered


def test_an_order_says_what_when_and_how(shop: CustomerStore) -> None:
    order = of_kind(facts(shop, "C2"), "order")[0]
    assert order.en == (
        "Order NL-2 of 20 November: Aurora earbuds, 8990 ₽, by courier; it is on its way, expected 26 November."
    )
    assert order.ru == "Заказ NL-2 от 20 ноября: Наушники Aurora, 8990 ₽, курьером, в пути, ожидается 26 ноября."


def test_an_expected_day_that_is_past_is_not_promised(shop: CustomerStore) -> None:
    order = of_kind(facts(shop, "C2", dt.date(2026, 11, 27)), "order")[0]
    assert "expected" not in order.en
    assert "ожидается" not in order.ru


@pytest.mark.parametrize(("customer_id", "last_day"), [("C1", dt.date(2026, 11, 19)), ("C2", dt.date(2026, 12, 5))])
def test_a_return_is_open_for_14_days_and_for_30_with_gold(
    shop: CustomerStore, customer_id: str, last_day: dt.date
) -> None:
    (open_still,) = of_kind(facts(shop, customer_id, last_day), "return")
    (passed,) = of_kind(facts(shop, customer_id, last_day + dt.timedelta(1)), "return")
    assert f"can be returned until {last_day.day} " in open_still.en
    assert "можно вернуть до" in open_still.ru
    assert "could be returned" in passed.en and "the term has passed" in passed.en
    assert "можно было вернуть" in passed.ru and "срок прошёл" in passed.ru


def test_an_order_not_delivered_has_no_return_term(shop: CustomerStore) -> None:
    with shop.session() as session:
        assert session.get(Order, "NL-2").return_deadline() is None
    assert not any("NL-2" in fact.en for fact in of_kind(facts(shop, "C2"), "return"))


def test_a_delivery_without_its_day_promises_neither_return_nor_warranty(shop: CustomerStore) -> None:
    with shop.session() as session:
        session.get(Order, "NL-1").delivered_at = None
        found = facts_of(get_customer(session, "C1"), DAY)
    assert len(of_kind(found, "order")) == 1
    assert not of_kind(found, "return") + of_kind(found, "warranty")


def test_a_warranty_ends_after_its_months(shop: CustomerStore) -> None:
    (running,) = of_kind(facts(shop, "C1", dt.date(2027, 11, 5)), "warranty")
    (over,) = of_kind(facts(shop, "C1", dt.date(2027, 11, 6)), "warranty")
    assert "warranty until 5 November" in running.en and "гарантия до 5 ноября" in running.ru
    assert "warranty ended on 5 November" in over.en and "гарантия закончилась 5 ноября" in over.ru


def test_only_recent_tickets_and_visits_are_told(demo: CustomerStore) -> None:
    for customer_id in demo.customer_ids():
        found = facts(demo, customer_id, DEMO_DAY)
        assert len(of_kind(found, "ticket")) <= RECENT_TICKETS
        assert len(of_kind(found, "interest")) <= RECENT_VISITS


def test_what_a_shop_does_not_know_is_not_told(shop: CustomerStore) -> None:
    with shop.session() as session:
        customer = get_customer(session, "C2")
        customer.loyalty_level = customer.points = None
        order = session.get(Order, "NL-3")
        order.ordered_at, order.currency, order.total = None, "USD", 47.84
        order.items[0].product.warranty_months = None
        session.commit()
    with shop.session() as session:
        told = [fact.en for fact in facts_of(get_customer(session, "C2"), DEMO_DAY)]
    assert not any("None" in text or "Polaris" in text or "warranty" in text for text in told)
    assert any(text.startswith("Order NL-3: Aurora earbuds × 2, $47.84, by courier") for text in told)
