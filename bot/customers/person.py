"""A customer's row as the person whom a reply addresses."""

from __future__ import annotations

import datetime as dt

from bot.answering import Person
from bot.customers.facts import facts_of
from bot.customers.models import Customer
from bot.customers.store import CustomerStore, get_customer
from bot.generation.prompt import INFORMAL


def person_of(store: CustomerStore, customer_id: str | None, today: dt.date) -> Person:
    """The person with their facts of today; an anonymous one for None.

    Raises:
        UnknownCustomer: the id is not in the database.
        CustomerStoreMissing: there is no database.
    """
    if customer_id is None:
        return Person()
    with store.session() as session:
        customer = get_customer(session, customer_id)
        return Person(
            customer_id=customer_id,
            name=spoken_name(customer),
            form=str(customer.address_form),
            language=str(customer.language),
            facts=facts_of(customer, today),
        )


def spoken_name(customer: Customer) -> str:
    """How to call the customer: by first name, in formal English ``Ms Harper``."""
    if customer.language == "en" and customer.address_form != INFORMAL:
        return f"{'Ms' if customer.gender == 'f' else 'Mr'} {customer.last_name}"
    return str(customer.first_name)
