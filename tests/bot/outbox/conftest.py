from __future__ import annotations

from pathlib import Path

import pytest

from bot.customers.store import CustomerStore
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop


@pytest.fixture
def store(tmp_path: Path) -> CustomerStore:
    """The small shop: C1 has received NL-1 and asked T0001; NL-2 is on its way to C2."""
    return imported(tmp_path, write_shop(tmp_path / "shop"))
