"""An empty database of each kind that the customer store runs on."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine.url import make_url

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
