from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import (
    BATCH,
    MESSAGE_TOKENS,
    PASSAGE,
    QUERY,
    REMEMBERED_QUERIES,
    Encoder,
    Vectors,
    mean_pool,
    shared_encoder,
    unit,
)
from nlu.errors import ModelMissing
from tests.fakes import HashEncoder

TEXTS = ["Где мой заказ?", "hi", "", "Сколько стоит доставка курьером в Казань и когда она будет?"]


def test_vectors_are_unit_length_one_a_text(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS, QUERY, MESSAGE_TOKENS)
    assert vectors.shape == (len(TEXTS), encoder.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_texts_vector_does_not_depend_on_its_batch_or_place(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS, QUERY, MESSAGE_TOKENS)
    backwards = encoder.encode(TEXTS[::-1], QUERY, MESSAGE_TOKENS)[::-1]
    alone = np.stack([encoder.encode([text], QUERY, MESSAGE_TOKENS)[0] for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_allclose(backwards, alone, atol=1e-4)


def test_a_translation_is_nearer_than_another_question(encoder: Encoder) -> None:
    question, translation, other = encoder.encode(
        ["Где мой заказ?", "Where is my order?", "How do I wash wool?"], QUERY, MESSAGE_TOKENS
    )
    assert question @ translation > question @ other


def test_queries_and_passages_have_their_own_prefixes(encoder: Encoder) -> None:
    np.testing.assert_allclose(encoder.encode_passages(["чек"]), encoder.encode(["чек"], PASSAGE, 512), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_query("чек"), encoder.encode(["чек"], QUERY, 128)[0], atol=1e-5)
    assert not np.allclose(encoder.encode_query("чек"), encoder.encode_passages(["чек"])[0], atol=1e-3)


def test_nothing_encodes_to_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode_passages([]).shape == (0, encoder.dimension)


def test_a_long_text_is_cut_and_progress_hears_every_text(encoder: Encoder) -> None:
    heard: list[int] = []
    texts = ["доставка " * 300] + ["ок"] * BATCH
    vectors = encoder.encode(texts, QUERY, 16, heard.append)
    assert heard == [BATCH, 1]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_token_vectors_cover_the_text_and_come_with_its_sentence_vector(encoder: Encoder) -> None:
    texts = ["Где мой заказ NL-204518?", "ok"]
    for text, (sentence, pieces) in zip(texts, encoder.encode_tokens(texts), strict=True):
        assert pieces.vectors.shape == (len(pieces.spans), encoder.dimension)
        covered = {position for start, end in pieces.spans for position in range(start, end)}
        assert covered >= {i for i, char in enumerate(text) if char != " "}
        assert max(covered) < len(text)
        np.testing.assert_allclose(sentence, encoder.encode_query(text), atol=1e-4)


def test_a_query_is_encoded_once(fake_encoder: HashEncoder) -> None:
    first, second = fake_encoder.encode_query("привет"), fake_encoder.encode_query("привет")
    assert fake_encoder.encoded == ["привет"]
    assert first is second


def test_a_remembered_vector_is_taken_as_it_is(fake_encoder: HashEncoder) -> None:
    vector = np.ones(fake_encoder.dimension, dtype=np.float32)
    fake_encoder.remember_query("привет", vector)
    assert fake_encoder.encode_query("привет") is vector
    assert fake_encoder.encoded == []


def test_the_query_unused_for_longest_is_forgotten_first(fake_encoder: HashEncoder) -> None:
    for number in range(REMEMBERED_QUERIES):
        fake_encoder.encode_query(str(number))
    fake_encoder.encode_query("0")
    fake_encoder.encode_query("one more")
    del fake_encoder.encoded[:]
    fake_encoder.encode_query("0")
    fake_encoder.encode_query("1")
    assert fake_encoder.encoded == ["1"]


def test_constructing_loads_nothing_and_a_missing_folder_is_named_at_first_use(tmp_path: Path) -> None:
    encoder = Encoder(tmp_path / "nowhere")
    with pytest.raises(ModelMissing, match=r"nowhere is missing: run `lichno up`"):
        encoder.encode_query("привет")


def test_one_encoder_a_name(tmp_path: Path) -> None:
    assert shared_encoder(tmp_path) is shared_encoder(str(tmp_path))
    assert shared_encoder(tmp_path) is not shared_encoder(tmp_path / "other")


def test_pooling_leaves_padding_out() -> None:
    hidden = np.array([[[1.0, 3.0], [3.0, 5.0], [99.0, 99.0]]], dtype=np.float32)
    assert mean_pool(hidden, np.array([[1, 1, 0]])).tolist() == [[2.0, 4.0]]


def rows(values: Sequence[Sequence[float]]) -> Vectors:
    return np.array(values, dtype=np.float32)


@given(st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=1, max_size=4).map(rows))
def test_scaling_gives_length_one_keeps_direction_and_leaves_zero_alone(vectors: Vectors) -> None:
    scaled = unit(vectors)
    lengths = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=1), lengths > 0, atol=1e-5)
    np.testing.assert_allclose(scaled * lengths[:, None], vectors, atol=1e-4)
