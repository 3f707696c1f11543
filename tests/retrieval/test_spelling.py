from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.spelling import runs_of, shared, words_in


def share(question: str, text: str) -> float:
    """Of the question's words, all of the same weight."""
    words = [(runs, 1.0) for _, _, runs in words_in(question)]
    return shared(words, frozenset(run for _, _, word in words_in(text) for run in word))


@pytest.mark.parametrize(
    ("russian", "english"),
    [
        ("Денвер", "Denver"),
        ("Бронкос", "Broncos"),
        ("Самсунг", "Samsung"),
        ("Максим", "Maxim"),
        ("Филип", "Philip"),
        ("Хилтон", "Hilton"),
        ("Вестерн", "Western"),
        ("Квест", "Quest"),
        ("Джанго", "Django"),
        ("Пикачу", "Pikachu"),
        ("Шредер", "Schreder"),
        ("Манчестер", "Manchester"),
        ("Кофи", "Coffee"),
        ("Бук", "Book"),
        ("доставка", "dostavka"),
    ],
)
def test_a_name_shares_every_run_with_its_other_spelling(russian: str, english: str) -> None:
    assert share(russian, f"About {english} here") == share(english, f"Здесь {russian} есть") == 1.0


def test_a_misspelled_word_shares_runs_and_an_unrelated_one_none() -> None:
    assert share("достафка", "доставка") > share("достафка", "достоинство") > 0.0
    assert share("достафка", "возврат refund") == 0.0


def test_a_word_within_another_is_not_the_whole_of_it() -> None:
    assert 0.0 < share("кот", "который") < 1.0


def test_numbers_are_compared_whole() -> None:
    assert share("204518", "NL-204518") == 1.0
    assert share("204518", "204519 и 20451") == 0.0
    assert share("2.5", "2.5 кг") == share("12,5", "12,5 кг") == 1.0
    assert share("2.5", "2 и 5") == 0.0


@pytest.mark.parametrize("text", ["", "я и ok", "ъь ьъьъ", "?! — …", "NL"])
def test_what_is_too_short_is_not_compared(text: str) -> None:
    assert words_in(text) == []
    assert share(text, "я и ok, доставка") == 0.0


def test_a_short_number_is() -> None:
    assert share("7", "шаг 7") == 1.0


def test_every_word_comes_with_its_place() -> None:
    text = "Ошибка E-0042: Denver"
    assert [text[start:end] for start, end, _ in words_in(text)] == ["Ошибка", "0042", "Denver"]
    assert [runs for _, _, runs in words_in("КОТ кот")] == [runs_of("кот")] * 2 == [{"^kot", "kot$"}] * 2


def test_weights_say_how_much_each_word_counts() -> None:
    words = [(runs_of("денвер"), 3.0), (runs_of("2024"), 1.0)]
    assert shared(words, runs_of("denver")) == pytest.approx(3 / 4)
    assert shared(words, runs_of("2024")) == pytest.approx(1 / 4)
    assert shared(words, {"^den"}) == pytest.approx(3 / 4 / len(runs_of("denver")))
    assert shared([(runs, 0.0) for runs, _ in words], runs_of("denver")) == 0.0


TEXT = st.text(st.sampled_from("абвгджхцчшщыьюя abcqwxyh 0123456789.,-é漢"), max_size=30)


@given(TEXT, TEXT)
def test_what_is_shared_is_a_part(question: str, text: str) -> None:
    assert 0.0 <= share(question, text) <= 1.0
    assert share(question, f"{text} {question}") == (1.0 if words_in(question) else 0.0)


@given(TEXT)
def test_places_follow_one_another(text: str) -> None:
    ends = [0, *(place for start, end, _ in words_in(text) for place in (start, end))]
    assert ends == sorted(ends)
    for start, end, runs in words_in(text):
        assert runs == runs_of(text[start:end]) != frozenset()
