"""Signing in to the desk: a password from the environment, a name, and a cookie that proves both for twelve hours."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from bot.channels.identity import ALGORITHM, signing_key
from bot.desk.agents import AGENT, LEAD
from bot.desk.desk import LEAD_PASSWORD, PASSWORD

COOKIE = "desk_session"
AUDIENCE = "desk"  # so that the cookie is no customer's token, and no customer's token is a cookie
LIFETIME = dt.timedelta(hours=12)
LONGEST_NAME = 40
VARIABLES = {LEAD: LEAD_PASSWORD, AGENT: PASSWORD}  # where both passwords are the same, it is a lead's


@dataclass(frozen=True)
class Agent:
    """Who has signed in, and until when (seconds since the epoch)."""

    name: str
    role: str
    expires: float


def role_for(password: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The role that a password opens; None if it opens nothing. Takes the same time for every wrong one."""
    given = hashlib.sha256(password.encode()).digest()
    fitting = [
        role
        for role, variable in VARIABLES.items()
        if hmac.compare_digest(given, hashlib.sha256(environment.get(variable, "").encode()).digest())
        and environment.get(variable)
    ]
    return fitting[0] if fitting else None


def name_of(text: str) -> str | None:
    """The name as the customer will see it: 1 to 40 characters that can be seen; None if it is none."""
    name = " ".join(text.split())
    return name if 0 < len(name) <= LONGEST_NAME and name.isprintable() else None


def cookie_for(name: str, role: str) -> str:
    """The cookie's value."""
    expires = dt.datetime.now(dt.timezone.utc) + LIFETIME
    claims = {"sub": name, "role": role, "aud": AUDIENCE, "exp": expires}
    return str(jwt.encode(claims, _key(role), algorithm=ALGORITHM))


def signed_in(cookie: str | None) -> Agent | None:
    """Whose cookie it is; None for a forged or expired one, or one from before the password changed."""
    options: dict[str, Any] = {"require": ["sub", "aud", "exp", "role"]}
    for role in VARIABLES if cookie else ():
        try:
            claims = jwt.decode(str(cookie), _key(role), algorithms=[ALGORITHM], audience=AUDIENCE, options=options)
        except jwt.PyJWTError:
            continue
        if claims["role"] == role and os.environ.get(VARIABLES[role]):
            return Agent(str(claims["sub"]), role, float(claims["exp"]))
    return None


def _key(role: str) -> bytes:
    """Made with the role's password, so that changing it signs everybody out."""
    password = os.environ.get(VARIABLES[role], "")
    return hmac.new(signing_key().encode(), f"desk\n{role}\n{password}".encode(), hashlib.sha256).digest()
