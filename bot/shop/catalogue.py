"""What the shop's pages show of the database: products, and the signed-in customer's own orders."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from bot.customers.models import ROUBLES, Customer, Order, Product
from bot.customers.wording import DELIVERY_METHODS, STATES, day, money
from bot.shop.signing_in import may_be_picked
from bot.shop.words import CATEGORIES

PICKED = 12  # customers offered for signing in, those with an open order first
SHOWN_ORDERS = 8


@dataclass(frozen=True)
class Card:
    """A product in the catalogue; the price with its currency."""

    product_id: str
    name: str
    brand: str
    category: str
    category_name: str
    price: str


@dataclass(frozen=True)
class OrderLine:
    """An order on the account page; the sum with its currency."""

    order_id: str
    ordered: str
    status: str
    status_name: str
    delivery: str
    expected: str
    items: list[str]
    total: str
    tracking: str


@dataclass(frozen=True)
class Choice:
    """A customer to sign in as."""

    customer_id: str
    name: str
    hint: str


def cards(session: Session, language: str) -> list[Card]:
    """All products, a category after the other."""
    order = list(CATEGORIES[language])
    products = session.query(Product).all()
    products.sort(key=lambda product: (order.index(product.category), -product.price))
    return [
        Card(
            str(product.product_id),
            product.name(language),
            str(product.brand),
            str(product.category),
            CATEGORIES[language][product.category],
            _price(product.price, language),
        )
        for product in products
    ]


def choices(session: Session, language: str) -> list[Choice]:
    """Invented customers to sign in as, those who speak the page's language and wait for an order first."""
    customers = [customer for customer in session.query(Customer) if may_be_picked(customer)]
    customers.sort(key=lambda c: (c.language != language, not any(o.is_open for o in c.orders), c.customer_id))
    return [
        Choice(str(c.customer_id), f"{c.first_name} {c.last_name}", f"{c.customer_id} · {c.city}")
        for c in customers[:PICKED]
    ]


def orders(customer: Customer, language: str, today: dt.date) -> list[OrderLine]:
    """The customer's latest orders, newest first."""
    return [_line(order, language, today) for order in customer.orders[:SHOWN_ORDERS]]


def _price(amount: int | Decimal, language: str, currency: str | None = ROUBLES) -> str:
    """A sum that does not break at the end of a line."""
    return money(amount, language, currency).replace(" ", "\u00a0")


def _line(order: Order, language: str, today: dt.date) -> OrderLine:
    return OrderLine(
        str(order.order_id),
        day(order.ordered_at, language, today),
        str(order.status),
        STATES[language][order.status],
        DELIVERY_METHODS[language][order.delivery_method],
        day(order.expected_at, language, today) if order.is_open and order.expected_at else "",
        [item.product.name(language) + (f" × {item.quantity}" if item.quantity > 1 else "") for item in order.items],
        _price(order.total, language, order.currency),
        str(order.tracking_code or ""),
    )
