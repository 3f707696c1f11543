from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.customers.store import CustomerStore
from tests.bot.telegram.line import Line, Time
from tests.bot_api import BotApiServer


@pytest.fixture
def time() -> Time:
    return Time()


@pytest_asyncio.fixture
async def server(time: Time) -> AsyncIterator[BotApiServer]:
    server = BotApiServer(time.clock)
    server.url = await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def line(server: BotApiServer, store: CustomerStore, time: Time, tmp_path: Path) -> AsyncIterator[Line]:
    """A line whose updates the test hands in itself."""
    line = Line(server, server.url, store, time, tmp_path / "telegram.lock")
    await line.services.api.start()
    yield line
    await line.services.api.close()
