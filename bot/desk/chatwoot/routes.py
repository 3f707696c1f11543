"""Chatwoot's webhook: agents' answers go to the customer, and a resolved conversation back to the assistant.

``POST /desk/chatwoot`` is authenticated by Chatwoot's signature; ``POST /desk/chatwoot/<secret>`` by the secret in the
address, for versions that do not sign.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import logging
import time
from typing import Any

from sanic import Blueprint, Sanic
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse, empty

from bot.beside import beside
from bot.desk.chatwoot.api import OUTGOING, ChatwootApi
from bot.desk.chatwoot.desk import ChatwootDesk
from bot.desk.chatwoot.post import ChatwootPost
from bot.desk.floor import LONGEST_REPLY, Floor
from bot.desk.handovers import TAKEN, DeskRefused
from bot.desk.signing_in import name_of

logger = logging.getLogger(__name__)

SIGNATURE, TIMESTAMP = "X-Chatwoot-Signature", "X-Chatwoot-Timestamp"
FRESH_SECONDS = 300.0  # how old a signed request may be
NOBODY_NAMED = "Support"


def chatwoot_blueprint(desk: ChatwootDesk, floor: Floor) -> Blueprint:
    """The webhook, and the worker beside the server."""
    blueprint = Blueprint("lichno_chatwoot")
    secret = desk.settings.secret

    async def signed(request: Request) -> HTTPResponse:
        return await _heard(floor, request) if is_signed(request.headers, request.body, secret) else empty(403)

    async def named(request: Request, shown: str) -> HTTPResponse:
        right = hmac.compare_digest(shown.encode(), secret.encode())
        return await _heard(floor, request) if right else empty(403)

    async def start(app: Sanic, _: Any) -> None:
        api = ChatwootApi(desk.settings)
        app.ctx.chatwoot_api = api
        app.ctx.chatwoot_work = asyncio.create_task(ChatwootPost(api, floor.handovers, floor.letters).run())

    async def stop(app: Sanic, _: Any) -> None:
        app.ctx.chatwoot_work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await app.ctx.chatwoot_work
        await app.ctx.chatwoot_api.close()

    blueprint.add_route(signed, "/desk/chatwoot", methods=["POST"])
    blueprint.add_route(named, "/desk/chatwoot/<shown:str>", methods=["POST"])
    blueprint.listener("after_server_start")(start)
    blueprint.listener("before_server_stop")(stop)
    return blueprint


def is_signed(headers: Any, body: bytes, secret: str) -> bool:
    """Whether a request carries Chatwoot's signature: ``sha256=`` of timestamp, a dot and the body, and is fresh."""
    timestamp = str(headers.get(TIMESTAMP, ""))
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > FRESH_SECONDS:
        return False
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={digest}".encode(), str(headers.get(SIGNATURE, "")).encode())


async def _heard(floor: Floor, request: Request) -> HTTPResponse:
    try:
        event = request.json
    except InvalidUsage:
        event = None
    if not isinstance(event, dict):
        return empty(400)
    agent = request.app.ctx.agent
    try:
        if event.get("event") == "message_created":
            await _answered(floor, agent, event)
        elif event.get("event") == "conversation_status_changed" and event.get("status") == "resolved":
            await _resolved(floor, agent, str(event.get("id")))
    except DeskRefused as error:
        logger.info("Chatwoot told of a conversation that is over here: %s", error.code)
    return empty(200)


async def _answered(floor: Floor, agent: Any, event: dict[str, Any]) -> None:
    """An agent wrote to the customer: the first word takes the conversation over."""
    text = str(event.get("content") or "").strip()[:LONGEST_REPLY]
    if event.get("message_type") not in (OUTGOING, 1) or event.get("private") or not text:
        return
    seen = await beside(floor.handovers.at_outside, str((event.get("conversation") or {}).get("id")))
    if seen is None:
        return
    name = name_of(str((event.get("sender") or {}).get("name") or "")) or NOBODY_NAMED
    await floor.take(agent, seen.id, name, from_others=True)
    await floor.reply(agent, seen.id, name, f"chatwoot-{event.get('id')}", text)


async def _resolved(floor: Floor, agent: Any, outside: str) -> None:
    seen = await beside(floor.handovers.at_outside, outside)
    if seen is None:
        return
    if seen.state == TAKEN:
        await floor.hand_back(agent, seen.id, str(seen.agent))
    else:
        await floor.close(agent, seen.id, "")
