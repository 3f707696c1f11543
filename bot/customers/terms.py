"""The shop's terms as numbers, each as the article named beside it states it, and the dates that follow.

Whoever changes an article on terms changes this file with it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.customers.models import CANCELLABLE_STATUSES, ROUBLES, Customer, Order, Product
from bot.customers.wording import add_months

SUPPORT_PHONE = "8 800 000-00-42"
RETURN_DAYS = {"start": 14, "silver": 14, "gold": 30}  # returns-general
POINTS_PERCENT = {"start": 1, "silver": 3, "gold": 5}  # loyalty-polaris
PAYABLE_PERCENT = {"start": 30, "silver": 40, "gold": 50}
POINTS_AFTER_DAYS = 14
FAULTY_DAYS = 15  # returns-faulty: for complex goods
COMPLEX_CATEGORIES = frozenset({"phones", "tablets", "laptops", "tv", "watches"})
COMPLEX_WORDS = ("coffee machine", "robot vacuum")
ANYTIME_ADDRESS_STATUS, PHONE_ADDRESS_STATUS, ADDRESS_FEE = "placed", "packed", 290  # delivery-address-change
KEPT_DAYS = {"pickup_point": 5, "parcel_locker": 3}  # pickup-points, parcel-lockers
EXTENDED_DAYS = {"pickup_point": 2}
PASSPORT_FROM = 50_000  # order-recipient
DIAGNOSIS_FEE = 900  # repair-request
PLUS_DAYS, PLUS_PERCENT = 30, {1: 7, 2: 12}  # warranty-plus
NO_PLUS_CATEGORIES = frozenset({"accessories", "cables"})
REFURBISHED_MONTHS = 6  # warranty-terms
PRICE_MATCH_DAYS = 7  # price-match
FAST_CITIES = frozenset({"Москва", "Санкт-Петербург", "Moscow", "Saint Petersburg"})  # delivery-courier
EXPRESS_CITIES = frozenset({"Москва", "Moscow"})  # delivery-express
EXPRESS_FEE = 790
REFUND_DAYS = {  # refund-timing, working days
    "card": (3, 10),
    "sbp": (3, 5),
    "cash": (5, 10),
    "gift_card": (0, 3),
    "instalments": (5, 10),
    "invoice": (5, 10),
}


@dataclass(frozen=True)
class Courier:
    """Courier delivery to a city: roubles, days from and to, and the sum from which it is free."""

    fee: int
    days: tuple[int, int]
    free_from: int


def hold_for(order: Order) -> bool:
    """Whether these terms can be applied: it is in roubles, and it is known when it was placed."""
    return order.currency in (None, ROUBLES) and order.ordered_at is not None


def return_end(order: Order) -> dt.date | None:
    """The last day of a return, by the customer's level; None until it is received."""
    return _after(order.delivered_at, RETURN_DAYS.get(order.customer.loyalty_level, RETURN_DAYS["start"]))


def courier(city: str) -> Courier:
    """What a courier to this city costs."""
    return Courier(299, (1, 2), 5_000) if city in FAST_CITIES else Courier(490, (3, 7), 10_000)


def express_fee(customer: Customer) -> int | None:
    """What express delivery costs the customer; None where it does not go."""
    if customer.city not in EXPRESS_CITIES:
        return None
    return 0 if customer.loyalty_level == "gold" else EXPRESS_FEE


def kept_until(order: Order) -> dt.date | None:
    """The last day on which an order waits to be collected; None where it does not wait."""
    ready = [event.happened_at.date() for event in order.events if event.event == "ready_for_pickup"]
    if order.status != "ready_for_pickup" or not ready or order.delivery_method not in KEPT_DAYS:
        return None
    last: dt.date = ready[-1] + dt.timedelta(days=KEPT_DAYS[order.delivery_method])
    return last


def cancellable(order: Order) -> bool:
    """Whether it has not been handed to the courier."""
    return order.status in CANCELLABLE_STATUSES


def points_day(order: Order) -> dt.date | None:
    """When an order's points arrive; None until it is received."""
    return _after(order.delivered_at, POINTS_AFTER_DAYS)


def warranty_end(order: Order, product: Product) -> dt.date | None:
    """The last day of a product's warranty; None until it is received."""
    return add_months(order.delivered_at, product.warranty_months) if order.delivered_at else None


def faulty_end(order: Order, product: Product) -> dt.date | None:
    """Until when the money for a faulty product can be claimed instead of a repair; None until it is received."""
    return _after(order.delivered_at, FAULTY_DAYS) if is_complex(product) else warranty_end(order, product)


def is_complex(product: Product) -> bool:
    """Whether it is a complex device in the sense of returns-faulty."""
    name = str(product.name_en).lower()
    return product.category in COMPLEX_CATEGORIES or any(word in name for word in COMPLEX_WORDS)


def is_in_ear(product: Product) -> bool:
    """Whether it does not go back once opened (returns-general)."""
    name = str(product.name_en).lower()
    return product.category == "headphones" and ("earbud" in name or "earphone" in name)


def plus_end(order: Order) -> dt.date:
    """The last day on which Plus can be bought for what was ordered."""
    last: dt.date = order.ordered_at + dt.timedelta(days=PLUS_DAYS)
    return last


def has_plus(product: Product) -> bool:
    """Whether Plus is sold for it."""
    return product.category not in NO_PLUS_CATEGORIES and product.warranty_months > REFURBISHED_MONTHS


def plus_price(product: Product, years: int) -> int:
    """What so many years of Plus cost, in whole roubles."""
    return int(round(product.price * PLUS_PERCENT[years] / 100))


def price_match_end(order: Order) -> dt.date:
    """The last day on which the difference to a lower price can be claimed."""
    last: dt.date = order.ordered_at + dt.timedelta(days=PRICE_MATCH_DAYS)
    return last


def _after(day: dt.date | None, days: int) -> dt.date | None:
    return day + dt.timedelta(days=days) if day else None
