from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings
from tests.bot.actions.desk import Desk
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The small shop, its database named by the settings that actions read."""
    store = imported(tmp_path, write_shop(tmp_path / "shop"))
    monkeypatch.setattr("bot.actions.context.load_settings", lambda: Settings(customers=store.url))
    return Desk(store)
