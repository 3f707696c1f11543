"""Rasa component: dense features from the project's encoder, for any other component to use."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.base_models import ENCODER
from nlu.encoder import Encoding, Vectors, shared_encoder

BATCH = 32


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """One vector a token (mean of its word pieces) and one a message (the unit sentence vector).

    The encoder remembers the pass, so that the components behind and retrieval take it from there.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Tokens, so that sequence features line up with other featurizers'."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["torch", "transformers"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``model``: a ``from_pretrained`` folder or hub name; ``threads``: of torch while serving."""
        return {**DenseFeaturizer.get_default_config(), "model": str(ENCODER), "threads": 1}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Every configuration is valid; a missing model is told when it loads."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        return cls(execution_context.node_name, config)

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        super().__init__(name, config)
        self.encoder = shared_encoder(config["model"])

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Featurize all training examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the features of each message that has text."""
        import torch

        torch.set_num_threads(self._config["threads"])
        self.encoder.keep(self.encoder.depth)
        tokenized = [message for message in messages if message.get(TOKENS_NAMES[TEXT])]
        for start in range(0, len(tokenized), BATCH):
            batch = tokenized[start : start + BATCH]
            for message, encoding in zip(batch, self._read([message.get(TEXT) for message in batch])):
                vectors = token_vectors(message.get(TOKENS_NAMES[TEXT]), *encoding.pieces(self.encoder.depth))
                self.add_features_to_message(vectors, encoding.vector[None, :], TEXT, message)
        return messages

    def _read(self, texts: list[str]) -> list[Encoding]:
        """One message is a customer's: its pass is remembered for the other components."""
        return [self.encoder.read_message(texts[0])] if len(texts) == 1 else self.encoder.read(texts)


def token_vectors(tokens: list[Token], pieces: Vectors, spans: list[tuple[int, int]]) -> Vectors:
    """Mean vector of the pieces that overlap each token, shape (tokens, dimension); zeros past the cut."""
    result = np.zeros((len(tokens), pieces.shape[1]), dtype=np.float32)
    for row, token in enumerate(tokens):
        inside = [i for i, (start, end) in enumerate(spans) if start < token.end and end > token.start]
        if inside:
            result[row] = pieces[inside].mean(axis=0)
    return result
