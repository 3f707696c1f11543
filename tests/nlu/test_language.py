from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.language import LANGUAGES, detect, script_language


@pytest.mark.parametrize(
    ("text", "language", "source"),
    [
        ("Привет", "ru", "script"),
        ("ёлка", "ru", "script"),
        ("Наушники Sony WH-1000XM5 Limited уже есть?", "ru", "script"),
        ("ok", "en", "words"),
        ("Where is my parcel?", "en", "words"),
        ("privet, gde moy zakaz", "ru", "words"),
        ("Several colours arrived scratched", "en", "langdetect"),
        ("gde moi zakaz", "ru", "words"),
        ("perevod na drugoy gorod", "ru", "words"),
        ("Vernulsya slomannyy velosiped", "ru", "langdetect"),
        ("4to s dostavkoy", "ru", "words"),
        ("ghbdtn", "ru", "layout"),
        ("руддщ", "en", "layout"),
        ("iPhone", "en", "script"),
        ("12345", "en", "default"),
        ("", "en", "default"),
    ],
)
def test_each_kind_of_evidence_decides_its_texts(text: str, language: str, source: str) -> None:
    guess = detect(text)
    assert (guess.language, guess.source) == (language, source)


@pytest.mark.parametrize("text", ["NL-204518", "204518", "👍", "https://example.com/please", "me@example.com", ""])
def test_text_without_words_continues_the_conversations_language(text: str) -> None:
    assert detect(text, history=["en", "ru"]).language == "ru"
    assert detect(text, history=["ru", "en"]).language == "en"


def test_history_outweighs_setting_and_setting_outweighs_default() -> None:
    assert detect("42", history=["en"], setting="ru").source == "history"
    assert detect("42", setting="ru").language == "ru"
    assert detect("42").source == "default"


def test_a_lone_brand_name_takes_the_conversations_language() -> None:
    assert detect("iPhone", history=["ru"]).language == "ru"


def test_clear_text_outweighs_history_and_setting() -> None:
    assert detect("Где мой заказ?", history=["en"], setting="en").language == "ru"
    assert detect("Where is my order?", history=["ru"], setting="ru").language == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is my заказ?", "en"),
        ("What does «возврат» mean?", "en"),
        ("возврат please", "ru"),
        ("help, не работает", "ru"),
        ("чехол для Samsung Galaxy S24 Ultra", "ru"),
        ("samsung ne rabotaet", "ru"),
        ("samsung charger", "en"),
    ],
)
def test_in_a_mixed_message_the_words_between_the_names_decide(text: str, language: str) -> None:
    assert detect(text).language == language


@pytest.mark.parametrize(
    "text",
    ["ghbdtn " * 5000, "where is my order " * 5000, "а" * 50_000, "z" * 50_000],
    ids=["layout", "english", "а", "z"],
)
def test_very_long_texts_have_a_language(text: str) -> None:
    assert detect(text).language in LANGUAGES


def test_unsupported_history_and_setting_are_passed_over() -> None:
    assert detect("42", history=["de"], setting="fr").source == "default"


@given(st.text(max_size=80), st.lists(st.sampled_from(["ru", "en", "xx"]), max_size=3))
def test_a_guess_is_always_a_supported_language_and_the_same_twice(text: str, history: list[str]) -> None:
    guess = detect(text, history)
    assert guess.language in LANGUAGES
    assert 0.0 < guess.confidence <= 1.0
    assert detect(text, history) == guess


@pytest.mark.parametrize("text", ["Верните деньги!", "спс", "где", "ещё?", "ъъъ"])
def test_cyrillic_alone_is_russian_with_certainty(text: str) -> None:
    guess = detect(text, history=["en"], setting="en")
    assert (guess.language, guess.confidence) == ("ru", 1.0)


def test_script_language_goes_by_the_majority_of_letters() -> None:
    assert script_language("Доставка по Москве, тариф Express") == "ru"
    assert script_language("The word «заказ» means order") == "en"
    assert script_language("123") == "en"


@pytest.mark.parametrize(
    "name", ["Yekaterinburg, 77 Malysheva Street, apt 5", "Borealis X5", "Nizhny Novgorod, Mira 5"]
)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_names_do_not_change_a_conversations_language(name: str, language: str) -> None:
    assert detect(name, history=[language]).language == language
