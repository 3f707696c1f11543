"""Signing in to the demo shop: pick one of the invented customers. A cookie remembers whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

import jwt

from bot.channels.identity import ALGORITHM, signing_key
from bot.customers.models import Customer

COOKIE = "shop_session"
AUDIENCE = "demo-shop"  # so that the cookie is no token: the assistant refuses tokens made for somebody else
LIFETIME = dt.timedelta(hours=8)
INVENTED = ".example"  # no real mailbox ends so (RFC 2606)


def may_be_picked(customer: Customer) -> bool:
    """Only invented people: nobody becomes a real customer by choosing them from a list."""
    return str(customer.email).endswith(INVENTED)


def cookie_for(customer_id: str) -> str:
    """The cookie's value."""
    expires = dt.datetime.now(dt.timezone.utc) + LIFETIME
    claims = {"sub": customer_id, "aud": AUDIENCE, "exp": expires}
    return str(jwt.encode(claims, signing_key(), algorithm=ALGORITHM))


def signed_in(cookie: str | None) -> str | None:
    """The customer's id, None for anybody else."""
    if not cookie:
        return None
    options: dict[str, Any] = {"require": ["sub", "aud", "exp"]}
    try:
        claims = jwt.decode(cookie, signing_key(), algorithms=[ALGORITHM], audience=AUDIENCE, options=options)
    except jwt.PyJWTError:
        return None
    return str(claims["sub"])
