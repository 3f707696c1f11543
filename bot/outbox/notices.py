"""What there is to tell, and its words: an order's new state, an answered request, a promised call.

A notice's key says what it tells: ``order:NL-1:in_transit``, ``ticket:T0001``, ``call:T0001:15:00``.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy.orm import Session

from bot.customers.models import Customer, Order, Ticket
from bot.customers.person import spoken_name
from bot.customers.store import CustomerStore
from bot.customers.wording import STATUSES, items
from bot.texts import Text, Texts

# What a customer sends about them: the wish to decide, and yes or no. The button beneath each notice sends the last.
ASK, ALLOW, STOP = "channel:notices", "channel:notices:on", "channel:notices:off"
WORTH_TELLING = ("in_transit", "ready_for_pickup", "delivered", "cancelled", "returned")


def present_keys(session: Session, customers: Any) -> dict[str, list[str]]:
    """Keys of everything that holds now of the orders and requests of customers.

    Args:
        session: the database.
        customers: their ids, as a list or a query.
    """
    found: dict[str, list[str]] = defaultdict(list)
    orders = session.query(Order.customer_id, Order.order_id, Order.status).filter(
        Order.customer_id.in_(customers), Order.status.in_(WORTH_TELLING)
    )
    for customer, order, status in orders.order_by(Order.ordered_at, Order.order_id):
        found[customer].append(order_key(order, status))
    tickets = session.query(Ticket.customer_id, Ticket.ticket_id).filter(
        Ticket.customer_id.in_(customers), Ticket.resolution.isnot(None)
    )
    for customer, ticket in tickets.order_by(Ticket.opened_at, Ticket.ticket_id):
        found[customer].append(f"ticket:{ticket}")
    return found


def order_key(order_id: str, status: str) -> str:
    """The key of an order's new state."""
    return f"order:{order_id}:{status}"


def call_key(ticket_id: str, when: str) -> str:
    """The key of a promised call about a request; ``when`` is the time as people write it."""
    return f"call:{ticket_id}:{when}"


def words(store: CustomerStore, texts: Texts, customer_id: str, key: str) -> Text | None:
    """A notice's text in the customer's language and form, with the button that stops notices.

    None: it is not true any more, for instance since the order has gone on meanwhile.
    """
    kind, subject, rest = [*key.split(":", 2), "", ""][:3]
    with Session(store.engine, future=True) as session:
        customer = session.get(Customer, customer_id)
        if customer is None:
            return None
        person = str(customer.language), str(customer.address_form), spoken_name(customer)
        if kind == "order":
            order = session.get(Order, subject)
            if order is None or order.customer_id != customer_id or order.status != rest:
                return None
            language = person[0]
            status = STATUSES[language][rest]
            told = {"order_id": subject, "items": items(order, language), "status": status}
            return texts.say("utter_notice_order", *person, **told)
        ticket = session.get(Ticket, subject)
        if ticket is None or ticket.customer_id != customer_id:
            return None
        if kind == "call":
            return texts.say("utter_notice_call", *person, ticket=subject, when=rest)
        if not ticket.resolution:
            return None
        return texts.say("utter_notice_ticket", *person, ticket=subject, resolution=ticket.resolution)
