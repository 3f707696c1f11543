from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.sentences import ROW, Sentence, located_sentences, plain_text, sentences_of


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Везём два дня. Цена 299 ₽! Хотите?", ["Везём два дня.", "Цена 299 ₽!", "Хотите?"]),
        ("It costs 2.5 dollars, e.g. for a book.", ["It costs 2.5 dollars, e.g. for a book."]),
        ("Скажите: «Да.» «Нет» не говорите.", ["Скажите: «Да.» «Нет» не говорите."]),
        ("- первый пункт\n* второй пункт\n1. третий пункт", ["первый пункт", "второй пункт", "третий пункт"]),
        ("Строка\nдругая строка", ["Строка", "другая строка"]),
        ("да\n\n-\n", []),
        ("", []),
    ],
)
def test_text_falls_into_sentences(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences


def test_a_table_row_names_its_columns() -> None:
    table = "| Способ | Срок | Цена |\n|:--|---|--:|\n| Курьер | 1–2 дня | 299 ₽ |\n| Почта | | 150 ₽ |"
    assert sentences_of(table) == ["Курьер: срок: 1–2 дня, цена: 299 ₽", "Почта: цена: 150 ₽"]


def test_a_table_of_two_columns_needs_no_names_and_the_next_table_has_its_own_header() -> None:
    table = "| Size | Chest |\n|---|---|\n| Small | 88 cm |"
    assert sentences_of(f"{table}\n\n{table}") == ["Small: 88 cm", "Small: 88 cm"]


def test_a_bare_number_takes_its_column_as_the_unit() -> None:
    assert sentences_of("| Category | Months |\n|---|---|\n| TVs | 24 |") == ["TVs: 24 months"]


def test_marks_and_link_targets_are_dropped() -> None:
    assert plain_text("**Важно:**  откройте [профиль](https://a.b/c) и `код`") == "Важно: откройте профиль и код"


@given(st.lists(st.sampled_from(["Заказ", "можно", "вернуть.", "Да!", "In", "30", "days."]), min_size=1, max_size=20))
def test_no_word_of_prose_is_lost(words: list[str]) -> None:
    kept = " ".join(sentences_of(" ".join(words))).split()
    assert [word for word in kept if len(word) > 2] == [word for word in words if len(word) > 2]


# -- places -----------------------------------------------------------------------------------


def test_a_sentence_stands_where_it_says_without_its_list_mark() -> None:
    text = "Везём **два** дня. Цена 299 ₽!\n  - первый пункт \n1. второй"
    places = {sentence.text: text[sentence.start : sentence.end] for sentence in located_sentences(text)}
    assert places == {
        "Везём два дня.": "Везём **два** дня.",
        "Цена 299 ₽!": "Цена 299 ₽!",
        "первый пункт": "первый пункт ",
        "второй": "второй",
    }


def test_a_row_stands_on_its_line_and_the_header_nowhere() -> None:
    text = "Sizes:\n\n| Size | Chest |\n|---|---|\n| Small | 88 cm |"
    _, row = located_sentences(text)
    start = text.index("| Small")
    assert row == Sentence("Small: 88 cm", start, len(text), ROW, start)


def test_a_sentence_knows_the_list_mark_of_its_line() -> None:
    found = located_sentences("Do this:\n1. Open it. Wait.\n12) Shut it.\n- Or call us.")
    assert [sentence.mark for sentence in found] == ["", "1.", "1.", "12)", "-"]
    assert [sentence.step for sentence in found] == [0, 1, 1, 12, 0]
    assert found[1].line == found[2].line != found[3].line


def test_an_indented_line_goes_on_with_its_item_and_equal_numbers_count() -> None:
    found = located_sentences("1. Open\n   the case.\n1. Hold it.\n\n   Wait.\n  - Or call.\nThen go.")
    assert [sentence.mark for sentence in found] == ["1.", "1.", "2.", "2.", "-", ""]
    assert [sentence.indent for sentence in found] == [0, 0, 0, 0, 2, 0]


LINES = st.sampled_from(
    [
        "Заказ можно **вернуть**. Да! За 30 дней.", "- It costs 2.5 dollars.  Really?", "  2) see [list](https://a.b)",
        "да", "", " \t", "| Size | Chest |\n|---|---|\n| Small | 88 cm |", "| alone |", "…", "\u2028odd\x85",
    ]
)  # fmt: skip


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_sentences_stand_one_after_another_in_the_text(text: str) -> None:
    found = located_sentences(text)
    assert [sentence.text for sentence in found] == sentences_of(text)
    bounds = [0, *(place for sentence in found for place in (sentence.start, sentence.end)), len(text)]
    assert bounds == sorted(bounds)
    for sentence in found:
        source = text[sentence.start : sentence.end]
        assert source.startswith("|") or plain_text(source) == sentence.text
