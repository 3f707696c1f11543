"""Files in the web channel.

``POST /chat/files`` takes one as its body, with ``Authorization: Bearer <token>``, ``X-File-Name`` (percent-encoded)
and ``X-Message-Id``, the id that the widget gives the message. It goes to the request, into the conversation
as a message of theirs, and to whoever hears that conversation. ``GET /chat/files/<id>`` gives it back to its customer.
What is refused is ``{"error": code, "wait"?: seconds}``: ``sign_in``, ``token_expired``, ``token_refused``, ``rate``,
``too_large``, ``kind``, ``unreadable`` or ``trouble``.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, UserUttered
from sanic import Blueprint, Sanic
from sanic.exceptions import PayloadTooLarge
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json, raw
from socketio import AsyncServer

from bot.channels.identity import CUSTOMER_PREFIX, TokenRefused, customer_of
from bot.channels.limits import Limiter, Rate
from bot.channels.thread import FILE, MESSAGE_ID, Message, is_known, thread_of
from bot.channels.web_session import refusal
from bot.channels.web_settings import WebSettings
from bot.conversation import CUSTOMER_KEY, WEB_CHANNEL, from_rasa
from bot.customers.attachments import LARGEST, WITHOUT_WORDS, File, KindRefused, SizeRefused, attach, file_from, read
from bot.customers.models import Customer
from bot.customers.person import spoken_name
from bot.customers.store import CustomerStore, get_customer
from bot.desk.floor import beside, floor_of
from bot.desk.handovers import TAKEN
from bot.desk.tracks import turn
from bot.texts import Texts

logger = logging.getLogger(__name__)

PATH = "/chat/files"
AT_ONCE = 8  # files on their way, each in memory; further ones wait in the network
SECONDS = 120.0  # for one file to arrive
LONGEST_SUBJECT = 300
READ_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
CROSS_ORIGIN = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-File-Name, X-Message-Id",
    "Access-Control-Max-Age": "600",
}


class Refused(Exception):
    """A request is not served; what the widget is told."""

    def __init__(self, status: int, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status, self.told = status, {"error": code, **more}


class FileRoutes:
    """The two routes.

    Args:
        sio: tells the conversation's tabs of the new message.
        store: the customers' database.
        settings: origins and the rate of files.
        per_address: the channel's own limit.
    """

    def __init__(self, sio: AsyncServer, store: CustomerStore, settings: WebSettings, per_address: Limiter) -> None:
        self._sio, self._store, self._settings = sio, store, settings
        self._per_address, self._per_customer = per_address, Limiter(Rate.read(settings.files_per_customer))
        self._slots = asyncio.Semaphore(AT_ONCE)

    def blueprint(self) -> Blueprint:
        """The routes, for pages of the permitted origins as well."""
        blueprint = Blueprint("lichno_files")
        blueprint.add_route(_told(self._take), PATH, methods=["POST"], name="take", stream=True)
        blueprint.add_route(_told(self._give), f"{PATH}/<number:int>", name="give")
        blueprint.add_route(_preflight, PATH, methods=["OPTIONS"], name="preflight")
        blueprint.add_route(_preflight, f"{PATH}/<number:int>", methods=["OPTIONS"], name="preflight_give")
        return blueprint

    async def share(self, request: Request, response: HTTPResponse) -> None:
        """A response middleware: pages of the permitted origins may read what is answered here."""
        origin = request.headers.get("Origin", "")
        if request.path.startswith(PATH) and origin:
            own = urlsplit(origin).netloc == request.host
            response.headers["Vary"] = "Origin"
            if own or origin in self._settings.origins:
                response.headers.update({**CROSS_ORIGIN, "Access-Control-Allow-Origin": origin})

    async def _take(self, request: Request) -> HTTPResponse:
        customer_id = self._proven(request)
        message_id = request.headers.get("X-Message-Id", "")
        if not MESSAGE_ID.fullmatch(message_id):
            raise Refused(400, "unreadable")
        if wait := self._per_customer.wait(customer_id):
            raise Refused(429, "rate", wait=wait)
        async with self._slots:
            try:
                content = await asyncio.wait_for(_body(request), SECONDS)
                file = file_from(unquote(request.headers.get("X-File-Name", "")), content)
            except (PayloadTooLarge, SizeRefused) as error:
                raise Refused(413, "too_large") from error
            except KindRefused as error:
                raise Refused(415, "kind") from error
            except asyncio.TimeoutError as error:
                raise Refused(408, "unreadable") from error
            return json({"ok": True, "messages": await self._add(request.app, customer_id, message_id, file)})

    async def _give(self, request: Request, number: int) -> HTTPResponse:
        customer_id = self._proven(request)
        file = await beside(read, self._store, customer_id, number)
        if file is None:
            raise Refused(404, "unreadable")
        named = f"attachment; filename*=UTF-8''{quote(file.name)}"
        return raw(file.content, headers={**READ_HEADERS, "Content-Disposition": named}, content_type=file.media_type)

    def _proven(self, request: Request) -> str:
        """Whose request it is.

        Raises:
            Refused: nobody's that is known, or one too many.
        """
        if wait := self._per_address.wait(str(request.remote_addr or request.ip)):
            raise Refused(429, "rate", wait=wait)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Refused(401, "sign_in")
        try:
            return customer_of(token)
        except TokenRefused as error:
            raise Refused(401, refusal(error)) from error

    async def _add(self, app: Sanic, customer_id: str, message_id: str, file: File) -> list[Message]:
        """Keep the file and say so in the conversation; what was said. A file that is sent again is kept once."""
        agent, floor, room = app.ctx.agent, floor_of(app), CUSTOMER_PREFIX + customer_id
        async with turn(agent, room):
            before = await floor.of(room) if floor else None
            tracker = await agent.processor.fetch_tracker_and_update_session(room, CollectingOutputChannel())
            events = [event.as_dict() for event in tracker.events]
            if is_known(events, message_id):
                return [message for message in thread_of(events) if message_id in (message["id"], message.get("to"))]
            metadata: dict[str, Any] = {CUSTOMER_KEY: customer_id}
            asked = UserUttered("", message_id=message_id, metadata=metadata, input_channel=WEB_CHANNEL)
            tracker.update(asked)
            texts = Texts(agent.domain.responses)
            keep = partial(_keep, self._store, customer_id, file, from_rasa(tracker), texts)
            metadata[FILE], told = await beside(keep)
            silent = tracker.is_paused() or (before is not None and before.state == TAKEN)  # a person talks
            said = [] if silent else [BotUttered(told)]
            for event in said:
                tracker.update(event)
            await agent.tracker_store.save(tracker)
            if floor:
                sent = UserMessage(file.name, None, room, None, WEB_CHANNEL, message_id, metadata)
                await floor.heard(agent, sent, before)
        messages = thread_of(event.as_dict() for event in (asked, *said))
        for message in messages:
            event = "user_uttered" if message["from"] == "customer" else "bot_uttered"
            await self._sio.emit(event, message, room=room)
        replies = [message["id"] for message in messages[1:]]
        await self._sio.emit("done", {"to": message_id, "replies": replies}, room=room)
        return messages


def _keep(store: CustomerStore, customer_id: str, file: File, conversation: Any, texts: Texts) -> tuple[Any, str]:
    """Attach the file to a request; the file as the message has it, and what the customer is told."""
    with store.session() as session:
        customer: Customer = get_customer(session, customer_id)
        language, form, called = conversation.language(customer.language), customer.address_form, spoken_name(customer)
    words = conversation.questions[-1] if conversation.questions else WITHOUT_WORDS[language]
    kept = attach(store, customer_id, file, words[:LONGEST_SUBJECT], dt.datetime.now().replace(microsecond=0))
    shown = {"id": kept.id, "name": file.name, "media_type": file.media_type, "size": len(file.content)}
    return {**shown, "ticket": kept.ticket}, texts.say(
        "utter_file_added", language, form, called, ticket=kept.ticket
    ).text


async def _body(request: Request) -> bytes:
    """The request's body.

    Raises:
        PayloadTooLarge: it is longer than a file may be; no more of it is read.
    """
    request.stream.request_max_size = LARGEST
    chunks = []
    while (chunk := await request.stream.read()) is not None:
        chunks.append(chunk)
    return b"".join(chunks)


def _told(serve: Callable[..., Awaitable[HTTPResponse]]) -> Callable[..., Awaitable[HTTPResponse]]:
    """What is refused, and what fails, is told as JSON."""

    async def serving(request: Request, **values: Any) -> HTTPResponse:
        try:
            return await serve(request, **values)
        except Refused as refused:
            return json(refused.told, status=refused.status)
        except Exception:
            logger.exception("A file could not be taken or given.")
            return json({"error": "trouble"}, status=500)

    return serving


async def _preflight(_: Request, **__: Any) -> HTTPResponse:
    return empty()
