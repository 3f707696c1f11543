"""Rasa component around :mod:`nlu.intent_model`."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, fields
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tqdm import tqdm

from nlu.base_models import ENCODER
from nlu.encoder import shared_encoder
from nlu.intent_model import IntentModel, IntentTrainingArguments

RANKING_LENGTH = 10
MAX_CHARACTERS = 2000  # the encoder reads the beginning only: what a longer text wants is not known from it
_WORD = re.compile(r"\w")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent, RasaIntentClassifier):
    """The encoder fine-tuned end to end with a classification head."""

    @staticmethod
    def required_packages() -> list[str]:
        return ["torch", "transformers"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``model``: as for ``SentenceEncoder``; the rest as in ``IntentTrainingArguments``."""
        return {"model": str(ENCODER), **asdict(IntentTrainingArguments())}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        return cls(config, model_storage, resource, IntentModel(shared_encoder(config["model"])))

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, model: IntentModel
    ) -> None:
        self.config = config
        self.model = model
        self._storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        """Fine-tune on the intent examples and store the result."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        arguments = IntentTrainingArguments(**{f.name: self.config[f.name] for f in fields(IntentTrainingArguments)})
        with tqdm(desc="Fine-tuning the intent model", unit="step") as bar:

            def show(step: int, steps: int, loss: float) -> None:
                bar.total = steps
                bar.set_postfix(loss=f"{loss:.2f}", refresh=False)
                bar.update()

            report = self.model.train(
                [example.get(TEXT) for example in examples],
                [example.get(INTENT) for example in examples],
                arguments,
                show,
            )
        with self._storage.write_to(self._resource) as folder:
            self.model.save(folder)
            (folder / "report.json").write_text(json.dumps(asdict(report)))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Read a stored model."""
        with model_storage.read_from(resource) as folder:
            model = IntentModel.load(folder, shared_encoder(config["model"]))
        return cls(config, model_storage, resource, model)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking; without a word, or too long, a text has the intent None: Rasa's fallback."""
        nothing = {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
        for message in messages:
            text = message.get(TEXT) or ""
            ranking = self.model.predict([text])[0].ranking[:RANKING_LENGTH] if _is_classifiable(text) else []
            entries = [{INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: value} for name, value in ranking]
            message.set(INTENT, entries[0] if entries else nothing, add_to_output=True)
            message.set(INTENT_RANKING_KEY, entries, add_to_output=True)
        return messages


def _is_classifiable(text: str) -> bool:
    return len(text) <= MAX_CHARACTERS and bool(_WORD.search(text))
