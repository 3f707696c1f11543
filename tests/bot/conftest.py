"""Databases: an empty one of each kind that the customer store runs on, and the small shop's."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine.url import make_url

from bot.customers.keyring import KEY_VARIABLE, new_key
from bot.customers.store import CustomerStore
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop
from tests.postgres import binaries, server


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
    return new_schema(request.getfixturevalue("postgres"))


def new_schema(server_url: str) -> str:
    """An empty schema of its own, which is quicker to make than a database."""
    name = f"shop_{uuid.uuid4().hex}"
    engine = create_engine(server_url, future=True)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return str(make_url(server_url).update_query_dict({"options": f"-csearch_path={name}"}))


@pytest.fixture(scope="session")
def imported_shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The small shop's database, imported once, and its master key."""
    folder, master = tmp_path_factory.mktemp("shop"), new_key()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(KEY_VARIABLE, master)
        store = imported(folder, write_shop(folder / "files"))
    return Path(store.url.removeprefix("sqlite:///")), master


@pytest.fixture
def store(imported_shop: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CustomerStore:
    """The small shop: C1 is Russian, has received NL-1 and asked T0001; C2 is English, NL-2 is on its way to them."""
    monkeypatch.setenv(KEY_VARIABLE, imported_shop[1])
    shutil.copy(imported_shop[0], tmp_path / "customers.db")
    return CustomerStore(f"sqlite:///{tmp_path}/customers.db")
