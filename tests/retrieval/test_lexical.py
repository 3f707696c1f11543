from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.lexical import LexicalIndex, words

TEXTS = ["Возврат куртки в течение 30 дней", "Доставка курьером", "Return a jacket within 30 days", ""]


def test_forms_of_a_word_are_one_word_in_both_languages() -> None:
    assert words("заказы") == words("заказами") == words("ЗАКАЗА")
    assert words("returns") == words("returned") == words("Return")
    assert words("ёлка") == words("елка")


def test_function_words_are_left_out_and_numbers_kept_whole() -> None:
    assert words("как мне и где the of") == []
    assert words("2.5 и NL-204518") == ["2.5", "nl-204518"]


def test_the_text_with_the_words_is_covered_most_and_one_without_not_at_all() -> None:
    coverage = LexicalIndex(TEXTS).coverage("вернуть куртку: возврат")
    assert int(coverage.argmax()) == 0
    assert coverage[1] == coverage[3] == 0.0


def test_a_text_with_every_word_is_covered_more_than_one_with_a_part() -> None:
    index = LexicalIndex(["возврат куртки", "возврат обуви"])
    both, part = index.coverage("возврат куртки")
    assert both > part > 0


def test_a_word_that_no_text_holds_lowers_coverage() -> None:
    index = LexicalIndex(TEXTS)
    assert index.coverage("доставка дроном")[1] < index.coverage("доставка")[1]


def test_no_texts_no_words_and_unknown_words_cover_nothing() -> None:
    assert LexicalIndex([]).coverage("доставка").shape == (0,)
    assert not LexicalIndex(["", "и"]).coverage("доставка").any()
    assert not LexicalIndex(TEXTS).coverage("").any()
    assert not LexicalIndex(TEXTS).coverage("телескоп").any()


WORDS = ["возврат", "куртка", "доставка", "order", "jacket", "30", "и"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@given(st.lists(TEXT, max_size=5), TEXT)
def test_coverage_is_a_share_for_each_text(texts: list[str], question: str) -> None:
    coverage = LexicalIndex(texts).coverage(question)
    assert coverage.shape == (len(texts),)
    assert np.all((coverage >= 0) & (coverage <= 1))
    for text, value in zip(texts, coverage, strict=True):
        assert (value > 0) == bool(set(words(text)) & set(words(question)))
