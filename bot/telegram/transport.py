"""Requests to the Bot API as python-telegram-bot makes them, without people's words in the log."""

from __future__ import annotations

import json
from typing import Any

import httpx
from telegram.error import NetworkError, RetryAfter
from telegram.request import HTTPXRequest

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Unreadable(NetworkError):
    """An answer came that is not what the Bot API answers."""


class QuietRequest(HTTPXRequest):
    """The library's requests without its habit of logging an unreadable answer, which holds people's messages."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            return dict(json.loads(payload.decode("utf-8", "replace")))
        except ValueError as error:
            raise Unreadable("The answer is not JSON.") from error


def seconds(error: RetryAfter) -> float:
    """How long the server wants to be left alone."""
    wait = error.retry_after
    return wait if isinstance(wait, int) else wait.total_seconds()


def may_have_arrived(error: NetworkError) -> bool:
    """Whether a request left before it failed; without a cause in the transport the server itself refused it."""
    cause = error.__cause__
    return isinstance(error, Unreadable) or (isinstance(cause, httpx.HTTPError) and not isinstance(cause, _UNSENT))
