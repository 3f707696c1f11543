from __future__ import annotations

from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.language_detector import LanguageDetector


@pytest.fixture
def detector(storage: ModelStorage, resource: Resource, context: ExecutionContext) -> LanguageDetector:
    return LanguageDetector.create({}, storage, resource, context)


def language(detector: LanguageDetector, **data: Any) -> Any:
    (message,) = detector.process([Message(data=data)])
    return message.as_dict(only_output_properties=True)["language"]


def test_the_language_is_part_of_the_parse_result(detector: LanguageDetector) -> None:
    guess = language(detector, **{TEXT: "Где мой заказ?"})
    assert guess == {"language": "ru", "confidence": 1.0, "source": "script"}


def test_metadata_helps_where_the_text_says_nothing(detector: LanguageDetector) -> None:
    assert language(detector, **{TEXT: "42", METADATA: {"language": "ru"}})["source"] == "setting"
    assert language(detector, **{TEXT: "42", METADATA: {"language": "ru", "languages": ["en"]}})["language"] == "en"


@pytest.mark.parametrize("data", [{}, {TEXT: None}, {TEXT: "", METADATA: None}, {TEXT: "42", METADATA: {}}])
def test_no_text_and_no_metadata_give_the_default(detector: LanguageDetector, data: dict[str, Any]) -> None:
    assert language(detector, **data)["source"] == "default"


def test_a_wrong_layout_is_undone_before_the_message_is_understood(detector: LanguageDetector) -> None:
    (message,) = detector.process([Message(data={TEXT: "ult vjq pfrfp"})])
    parsed = message.as_dict(only_output_properties=True)
    assert (parsed[TEXT], parsed["typed"]) == ("где мой заказ", "ult vjq pfrfp")
    assert (parsed["language"]["language"], parsed["language"]["source"]) == ("ru", "layout")


def test_a_text_that_is_right_has_nothing_typed(detector: LanguageDetector) -> None:
    (message,) = detector.process([Message(data={TEXT: "Where is my order?"})])
    assert message.get(TEXT) == "Where is my order?"
    assert "typed" not in message.as_dict(only_output_properties=True)


def test_correction_can_be_switched_off(storage: ModelStorage, resource: Resource, context: ExecutionContext) -> None:
    detector = LanguageDetector.create({"correct_layout": False}, storage, resource, context)
    (message,) = detector.process([Message(data={TEXT: "ghbdtn"})])
    assert message.get(TEXT) == "ghbdtn"
    assert message.get("typed") is None
    assert message.get("language")["language"] == "ru"


def test_training_data_passes_unchanged(detector: LanguageDetector) -> None:
    data = TrainingData([Message(data={TEXT: "привет"})])
    assert detector.process_training_data(data) is data
    assert data.training_examples[0].get("language") is None
