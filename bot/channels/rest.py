"""Rasa's REST channel with proof of identity.

``POST /webhooks/rest/webhook`` with ``{"sender": …, "message": …}``. With ``Authorization: Bearer
<token>`` the conversation is the token's customer's, whatever ``sender`` says; without it the
conversation is an anonymous one. Metadata from the request's body is not taken over.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint, Sanic
from sanic.exceptions import InvalidUsage, Unauthorized
from sanic.request import Request

from bot.channels.identity import ANONYMOUS_PREFIX, CUSTOMER_PREFIX, TokenRefused, customer_of
from bot.conversation import CUSTOMER_KEY, REST_CHANNEL
from bot.desk.gate import through_gate


class RestChannel(RestInput):
    """REST for customers with a token, and for anonymous visitors."""

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Rasa's own routes; messages go to Rasa, or to the person who has the conversation."""
        apps: list[Sanic] = []  # this server's, known with the first request

        async def handle(message: UserMessage) -> None:
            await through_gate(apps[-1])(message)

        async def remember(request: Request) -> None:
            apps[:] = [request.app]

        blueprint: Blueprint = super().blueprint(handle)
        blueprint.middleware(remember, "request")
        return blueprint

    def _extract_input_channel(self, req: Request) -> str:
        """A name that no other channel has, since :mod:`bot.conversation` trusts its metadata."""
        return REST_CHANNEL

    async def _extract_sender(self, req: Request) -> str | None:
        body = _body(req)
        if customer := _customer(req):
            return CUSTOMER_PREFIX + customer
        return ANONYMOUS_PREFIX + str(body.get("sender") or uuid.uuid4())

    def _extract_message(self, req: Request) -> str | None:
        return str(_body(req)["message"])

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """What the token proves, and nothing that the body claims."""
        customer = _customer(request)
        return {CUSTOMER_KEY: customer} if customer else {}


def _body(request: Request) -> dict[str, Any]:
    """The request's JSON object.

    Raises:
        InvalidUsage: it is no object with a text under ``message``.
    """
    try:
        body = request.json
    except InvalidUsage:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("message"), str):
        raise InvalidUsage('Expected a JSON object like {"sender": "me", "message": "hello"}.')
    return body


def _customer(request: Request) -> str | None:
    header = request.headers.get("Authorization")
    if not header:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("Expected the header Authorization: Bearer <token>.")
    try:
        return customer_of(token)
    except TokenRefused as error:
        raise Unauthorized(str(error)) from error
