from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.generation.reading import Reader, Reading
from tests.fakes import HashEncoder


def read(text: str) -> Reading:
    (reading,) = Reader(HashEncoder()).read([text])
    return reading


def marked(text: str, name: str) -> list[str]:
    reading = read(text)
    return [word for word, flag in zip(reading.words, getattr(reading, name), strict=True) if flag]


def test_words_have_a_unit_vector_and_a_weight_each() -> None:
    reading = read("Доставка стоит 299 ₽, бесплатно от 5 000 ₽.")
    assert reading.words == ["доставка", "стоит", "299", "бесплатно", "от", "5000"]
    assert np.linalg.norm(reading.vectors, axis=1) == pytest.approx(np.ones(6), abs=1e-5)
    assert len(reading.weights) == 6


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("You can return it.", []),
        ("You can't return it.", ["you", "can't", "return", "it"]),
        ("No, you can return it.", ["no"]),
        ("It isn't not free.", []),  # twice
        ("Вернуть нельзя, но обменять можно.", ["вернуть", "нельзя"]),
        ("Вернуть можно не позднее среды.", []),  # a bound
    ],
)
def test_a_clause_is_denied_once_and_not_twice(text: str, denied: list[str]) -> None:
    assert marked(text, "denied") == denied


def test_names_are_what_is_capital_or_quoted_within_the_sentence() -> None:
    assert marked("Send it to Kazan by “post” today. We wait.", "is_name") == ["kazan", "post"]


def test_values_hold_digits_and_know_their_units() -> None:
    reading = read("The order NL-104001 costs 299 roubles and takes 2 days.")
    assert [word for word, flag in zip(reading.words, reading.is_value) if flag] == ["nl-104001", "299", "2"]
    assert [unit for unit in reading.units if unit] == ["₽", "hours"]


def test_a_text_is_read_once() -> None:
    reader = Reader(HashEncoder())
    first, again = reader.read(["One day.", "One day."])
    assert first is again is reader.read(["One day."])[0]


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    reading = read(text)
    assert len(reading.words) == len(reading.clauses) == len(reading.denied) == len(reading.units) == len(reading)
    assert reading.clauses == sorted(reading.clauses)
