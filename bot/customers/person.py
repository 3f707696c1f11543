"""A customer's row as the person whom a reply addresses."""

from __future__ import annotations

import datetime as dt
import re

from sqlalchemy.orm import selectinload

from bot.answer import FULL
from bot.answering import Person
from bot.customers.facts import facts_of
from bot.customers.models import Customer, Order
from bot.customers.store import CustomerStore, get_customer
from bot.generation.prompt import INFORMAL

LONGEST_NAME = 30
LENGTH = "length"  # a key of the customer's preferences
_TITLES = {"f": "Ms", "m": "Mr"}
# What facts are made of comes in one query a table, not one an order.
_FACTS = (selectinload(Customer.orders).options(selectinload(Order.events), selectinload(Order.payments)),)
_NAME = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+){0,2}")


def person_of(store: CustomerStore, customer_id: str | None, today: dt.date, with_facts: bool = True) -> Person:
    """The person, with their facts of today or without any; an anonymous one for None.

    Raises:
        UnknownCustomer: the id is not in the database.
        CustomerStoreMissing: there is no database.
    """
    if customer_id is None:
        return Person()
    with store.session() as session:
        customer = get_customer(session, customer_id, _FACTS if with_facts else ())
        return Person(
            customer_id=customer_id,
            name=spoken_name(customer),
            form=str(customer.address_form),
            language=str(customer.language),
            facts=facts_of(customer, today) if with_facts else (),
            today=today,
            length=preference(customer, LENGTH, FULL),
        )


def preference(customer: Customer, key: str, default: str) -> str:
    """How the customer likes something; the default where they never said."""
    return next((str(row.value) for row in customer.preferences if row.key == key), default)


def spoken_name(customer: Customer) -> str:
    """How to call the customer: by first name, in formal English ``Ms Harper``; empty where that is no name.

    Where formal English does not know whether Ms or Mr, it is both names.

    Customers type their names themselves: what holds more than a few words of letters is not repeated.
    """
    formal = customer.language == "en" and customer.address_form != INFORMAL
    name = str(customer.last_name if formal else customer.first_name).strip()
    name = f"{str(customer.first_name).strip()} {name}" if formal and customer.gender is None else name
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        return ""
    return f"{_TITLES[customer.gender]} {name}" if formal and customer.gender else name
