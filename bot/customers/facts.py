"""All that is known of a customer as short sentences, in both languages, true on a given day.

They are made anew for every question, so "on its way" never outlives the delivery. A wording in square
brackets differs by who is told; see :class:`retrieval.profile_memory.Fact`.
"""

from __future__ import annotations

import datetime as dt

from bot.customers.customer_facts import account, delivery_terms, tickets, told, visits
from bot.customers.item_facts import item_facts
from bot.customers.models import Customer
from bot.customers.order_facts import open_orders, order_facts
from retrieval.profile_memory import Fact


def facts_of(customer: Customer, today: dt.date) -> list[Fact]:
    """All facts of one customer, the most general first."""
    return [
        *told(customer, today),
        *account(customer, today),
        *delivery_terms(customer),
        open_orders(customer),
        *(fact for order in customer.orders for fact in order_facts(order, today)),
        *(fact for order in customer.orders for item in order.items for fact in item_facts(order, item, today)),
        *tickets(customer, today),
        *visits(customer, today),
    ]
