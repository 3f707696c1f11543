"""The demo shop's addresses; ``/`` leads to the browser's language.

``/token`` is what a shop's own back end would offer to the widget. A button of the account page makes a link that
binds a chat in Telegram to the customer, where that channel is awake.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, html, json, raw, redirect

from bot.beside import beside
from bot.channels.headers import framed_by
from bot.channels.identity import issue_token
from bot.customers.errors import UnknownCustomer
from bot.customers.models import Customer
from bot.customers.store import CustomerStore
from bot.customers.wording import LEVELS
from bot.settings import load_settings
from bot.shop.articles import articles, path_of
from bot.shop.catalogue import cards, choices, orders
from bot.shop.signing_in import COOKIE, LIFETIME, cookie_for, may_be_picked, signed_in
from bot.shop.words import CATEGORIES, WORDS
from bot.telegram.errors import TokenNotAccepted, Unreachable
from bot.telegram.service import Link, service_of

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
STATIC = {"shop.css": "text/css; charset=utf-8", "shop.js": "text/javascript; charset=utf-8"}
# What a shop's page needs to carry the widget: its own origin, nothing inline, nobody else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

LINK_SECONDS = 10.0  # how long a page waits for Telegram to tell the bot's name
article_link = path_of  # how the widget's citations find the articles here


def shop_blueprint(frame_ancestors: Sequence[str] = ()) -> Blueprint:
    """The pages in both languages, signing in and out, and the token.

    Args:
        frame_ancestors: origins of pages that may show them in a frame.
    """
    blueprint = Blueprint("lichno_shop")
    if frame_ancestors:
        blueprint.middleware(framed_by(frame_ancestors), "response")
    for language in WORDS:
        for path, handler in PAGES.items():
            name = f"{language}{path}".translate(str.maketrans("/<:>", "____"))
            blueprint.add_route(partial(handler, language=language), f"/{language}{path}", name=name)
        linking = partial(_link_telegram, language=language)
        blueprint.add_route(
            linking, f"/{language}/account/telegram", methods=["POST"], name=f"{language}_link_telegram"
        )
    blueprint.add_route(_sign_in, "/sign-in", methods=["POST"])
    blueprint.add_route(_sign_out, "/sign-out", methods=["POST"])
    blueprint.add_route(_token, "/token")
    for name in STATIC:
        blueprint.add_route(partial(_static, name=name), f"/shop/{name}", name=name.replace(".", "_"))
    return blueprint


async def front_door(request: Request) -> HTTPResponse | None:
    """For the application's requests: ``/`` is Rasa's own address, which would tell its version."""
    if request.path != "/" or request.method != "GET":
        return None
    return redirect(f"/{preferred_language(request)}/", headers={"Vary": "Accept-Language"})


def preferred_language(request: Request) -> str:
    """What the browser asks for first; Russian where it asks for neither language."""
    wanted = request.headers.get("Accept-Language", "").lower()
    places = {language: place for language in WORDS if (place := wanted.find(language)) >= 0}
    return min(places, key=lambda language: places[language]) if places else "ru"


# -- pages -----------------------------------------------------------------------------------


async def _catalogue(request: Request, language: str) -> HTTPResponse:
    def render(store: CustomerStore, known: dict[str, Any]) -> str:
        with store.session() as session:
            return _page("catalogue.html", language, cards=cards(session, language), **known)

    return await _shown(request, language, render)


async def _account(request: Request, language: str, **linked: Any) -> HTTPResponse:
    """The account; ``linked`` is what came of the wish to link a chat."""
    values = {"has_telegram": service_of(request.app) is not None, **linked}

    def render(store: CustomerStore, known: dict[str, Any]) -> str:
        with store.session() as session:
            customer = session.get(Customer, known["customer_id"]) if known["customer_id"] else None
            if customer is None:
                return _page("sign_in.html", language, choices=choices(session, language), **known)
            level = LEVELS[language][customer.loyalty_level]
            shown = orders(customer, language, dt.date.today())
            values.update(orders=shown, level=level, points=customer.points)
            return _page("account.html", language, **values, **known)

    return await _shown(request, language, render)


async def _link_telegram(request: Request, language: str) -> HTTPResponse:
    """The account with a new link and its code; whoever is not signed in, or has no Telegram here, gets the account."""
    service, customer_id = service_of(request.app), signed_in(request.cookies.get(COOKIE))
    if service is None or customer_id is None:
        return redirect(f"/{language}/account", status=303)
    link: Link | None = None
    try:
        link = await asyncio.wait_for(service.link(customer_id), LINK_SECONDS)
    except UnknownCustomer:
        return redirect(f"/{language}/account", status=303)
    except (Unreachable, TokenNotAccepted, asyncio.TimeoutError) as error:
        logger.warning("There is no link to Telegram for an account page: %s", error or "it does not answer.")
    return await _account(request, language, asked_link=True, link=link)


async def _help(request: Request, language: str) -> HTTPResponse:
    def render(_: CustomerStore, known: dict[str, Any]) -> str:
        shown = [article for article in articles().values() if article.language == language]
        return _page("help.html", language, articles=shown, **known)

    return await _shown(request, language, render)


async def _article(request: Request, slug: str, language: str) -> HTTPResponse:
    def render(_: CustomerStore, known: dict[str, Any]) -> str:
        article = articles().get(request.path)
        return _page("article.html" if article else "not_found.html", language, article=article, **known)

    response = await _shown(request, language, render)
    response.status = 200 if request.path in articles() else 404
    return response


PAGES: dict[str, Callable[..., Awaitable[HTTPResponse]]] = {
    "/": _catalogue,
    "/account": _account,
    "/help": _help,
    "/help/<slug:str>": _article,
}


async def _shown(request: Request, language: str, render: Any) -> HTTPResponse:
    """A page; databases and files are read beside the event loop."""
    store = _store()

    def work() -> str:
        return str(render(store, _known(request, store)))

    return html(await beside(work), headers=HEADERS)


def _known(request: Request, store: CustomerStore) -> dict[str, Any]:
    """Who is signed in, for the page's head; and where the page stands in the other language."""
    customer_id = signed_in(request.cookies.get(COOKIE))
    name = None
    if customer_id:
        with store.session() as session:
            customer = session.get(Customer, customer_id)
            name = str(customer.first_name) if customer else None
    return {"customer_id": customer_id if name else None, "name": name, "path": request.path}


def _page(template: str, language: str, **values: Any) -> str:
    other = next(name for name in WORDS if name != language)
    path = values["path"]
    there = f"/{other}" + next(
        (page for page in ("/help", "/account") if path.startswith(f"/{language}{page}")),
        path.removeprefix(f"/{language}"),
    )
    return (
        _templates()
        .get_template(template)
        .render(
            language=language,
            other=other,
            there=there,
            words=WORDS[language],
            categories=CATEGORIES[language],
            **values,
        )
    )


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def _store() -> CustomerStore:
    return CustomerStore(load_settings().customers)


# -- signing in --------------------------------------------------------------------------------


async def _sign_in(request: Request) -> HTTPResponse:
    customer_id, language = _field(request, "customer"), _field(request, "language")
    response = redirect(f"/{language if language in WORDS else 'ru'}/account", status=303)
    with _store().session() as session:
        customer = session.get(Customer, customer_id)
        if customer is None or not may_be_picked(customer):
            return json({"error": "There is no such customer to sign in as."}, status=400, headers=HEADERS)
    response.cookies[COOKIE] = cookie_for(customer_id)
    response.cookies[COOKIE]["httponly"] = True
    response.cookies[COOKIE]["samesite"] = "Lax"
    response.cookies[COOKIE]["path"] = "/"
    response.cookies[COOKIE]["max-age"] = int(LIFETIME.total_seconds())
    if request.scheme == "https":
        response.cookies[COOKIE]["secure"] = True
    return response


async def _sign_out(request: Request) -> HTTPResponse:
    language = _field(request, "language")
    response = redirect(f"/{language if language in WORDS else 'ru'}/", status=303)
    del response.cookies[COOKIE]
    return response


async def _token(request: Request) -> HTTPResponse:
    """What the widget asks the shop for: a short-lived token of who is signed in."""
    customer_id = signed_in(request.cookies.get(COOKIE))
    return json({"token": issue_token(customer_id) if customer_id else None}, headers=HEADERS)


def _field(request: Request, name: str) -> str:
    return str((request.form or {}).get(name, "")) if request.form else ""


async def _static(_: Request, name: str) -> HTTPResponse:
    headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
    return raw((HERE / "static" / name).read_bytes(), headers=headers, content_type=STATIC[name])
