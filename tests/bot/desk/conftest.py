from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from bot.channels.web_settings import WebSettings
from bot.customers.store import CustomerStore
from bot.desk.desk import LEAD_PASSWORD as LEAD_VARIABLE
from bot.desk.desk import PASSWORD as VARIABLE
from bot.settings import Settings
from tests.bot.channels.conftest import key  # noqa: F401 - the signing key, for every test here
from tests.bot.channels.web_agent import ScriptedAgent
from tests.bot.channels.web_server import Server, echo
from tests.bot.desk.office import LEAD_PASSWORD, PASSWORD, Office

Start = Callable[..., Awaitable[Office]]


@pytest.fixture
async def start(store: CustomerStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Opens offices on the shop's database, and closes them."""
    monkeypatch.setattr("sanic.app.TouchUp.run", lambda _: None)
    monkeypatch.setenv(VARIABLE, PASSWORD)
    monkeypatch.setenv(LEAD_VARIABLE, LEAD_PASSWORD)
    started: list[Server] = []

    async def starting(script: Any = echo, agent: Any = None, **settings: Any) -> Office:
        ours = Settings(customers=store.url, **settings)
        monkeypatch.setattr("bot.channels.web.load_settings", lambda: ours)
        monkeypatch.setattr("bot.desk.routes.load_settings", lambda: ours)
        web = WebSettings(per_customer="1000/minute", per_address="1000/minute")
        started.append(await Server(agent or ScriptedAgent(script), web).start())
        return Office(started[-1], store)

    yield starting
    for server in started:
        await server.stop()
