from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings
from tests.bot.actions.chat import Chat
from tests.bot.actions.desk import Desk
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The small shop, its database named by the settings that actions read."""
    store = imported(tmp_path, write_shop(tmp_path / "shop"))
    settings = Settings(customers=store.url, codes=f"file:{tmp_path}/letters")
    monkeypatch.setattr("bot.actions.context.load_settings", lambda: settings)
    monkeypatch.setattr("bot.actions.code_step.load_settings", lambda: settings)
    monkeypatch.setattr("bot.actions.handoff.load_settings", lambda: settings)
    monkeypatch.setenv("LICHNO_JWT_KEY", "a key for tests")
    return Desk(store)


@pytest.fixture
def chat(desk: Desk, tmp_path: Path) -> Chat:
    """A conversation of the customer C2, who writes English."""
    return Chat(desk, letters=tmp_path / "letters")
