from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channels.web_settings import WebSettings
from bot.customers.keyring import KEY_VARIABLE as MASTER_KEY
from bot.customers.keyring import new_key
from bot.customers.store import CustomerStore
from bot.desk.desk import LEAD_PASSWORD as LEAD_VARIABLE
from bot.desk.desk import PASSWORD as VARIABLE
from bot.settings import Settings
from tests.bot.channels.conftest import key  # noqa: F401 - the signing key, for every test here
from tests.bot.channels.test_web import Server, echo
from tests.bot.channels.web_agent import ScriptedAgent
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop
from tests.bot.desk.office import LEAD_PASSWORD, PASSWORD, Office

Start = Callable[..., Awaitable[Office]]


@pytest.fixture(scope="package")
def imported_shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The small shop's database, imported once, and its master key."""
    folder, master = tmp_path_factory.mktemp("shop"), new_key()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(MASTER_KEY, master)
        store = imported(folder, write_shop(folder / "files"))
    return Path(store.url.removeprefix("sqlite:///")), master


@pytest.fixture
def store(imported_shop: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CustomerStore:
    """The small shop: C1 is Russian, C2 English."""
    monkeypatch.setenv(MASTER_KEY, imported_shop[1])
    shutil.copy(imported_shop[0], tmp_path / "customers.db")
    return CustomerStore(f"sqlite:///{tmp_path}/customers.db")


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
