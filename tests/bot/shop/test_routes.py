from __future__ import annotations

import asyncio
import gzip
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sanic.response import text

from bot.channels.identity import TokenRefused, customer_of
from bot.customers.models import Customer
from bot.customers.store import CustomerStore
from bot.shop import routes
from bot.shop.routes import front_door, shop_blueprint
from bot.shop.signing_in import COOKIE, cookie_for, signed_in
from bot.shop.words import CATEGORIES, WORDS
from bot.web import widget_blueprint
from tests.bot.channels.conftest import KEY
from tests.bot.channels.test_rest import App
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop


class Browser:
    """Asks the pages, with a cookie jar."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        app = App(f"shop-{uuid.uuid4().hex}", configure_logging=False)

        async def hello(_: Any) -> Any:
            return text("Hello from Rasa: 3.6")

        app.add_route(hello, "/")
        app.blueprint(shop_blueprint())
        app.blueprint(widget_blueprint())
        app.register_middleware(front_door, "request")
        loop.run_until_complete(self._finalize(app))
        transport = httpx.ASGITransport(app=app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://shop.example")

    async def _finalize(self, app: App) -> None:
        app.signalize()
        app.finalize()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._loop.run_until_complete(self._client.get(path, headers=headers))

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self._loop.run_until_complete(self._client.post(path, data=fields))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CustomerStore:
    """The small shop, all of whose customers are invented."""
    monkeypatch.setenv("LICHNO_JWT_KEY", KEY)
    store = imported(tmp_path, write_shop(tmp_path / "shop"))
    with store.session() as session:
        for customer in session.query(Customer):
            customer.email = f"{customer.customer_id}@mail.example".lower()
        session.commit()
    monkeypatch.setattr(routes, "_store", lambda: store)
    return store


@pytest.fixture
def browser(store: CustomerStore) -> Iterator[Browser]:
    loop = asyncio.new_event_loop()
    yield Browser(loop)
    loop.close()


@pytest.mark.parametrize(
    ("accepted", "landing"),
    [("ru-RU,ru;q=0.9,en;q=0.8", "/ru/"), ("en-GB,en;q=0.9", "/en/"), ("de", "/ru/"), ("", "/ru/")],
)
def test_the_front_door_leads_to_the_browsers_language_and_not_to_rasa(
    browser: Browser, accepted: str, landing: str
) -> None:
    response = browser.get("/", **{"Accept-Language": accepted})
    assert (response.status_code, response.headers["Location"]) == (302, landing)
    assert "Rasa" not in response.text


@pytest.mark.parametrize(
    "path", ["/ru/", "/en/", "/en/account", "/ru/help", "/en/help/delivery-courier", "/en/help/none"]
)
def test_every_page_carries_the_widget_under_a_strict_policy(browser: Browser, path: str) -> None:
    response = browser.get(path)
    assert response.status_code == (404 if path.endswith("/none") else 200)
    assert '<script src="/widget.js" defer' in response.text
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and policy.startswith("default-src 'none'")
    assert " style=" not in response.text and " onclick=" not in response.text
    assert response.headers["Cache-Control"] == "no-store"


def test_the_catalogue_names_all_products_in_the_pages_language(browser: Browser, store: CustomerStore) -> None:
    from bot.customers.models import Product

    with store.session() as session:
        names = [(product.name_ru, product.name_en) for product in session.query(Product)]
    russian, english = browser.get("/ru/").text, browser.get("/en/").text
    for name_ru, name_en in names:
        assert name_ru in russian and name_en in english


def test_signing_in_shows_ones_own_orders_and_issues_a_token(browser: Browser, store: CustomerStore) -> None:
    assert browser.get("/token").json() == {"token": None}
    response = browser.post("/sign-in", customer="C1", language="ru")
    assert (response.status_code, response.headers["Location"]) == (303, "/ru/account")
    cookie = response.headers["Set-Cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    page = browser.get("/ru/account").text
    with store.session() as session:
        for customer in session.query(Customer):
            for order in customer.orders:
                assert (order.order_id in page) == (customer.customer_id == "C1")
    assert customer_of(browser.get("/token").json()["token"]) == "C1"
    browser.post("/sign-out", language="ru")
    assert browser.get("/token").json() == {"token": None}


@pytest.mark.parametrize("customer", ["C9", "", "C1"])
def test_only_invented_customers_can_be_picked(browser: Browser, store: CustomerStore, customer: str) -> None:
    with store.session() as session:
        session.get(Customer, "C1").email = "somebody@mail.test"
        session.commit()
    assert browser.post("/sign-in", customer=customer, language="en").status_code == 400
    assert browser.get("/token").json() == {"token": None}
    assert 'value="C1"' not in browser.get("/en/account").text


@pytest.mark.usefixtures("store")
def test_the_shops_cookie_is_no_token_and_a_token_no_cookie() -> None:
    from bot.channels.identity import issue_token

    cookie = cookie_for("C1")
    assert signed_in(cookie) == "C1"
    with pytest.raises(TokenRefused):
        customer_of(cookie)
    assert signed_in(issue_token("C1")) is None
    assert signed_in("forged") is None and signed_in(None) is None


def test_a_forged_cookie_signs_nobody_in(browser: Browser) -> None:
    assert browser.get("/token", Cookie=f"{COOKIE}=C1").json() == {"token": None}


def test_the_widget_is_sent_packed_and_not_twice(browser: Browser) -> None:
    response = browser.get("/widget.js", **{"Accept-Encoding": "gzip"})
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(gzip.compress(response.content)) <= 150_000
    again = browser.get("/widget.js", **{"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = browser.get("/widget.js", **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers and plain.text == response.text


def test_the_words_are_there_in_both_languages() -> None:
    for words in (WORDS, CATEGORIES):
        assert words["ru"].keys() == words["en"].keys()
