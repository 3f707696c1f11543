"""What every action needs first: who asks, in which language, and their open database session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.conversation import Conversation, from_sdk
from bot.customers.errors import CustomerStoreMissing
from bot.customers.models import Customer, Order
from bot.customers.store import CustomerStore, find_order, get_customer
from bot.customers.wording import day, items, money
from bot.settings import load_settings

SIGN_IN = "utter_sign_in"
SHOP_ERRORS = (SQLAlchemyError, CustomerStoreMissing)  # the shop's system is locked, away or not set up


@dataclass(frozen=True)
class Context:
    """A signed-in customer within a session."""

    session: Session
    customer: Customer
    conversation: Conversation
    language: str
    today: dt.date
    now: dt.datetime

    @property
    def customer_id(self) -> str:
        return str(self.customer.customer_id)

    def named_order(self) -> Order | None:
        """The customer's order whose number the message names; None if it names none or another's."""
        return find_order(self.customer, self.order_number) if self.order_number else None

    @property
    def order_number(self) -> str | None:
        """The order number in the latest message."""
        for entity in self.conversation.entities:
            if entity.get("entity") == "order_number":
                return str(entity["value"])
        return None

    def describe(self, order: Order) -> dict[str, Any]:
        """An order as values for a response."""
        return {
            "order_id": order.order_id,
            "items": items(order, self.language),
            "ordered": self.day(order.ordered_at),
        }

    def day(self, date: dt.date) -> str:
        """A date in the conversation's language."""
        return day(date, self.language, self.today)

    def money(self, amount: int | Decimal, order: Order) -> str:
        """A sum of an order in its currency and the conversation's language."""
        return money(amount, self.language, order.currency)

    def say(self, russian: str, english: str) -> str:
        """The words of the conversation's language."""
        return russian if self.language == "ru" else english


@contextmanager
def signed_in(tracker: Any) -> Iterator[Context | None]:
    """The context of the proven customer, None for anonymous visitors. Changes are committed at the end."""
    conversation = from_sdk(tracker)
    if conversation.customer_id is None:
        yield None
        return
    with CustomerStore(load_settings().customers).session() as session:
        customer = get_customer(session, conversation.customer_id)
        language = conversation.language(str(customer.language))
        now = dt.datetime.now().replace(microsecond=0)
        yield Context(session, customer, conversation, language, now.date(), now)
        session.commit()
