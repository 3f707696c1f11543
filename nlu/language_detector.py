"""Rasa component: the message's language, as ``language`` in the parse result, and its keyboard layout undone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.keyboard import corrected
from nlu.language import detect


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LanguageDetector(GraphComponent):
    """Sets ``language`` to ``{language, confidence, source}``.

    A channel that knows the customer's setting or the conversation's languages puts them into the
    message's metadata, as ``language`` and ``languages``; both help with short texts.

    A message typed on the wrong keyboard layout is understood, and stands in the parse result, as
    its author meant it; ``typed`` keeps what was typed. ``correct_layout: false`` leaves it as typed.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings of ``config.yml`` with their defaults."""
        return {"correct_layout": True}

    def __init__(self, correct_layout: bool = True) -> None:
        """``correct_layout``: whether to replace a text that was typed on the wrong layout."""
        self._correct_layout = correct_layout

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        return cls({**cls.get_default_config(), **config}["correct_layout"])

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training needs no language."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the language of each message, and its text where the layout was wrong."""
        for message in messages:
            metadata = message.get(METADATA) or {}
            typed = message.get(TEXT) or ""
            guess = detect(typed, metadata.get("languages", ()), metadata.get("language"))
            message.set("language", asdict(guess), add_to_output=True)
            if self._correct_layout and (meant := corrected(typed)) is not None:
                message.set(TEXT, meant, add_to_output=True)
                message.set("typed", typed, add_to_output=True)
        return messages
