"""What the shop's terms (:mod:`bot.customers.terms`) make of an order that is to be returned, repaired or paid back.

Knows no Rasa and no wording beyond what stands in the terms themselves.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from bot.customers import terms
from bot.customers.models import Order, OrderItem

HEAVY_KG, LARGE_INCHES = 25, 55  # returns-general: above these only a courier takes it
_TV_INCHES = re.compile(r"\bTV (\d+)\b")


@dataclass(frozen=True)
class RefundTerm:
    """How money goes back (article refund-timing): where to, and within how many days."""

    where_ru: str
    where_en: str
    fewest: int
    most: int

    @property
    def ru(self) -> str:
        return f"за {self.fewest}–{self.most} рабочих дней" if self.fewest else f"за {self.most} рабочих дня"

    @property
    def en(self) -> str:
        return f"within {self.fewest}–{self.most} working days" if self.fewest else f"within {self.most} working days"


REFUND_TERMS = {
    "card": RefundTerm("на ту же карту", "to the same card", *terms.REFUND_DAYS["card"]),
    "sbp": RefundTerm("на тот же счёт через СБП", "to the same account through SBP", *terms.REFUND_DAYS["sbp"]),
    "cash": RefundTerm("на банковский счёт", "to your bank account", *terms.REFUND_DAYS["cash"]),
    "gift_card": RefundTerm("на подарочную карту", "to the gift card", *terms.REFUND_DAYS["gift_card"]),
    "instalments": RefundTerm(
        "банку, на договор рассрочки", "to the bank of the instalment plan", *terms.REFUND_DAYS["instalments"]
    ),
    "invoice": RefundTerm("на расчётный счёт", "to the company's account", *terms.REFUND_DAYS["invoice"]),
}


def return_until(order: Order) -> dt.date:
    """Last day of a return; long ago where nothing was received."""
    return terms.return_end(order) or dt.date.min


def refund_term(order: Order) -> RefundTerm:
    """How the money of an order goes back; an unknown way of paying like a card's, the longest."""
    return REFUND_TERMS.get(str(order.payment_method), REFUND_TERMS["card"])


def refund_due(order: Order) -> dt.date | None:
    """Last day by which the money of a cancelled or returned order arrives; None if none is on its way."""
    if order.status not in ("cancelled", "returned") or not order.paid:
        return None
    ended = [event.happened_at.date() for event in order.events if event.event in ("cancelled", "returned")]
    since = ended[-1] if ended else order.delivered_at or order.ordered_at
    return add_working_days(since, refund_term(order).most) if since else None


def refund_sum(order: Order) -> int | Decimal:
    """What is paid back: everything before it was sent, without the delivery after it was received."""
    total: int | Decimal = order.total if order.status == "cancelled" else order.total - order.delivery_cost
    return total


def add_working_days(date: dt.date, days: int) -> dt.date:
    """The date some working days later; Saturdays and Sundays do not count."""
    while days:
        date += dt.timedelta(days=1)
        days -= date.weekday() < 5
    return date


def warranty_until(order: Order, item: OrderItem) -> dt.date | None:
    """Last day of the item's warranty (article warranty-terms); None until it is received."""
    if order.status != "delivered" or item.product.warranty_months is None:
        return None
    return terms.warranty_end(order, item.product)


def under_warranty(order: Order, item: OrderItem, today: dt.date) -> bool:
    until = warranty_until(order, item)
    return until is not None and until >= today


def is_complex(item: OrderItem) -> bool:
    """Whether the item is among those repaired after 15 days rather than exchanged (article returns-faulty)."""
    return terms.is_complex(item.product)


def faulty_can_go_back(order: Order, item: OrderItem, today: dt.date) -> bool:
    """Whether a faulty item is exchanged or paid back, rather than repaired."""
    if not under_warranty(order, item, today):
        return False
    return not is_complex(item) or today <= order.delivered_at + dt.timedelta(days=terms.FAULTY_DAYS)


def only_by_courier(item: OrderItem) -> bool:
    """Whether the item is too heavy or too large for a pick-up point."""
    inches = _TV_INCHES.search(item.product.name_en) if item.product.category == "tv" else None
    return (item.product.weight_kg or 0) > HEAVY_KG or bool(inches and int(inches[1]) > LARGE_INCHES)
