from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.lexical import coverage, stem, term_weights, words


def test_forms_of_a_word_are_one_word_in_both_languages() -> None:
    assert words("заказы") == words("заказами") == words("ЗАКАЗА")
    assert words("returns") == words("returned") == words("Return")
    assert words("ёлка") == words("елка")


def test_function_words_are_left_out_and_numbers_kept_whole() -> None:
    assert words("как мне и где the of") == []
    assert words("2.5 и NL-204518") == ["2.5", "nl-204518"]


def test_words_come_in_order_as_often_as_they_stand() -> None:
    assert words("Куртка, обувь и куртка") == [stem("куртка"), stem("обувь"), stem("куртка")]


@given(st.text(max_size=20))
def test_any_text_has_words_without_spaces(text: str) -> None:
    assert all(word and not any(char.isspace() for char in word) for word in words(text))


# -- weights ----------------------------------------------------------------------------------


def test_a_rare_word_weighs_more_than_a_frequent_one() -> None:
    weights = term_weights({"unknown": 0, "rare": 1, "half": 5, "everywhere": 10}, 10)
    assert list(weights) == sorted(weights, key=lambda term: -weights[term])
    assert weights["everywhere"] > 0.0
    assert weights["half"] == pytest.approx(math.log(2.0))


def test_no_words_no_weights() -> None:
    assert term_weights({}, 10) == {}


# -- coverage ---------------------------------------------------------------------------------

EQUAL = {"возврат": 1.0, "куртк": 1.0}


def test_a_passage_of_usual_length_with_a_word_once_holds_a_usual_share() -> None:
    assert coverage({"возврат": 2.0}, {"возврат": 1}, 1.0) == pytest.approx(1.0 / 2.2)


def test_a_passage_with_every_word_covers_more_than_one_with_a_part_or_none() -> None:
    both, part, none = (
        coverage(EQUAL, counts, 1.0)
        for counts in (Counter(["возврат", "куртк"]), Counter(["возврат"]), Counter(["доставк"]))
    )
    assert both == pytest.approx(2 * part)
    assert part > none == 0.0


def test_a_word_that_no_passage_holds_lowers_coverage() -> None:
    weights = term_weights({"возврат": 1, "дрон": 0}, 3)
    assert coverage(weights, {"возврат": 1}, 1.0) < coverage({"возврат": weights["возврат"]}, {"возврат": 1}, 1.0)


def test_a_word_counts_more_in_a_short_passage_and_when_it_stands_there_often() -> None:
    usual = coverage(EQUAL, {"возврат": 1}, 1.0)
    assert coverage(EQUAL, {"возврат": 1}, 0.5) > usual > coverage(EQUAL, {"возврат": 1}, 2.0)
    assert coverage(EQUAL, {"возврат": 2}, 1.0) > usual


def test_a_question_without_words_is_not_covered() -> None:
    assert coverage({}, {"возврат": 1}, 1.0) == 0.0


WORDS = ["возврат", "куртка", "доставка", "order", "jacket", "30", "и"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@given(st.lists(TEXT, max_size=5), TEXT, st.floats(0, 10))
def test_coverage_is_a_share_for_each_text(texts: list[str], question: str, length: float) -> None:
    counted = [Counter(words(text)) for text in texts]
    asked = set(words(question))
    weights = term_weights({term: sum(term in counts for counts in counted) for term in asked}, len(texts))
    for counts in counted:
        share = coverage(weights, counts, length)
        assert 0.0 <= share < 1.0
        assert (share > 0.0) == bool(asked & counts.keys())
