"""What Rasa passes to a component."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> ModelStorage:
    folder: Path = tmp_path_factory.mktemp("storage")
    return LocalModelStorage.create(folder)


@pytest.fixture(scope="session")
def resource() -> Resource:
    return Resource("component")


@pytest.fixture(scope="session")
def context() -> ExecutionContext:
    return ExecutionContext(GraphSchema({}), node_name="component")
