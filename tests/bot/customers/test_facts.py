from __future__ import annotations

import datetime as dt
import re

import pytest

from bot.customers.customer_facts import RECENT_TICKETS, RECENT_VISITS
from bot.customers.facts import facts_of
from bot.customers.importer import DEMO_DAY
from bot.customers.models import OPEN_STATUSES, STATUSES, DeliveryEvent, Order
from bot.customers.store import CustomerStore, get_customer
from bot.customers.terms import return_end
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
            order_id = fact.about
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
    assert order.en == "Order NL-2 (Aurora earbuds) is on its way, by courier, expected on 26 November."
    assert order.ru == "Заказ NL-2 (Наушники Aurora) в пути, курьером, ожидается 26 ноября."
    assert order.about == "NL-2" and order.open and order.things == ("Наушники Aurora", "Aurora earbuds")


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
        assert return_end(session.get(Order, "NL-2")) is None
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
    assert "under warranty, until 5 November" in running.en and "гарантия действует до 5 ноября" in running.ru
    assert "warranty ended on 5 November" in over.en and "гарантия закончилась 5 ноября" in over.ru


def test_only_recent_tickets_and_visits_are_told(demo: CustomerStore) -> None:
    for customer_id in demo.customer_ids():
        found = facts(demo, customer_id, DEMO_DAY)
        assert len(of_kind(found, "ticket")) <= RECENT_TICKETS
        for fact in found:
            if fact.kind in ("added_to_cart", "added_to_wishlist", "removed_from_cart", "viewed"):
                assert 1 <= len(fact.things) // 2 <= RECENT_VISITS


def test_what_was_taken_out_of_the_basket_is_not_in_it(demo: CustomerStore) -> None:
    for customer_id in demo.customer_ids():
        found = facts(demo, customer_id, DEMO_DAY)
        with demo.session() as session:
            visits = get_customer(session, customer_id).visits
            last = {visit.product_id: visit.event for visit in reversed(visits) if "cart" in visit.event}
            gone = {v.product.name_en for v in visits if last.get(v.product_id) == "removed_from_cart"}
        assert not any(gone.intersection(fact.things) for fact in of_kind(found, "added_to_cart"))


def test_an_order_of_whatever_state_is_told_whole(shop: CustomerStore) -> None:
    for status in STATUSES:
        with shop.session() as session:
            order = session.get(Order, "NL-2")
            order.status, order.paid = status, status != "placed"
            found = [fact for fact in facts_of(get_customer(session, "C2"), DAY) if fact.about == "NL-2"]
        kinds = {fact.kind for fact in found}
        assert {"order", "ordered", "total", "payment", "way"} <= kinds
        assert ("cancel" in kinds) == ("recipient" in kinds) == (status in OPEN_STATUSES)
        assert ("refund" in kinds) == (status in ("cancelled", "returned"))
        assert all(fact.ru.endswith(".") and not fact.ru.endswith("..") for fact in found)


def test_an_order_that_waits_tells_until_when(shop: CustomerStore) -> None:
    with shop.session() as session:
        order = session.get(Order, "NL-2")
        order.status, order.delivery_method = "ready_for_pickup", "pickup_point"
        session.add(DeliveryEvent(order_id="NL-2", happened_at=dt.datetime(2026, 11, 23, 9), event="ready_for_pickup"))
        session.flush()
        (kept,) = of_kind(facts_of(get_customer(session, "C2"), DAY), "kept")
        order.delivery_method = "parcel_locker"
        (locked,) = of_kind(facts_of(get_customer(session, "C2"), DAY), "kept")
    assert "until 28 November; that can be extended once, by 2 days" in kept.en
    assert "until 26 November; keeping in a locker can't be extended" in locked.en


def test_the_customers_own_address_phone_and_mail_are_in_no_fact(demo: CustomerStore) -> None:
    for customer_id in demo.customer_ids():
        with demo.session() as session:
            customer = get_customer(session, customer_id)
            private = [customer.street_address, customer.phone, customer.email, customer.last_name]
        for fact in facts(demo, customer_id, DEMO_DAY):
            assert not any(value in fact.ru + fact.en for value in private)


def test_what_a_shop_does_not_know_is_not_told(shop: CustomerStore) -> None:
    with shop.session() as session:
        customer = get_customer(session, "C2")
        customer.loyalty_level = customer.points = None
        order = session.get(Order, "NL-3")
        order.ordered_at, order.currency, order.total = None, "USD", 47.84
        order.items[0].product.warranty_months = None
        session.commit()
    with shop.session() as session:
        told = [fact.said("en") for fact in facts_of(get_customer(session, "C2"), DEMO_DAY)]
    assert not any("None" in text or "Polaris" in text or "warranty" in text for text in told)
    assert any(text.startswith("Order NL-3") and "$47.84" in text for text in told)


def test_a_cancelled_order_says_why_in_the_shops_words(shop: CustomerStore) -> None:
    with shop.session() as session:
        session.get(Order, "NL-2").status = "cancelled"
        gone = DeliveryEvent(
            order_id="NL-2", happened_at=dt.datetime(2026, 11, 23), event="cancelled", note="Sold out."
        )
        session.add(gone)
        session.flush()
        found = facts_of(get_customer(session, "C2"), DAY)
    for kind in ("order", "refund"):
        (told,) = (fact for fact in of_kind(found, kind) if fact.about == "NL-2")
        assert "(Sold out)" in told.en and "(Sold out)" in told.ru


def test_an_order_on_its_way_says_where_it_was_last(shop: CustomerStore) -> None:
    with shop.session() as session:
        for hour, event, place in (
            (9, "handed_to_courier", "Moscow"),
            (12, "arrived_in_city", "Kazan"),
            (15, "delayed", "?"),
        ):
            session.add(
                DeliveryEvent(order_id="NL-2", happened_at=dt.datetime(2026, 11, 23, hour), event=event, place=place)
            )
        session.flush()
        order = of_kind(facts_of(get_customer(session, "C2"), DAY), "order")[0]
    assert order.en.endswith("; last seen on 23 November: Kazan.")
    assert order.ru.endswith("; 23 ноября отмечен в пути: Kazan.")


def test_all_that_was_bought_is_counted_and_summed_without_what_went_back(shop: CustomerStore) -> None:
    (bought,) = of_kind(facts(shop, "C2"), "bought")
    with shop.session() as session:
        orders = {order.order_id: order for order in get_customer(session, "C2").orders}
        whole = sum(order.total for order in orders.values())
        assert bought.said("en") == f"You have placed 2 orders, for {whole:,} ₽ in all."
        orders["NL-3"].status = "returned"
        (bought,) = of_kind(facts_of(get_customer(session, "C2"), DAY), "bought")
    rest = f"{orders['NL-2'].total:,} ₽"
    assert (
        bought.said("en") == f"You have placed 2 orders, 1 of them neither cancelled nor returned, for {rest} in all."
    )
    assert bought.said("ru").startswith("Всего у вас 2 заказа, без отменённых и возвращённых — 1, на ")
