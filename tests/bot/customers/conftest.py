"""Databases: the whole demo, imported once and only read, and a small one made anew for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.customers.importer import DEMO_FILES, import_folder
from bot.customers.store import CustomerStore
from tests.bot.customers.shop import write_shop


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> CustomerStore:
    return imported(tmp_path_factory.mktemp("demo"), DEMO_FILES)


@pytest.fixture
def shop(tmp_path: Path) -> CustomerStore:
    return imported(tmp_path, write_shop(tmp_path / "shop"))


def imported(folder: Path, files: Path, url: str | None = None) -> CustomerStore:
    store = CustomerStore(url or f"sqlite:///{folder}/new/customers.db")
    store.create()
    with store.session() as session:
        import_folder(session, files)
    return store
