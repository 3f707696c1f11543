"""Rasa component around :mod:`nlu.entity_rules` and :mod:`nlu.entity_model`."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, fields
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.base_models import ENCODER
from nlu.encoder import shared_encoder
from nlu.entities import Entity, without_overlaps
from nlu.entity_examples import EntityExample, Span
from nlu.entity_model import EntityModel, EntityTrainingArguments, is_stored
from nlu.entity_rules import RULES, find_entities
from nlu.order_numbers import DEFAULT
from nlu.progress import training_bar

MAX_CHARACTERS = 10_000  # of a longer text the beginning is searched: nobody types the rest


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class EntityExtractor(GraphComponent, EntityExtractorMixin):
    """Adds entities by rule with normalised values, and those learned from annotated examples.

    Where two overlap, the rule's stays. Without annotated examples the rules work alone.
    """

    @staticmethod
    def required_packages() -> list[str]:
        return ["torch", "transformers", "dateparser", "phonenumbers"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``model``: as for ``SentenceEncoder``; ``kinds_by_rule``: the rules to use, all by default;
        ``order_number``: how the shop's numbers look (:mod:`nlu.order_numbers` reads it when it serves).

        The rest as in ``EntityTrainingArguments``.
        """
        return {
            "model": str(ENCODER),
            "kinds_by_rule": list(RULES),
            "order_number": DEFAULT,
            **asdict(EntityTrainingArguments()),
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityExtractor:
        return cls(config, model_storage, resource)

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: EntityModel | None = None,
    ) -> None:
        self.config = {**self.get_default_config(), **config}
        self.model = model
        self._kinds_by_rule = known_rules(self.config["kinds_by_rule"])
        self._storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the annotated kinds that have no rule, and store the model; without any, nothing is stored."""
        examples = [self._example(message) for message in training_data.training_examples if message.get(TEXT)]
        if not any(example.spans for example in examples):
            return self._resource
        self.model = EntityModel(shared_encoder(self.config["model"]))
        with training_bar("Training the entity model") as show:
            report = self.model.train(examples, arguments_in(self.config), show)
        with self._storage.write_to(self._resource) as folder:
            self.model.save(folder)
            (folder / "report.json").write_text(json.dumps(asdict(report)))
        return self._resource

    def _example(self, message: Message) -> EntityExample:
        spans = [
            Span(
                annotation[ENTITY_ATTRIBUTE_START], annotation[ENTITY_ATTRIBUTE_END], annotation[ENTITY_ATTRIBUTE_TYPE]
            )
            for annotation in message.get(ENTITIES, [])
            if annotation[ENTITY_ATTRIBUTE_TYPE] not in self._kinds_by_rule
        ]
        return EntityExample(message.get(TEXT), spans)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EntityExtractor:
        """Read a stored model; where none was stored, the rules work alone."""
        extractor = cls(config, model_storage, resource)
        if _holds_model(model_storage, resource):
            with model_storage.read_from(resource) as folder:
                extractor.model = EntityModel.load(folder, shared_encoder(extractor.config["model"]))
        return extractor

    def process(self, messages: list[Message]) -> list[Message]:
        """Append the entities of each message to those already found."""
        for message in messages:
            entities = [
                {
                    ENTITY_ATTRIBUTE_TYPE: entity.kind,
                    ENTITY_ATTRIBUTE_START: entity.start,
                    ENTITY_ATTRIBUTE_END: entity.end,
                    ENTITY_ATTRIBUTE_VALUE: entity.value,
                    "confidence_entity": entity.confidence,
                }
                for entity in self._find((message.get(TEXT) or "")[:MAX_CHARACTERS])
            ]
            known = message.get(ENTITIES, [])
            message.set(ENTITIES, known + self.add_extractor_name(entities), add_to_output=True)
        return messages

    def _find(self, text: str) -> list[Entity]:
        """By rule and by model; rules come first and so win."""
        by_rule = find_entities(text, kinds=self._kinds_by_rule)
        if self.model is None or not text.strip():
            return by_rule
        (learned,) = self.model.predict_read([self.model.encoder.read_message(text)], [text])
        return without_overlaps([*by_rule, *learned])


def _holds_model(storage: ModelStorage, resource: Resource) -> bool:
    try:
        with storage.read_from(resource) as folder:
            return is_stored(folder)
    except ValueError:  # Rasa's for a resource that was never written
        return False


def arguments_in(config: dict[str, Any]) -> EntityTrainingArguments:
    """The training arguments among a component's settings; YAML's lists become tuples."""
    values: dict[str, Any] = {field.name: config[field.name] for field in fields(EntityTrainingArguments)}
    values.update(layers=tuple(values["layers"]), bound=tuple(values["bound"]))
    return EntityTrainingArguments(**values)


def known_rules(kinds: Collection[str]) -> list[str]:
    """The kinds, if each has a rule.

    Raises:
        InvalidConfigException: one has none.
    """
    if unknown := [kind for kind in kinds if kind not in RULES]:
        raise InvalidConfigException(
            f"kinds_by_rule in config.yml: no rule finds {', '.join(unknown)}; there are rules for {', '.join(RULES)}."
        )
    return list(kinds)
