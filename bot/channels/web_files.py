"""Files in the web channel.

``POST /chat/files`` takes one as its body, with ``Authorization: Bearer <token>``, ``X-File-Name`` (percent-encoded)
and ``X-Message-Id``, the id that the widget gives the message. It goes to the request, into the conversation
as a message of theirs, and to whoever hears that conversation. ``GET /chat/files/<id>`` gives it back to its customer.
What is refused is ``{"error": code, "wait"?: seconds}``: ``sign_in``, ``token_expired``, ``token_refused``, ``rate``,
``too_large``, ``kind``, ``unreadable`` or ``trouble``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from sanic import Blueprint
from sanic.exceptions import PayloadTooLarge
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json, raw

from bot.beside import beside
from bot.channels.identity import TokenRefused, customer_of
from bot.channels.limits import Limiter
from bot.channels.sent_files import SentFile, add_file
from bot.channels.thread import MESSAGE_ID
from bot.channels.web_session import refusal
from bot.conversation import WEB_CHANNEL
from bot.customers.attachments import LARGEST, KindRefused, SizeRefused, file_from, read
from bot.customers.store import CustomerStore

logger = logging.getLogger(__name__)

PATH = "/chat/files"
AT_ONCE = 8  # files on their way, each in memory; further ones wait in the network
SECONDS = 120.0  # for one file to arrive
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
        store: the customers' database.
        origins: of pages that may use the widget, besides this server's own.
        per_address: the channel's own limit.
        per_customer: that of files.
    """

    def __init__(
        self,
        store: CustomerStore,
        origins: Sequence[str],
        per_address: Limiter,
        per_customer: Limiter,
    ) -> None:
        self._store, self._origins = store, origins
        self._per_address, self._per_customer = per_address, per_customer
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
            if own or origin in self._origins:
                response.headers.update({**CROSS_ORIGIN, "Access-Control-Allow-Origin": origin})

    async def _take(self, request: Request) -> HTTPResponse:
        customer_id = await self._proven(request)
        message_id = request.headers.get("X-Message-Id", "")
        if not MESSAGE_ID.fullmatch(message_id):
            raise Refused(400, "unreadable")
        if wait := await self._per_customer.wait(customer_id):
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
            sent = SentFile(file, customer_id, message_id, WEB_CHANNEL)
            return json({"ok": True, "messages": await add_file(request.app, self._store, sent)})

    async def _give(self, request: Request, number: int) -> HTTPResponse:
        customer_id = await self._proven(request)
        file = await beside(read, self._store, customer_id, number)
        if file is None:
            raise Refused(404, "unreadable")
        named = f"attachment; filename*=UTF-8''{quote(file.name)}"
        return raw(file.content, headers={**READ_HEADERS, "Content-Disposition": named}, content_type=file.media_type)

    async def _proven(self, request: Request) -> str:
        """Whose request it is.

        Raises:
            Refused: nobody's that is known, or one too many.
        """
        if wait := await self._per_address.wait(str(request.remote_addr or request.ip)):
            raise Refused(429, "rate", wait=wait)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Refused(401, "sign_in")
        try:
            return customer_of(token)
        except TokenRefused as error:
            raise Refused(401, refusal(error)) from error


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
