from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import PASSAGE, PASSAGE_TOKENS, Vectors, unit
from retrieval.late_interaction import (
    COMMON_SURPRISAL,
    LEAST_WEIGHT,
    TYPICAL,
    LateInteraction,
    Match,
    QuestionTokens,
    TokenVectors,
    _owners,
)
from retrieval.sentences import located_sentences, sentences_of
from tests.fakes import DIMENSION, HashEncoder, piece
from tests.retrieval.articles import passage

COURIER = "The courier brings it in two days. The price is 299 roubles."
JACKET = "You may return a jacket within 30 days."


@pytest.fixture
def late(fake_encoder: HashEncoder) -> LateInteraction:
    return LateInteraction(fake_encoder)


def question(late: LateInteraction, text: str) -> QuestionTokens:
    return late.question(late.encoder.read_message(text))


def tokens(late: LateInteraction, text: str) -> TokenVectors:
    """Of a passage under the heading "Title"."""
    one = passage(text)
    (encoding,) = late.encoder.read([one.embedded_text], PASSAGE, PASSAGE_TOKENS)
    return late.passage(encoding, one)


def match(late: LateInteraction, text: str, *texts: str) -> list[Match]:
    return late.match(question(late, text), [tokens(late, one) for one in texts])


# -- matching ---------------------------------------------------------------------------------


def test_a_passage_with_the_questions_words_beats_one_without(late: LateInteraction) -> None:
    courier, jacket = match(late, "What is the price of a courier?", COURIER, JACKET)
    assert courier.whole > jacket.whole
    assert courier.best > jacket.best


def test_a_passage_matches_its_own_words_entirely(late: LateInteraction) -> None:
    (own,) = match(late, COURIER, COURIER)
    assert own.whole == pytest.approx(1.0, abs=1e-2)
    assert own.best < own.whole  # neither sentence holds them all


def test_each_sentence_matches_its_own_words_best(late: LateInteraction) -> None:
    for number, sentence in enumerate(sentences_of(COURIER)):
        (found,) = match(late, sentence, COURIER)
        assert found.sentences[number] == pytest.approx(found.best) == pytest.approx(1.0, abs=1e-2)
        assert found.sentences[1 - number] < found.best


def test_the_heading_counts_for_every_sentence(late: LateInteraction) -> None:
    (found,) = match(late, "title", COURIER)
    assert found.sentences == pytest.approx({0: 1.0, 1: 1.0}, abs=1e-2)


def test_of_text_that_is_no_sentence_the_best_is_the_whole(late: LateInteraction) -> None:
    (found,) = match(late, "Size and price", "| Size | Price |\n|---|---|")
    assert (found.best, found.sentences) == (found.whole, {})


def test_what_has_no_pieces_matches_nothing(late: LateInteraction) -> None:
    empty = tokens(late, COURIER)
    empty = TokenVectors(empty.values[:0], empty.owners[:0])
    nothing = Match(-1.0, -1.0, {})
    asked = question(late, "the price of a courier")
    found = late.match(asked, [empty, tokens(late, COURIER), empty])
    assert (found[0], found[2]) == (nothing, nothing)
    assert found[1:2] == late.match(asked, [tokens(late, COURIER)])
    assert late.match(question(late, "?!"), [tokens(late, COURIER)]) == [nothing]
    assert late.match(asked, []) == []


# -- any vectors ------------------------------------------------------------------------------

AXES = 16
OWNERS = st.lists(st.integers(-1, 4), max_size=8).map(sorted)
PASSAGES = st.builds(
    lambda seed, owners: [_random_passage(seed + i, one) for i, one in enumerate(owners)],
    st.integers(0, 10**6),
    st.lists(OWNERS, max_size=5),
)
QUESTIONS = st.builds(lambda seed, pieces: _random_question(seed, pieces), st.integers(0, 10**6), st.integers(1, 5))


def _random_passage(seed: int, owners: list[int]) -> TokenVectors:
    values = np.random.default_rng(seed).integers(-127, 128, (len(owners), AXES))
    return TokenVectors(values.astype(np.int8), np.array(owners, dtype=np.int16))


def _random_question(seed: int, pieces: int) -> QuestionTokens:
    random = np.random.default_rng(seed)
    weights = random.random(pieces).astype(np.float32)
    vectors: Vectors = random.standard_normal((pieces, AXES)).astype(np.float32)
    return QuestionTokens(unit(vectors), weights / weights.sum(), [(i, i + 1) for i in range(pieces)])


def expected(asked: QuestionTokens, one: TokenVectors) -> Match:
    """What a match is, piece by piece."""
    if not len(one.owners):
        return Match(-1.0, -1.0, {})
    cosines = unit(one.values.astype(np.float32)) @ asked.vectors.T
    sentences = {
        int(number): float(cosines[(one.owners == number) | (one.owners == -1)].max(axis=0) @ asked.weights)
        for number in np.unique(one.owners)
        if number >= 0
    }
    whole = float(cosines.max(axis=0) @ asked.weights)
    return Match(whole, max(sentences.values(), default=whole), sentences)


@given(QUESTIONS, PASSAGES)
def test_a_match_is_the_weighted_mean_of_each_pieces_nearest(
    asked: QuestionTokens, passages: list[TokenVectors]
) -> None:
    for found, one in zip(LateInteraction(HashEncoder()).match(asked, passages), passages, strict=True):
        by_hand = expected(asked, one)
        assert (found.whole, found.best) == pytest.approx((by_hand.whole, by_hand.best), abs=1e-2)
        assert found.sentences == pytest.approx(by_hand.sentences, abs=1e-2)


@given(QUESTIONS, PASSAGES)
def test_a_match_is_between_minus_one_and_one(asked: QuestionTokens, passages: list[TokenVectors]) -> None:
    for found in LateInteraction(HashEncoder()).match(asked, passages):
        scores = [found.whole, found.best, *found.sentences.values()]
        assert max(map(abs, scores)) <= 1.01  # to eight bits
        assert max(found.sentences.values(), default=found.whole) == found.best
        assert found.best <= found.whole + 1e-6  # the two are summed in different orders


@given(QUESTIONS, PASSAGES, st.randoms())
def test_a_match_does_not_depend_on_the_passages_beside_it(
    asked: QuestionTokens, passages: list[TokenVectors], random: Random
) -> None:
    late = LateInteraction(HashEncoder())
    order = list(range(len(passages)))
    random.shuffle(order)
    together = late.match(asked, [passages[i] for i in order])
    for i, found in zip(order, together, strict=True):
        (alone,) = late.match(asked, [passages[i]])
        assert found.whole == pytest.approx(alone.whole, abs=1e-4)
        assert found.sentences == pytest.approx(alone.sentences, abs=1e-4)


@given(PASSAGES)
def test_pieces_survive_as_bytes(passages: list[TokenVectors]) -> None:
    for one in passages:
        again = TokenVectors.from_bytes(one.to_bytes())
        assert again.owners.tolist() == one.owners.tolist()
        assert again.values.tolist() == one.values.tolist()
        np.testing.assert_array_equal(again.scales, one.scales)


# -- a passage's pieces -----------------------------------------------------------------------

TABLE = "| Size | Chest |\n|---|---|\n| Small | 88 cm |\n| Large | 99 cm |"
LINES = st.sampled_from(
    [
        "Курьер привозит заказ. Цена 299 рублей.", "It costs 2.5 dollars, e.g. for a **book**. Да.",
        "- first item", "да", "", TABLE, "1. See [the list](https://a.b/c). Then?",
    ]
)  # fmt: skip


@given(st.lists(LINES, max_size=5).map("\n".join))
def test_every_sentence_owns_the_words_that_stand_in_it(text: str) -> None:
    found = tokens(LateInteraction(HashEncoder()), text)
    axes = found.values.argmax(axis=1)
    assert found.owners.tolist() == sorted(found.owners.tolist())
    assert set(found.owners.tolist()) <= set(range(-1, len(sentences_of(text))))
    for number, sentence in enumerate(located_sentences(text)):
        (words,) = HashEncoder().read([text[sentence.start : sentence.end]])
        assert axes[found.owners == number].tolist() == words.ids[1:-1]
    assert len(axes) == len(HashEncoder().read([passage(text).embedded_text])[0].ids) - 2


def test_a_piece_of_the_heading_or_between_sentences_is_of_no_sentence() -> None:
    one = passage("- One two.\n- Three.")  # under the heading "Title"
    pieces = ["Title", "-", "One", "two", ".", "-", "Three"]
    spans, place = [], 0
    for piece_of_text in pieces:
        place = one.embedded_text.index(piece_of_text, place)
        spans.append((place, place + len(piece_of_text)))
    assert _owners(spans, one).tolist() == [-1, -1, 0, 0, 0, -1, 1]
    assert _owners([], one).tolist() == []


def test_a_sentence_beyond_what_the_encoder_reads_has_no_match(late: LateInteraction) -> None:
    one = passage(COURIER)
    (encoding,) = late.encoder.read([one.embedded_text])
    cut = replace(encoding, ids=encoding.ids[:5], spans=encoding.spans[:4] + [None], last=encoding.last[:5])
    (found,) = late.match(question(late, "the price"), [late.passage(cut, one)])
    assert set(found.sentences) == {0}


# -- weights ----------------------------------------------------------------------------------


def test_without_frequencies_every_piece_weighs_the_same(late: LateInteraction) -> None:
    asked = question(late, "the price of a courier")
    assert asked.weights.tolist() == pytest.approx([0.2] * 5)
    assert asked.weight(0, 9) == pytest.approx(0.4)  # "the price"
    assert asked.weight(5, 6) == pytest.approx(0.2)  # within "price"
    assert asked.weight(3, 4) == 0.0  # between words


def test_a_questions_weights_are_those_of_its_pieces(late: LateInteraction) -> None:
    late.encoder.surprisals = np.linspace(0.0, 12.0, DIMENSION, dtype=np.float32)
    ids = [piece(word) for word in ("the", "price", "of", "the", "courier")]
    weights = late.weights(ids)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[0] == weights[3]
    assert question(late, "the price of the courier").weights.tolist() == weights.tolist()
    assert late.weights([]).tolist() == []


@given(st.lists(st.integers(0, DIMENSION - 1), min_size=1, max_size=20))
def test_weights_sum_to_one_and_follow_the_surprisals_down_to_a_least(ids: list[int]) -> None:
    late = LateInteraction(HashEncoder())
    late.encoder.surprisals = np.linspace(0.0, 12.0, DIMENSION, dtype=np.float32)
    weights = late.weights(ids)
    assert weights.sum() == pytest.approx(1.0, abs=1e-5)
    by_hand = [max(late.encoder.surprisals[i] - COMMON_SURPRISAL, LEAST_WEIGHT) for i in ids]
    assert (weights / weights[0]).tolist() == pytest.approx([weight / by_hand[0] for weight in by_hand], rel=1e-4)


def test_rare_pieces_weigh_more(late: LateInteraction) -> None:
    alike = match(late, "a blue kettle", "Blue one.", "Kettle.")
    assert alike[0].whole == pytest.approx(alike[1].whole, abs=2e-2)
    late.encoder.surprisals = np.full(DIMENSION, COMMON_SURPRISAL - 2.0, dtype=np.float32)
    late.encoder.surprisals[piece("kettle")] = COMMON_SURPRISAL + 6.0
    asked = question(late, "a blue kettle")
    assert asked.weights.sum() == pytest.approx(1.0)
    assert asked.weights[2] > 10 * asked.weights[1] > 0.0
    frequent, rare = match(late, "a blue kettle", "Blue one.", "Kettle.")
    assert rare.whole > 0.8 > 0.2 > frequent.whole


def test_what_is_common_is_the_mean_of_the_typical_texts_pieces(late: LateInteraction) -> None:
    ids = [i for encoding in HashEncoder().read(TYPICAL) for i in encoding.ids[1:-1]]
    np.testing.assert_allclose(late.common, np.bincount(ids, minlength=DIMENSION) / len(ids), atol=1e-6)
    assert late.common.dtype == np.float32


def test_what_is_common_is_taken_from_question_and_passage_alike(late: LateInteraction) -> None:
    axis = np.eye(DIMENSION, dtype=np.float32)[piece("courier")]
    expected = unit(axis - late.common)
    np.testing.assert_allclose(question(late, "courier").vectors, [expected], atol=1e-5)
    told = tokens(late, "courier")
    directions = (told.values * told.scales[:, None])[told.owners == 0]
    np.testing.assert_allclose(directions, [expected], atol=1e-2)  # eight bits


def test_what_is_typical_is_read_once_and_only_when_needed(late: LateInteraction, fake_encoder: HashEncoder) -> None:
    assert fake_encoder.encoded == []
    for text in (COURIER, JACKET):
        match(late, "the price of a courier", text)
    assert [text for text in fake_encoder.encoded if text in TYPICAL] == list(TYPICAL)
