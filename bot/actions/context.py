"""What every action needs first: who asks, in which language, and their open database session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.conversation import Conversation, from_sdk
from bot.customers.models import Customer, Order
from bot.customers.store import CustomerStore, find_order, get_customer
from bot.customers.wording import day, items
from bot.settings import load_settings

PENDING_ORDER = "pending_order"  # slot: the order that a confirmation is about
SIGN_IN = "utter_sign_in"
CONFIRM_CANCEL = "utter_confirm_cancel"


@dataclass(frozen=True)
class Context:
    """A signed-in customer within a session."""

    session: Session
    customer: Customer
    conversation: Conversation
    language: str
    today: dt.date
    now: dt.datetime

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
            "ordered": day(order.ordered_at, self.language, self.today),
        }


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


def last_response(tracker: Any) -> str | None:
    """Name of the response that the assistant sent last."""
    sent = [event for event in tracker.events if event.get("event") == "bot"]
    return (sent[-1].get("metadata") or {}).get("utter_action") if sent else None


def order_buttons(orders: list[Order], language: str, intent: str) -> list[dict[str, str]]:
    """A button for each order, which repeats the intent with that order's number."""
    return [
        {
            "title": f"{order.order_id}: {items(order, language)}",
            "payload": f'/{intent}{{"order_number": "{order.order_id}"}}',
        }
        for order in orders
    ]
