from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.identity import KEY_VARIABLE
from bot.channels.web_settings import WebSettings
from tests.bot.channels.web_agent import ScriptedAgent
from tests.bot.channels.web_server import Server, Start, echo

KEY = "a key for tests, longer than thirty-two bytes"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The signing key, instead of this installation's."""
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    return KEY


@pytest.fixture
async def start(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Starts servers and ends them. See :class:`App` for why Sanic leaves its own methods alone."""
    monkeypatch.setattr("sanic.app.TouchUp.run", lambda _: None)
    started: list[Server] = []

    async def starting(script: Any = echo, settings: WebSettings = WebSettings(), agent: Any = None) -> Server:
        server = await Server(agent or ScriptedAgent(script), settings).start()
        started.append(server)
        return server

    yield starting
    for server in started:
        await server.stop()


@pytest.fixture
def ratings(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is kept of ratings, instead of the database."""
    kept: dict[str, Any] = {}

    def rate(_: Any, conversation: str, who: str | None, reply: str, rating: int, reason: str, at: dt.datetime) -> None:
        kept[reply] = (conversation, who, rating, reason)

    def given(_: Any, conversation: str) -> dict[str, int]:
        return {reply: rating for reply, (whose, _, rating, _) in kept.items() if whose == conversation}

    monkeypatch.setattr("bot.channels.web.rate", rate)
    monkeypatch.setattr("bot.channels.web.ratings", given)
    return kept
