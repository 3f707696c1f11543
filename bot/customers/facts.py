"""A customer's rows as short sentences, in both languages, true on a given day.

They are made anew for every question, so "on its way" never outlives the delivery.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bot.customers.models import Customer, Order, OrderItem, Ticket
from bot.customers.wording import DELIVERY_METHODS, LEVELS, STATUSES, VISITS, add_months, day, items, money
from retrieval.profile_memory import Fact

RECENT_VISITS = 5
RECENT_TICKETS = 5


def facts_of(customer: Customer, today: dt.date) -> list[Fact]:
    """All facts of one customer, the most general first."""
    return [
        *_profile(customer),
        *(fact for order in customer.orders for fact in _order(order, today)),
        *(_ticket(ticket, today) for ticket in customer.tickets[:RECENT_TICKETS]),
        *_visits(customer, today),
    ]


def _profile(customer: Customer) -> Iterator[Fact]:
    yield Fact("city", ru=f"Город клиента: {customer.city}.", en=f"The customer's city: {customer.city}.")
    if customer.loyalty_level:
        yield _loyalty(customer)


def _loyalty(customer: Customer) -> Fact:
    points = customer.points or 0
    return Fact(
        "loyalty",
        ru=f"Уровень клиента в «Полярисе»: {LEVELS['ru'][customer.loyalty_level]}, на счёте {points} баллов.",
        en=f"The customer's Polaris level: {LEVELS['en'][customer.loyalty_level]}, balance {points} points.",
    )


def _order(order: Order, today: dt.date) -> Iterator[Fact]:
    yield Fact("order", ru=_order_text(order, "ru", today), en=_order_text(order, "en", today))
    deadline = order.return_deadline()
    if order.status == "delivered" and deadline:
        passed = deadline < today
        yield Fact(
            "return",
            ru=f"Заказ {order.order_id} ({items(order, 'ru')}) можно {'было ' * passed}вернуть до"
            f" {day(deadline, 'ru', today)}" + (", срок прошёл." if passed else "."),
            en=f"Order {order.order_id} ({items(order, 'en')}) {'could' if passed else 'can'} be returned until"
            f" {day(deadline, 'en', today)}" + ("; the term has passed." if passed else "."),
        )
    if order.status == "delivered" and order.delivered_at:
        yield from (_warranty(order, item, today) for item in order.items if item.product.warranty_months is not None)


def _order_text(order: Order, language: str, today: dt.date) -> str:
    status = STATUSES[language][order.status]
    method = DELIVERY_METHODS[language][order.delivery_method]
    ordered = day(order.ordered_at, language, today) if order.ordered_at else ""
    total = money(order.total, language, order.currency)
    if language == "ru":
        of = f" от {ordered}" if ordered else ""
        text = f"Заказ {order.order_id}{of}: {items(order, 'ru')}, {total}, {method}, {status}"
        return text + _when(order, "", "ожидается", language, today) + "."
    of = f" of {ordered}" if ordered else ""
    text = f"Order {order.order_id}{of}: {items(order, 'en')}, {total}, {method}; it {status}"
    return text + _when(order, "on ", "expected", language, today) + "."


def _when(order: Order, on: str, expected: str, language: str, today: dt.date) -> str:
    if order.status == "delivered" and order.delivered_at:
        return f" {on}{day(order.delivered_at, language, today)}"
    if order.is_open and order.expected_at and order.expected_at >= today:
        return f", {expected} {day(order.expected_at, language, today)}"
    return ""


def _warranty(order: Order, item: OrderItem, today: dt.date) -> Fact:
    until = add_months(order.delivered_at, item.product.warranty_months)
    over = until < today
    return Fact(
        "warranty",
        ru=f"{item.product.name_ru} клиента: гарантия {'закончилась' if over else 'до'} {day(until, 'ru', today)}"
        f" (заказ {order.order_id}).",
        en=f"The customer's {item.product.name_en}: warranty {'ended on' if over else 'until'}"
        f" {day(until, 'en', today)} (order {order.order_id}).",
    )


def _ticket(ticket: Ticket, today: dt.date) -> Fact:
    opened = {language: day(ticket.opened_at.date(), language, today) for language in ("ru", "en")}
    answer = f" {ticket.resolution}" if ticket.resolution else ""
    return Fact(
        "ticket",
        ru=f"Обращение {ticket.ticket_id} от {opened['ru']}: «{ticket.subject}»{answer}",
        en=f"Ticket {ticket.ticket_id} of {opened['en']}: “{ticket.subject}”{answer}",
    )


def _visits(customer: Customer, today: dt.date) -> Iterator[Fact]:
    for visit in customer.visits[:RECENT_VISITS]:
        when = {language: day(visit.happened_at.date(), language, today) for language in ("ru", "en")}
        yield Fact(
            "interest",
            ru=f"{VISITS['ru'][visit.event]} {when['ru']}: {visit.product.name_ru}.",
            en=f"{VISITS['en'][visit.event]} on {when['en']}: {visit.product.name_en}.",
        )
