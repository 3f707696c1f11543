"""Databases: the whole demo, imported once and only read, and a small one made anew for each test."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine.url import make_url

from bot.customers.importer import DEMO_FILES, import_folder
from bot.customers.store import CustomerStore
from tests.bot.customers.shop import write_shop
from tests.postgres import binaries, server


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> CustomerStore:
    return imported(tmp_path_factory.mktemp("demo"), DEMO_FILES)


@pytest.fixture
def shop(tmp_path: Path) -> CustomerStore:
    return imported(tmp_path, write_shop(tmp_path / "shop"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server; only where none is installed, and never in CI, are its tests skipped."""
    folder = binaries()
    if folder is None:
        assert "CI" not in os.environ, "PostgreSQL is missing: .ci/run installs it with apt-get install postgresql"
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with server(folder) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/fresh/customers.db"
    return new_database(request.getfixturevalue("postgres"))


def new_database(server_url: str) -> str:
    """An empty PostgreSQL database."""
    name = f"shop_{uuid.uuid4().hex}"
    with create_engine(server_url, isolation_level="AUTOCOMMIT", future=True).connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return str(make_url(server_url).set(database=name))


def imported(folder: Path, files: Path, url: str | None = None) -> CustomerStore:
    store = CustomerStore(url or f"sqlite:///{folder}/new/customers.db")
    store.create()
    with store.session() as session:
        import_folder(session, files)
    return store
