from __future__ import annotations

from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.encoder import Encoder
from nlu.entities import Entity
from nlu.entity_extractor import EntityExtractor
from nlu.entity_model import EntityModel
from nlu.entity_rules import RULES

CONFIG = {**EntityExtractor.get_default_config(), "epochs": 12, "batch_size": 8, "variants": 1, "layers": [5, 7, 9]}


def annotated(text: str, value: str = "", kind: str = "city") -> Message:
    start = text.index(value)
    span = {"start": start, "end": start + len(value), "entity": kind, "value": value}
    return Message(data={TEXT: text, ENTITIES: [span] if value else []})


EXAMPLES = TrainingData(
    [
        *(annotated(f"магазин в {city} есть?", city) for city in ("Туле", "Казани", "Омске", "Самаре", "Рязани")),
        *(annotated(f"is there a shop in {city}?", city) for city in ("Moscow", "Riga", "Omsk", "Tula", "Minsk")),
        *(annotated(text) for text in ("привет", "спасибо большое", "hello there", "позовите человека")),
        annotated("где NL-204518", "NL-204518", "order_number"),
    ]
)


@pytest.fixture
def extractor(storage: ModelStorage, resource: Resource, context: ExecutionContext) -> EntityExtractor:
    return EntityExtractor.create({}, storage, resource, context)


@pytest.fixture(scope="module")
def stored() -> Resource:
    return Resource("entities")


@pytest.fixture(scope="module")
def trained(encoder: Encoder, storage: ModelStorage, stored: Resource, context: ExecutionContext) -> EntityExtractor:
    component = EntityExtractor.create(CONFIG, storage, stored, context)
    assert component.train(EXAMPLES) is stored
    return component


def parse(extractor: EntityExtractor, text: str | None) -> list[dict[str, Any]]:
    (message,) = extractor.process([Message(data={TEXT: text})])
    entities: list[dict[str, Any]] = message.as_dict(only_output_properties=True)[ENTITIES]
    return entities


def test_an_entity_has_its_span_normalised_value_and_extractor(extractor: EntityExtractor) -> None:
    assert parse(extractor, "где нл 204518?") == [
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
    assert parse(extractor, text) == []


@pytest.mark.parametrize("text", ["", None, "  \n", "🙂🙂", "слово " * 5000, "1 " * 20000])
def test_no_text_is_too_odd_for_the_trained_extractor(trained: EntityExtractor, text: str | None) -> None:
    assert all(0 <= entity["start"] < entity["end"] <= len(text or "") for entity in parse(trained, text))


def test_learned_entities_stand_beside_those_by_rule(trained: EntityExtractor) -> None:
    city, email = parse(trained, "магазин в Перми есть? a@b.ru")
    assert (city["entity"], city["value"], city["start"], city["end"]) == ("city", "Перми", 10, 15)
    assert 0.0 < city["confidence_entity"] <= 1.0
    assert email["entity"] == "email"


def test_a_kind_with_a_rule_is_not_learned(trained: EntityExtractor) -> None:
    assert trained.model is not None
    assert trained.model.kinds == ["city"]


def test_the_message_is_encoded_once(trained: EntityExtractor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trained.model is not None
    encoder, text = trained.model.encoder, "магазин в Вологде?"
    encoder.read_message(text)
    monkeypatch.setattr(encoder, "read", lambda *_: pytest.fail("encoded again"))
    assert isinstance(parse(trained, text), list)


def test_where_a_rule_and_the_model_overlap_the_rule_wins(
    trained: EntityExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = [Entity("product", 0, 13, "где NL-204518"), Entity("city", 14, 18, "Туле")]
    monkeypatch.setattr(EntityModel, "predict_read", lambda *_: [learned])
    assert [entity["entity"] for entity in parse(trained, "где NL-204518 Туле")] == ["order_number", "city"]


def test_a_stored_component_parses_the_same(
    trained: EntityExtractor, storage: ModelStorage, stored: Resource, context: ExecutionContext
) -> None:
    loaded = EntityExtractor.load(CONFIG, storage, stored, context)
    for text in ("магазин в Перми есть?", "is there a shop in Berlin?", "привет", "где NL-204518"):
        assert parse(loaded, text) == parse(trained, text)


def test_without_annotations_the_rules_work_alone(storage: ModelStorage, context: ExecutionContext) -> None:
    resource = Resource("rules alone")
    extractor = EntityExtractor.create(CONFIG, storage, resource, context)
    extractor.train(TrainingData([annotated("привет")]))
    for component in (extractor, EntityExtractor.load(CONFIG, storage, resource, context)):
        assert component.model is None
        assert [entity["value"] for entity in parse(component, "где нл 204518?")] == ["NL-204518"]


def test_a_rule_can_be_switched_off(storage: ModelStorage, resource: Resource, context: ExecutionContext) -> None:
    kinds = [kind for kind in RULES if kind != "email"]
    extractor = EntityExtractor.create({"kinds_by_rule": kinds}, storage, resource, context)
    assert [entity["entity"] for entity in parse(extractor, "a@b.ru NL-204518")] == ["order_number"]


def test_a_rule_that_does_not_exist_is_refused(
    storage: ModelStorage, resource: Resource, context: ExecutionContext
) -> None:
    with pytest.raises(InvalidConfigException, match="no rule finds parcel; there are rules for card, order_number"):
        EntityExtractor.create({"kinds_by_rule": ["parcel"]}, storage, resource, context)
