"""Whose conversation a connection of the widget is in, and how that is proved."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

from socketio.exceptions import ConnectionRefusedError

from bot.channels.identity import ANONYMOUS_PREFIX, CUSTOMER_PREFIX, TokenExpired, TokenRefused, proof_of
from bot.channels.thread import TITLE
from bot.conversation import CUSTOMER_KEY, WITHOUT_PROFILE

_VISITOR = re.compile(r"[0-9a-f]{32}")


@dataclass
class Session:
    """Whose conversation a connection is in, and until when that is proved."""

    conversation: str
    address: str
    customer_id: str | None = None
    expires: float | None = None  # seconds since the epoch

    @property
    def expired(self) -> bool:
        return self.expires is not None and time.time() >= self.expires


def session_of(auth: dict[str, Any], address: str) -> Session:
    """The conversation that a connection may take part in.

    Raises:
        ConnectionRefusedError: what it shows proves nothing, or not what it asks for.
    """
    token, visitor = auth.get("token"), auth.get("visitor")
    if token:
        try:
            proof = proof_of(str(token))
        except TokenRefused as error:
            raise ConnectionRefusedError(refusal(error)) from error
        conversation = CUSTOMER_PREFIX + proof.customer_id
        if auth.get("session") not in (None, conversation):
            raise ConnectionRefusedError("other_customer")
        return Session(conversation, address, proof.customer_id, proof.expires)
    if auth.get("session") or (visitor and not _VISITOR.fullmatch(str(visitor))):
        raise ConnectionRefusedError("token_refused")
    return Session(ANONYMOUS_PREFIX + (str(visitor) if visitor else uuid.uuid4().hex), address)


def refusal(error: TokenRefused) -> str:
    return "token_expired" if isinstance(error, TokenExpired) else "token_refused"


def metadata_of(session: Session, data: dict[str, Any]) -> dict[str, Any]:
    """What the connection proves, and the little that a message may say of itself."""
    metadata: dict[str, Any] = {CUSTOMER_KEY: session.customer_id} if session.customer_id else {}
    if data.get("without_profile") is True:
        metadata[WITHOUT_PROFILE] = True
    return {**metadata, TITLE: data["title"]} if data.get("title") else metadata
