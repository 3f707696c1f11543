from __future__ import annotations

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.encoder import Encoder, Vectors
from nlu.sentence_encoder import SentenceEncoder, token_vectors


@pytest.fixture
def component(
    encoder: Encoder, storage: ModelStorage, resource: Resource, context: ExecutionContext
) -> SentenceEncoder:
    return SentenceEncoder.create(SentenceEncoder.get_default_config(), storage, resource, context)


def messages(*texts: str) -> list[Message]:
    tokenizer = WhitespaceTokenizer(WhitespaceTokenizer.get_default_config())
    tokenized: list[Message] = tokenizer.process([Message(data={TEXT: text}) for text in texts])
    return tokenized


def features(message: Message) -> tuple[Vectors, Vectors]:
    sequence, sentence = message.get_dense_features(TEXT, [])
    assert sequence is not None and sentence is not None
    return sequence.features, sentence.features


def test_there_is_a_vector_for_each_token_and_one_for_the_message(component: SentenceEncoder) -> None:
    for message in component.process(messages("Где мой заказ NL-204518?", "ok", "Нужен чек для бухгалтерии, срочно")):
        sequence, sentence = features(message)
        assert sequence.shape == (len(message.get(TOKENS_NAMES[TEXT])), component.encoder.dimension)
        assert sentence.shape == (1, component.encoder.dimension)
        assert np.linalg.norm(sequence, axis=1).all()


def test_the_messages_vector_is_the_encoders_and_is_remembered(component: SentenceEncoder) -> None:
    text = "Этот вопрос никто ещё не задавал"
    (message,) = component.process(messages(text))
    remembered = component.encoder.encode_query(text)
    np.testing.assert_array_equal(features(message)[1][0], remembered)
    np.testing.assert_allclose(remembered, component.encoder.encode([text], "query: ", 128)[0], atol=1e-4)


def test_a_text_longer_than_the_encoder_reads_keeps_one_row_a_token(component: SentenceEncoder) -> None:
    (message,) = component.process(messages("заказ " * 200))
    sequence, _ = features(message)
    assert sequence.shape[0] == 200
    assert sequence[0].any()
    assert not sequence[-1].any()


def test_an_empty_text_has_a_zero_row_for_its_one_empty_token(component: SentenceEncoder) -> None:
    (message,) = component.process(messages(""))
    sequence, _ = features(message)
    assert sequence.shape[0] == 1
    assert not sequence.any()


def test_a_message_without_tokens_gets_no_features_and_the_others_theirs(component: SentenceEncoder) -> None:
    bare, full = component.process([Message(data={TEXT: None}), *messages("привет")])
    assert bare.get_dense_features(TEXT, []) == (None, None)
    features(full)


def test_a_customers_message_is_not_read_again_for_the_other_components(component: SentenceEncoder) -> None:
    (message,) = component.process(messages("Этот вопрос задают впервые"))
    encoding = component.encoder.read_message("Этот вопрос задают впервые")
    np.testing.assert_array_equal(features(message)[1][0], encoding.vector)
    assert component.encoder.read_message("Этот вопрос задают впервые") is encoding
    assert component.encoder.depth in encoding.states


def test_training_examples_get_features_too(component: SentenceEncoder) -> None:
    data = component.process_training_data(TrainingData(messages("привет", "пока")))
    assert [features(example)[0].shape[0] for example in data.training_examples] == [1, 1]


def test_a_tokens_vector_is_the_mean_of_the_pieces_that_overlap_it() -> None:
    pieces, spans = np.array([[1.0], [3.0], [5.0]], dtype=np.float32), [(0, 2), (2, 4), (4, 8)]
    tokens = [Token("abcd", 0), Token("efg", 5), Token("past", 9)]
    assert token_vectors(tokens, pieces, spans).tolist() == [[2.0], [5.0], [0.0]]
