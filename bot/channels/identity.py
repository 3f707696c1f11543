"""Tokens that prove a customer's id: JWTs signed by the shop's back end with a shared key."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import jwt

from nlu.errors import LichnoError

KEY_VARIABLE = "LICHNO_JWT_KEY"
KEY_FILE = Path("var/jwt.key")  # made for the demo when the variable is not set
ALGORITHM = "HS256"
LIFETIME = dt.timedelta(minutes=30)
CUSTOMER_PREFIX, ANONYMOUS_PREFIX = "customer:", "anonymous:"


class TokenRefused(LichnoError):
    """The token is forged, expired, or lacks what it must say."""


class TokenExpired(TokenRefused):
    """The token was good; its bearer may get a new one."""


@dataclass(frozen=True)
class Proof:
    """What a token proves, and until when (seconds since the epoch)."""

    customer_id: str
    expires: float


def signing_key() -> str:
    """The key from the environment, or one made once and kept for this installation."""
    if key := os.environ.get(KEY_VARIABLE):
        return key
    if not KEY_FILE.is_file():
        KEY_FILE.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
    return KEY_FILE.read_text()


def issue_token(customer_id: str, lifetime: dt.timedelta = LIFETIME) -> str:
    """A token as a shop's back end would issue it."""
    expires = dt.datetime.now(dt.timezone.utc) + lifetime
    return str(jwt.encode({"sub": customer_id, "exp": expires}, signing_key(), algorithm=ALGORITHM))


def customer_of(token: str) -> str:
    """The customer id that a token proves.

    Raises:
        TokenRefused: it proves nothing.
    """
    return proof_of(token).customer_id


def proof_of(token: str) -> Proof:
    """What a token proves.

    Raises:
        TokenExpired: it no longer does.
        TokenRefused: it proves nothing.
    """
    try:
        claims = jwt.decode(token, signing_key(), algorithms=[ALGORITHM], options={"require": ["sub", "exp"]})
    except jwt.ExpiredSignatureError as error:
        raise TokenExpired("The sign-in has expired: sign in again.") from error
    except jwt.PyJWTError as error:
        raise TokenRefused("The sign-in could not be verified: sign in again.") from error
    return Proof(str(claims["sub"]), float(claims["exp"]))
