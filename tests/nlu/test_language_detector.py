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


def test_training_data_passes_unchanged(detector: LanguageDetector) -> None:
    data = TrainingData([Message(data={TEXT: "привет"})])
    assert detector.process_training_data(data) is data
    assert data.training_examples[0].get("language") is None
