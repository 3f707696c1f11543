"""Six-digit codes: issued for one request, kept as hashes, valid for minutes, for a few tries, and once.

The limits are those of the shop's article on sign-in codes (``sign-in-codes``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from enum import Enum

from sqlalchemy.orm import Session

from bot.customers.models import VerificationCode
from nlu.errors import LichnoError

LIFETIME = dt.timedelta(minutes=5)
RESEND_AFTER = dt.timedelta(seconds=60)
BLOCKED_FOR = dt.timedelta(minutes=30)
TRIES = 5  # wrong codes in a row, over all of a customer's requests
A_DAY = 10  # codes a customer may request within 24 hours


class Blocked(LichnoError):
    """Too many wrong codes: none is issued or accepted for half an hour."""


class TooManyCodes(LichnoError):
    """The day's codes are used up."""


class TooSoon(LichnoError):
    """The last code was sent less than a minute ago."""


class Verdict(Enum):
    """What became of an entered code."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"


class Codes:
    """A customer's codes within a database session, at one moment.

    Args:
        session: its changes are committed by the caller.
        key: a secret of this installation, without which the database does not tell the codes.
        customer_id: whose codes.
        now: local time.
    """

    def __init__(self, session: Session, key: str, customer_id: str, now: dt.datetime) -> None:
        self._session, self._key, self._customer, self._now = session, key, customer_id, now

    def issue(self, request_id: str) -> str:
        """A new code for the request; earlier ones stop working.

        Raises:
            Blocked: too many wrong codes lately.
            TooManyCodes: the day's are used up.
            TooSoon: the last one for this request was issued within a minute.
        """
        self._refuse_if_blocked()
        today = self._issued_since(self._now - dt.timedelta(days=1))
        if len(today) >= A_DAY:
            raise TooManyCodes(f"No more than {A_DAY} codes are sent within 24 hours.")
        earlier = [row for row in today if row.request_id == request_id]
        if any(row.issued_at > self._now - RESEND_AFTER for row in earlier):
            raise TooSoon(f"A new code can be sent {RESEND_AFTER.seconds} seconds after the last.")
        for row in earlier:
            row.expires_at = min(row.expires_at, self._now)
        code, salt = f"{secrets.randbelow(10**6):06d}", secrets.token_hex(16)
        self._session.add(
            VerificationCode(
                customer_id=self._customer,
                request_id=request_id,
                digest=self._digest(request_id, salt, code),
                salt=salt,
                issued_at=self._now,
                expires_at=self._now + LIFETIME,
                tries=0,
            )
        )
        return code

    def waiting(self, request_id: str) -> bool:
        """Whether a code of this request can still be entered."""
        return self._current(request_id) is not None

    def check(self, request_id: str, code: str) -> Verdict:
        """Whether the code allows the request; a right one is used up by this.

        Raises:
            Blocked: it was wrong once too often.
        """
        self._refuse_if_blocked()
        row = self._current(request_id)
        if row is None:
            return Verdict.EXPIRED
        if hmac.compare_digest(row.digest, self._digest(request_id, row.salt, code)):
            row.used_at = self._now
            return Verdict.RIGHT
        row.tries += 1
        return Verdict.WRONG

    def tries_left(self) -> int:
        """Wrong codes that may still be entered before the block."""
        wrong = 0
        for row in reversed(self._issued_since(self._now - BLOCKED_FOR)):
            if row.used_at:
                break
            wrong += row.tries
        return max(TRIES - wrong, 0)

    def _refuse_if_blocked(self) -> None:
        if not self.tries_left():
            raise Blocked(f"{TRIES} wrong codes in a row: try again in {BLOCKED_FOR.seconds // 60} minutes.")

    def _current(self, request_id: str) -> VerificationCode | None:
        rows = [row for row in self._issued_since(self._now - LIFETIME) if row.request_id == request_id]
        return rows[-1] if rows and rows[-1].used_at is None and rows[-1].expires_at > self._now else None

    def _issued_since(self, moment: dt.datetime) -> list[VerificationCode]:
        """This customer's codes, oldest first."""
        return list(
            self._session.query(VerificationCode)
            .filter(VerificationCode.customer_id == self._customer, VerificationCode.issued_at >= moment)
            .order_by(VerificationCode.issued_at, VerificationCode.id)
        )

    def _digest(self, request_id: str, salt: str, code: str) -> str:
        """A million codes are soon tried out, so the installation's key takes part."""
        message = "|".join((self._customer, request_id, salt, code)).encode()
        return hmac.new(self._key.encode(), message, hashlib.sha256).hexdigest()
