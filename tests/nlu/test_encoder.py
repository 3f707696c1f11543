from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import Unigram, WordLevel

from nlu.base_models import BASE_ENCODER, CHECKSUMS, write_checksums
from nlu.encoder import (
    BATCH,
    MESSAGE_TOKENS,
    PASSAGE,
    PASSAGE_TOKENS,
    QUERY,
    REMEMBERED_MESSAGES,
    REMEMBERED_QUERIES,
    Encoder,
    Encoding,
    Vectors,
    shared_encoder,
    unit,
)
from nlu.errors import ModelBroken, ModelMissing
from nlu.layers import run_layers
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
    # In bf16 a product of other size may round the other way.
    np.testing.assert_allclose(together, alone, atol=5e-3)
    np.testing.assert_allclose(backwards, alone, atol=5e-3)


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


def another(encoder: Encoder) -> Encoder:
    """One that keeps and remembers by itself, with the loaded weights of the given one."""
    twin = Encoder(encoder.name)
    for name in ("tokenizer", "transformer", "layers"):
        twin.__dict__[name] = getattr(encoder, name)
    return twin


def test_pieces_cover_the_text_and_come_with_its_sentence_vector(encoder: Encoder) -> None:
    encoder.keep(encoder.depth)
    texts = ["Где мой заказ NL-204518?", "ok"]
    for text, encoding in zip(texts, encoder.read(texts), strict=True):
        vectors, spans = encoding.pieces(encoder.depth)
        assert vectors.shape == (len(spans), encoder.dimension)
        covered = {position for start, end in spans for position in range(start, end)}
        assert covered >= {i for i, char in enumerate(text) if char != " "}
        assert max(covered) < len(text)
        np.testing.assert_allclose(encoding.vector, encoder.encode_query(text), atol=2e-2)


def test_the_sentence_vector_is_the_unit_mean_of_all_positions(encoder: Encoder) -> None:
    encoder.keep(encoder.depth)
    for encoding in encoder.read(TEXTS):
        mean = encoding.last.float().mean(0).numpy()
        np.testing.assert_allclose(encoding.vector, mean / np.linalg.norm(mean), atol=1e-5)
        torch.testing.assert_close(encoding.states[encoder.depth], encoding.last)
        assert len(encoding.last) == len(encoding.ids) == len(encoding.spans)
        assert encoding.spans[0] is None and encoding.spans[-1] is None


def test_the_ids_are_of_the_pieces_that_the_places_name(encoder: Encoder) -> None:
    for text, encoding in zip(TEXTS, encoder.read(TEXTS, PASSAGE), strict=True):
        assert encoding.ids == encoder.tokenizer(PASSAGE + text)["input_ids"]
        assert encoder.tokenizer.decode(ids_inside(encoding)).strip() == text.strip()


def test_what_was_read_as_a_passage_has_the_passages_vector(encoder: Encoder) -> None:
    for text, encoding in zip(TEXTS, encoder.read(TEXTS, PASSAGE, PASSAGE_TOKENS), strict=True):
        np.testing.assert_allclose(encoding.vector, encoder.encode_passages([text])[0], atol=2e-2)


def test_pieces_are_the_positions_of_the_text_alone() -> None:
    state = torch.tensor([[1.0], [2.0], [3.0], [4.0]], dtype=torch.bfloat16)
    spans: list[tuple[int, int] | None] = [None, (0, 2), (2, 5), None]
    encoding = Encoding(np.zeros(1, dtype=np.float32), [0, 7, 8, 2], spans, torch.zeros_like(state), {3: state})
    vectors, places = encoding.pieces(3)
    assert vectors.tolist() == [[2.0], [3.0]]
    assert vectors.dtype.name == "float32"
    assert places == [(0, 2), (2, 5)]


def with_tokenizer(model: object) -> Encoder:
    made = Encoder("made by hand")
    made.__dict__["tokenizer"] = SimpleNamespace(backend_tokenizer=Tokenizer(model))
    return made


def test_surprisals_are_the_tokenizers_frequencies_by_id() -> None:
    surprisals = with_tokenizer(Unigram([("<unk>", 0.0), ("▁the", -3.5), ("▁kettle", -11.25)], 0, False)).surprisals
    assert surprisals is not None
    assert surprisals.tolist() == [0.0, 3.5, 11.25]
    assert surprisals.dtype == np.float32


def test_a_tokenizer_without_frequencies_knows_no_surprisals() -> None:
    assert with_tokenizer(WordLevel({"the": 0, "[UNK]": 1}, "[UNK]")).surprisals is None


def test_frequent_pieces_surprise_less_and_every_piece_of_a_text_has_a_surprisal(encoder: Encoder) -> None:
    frequent, rare = (max(ids_inside(encoding)) for encoding in encoder.read(["и", "чайник"]))
    surprisals = encoder.surprisals
    assert surprisals is not None
    assert 0.0 < surprisals[frequent] < surprisals[rare]
    for encoding in encoder.read(TEXTS):
        assert np.isfinite(surprisals[ids_inside(encoding)]).all()


def ids_inside(encoding: Encoding) -> list[int]:
    return [i for i, span in zip(encoding.ids, encoding.spans, strict=True) if span]


def test_the_layers_asked_for_are_kept_and_no_others(encoder: Encoder) -> None:
    twin = another(encoder)
    assert twin.read(["чек"])[0].states == {}
    twin.keep(4)
    assert set(twin.read(["чек"])[0].states) == {4}
    twin.keep(0, 6)
    states = twin.read(["чек"])[0].states
    assert set(states) == {0, 4, 6}
    with torch.inference_mode():
        run, _ = run_layers(twin.layers[4:6], states[4], [len(states[4])])
    torch.testing.assert_close(run, states[6])


def test_a_message_is_read_once_until_another_layer_is_wanted(encoder: Encoder) -> None:
    twin = another(encoder)
    first = twin.read_message("где мой заказ?")
    assert twin.read_message("где мой заказ?") is first
    assert twin.encode_query("где мой заказ?") is first.vector
    twin.keep(3)
    again = twin.read_message("где мой заказ?")
    assert set(again.states) == {3}
    twin.keep(3)
    assert twin.read_message("где мой заказ?") is again


def test_only_the_last_messages_are_remembered_whole(encoder: Encoder) -> None:
    twin = another(encoder)
    first = twin.read_message("0")
    for number in range(1, REMEMBERED_MESSAGES + 1):
        last = twin.read_message(str(number))
    assert twin.read_message("0") is not first
    assert twin.read_message(str(REMEMBERED_MESSAGES)) is last


def test_a_long_message_is_cut_at_its_tokens(encoder: Encoder) -> None:
    (encoding,) = encoder.read(["заказ " * 400])
    assert len(encoding.spans) == MESSAGE_TOKENS


def test_fresh_layers_are_the_pretrained_top_and_not_those_that_serve(encoder: Encoder) -> None:
    fresh = encoder.fresh_layers(2)
    assert len(fresh) == 2
    served = encoder.layers[-2:].state_dict()
    for name, value in fresh.state_dict().items():
        assert value.dtype == torch.float32
        torch.testing.assert_close(value.to(served[name].dtype), served[name])
    before = encoder.encode(["чек"], QUERY, 16)
    with torch.no_grad():
        for parameter in fresh.parameters():
            parameter.zero_()
    np.testing.assert_array_equal(encoder.encode(["чек"], QUERY, 16), before)
    assert all(parameter.any() for parameter in encoder.fresh_layers(1).parameters())


@pytest.mark.parametrize("count", [0, -1, 1000])
def test_more_or_fewer_layers_than_there_are_are_refused(encoder: Encoder, count: int) -> None:
    with pytest.raises(ValueError, match=f"layers must be between 1 and {encoder.depth}, not {count}"):
        encoder.fresh_layers(count)


def test_a_query_is_encoded_once(fake_encoder: HashEncoder) -> None:
    first, second = fake_encoder.encode_query("привет"), fake_encoder.encode_query("привет")
    assert fake_encoder.encoded == ["привет"]
    assert first is second


def test_a_remembered_vector_is_taken_as_it_is(fake_encoder: HashEncoder) -> None:
    vector = np.ones(fake_encoder.dimension, dtype=np.float32)
    fake_encoder.remember_query("привет", vector)
    assert fake_encoder.encode_query("привет") is vector
    assert fake_encoder.encoded == []


def test_a_message_that_was_read_needs_no_encoding(fake_encoder: HashEncoder) -> None:
    encoding = fake_encoder.read_message("привет")
    assert fake_encoder.encode_query("привет") is encoding.vector
    assert fake_encoder.read_message("привет") is encoding
    assert fake_encoder.encoded == ["привет"]


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


def rows(values: Sequence[Sequence[float]]) -> Vectors:
    return np.array(values, dtype=np.float32)


@given(st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=1, max_size=4).map(rows))
def test_scaling_gives_length_one_keeps_direction_and_leaves_zero_alone(vectors: Vectors) -> None:
    scaled = unit(vectors)
    lengths = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=1), lengths > 0, atol=1e-5)
    np.testing.assert_allclose(scaled * lengths[:, None], vectors, atol=1e-4)


def test_an_encoders_identity_changes_with_its_content_and_not_with_its_place(tmp_path: Path) -> None:
    for place, content in (("one", "a"), ("two", "a"), ("three", "b")):
        (tmp_path / place / "encoder").mkdir(parents=True)
        (tmp_path / place / "encoder" / CHECKSUMS).write_text(content)
    one, two, three = (Encoder(tmp_path / place / "encoder").identity for place in ("one", "two", "three"))
    assert one == two != three
    assert Encoder("some/hub-name").identity == "some/hub-name"


def test_what_was_trained_on_another_encoder_is_refused_naming_both() -> None:
    Encoder("one").check_same("one", "intent model")
    with pytest.raises(ModelBroken, match="The intent model was trained on the encoder other, not on one: train it"):
        Encoder("one").check_same("other", "intent model")
    with pytest.raises(ModelBroken, match="on the encoder None, not on one"):
        Encoder("one").check_same(None, "intent model")


def test_a_folders_identity_follows_every_file_of_it(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(tiny_folder, folder)
    assert Encoder(folder).identity == str(folder)  # without checksums nothing else is known of it
    write_checksums(folder)
    first = Encoder(folder).identity
    assert first.startswith("encoder ")
    write_checksums(folder)
    assert Encoder(folder).identity == first
    (folder / "README.md").write_text("changed")
    write_checksums(folder)
    assert Encoder(folder).identity != first


# -- what training reads ----------------------------------------------------------------------


@pytest.fixture
def tiny(tiny_folder: Path, full_precision: None) -> Encoder:
    return Encoder(tiny_folder)


def test_the_layers_make_of_the_embeddings_what_reading_gives(tiny: Encoder) -> None:
    tiny.keep(0)
    embedded, ids = tiny.embed([PASSAGE + text for text in TEXTS], 12)
    lengths = [len(row) for row in ids]
    outputs, _ = run_layers(tiny.layers, embedded, lengths)
    read = tiny.read(TEXTS, PASSAGE, 12)
    assert ids == [encoding.ids for encoding in read]
    assert max(lengths) == 12
    for entering, output, encoding in zip(embedded.split(lengths), outputs.split(lengths), read, strict=True):
        torch.testing.assert_close(entering, encoding.states[0])
        torch.testing.assert_close(output, encoding.last, atol=1e-5, rtol=1e-4)


@pytest.fixture(scope="session")
def base_encoder() -> Encoder:
    """The encoder that all others are made from."""
    return shared_encoder(BASE_ENCODER)


@pytest.mark.parametrize("prefix", [QUERY, PASSAGE])
@pytest.mark.parametrize("text", ["Где мой заказ?", "hi", "25 рублей", "«Чайник»", "How much is it?"])
def test_a_texts_first_piece_stands_right_behind_the_prefix(base_encoder: Encoder, prefix: str, text: str) -> None:
    pieces = base_encoder.tokenizer.convert_ids_to_tokens(base_encoder.tokenizer(prefix + text)["input_ids"])
    length = base_encoder.prefix_length(prefix)
    assert "".join(pieces[1:length]).replace("▁", " ").strip() == prefix.strip()
    assert "".join(pieces[length:-1]).replace("▁", " ").strip() == text


def test_prefixes_are_as_long_as_their_words(tiny: Encoder) -> None:
    # A frame's piece, the word's and the colon's.
    assert (tiny.prefix_length(QUERY), tiny.prefix_length(PASSAGE), tiny.prefix_length("")) == (3, 3, 1)


def test_threads_may_read_texts_of_different_limits_at_once(tiny: Encoder) -> None:
    def read(limit: int) -> list[int]:
        return [len(tiny._tokens(["a b c d e f g h i j"], limit)["input_ids"][0]) for _ in range(300)]

    with ThreadPoolExecutor(4) as threads:
        found = [*threads.map(read, (4, 5, 6, 7))]
    assert found == [[limit] * 300 for limit in (4, 5, 6, 7)]


def test_a_fresh_transformer_is_in_full_precision_and_not_the_one_that_serves(tiny_folder: Path) -> None:
    serving = Encoder(tiny_folder)
    before = serving.encode(TEXTS, QUERY, MESSAGE_TOKENS)
    fresh = serving.fresh_transformer()
    assert not fresh.training
    for name, value in fresh.state_dict().items():
        assert value.dtype == torch.float32
        served = serving.transformer.state_dict()[name]
        torch.testing.assert_close(value.to(served.dtype), served)
    with torch.no_grad():
        for parameter in fresh.parameters():
            parameter.zero_()
    np.testing.assert_array_equal(serving.encode(TEXTS, QUERY, MESSAGE_TOKENS), before)
    assert all(
        parameter.any() for name, parameter in serving.fresh_transformer().named_parameters() if "query.weight" in name
    )


def test_a_fresh_transformer_of_a_damaged_folder_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(tiny_folder, folder)
    write_checksums(folder)
    with (folder / "model.safetensors").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelBroken, match=r"encoder is damaged \(model\.safetensors\)"):
        Encoder(folder).fresh_transformer()
