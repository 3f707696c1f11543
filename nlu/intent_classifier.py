"""Rasa component around :mod:`nlu.intent_model`."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import asdict, fields
from functools import cached_property
from hashlib import sha256
from pathlib import Path
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

from nlu.base_models import ENCODER
from nlu.encoder import shared_encoder
from nlu.intent_model import IntentModel, IntentTrainingArguments, Prediction
from nlu.progress import training_bar
from nlu.requests import Request, find_requests
from nlu.typos import Typos, utterances_in, whole_words

logger = logging.getLogger(__name__)

RANKING_LENGTH = 10
FALLBACK = "nlu_fallback"  # Rasa's own name
SEVERAL = "several_requests"
MAX_CHARACTERS = 2000  # the encoder reads the beginning only: what a longer text wants is not known from it
_WORD = re.compile(r"\w")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent, RasaIntentClassifier):
    """Intents by the encoder's fine-tuned top layers; in place of ``DIETClassifier`` and ``FallbackClassifier``.

    A message outside the training set's scope, below ``min_confidence``, without a single word, or
    of more than 2,000 characters gets Rasa's intent ``nlu_fallback``. With ``request_intents`` a
    message that holds several of them gets the intent ``several_requests`` and lists them as
    ``requests``. A message with misspelled words is classified as if they were spelled right
    (:mod:`nlu.typos`); its text stays as typed. ``utterances`` is the folder of training files
    whose words are known; an empty or missing one corrects nothing. ``told`` is a folder of text files,
    on each line a part of a message that asks nothing (:mod:`nlu.asking`); without it every part may be a request.
    """

    @staticmethod
    def required_packages() -> list[str]:
        return ["torch", "transformers"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``model``: as for ``SentenceEncoder``; the training arguments are those of ``IntentTrainingArguments``."""
        return {
            "model": str(ENCODER),
            "min_confidence": 0.3,
            "request_intents": [],
            "utterances": "training_data/nlu",
            "told": "training_data/told",
            **asdict(IntentTrainingArguments()),
        }

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
        self.config = {**self.get_default_config(), **config}
        self.model = model
        self._storage = model_storage
        self._resource = resource

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """What Rasa does not see of the training data: changed, the model is trained anew."""
        return sha256("\n".join(_told(config)).encode()).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Fine-tune on the intent examples and store the result."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        arguments = IntentTrainingArguments(**{f.name: self.config[f.name] for f in fields(IntentTrainingArguments)})
        with training_bar("Fine-tuning the intent model") as show:
            report = self.model.train(
                [example.get(TEXT) for example in examples],
                [example.get(INTENT) for example in examples],
                arguments,
                show,
                told=_told(self.config),
            )
        for warning in report.warnings:
            logger.warning(warning)
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
        """Set intent and ranking."""
        for message in messages:
            text = message.get(TEXT) or ""
            readable = _is_classifiable(text)
            prediction = self._classify(self._spelled(text, message)) if readable else None
            requests = self._requests(text) if readable else []
            entries = self._entries(prediction, requests)
            message.set(INTENT, entries[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, entries, add_to_output=True)
            if requests:
                message.set("requests", [asdict(request) for request in requests], add_to_output=True)
        return messages

    def _classify(self, text: str) -> Prediction:
        """From the pass that the encoder made, or will make, for all components."""
        return self.model.predict_read([self.model.encoder.read_message(text)])[0]

    def _spelled(self, text: str, message: Message) -> str:
        return self._typos.corrected(text, (message.get("language") or {}).get("language", ""))

    @cached_property
    def _typos(self) -> Typos:
        folder = self.config["utterances"]
        utterances = utterances_in(Path(folder)) if folder else []
        words = whole_words(self.model.encoder.tokenizer.get_vocab()) if utterances else frozenset()
        return Typos(utterances, words)

    def _requests(self, text: str) -> list[Request]:
        wanted = set(self.config["request_intents"]).intersection(self.model.labels)
        return find_requests(text, self.model.predict, wanted) if len(wanted) > 1 else []

    def _entries(self, prediction: Prediction | None, requests: list[Request]) -> list[dict[str, Any]]:
        """The ranking, headed by what stands for several requests or for a message not understood."""
        if prediction is None:  # not a word in it, or too long to read
            return [_entry(FALLBACK, 1.0)]
        entries = [_entry(name, value) for name, value in prediction.ranking[:RANKING_LENGTH]]
        if requests:
            return [_entry(SEVERAL, min(request.confidence for request in requests)), *entries]
        if not prediction.in_scope or prediction.confidence < self.config["min_confidence"]:
            return [_entry(FALLBACK, 1.0 - prediction.confidence), *entries]
        return entries


def _told(config: dict[str, Any]) -> list[str]:
    """The parts of messages that ask nothing; of no folder, none."""
    folder = {**IntentClassifier.get_default_config(), **config}["told"]
    files = sorted(Path(folder).glob("*.txt")) if folder else []
    lines = [line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line]


def _entry(name: str, confidence: float) -> dict[str, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}


def _is_classifiable(text: str) -> bool:
    return len(text) <= MAX_CHARACTERS and bool(_WORD.search(text))
