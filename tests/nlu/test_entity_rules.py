from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.entity_rules import find_entities

NOW = dt.datetime(2025, 3, 10, 12)


def found(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.value) for entity in find_entities(text, NOW)]


@pytest.mark.parametrize("text", ["NL-204518", "nl204518", "NL 204518", "НЛ-204518", "нл № 204518", "(NL-204518)"])
def test_every_spelling_of_an_order_number_has_one_value(text: str) -> None:
    assert found(text) == [("order_number", "NL-204518")]


@pytest.mark.parametrize("text", ["204518", "NL-20451", "NL-2045189", "XNL-204518", "привет", ""])
def test_what_is_no_order_number_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3 марта 2025", "2025-03-03"),
        ("May 3rd, 2025", "2025-05-03"),
        ("12 мая", "2025-05-12"),
        ("03.04.2025", "2025-04-03"),
        ("03.04.25", "2025-04-03"),
        ("2025-03-04", "2025-03-04"),
        ("завтра", "2025-03-11"),
        ("послезавтра", "2025-03-12"),
        ("yesterday", "2025-03-09"),
    ],
)
def test_dates_become_iso_dates(text: str, value: str) -> None:
    assert found(text) == [("date", value)]


def test_a_day_that_does_not_exist_is_no_date() -> None:
    assert found("31.02.2025") == []


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_numeric_dates_round_trip(day: dt.date) -> None:
    assert found(day.isoformat()) == [("date", day.isoformat())]
    assert found(day.strftime("%d.%m.%Y")) == [("date", day.isoformat())]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 299,50 руб.", "1299.50 RUB"),
        ("12\u00a0000 ₽", "12000 RUB"),
        ("100 рублей", "100 RUB"),
        ("3 р.", "3 RUB"),
        ("5 rubles", "5 RUB"),
        ("$49.99", "49.99 USD"),
        ("$1,299.00", "1299.00 USD"),
        ("300 dollars", "300 USD"),
        ("20 долларов", "20 USD"),
        ("€ 20", "20 EUR"),
        ("20 евро", "20 EUR"),
    ],
)
def test_sums_become_a_number_and_a_currency(text: str, value: str) -> None:
    assert found(text) == [("money", value)]


@pytest.mark.parametrize("text", ["25 рубашек", "2 Europe-size shirts", "заказал 3 раза", "5 ручек"])
def test_a_word_that_begins_like_a_currency_is_no_sum(text: str) -> None:
    assert found(text) == []


def test_a_sum_after_another_number_keeps_its_own_digits() -> None:
    assert found("заказ NL-204518 1299 руб") == [("order_number", "NL-204518"), ("money", "1299 RUB")]
    assert found("order nl 204518 $49.99") == [("order_number", "NL-204518"), ("money", "49.99 USD")]


@pytest.mark.parametrize("text", ["+7 912 345-67-89", "8 (912) 345-67-89", "89123456789"])
def test_russian_phones_become_international(text: str) -> None:
    assert found(text) == [("phone", "+79123456789")]


def test_addresses_are_lower_case() -> None:
    assert found("Пишите на Anna.K@Mail.ru.") == [("email", "anna.k@mail.ru")]


def test_a_message_with_all_kinds_yields_them_in_order() -> None:
    text = "NL-204518 от 3 марта 2025 за 1 299,50 руб., +7 912 345-67-89, anna@mail.ru"
    assert [kind for kind, _ in found(text)] == ["order_number", "date", "money", "phone", "email"]


PARTS = st.sampled_from(
    ["NL-204518", "8 912 345-67-89", "1 299 руб", "$5", "вчера", "a@b.ru", "2025-01-02", "и", "12", ",", "мая", "заказ"]
)


@given(st.lists(PARTS, max_size=8).map(" ".join))
def test_spans_are_ordered_inside_the_text_and_never_overlap(text: str) -> None:
    entities = find_entities(text, NOW)
    edges = [edge for entity in entities for edge in (entity.start, entity.end)]
    assert edges == sorted(edges)
    assert all(0 <= entity.start < entity.end <= len(text) for entity in entities)
