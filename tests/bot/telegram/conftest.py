from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.customers.store import CustomerStore
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop
from tests.bot.telegram.line import Line, Time
from tests.bot_api import BotApiServer


@pytest.fixture(scope="package")
def imported_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop's database, imported once."""
    folder = tmp_path_factory.mktemp("shop")
    store = imported(folder, write_shop(folder / "files"))
    return Path(store.url.removeprefix("sqlite:///"))


@pytest.fixture
def store(imported_shop: Path, tmp_path: Path) -> CustomerStore:
    """The small shop: C1 is Russian, C2 English."""
    shutil.copy(imported_shop, tmp_path / "customers.db")
    return CustomerStore(f"sqlite:///{tmp_path}/customers.db")


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
