from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import Encoder
from nlu.entity_examples import EntityExample, Span, Variants
from nlu.entity_model import (
    MODEL_FILE,
    EntityModel,
    EntityTrainingArguments,
    is_stored,
)
from nlu.errors import ModelBroken, TrainingDataError
from nlu.tagger import Tagger
from tests.fakes import HashEncoder

QUICK = EntityTrainingArguments(epochs=12, batch_size=8, variants=1, dropout=0.1)


def marked(text: str) -> EntityExample:
    """An example from ``[span](kind)``, as Rasa writes them."""
    plain, spans = "", []
    for part in text.split("["):
        value, bracket, rest = part.partition("](")
        if not bracket:
            plain += part
            continue
        kind, _, after = rest.partition(")")
        spans.append(Span(len(plain), len(plain) + len(value), kind))
        plain += value + after
    return EntityExample(plain, spans)


EXAMPLES = [
    marked(text)
    for text in (
        *(f"магазин в [{city}](city) есть?" for city in ("Туле", "Казани", "Омске", "Самаре", "Рязани")),
        *(f"is there a shop in [{city}](city)?" for city in ("Moscow", "Riga", "Omsk", "Tula", "Minsk")),
        *(f"где мой [{thing}](product)" for thing in ("телефон", "чайник", "умный утюг", "ноутбук", "пылесос")),
        *(f"where is my [{thing}](product)" for thing in ("phone", "kettle", "coffee machine", "laptop", "tablet")),
        "привет", "спасибо большое", "позовите человека", "hello there", "thank you", "what can you do?",
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def model(encoder: Encoder) -> EntityModel:
    trained = EntityModel(encoder)
    trained.train(EXAMPLES, QUICK)
    return trained


def found(model: EntityModel, text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.value) for entity in model.predict([text])[0]]


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("магазин в Перми есть?", [("city", "Перми")]),
        ("is there a shop in Berlin?", [("city", "Berlin")]),
        ("где мой холодильник", [("product", "холодильник")]),
        ("where is my camera", [("product", "camera")]),
        ("спасибо", []),
    ],
)
def test_it_finds_values_it_has_not_seen(model: EntityModel, text: str, entities: list[tuple[str, str]]) -> None:
    assert found(model, text) == entities


def test_quotes_around_a_value_are_not_part_of_it(model: EntityModel) -> None:
    assert found(model, "где мой «телефон»?") == [("product", "телефон")]


def test_each_text_of_a_batch_is_tagged_as_if_alone(model: EntityModel) -> None:
    texts = [example.text for example in EXAMPLES]
    together = model.predict(texts)
    spans = [[(entity.kind, entity.start, entity.end) for entity in entities] for entities in together]
    alone = [[(e.kind, e.start, e.end) for e in model.predict([text])[0]] for text in texts]
    assert spans == alone


def test_a_stored_model_predicts_the_same(model: EntityModel, encoder: Encoder, tmp_path: Path) -> None:
    assert not is_stored(tmp_path)
    model.save(tmp_path)
    assert is_stored(tmp_path)
    texts = ["магазин в Перми есть?", "where is my camera", "привет"]
    assert EntityModel.load(tmp_path, encoder).predict(texts) == model.predict(texts)


def test_training_twice_gives_the_same_model(model: EntityModel, encoder: Encoder) -> None:
    again = EntityModel(encoder)
    again.train(EXAMPLES, QUICK)
    assert again.predict(["магазин в Перми есть?"]) == model.predict(["магазин в Перми есть?"])


def test_a_folder_without_a_model_is_refused(encoder: Encoder, tmp_path: Path) -> None:
    with pytest.raises(ModelBroken, match="holds no entity model: train it"):
        EntityModel.load(tmp_path, encoder)


def test_a_model_trained_on_another_encoder_is_refused_naming_both(
    model: EntityModel, fake_encoder: HashEncoder, tmp_path: Path
) -> None:
    model.save(tmp_path)
    with pytest.raises(
        ModelBroken,
        match=rf"^The entity model was trained on the encoder {model.encoder.identity}, not on hashed words: train it"
        r" again \(`lichno train nlu`, or `rasa train --force`\)\.$",
    ):
        EntityModel.load(tmp_path, fake_encoder)


def test_a_model_that_names_no_encoder_is_refused(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    (tmp_path / MODEL_FILE).write_text('{"kinds": ["city"], "layers": [4]}')
    with pytest.raises(ModelBroken, match="trained on the encoder None, not on hashed words: train it again"):
        EntityModel.load(tmp_path, fake_encoder)


@pytest.mark.parametrize(
    ("examples", "complaint"),
    [
        ([], "No example is annotated"),
        ([EntityExample("привет")], "No example is annotated"),
        ([EntityExample("в Туле", [Span(2, 9, "city")])], "from 2 to 9 lies outside its text: 'в Туле'"),
        ([EntityExample("в Туле", [Span(4, 4, "city")])], "from 4 to 4 lies outside"),
    ],
)
def test_data_without_usable_annotations_is_refused(
    encoder: Encoder, examples: list[EntityExample], complaint: str
) -> None:
    with pytest.raises(TrainingDataError, match=complaint):
        EntityModel(encoder).train(examples, QUICK)


def test_the_report_and_progress_tell_what_was_learned(encoder: Encoder) -> None:
    steps: list[tuple[int, int]] = []
    arguments = EntityTrainingArguments(epochs=2, batch_size=16, variants=0)
    report = EntityModel(encoder).train(EXAMPLES, arguments, lambda step, total, loss: steps.append((step, total)))
    assert (report.examples, report.spans, report.kinds) == (26, 20, ["city", "product"])
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("text", ["", " \n", "🙂🙂", "…", "привет " * 2000, "ф" * 5000, "\u200b", "a\u0301 \x00"])
def test_any_text_can_be_read(model: EntityModel, text: str) -> None:
    assert all(text[entity.start : entity.end] == entity.value for entity in model.predict([text])[0])


TEXTS = st.lists(
    st.sampled_from(
        ["где", "мой", "телефон", "«", "»", "в", "Туле", ",", " ", "phone", "shop in", "🙂", "Riga", "(", ")"]
    ),
    max_size=12,
).map(" ".join)


@given(TEXTS | st.text(max_size=40))
def test_spans_are_whole_words_in_order_with_probabilities(model: EntityModel, text: str) -> None:
    entities = model.predict([text])[0]
    edges = [edge for entity in entities for edge in (entity.start, entity.end)]
    assert edges == sorted(edges)
    for entity in entities:
        assert text[entity.start : entity.end] == entity.value
        assert 0.0 < entity.confidence <= 1.0 + 1e-6
        assert entity.value[0].isalnum() or entity.value[0] == "_"
        assert entity.value.split()[0].lower() not in ("в", "in")
        around = text[max(entity.start - 1, 0) : entity.start] + text[entity.end : entity.end + 1]
        assert not any(char.isalnum() for char in around)


@given(st.integers(0, 10_000))
def test_variants_keep_their_annotations_exact(seed: int) -> None:
    values = {span.kind: set[str]() for example in EXAMPLES for span in example.spans}
    for example in EXAMPLES:
        for span in example.spans:
            values[span.kind].add(example.text[span.start : span.end].lower())
    variants = Variants(EXAMPLES, QUICK.variants, QUICK.exchanged, QUICK.bound, random.Random(seed))
    for example in EXAMPLES:
        copies = variants.of(example)
        assert len(copies) == (1 if example.spans else 0)
        for copy in copies:
            assert [span.kind for span in copy.spans] == [span.kind for span in example.spans]
            assert all(copy.text[span.start : span.end].lower() in values[span.kind] for span in copy.spans)


def test_a_bound_value_is_not_exchanged() -> None:
    examples = [marked("[сломался](reason) в пути"), marked("[опоздал](reason) вчера")]
    variants = Variants(examples, 9, 1.0, EntityTrainingArguments().bound, random.Random(1))
    assert {copy.text.lower() for copy in variants.of(examples[0])} == {"сломался в пути"}


@pytest.fixture
def tagger() -> Tagger:
    torch.manual_seed(3)
    network = Tagger(4, 2, 8, 3)
    network.eval()
    torch.nn.init.normal_(network.transitions)
    torch.nn.init.normal_(network.first)
    return network


def paths(length: int, tags: int = 5) -> list[list[int]]:
    return [[n // tags**i % tags for i in range(length)] for n in range(tags**length)]


def test_likelihoods_of_all_taggings_sum_to_one(tagger: Tagger) -> None:
    words = torch.randn(3, 4)
    with torch.no_grad():
        total = sum(float(torch.exp(-3 * tagger.loss([words], [torch.tensor(path)]))) for path in paths(3))
    assert total == pytest.approx(1.0, abs=1e-4)


def test_decoding_finds_the_likeliest_tagging_and_its_marginals(tagger: Tagger) -> None:
    words = torch.randn(3, 4)
    with torch.no_grad():
        chances = {tuple(p): float(torch.exp(-3 * tagger.loss([words], [torch.tensor(p)]))) for p in paths(3)}
    tags, certain = tagger.decode(words)
    assert tuple(tags) == max(chances, key=lambda path: chances[path])
    for i, tag in enumerate(tags):
        assert certain[i] == pytest.approx(sum(c for path, c in chances.items() if path[i] == tag), abs=1e-4)


@given(st.integers(0, 1000), st.integers(1, 12))
def test_no_span_begins_inside(seed: int, length: int) -> None:
    torch.manual_seed(seed)
    network = Tagger(4, 3, 8, 3).eval()
    tags, _ = network.decode(5 * torch.randn(length, 4))
    for before, tag in zip([0, *tags], tags):
        assert tag == 0 or tag % 2 or before in (tag, tag - 1)


def test_padding_changes_no_loss(tagger: Tagger) -> None:
    words, tags = [torch.randn(n, 4) for n in (2, 5)], [torch.zeros(n, dtype=torch.long) for n in (2, 5)]
    with torch.no_grad():
        together = 7 * tagger.loss(words, tags)
        apart = 2 * tagger.loss(words[:1], tags[:1]) + 5 * tagger.loss(words[1:], tags[1:])
    assert float(together) == pytest.approx(float(apart), abs=1e-4)
