from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.entities import Entity, without_overlaps
from nlu.entity_rules import RULES, find_entities, passes_luhn

NOW = dt.datetime(2025, 3, 10, 12)


def found(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.value) for entity in find_entities(text, NOW)]


@pytest.mark.parametrize(
    "text",
    [
        "NL-204518", "nl204518", "NL 204518", "НЛ-204518", "нл № 204518", "(NL-204518)", "NL–204518", "nl 204 518",
        "НL204518", "тд-204518", "заказ №204518", "заказа 204518", "по заказу 204518.", "номер заказа: 204518",
        "order 204518", "order number 204518", "Order #204518",
    ],
)  # fmt: skip
def test_every_spelling_of_an_order_number_has_one_value(text: str) -> None:
    assert found(text) == [("order_number", "NL-204518")]


@pytest.mark.parametrize(
    "text",
    [
        "204518",
        "NL-20451",
        "NL-2045189",
        "XNL-204518",
        "индекс 620014",
        "заказ на 204518",
        "reorder 204518",
        "привет",
        "",
    ],
)
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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("через 3 дня", "2025-03-13"),
        ("через неделю", "2025-03-17"),
        ("через полгода", "2025-09-10"),
        ("in two days", "2025-03-12"),
        ("in a couple of weeks", "2025-03-24"),
        ("3 days ago", "2025-03-07"),
        ("half a year ago", "2024-09-10"),
        ("неделю назад", "2025-03-03"),
        ("две недели тому назад", "2025-02-24"),
        ("the day after tomorrow", "2025-03-12"),
        ("в пятницу", "2025-03-14"),
        ("on Friday", "2025-03-14"),
        ("в понедельник", "2025-03-17"),  # said on a Monday
        ("next Friday", "2025-03-21"),
        ("в следующий вторник", "2025-03-18"),
        ("в прошлую среду", "2025-03-05"),
        ("с четверга", "2025-03-06"),
        ("since Thursday", "2025-03-06"),
        ("до субботы", "2025-03-15"),
        ("3rd of May", "2025-05-03"),
    ],
)
def test_relative_dates_are_counted_from_now(text: str, value: str) -> None:
    assert found(text) == [("date", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("с 3 по 5 мая", "2025-05-03/2025-05-05"),
        ("3-5 мая", "2025-05-03/2025-05-05"),
        ("from April 28 to May 5", "2025-04-28/2025-05-05"),
        ("between 3 May and 5 May", "2025-05-03/2025-05-05"),
        ("на прошлой неделе", "2025-03-03/2025-03-09"),
        ("this week", "2025-03-10/2025-03-16"),
        ("next month", "2025-04-01/2025-04-30"),
        ("в прошлом месяце", "2025-02-01/2025-02-28"),
    ],
)
def test_a_range_has_its_first_and_last_day(text: str, value: str) -> None:
    assert found(text) == [("date", value)]


def test_a_range_that_ends_before_it_begins_is_a_date_only() -> None:
    assert found("с 31 по 5 мая") == [("date", "2025-05-05")]
    assert found("с 31 по 5 июня") == [("date", "2025-06-05")]


@pytest.mark.parametrize(
    "text",
    [
        "black friday", "понедельник день тяжёлый", "среда Windows", "улица 8 марта", "10 лет Октября 43",
        "верните деньги назад", "жду 4 дня", "через 5 км", "in 2.5 days", "за неделю", "May I ask",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("в 18:30", "18:30"),
        ("9:05", "09:05"),
        ("до 18.30", "18:30"),
        ("at 6 pm", "18:00"),
        ("6:15 p.m.", "18:15"),
        ("12 am", "00:00"),
        ("12 pm", "12:00"),
        ("six in the evening", "18:00"),
        ("10 at night", "22:00"),
        ("после шести вечера", "18:00"),
        ("в 7 утра", "07:00"),
        ("в 3 часа дня", "15:00"),
        ("в час дня", "13:00"),
        ("в два ночи", "02:00"),
        ("в 12 ночи", "00:00"),
        ("после 18 часов", "18:00"),
        ("until midnight", "00:00"),
        ("в полдень", "12:00"),
    ],
)
def test_times_are_on_the_clock_of_twenty_four_hours(text: str, value: str) -> None:
    assert found(text) == [("time", value)]


@pytest.mark.parametrize(
    "text",
    ["24:10", "12:60", "10:20:30", "ждал 3 часа", "18 часов", "3 дня", "two nights", "в 1.25 раза", "16:9", "I am"],
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "карта 411111 1111111111"]
)
def test_a_card_number_is_masked(text: str) -> None:
    assert found(text) == [("card", "**** 1111")]


def test_a_card_beside_another_number_is_found() -> None:
    (card,) = find_entities("код 204518 4111 1111 1111 1111", NOW)
    assert (card.kind, card.start, card.value) == ("card", 11, "**** 1111")
    assert found("NL-204518 4111 1111 1111 1111") == [("order_number", "NL-204518"), ("card", "**** 1111")]


@pytest.mark.parametrize("text", ["4111 1111 1111 1112", "4111 1111 1111", "0000 0000 0000 0000", "x4111111111111111"])
def test_what_is_no_card_number_is_none(text: str) -> None:
    assert all(kind != "card" for kind, _ in found(text))


@given(st.integers(10**14, 10**15 - 1).map(lambda n: f"4{n}"))
def test_one_check_digit_makes_a_card_number(digits: str) -> None:
    assert sum(passes_luhn(digits + check) for check in "0123456789") == 1


def test_a_kind_can_be_left_out() -> None:
    text = "NL-204518 от 3 марта 2025"
    assert [entity.kind for entity in find_entities(text, NOW, ["date"])] == ["date"]
    assert find_entities(text, NOW, []) == []


def test_of_overlapping_entities_the_first_stays() -> None:
    first, second, third = Entity("a", 3, 6, ""), Entity("b", 5, 8, ""), Entity("c", 0, 3, "")
    assert without_overlaps([first, second, third]) == [third, first]


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    entities = find_entities(text, NOW)
    assert all(0 <= entity.start < entity.end <= len(text) and entity.kind in RULES for entity in entities)


PARTS = st.sampled_from(
    [
        "NL-204518",
        "8 912 345-67-89",
        "1 299 руб",
        "$5",
        "вчера",
        "a@b.ru",
        "2025-01-02",
        "и",
        "12",
        ",",
        "мая",
        "заказ",
        "4111 1111 1111 1111",
        "18:30",
        "через",
        "3",
        "дня",
        "назад",
        "в",
        "пятницу",
        "pm",
        "с",
        "по",
        "№",
        "204518",
    ]
)


@given(st.lists(PARTS, max_size=8).map(" ".join))
def test_spans_are_ordered_inside_the_text_and_never_overlap(text: str) -> None:
    entities = find_entities(text, NOW)
    edges = [edge for entity in entities for edge in (entity.start, entity.end)]
    assert edges == sorted(edges)
    assert all(0 <= entity.start < entity.end <= len(text) for entity in entities)
