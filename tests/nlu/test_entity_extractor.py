from __future__ import annotations

import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.entity_extractor import EntityExtractor


@pytest.fixture
def extractor(storage: ModelStorage, resource: Resource, context: ExecutionContext) -> EntityExtractor:
    return EntityExtractor.create({}, storage, resource, context)


def test_an_entity_has_its_span_normalised_value_and_extractor(extractor: EntityExtractor) -> None:
    (message,) = extractor.process([Message(data={TEXT: "где нл 204518?"})])
    assert message.as_dict(only_output_properties=True)[ENTITIES] == [
        {
            "entity": "order_number",
            "start": 4,
            "end": 13,
            "value": "NL-204518",
            "confidence_entity": 1.0,
            "extractor": "EntityExtractor",
        }
    ]


def test_entities_already_found_stay_and_come_first(extractor: EntityExtractor) -> None:
    known = {"entity": "city", "start": 0, "end": 6, "value": "Казань"}
    (message,) = extractor.process([Message(data={TEXT: "Казань, a@b.ru", ENTITIES: [known]})])
    assert [entity["entity"] for entity in message.get(ENTITIES)] == ["city", "email"]


@pytest.mark.parametrize("text", ["", None, "привет"])
def test_where_nothing_is_found_the_list_is_empty(extractor: EntityExtractor, text: str | None) -> None:
    (message,) = extractor.process([Message(data={TEXT: text})])
    assert message.get(ENTITIES) == []
