from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.customers.store import CustomerStore
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop


@pytest.fixture(scope="package")
def imported_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop's database, imported once."""
    folder = tmp_path_factory.mktemp("shop")
    store = imported(folder, write_shop(folder / "files"))
    return Path(store.url.removeprefix("sqlite:///"))


@pytest.fixture
def store(imported_shop: Path, tmp_path: Path) -> CustomerStore:
    """The small shop: C1 has received NL-1 and asked T0001; NL-2 is on its way to C2."""
    shutil.copy(imported_shop, tmp_path / "customers.db")
    return CustomerStore(f"sqlite:///{tmp_path}/customers.db")
