"""The desk's addresses, and its opening at a server: the page, signing in, what the browser loads."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import Blueprint, Sanic
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse, empty, html, json, raw
from socketio import AsyncServer
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.limits import Limiter, Rate
from bot.channels.thread import Link
from bot.customers.store import CustomerStore
from bot.desk.chatwoot.desk import ChatwootDesk
from bot.desk.chatwoot.routes import chatwoot_blueprint
from bot.desk.desk import BuiltInDesk, desk_of, is_switched_on
from bot.desk.floor import Floor, Room
from bot.desk.handovers import Handovers
from bot.desk.live import LiveDesk
from bot.desk.signing_in import COOKIE, LIFETIME, Agent, cookie_for, name_of, role_for, signed_in
from bot.settings import Settings, load_settings
from bot.shop.routes import HEADERS, preferred_language
from bot.texts import Texts
from bot.web import DIST
from nlu.errors import LichnoError

logger = logging.getLogger(__name__)

FILES = {"desk.js": "text/javascript; charset=utf-8", "desk.css": "text/css; charset=utf-8"}
WORDS = {
    "ru": {
        "title": "Служба поддержки",
        "no_script": "Для работы нужен JavaScript.",
        "switched_off": "Стол сотрудников выключен: задайте LICHNO_DESK_PASSWORD, при желании и"
        " LICHNO_DESK_LEAD_PASSWORD, и перезапустите ассистента.",
    },
    "en": {
        "title": "Support desk",
        "no_script": "This page needs JavaScript.",
        "switched_off": "The desk is switched off: set LICHNO_DESK_PASSWORD, and LICHNO_DESK_LEAD_PASSWORD if you"
        " like, and restart the assistant.",
    },
}
TRIES = Rate(10, 60.0)  # from one address
TRIES_OF_ALL = Rate(60, 60.0)
MakeLimiter = Callable[[str, Rate], Limiter]


def open_desk(app: Sanic, sio: AsyncServer, room: Room, link: Link, limiter: MakeLimiter) -> None:
    """Give a server the desk that its settings name: pages, live events, and the floor that other channels use.

    Args:
        app: the server.
        sio: its sockets; the desk has a namespace of its own there.
        room: the web channel.
        link: applied to articles' addresses.
        limiter: makes a limiter that the server's processes share, by name and rate.
    """
    settings = load_settings()
    app.blueprint(desk_blueprint(limiter))
    desk = desk_of(settings)
    if desk is None:
        _release(settings)
        return
    floor = Floor(CustomerStore(settings.customers), desk, room, Texts.load(), link)
    app.ctx.desk_floor = floor
    if isinstance(desk, BuiltInDesk):
        sio.register_namespace(LiveDesk(floor, desk.hours))
    if isinstance(desk, ChatwootDesk):
        app.blueprint(chatwoot_blueprint(desk, floor))


def _release(settings: Settings) -> None:
    """Nobody has a conversation where there is no desk; see :func:`bot.desk.gate.handle_in_turn`."""
    try:
        Handovers(CustomerStore(settings.customers)).release()
    except (SQLAlchemyError, LichnoError) as error:
        logger.warning("Whether a person had conversations cannot be known: %s", type(error).__name__)


def desk_blueprint(limiter: MakeLimiter) -> Blueprint:
    """The page and what it asks for by HTTP."""
    blueprint = Blueprint("lichno_desk")
    entrance = Entrance(limiter)

    async def sign_in(request: Request) -> HTTPResponse:
        return await entrance.sign_in(request)

    blueprint.add_route(_page, "/desk")
    blueprint.add_route(_me, "/desk/me")
    blueprint.add_route(sign_in, "/desk/sign-in", methods=["POST"])
    blueprint.add_route(_sign_out, "/desk/sign-out", methods=["POST"])
    for name in FILES:
        blueprint.add_route(_file(name), f"/desk/{name}", name=name.replace(".", "_"))
    return blueprint


class Entrance:
    """Where people sign in; it counts the tries.

    Args:
        limiter: makes a limiter by name and rate.
    """

    def __init__(self, limiter: MakeLimiter) -> None:
        self._per_address, self._everybody = limiter("desk", TRIES), limiter("desk of all", TRIES_OF_ALL)

    async def sign_in(self, request: Request) -> HTTPResponse:
        """A name and a password for a cookie."""
        address = str(request.remote_addr or request.ip)
        if wait := await self._per_address.wait(address) or await self._everybody.wait(""):
            return _told({"error": "rate", "wait": wait}, 429)
        # Another page's form cannot send JSON, so it cannot sign anybody in.
        body = _json(request)
        name = name_of(str(body.get("name", "")))
        if name is None or not isinstance(body.get("password"), str):
            return _told({"error": "unreadable"}, 422)
        role = role_for(body["password"])
        if role is None:
            return _told({"error": "wrong_password"}, 401)
        response = _told({"name": name, "role": role})
        response.cookies[COOKIE] = cookie_for(name, role)
        cookie = response.cookies[COOKIE]
        cookie["httponly"], cookie["samesite"], cookie["path"] = True, "Strict", "/"
        cookie["max-age"] = int(LIFETIME.total_seconds())
        if request.scheme == "https":
            cookie["secure"] = True
        return response


async def _page(request: Request) -> HTTPResponse:
    language = preferred_language(request)
    on = is_switched_on()
    page = _template().render(language=language, on=on, **WORDS[language])
    return html(page, status=200 if on else 503, headers=HEADERS)


async def _me(request: Request) -> HTTPResponse:
    agent: Agent | None = signed_in(request.cookies.get(COOKIE))
    if agent is None:
        return _told({"error": "signed_out"}, 401)
    return _told({"name": agent.name, "role": agent.role})


async def _sign_out(_: Request) -> HTTPResponse:
    response = empty(headers=HEADERS)
    del response.cookies[COOKIE]
    return response


def _file(name: str) -> Any:
    path = DIST / name
    content = path.read_bytes() if path.is_file() else None
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}

    async def file(_: Request) -> HTTPResponse:
        return empty(404) if content is None else raw(content, headers=headers, content_type=FILES[name])

    return file


def _json(request: Request) -> dict[str, Any]:
    if not request.content_type.startswith("application/json"):
        return {}
    try:
        body = request.json
    except InvalidUsage:
        body = None
    return body if isinstance(body, dict) else {}


def _told(body: dict[str, Any], status: int = 200) -> HTTPResponse:
    return json(body, status=status, headers=HEADERS)


@lru_cache(maxsize=1)
def _template() -> Any:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True).get_template(
        "page.html.j2"
    )
