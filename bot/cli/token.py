"""``lichno token``: a customer's token, as the shop's back end would issue it."""

from __future__ import annotations

from typing import Annotated

import typer


def token(customer: Annotated[str, typer.Argument(help="A customer's id.")]) -> None:
    """Print a token that proves the customer's id for half an hour (for trying REST)."""
    from bot.channels.identity import issue_token
    from bot.customers.store import CustomerStore, get_customer
    from bot.settings import load_settings

    with CustomerStore(load_settings().customers).session() as session:
        get_customer(session, customer)
    print(issue_token(customer))
