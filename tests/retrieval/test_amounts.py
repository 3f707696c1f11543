from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.amounts import EVERY, LEAST, MOST, Amount, amounts


def one(sentence: str) -> Amount:
    (amount,) = amounts(sentence)
    return amount


@pytest.mark.parametrize(
    ("sentence", "unit", "low", "high"),
    [
        ("Цена 5 000 ₽", "₽", 5000, 5000),
        ("It costs 5,000 roubles", "₽", 5000, 5000),
        ("Доплата 5 тыс. руб.", "₽", 5000, 5000),
        ("It costs $5.50", "$", 5.5, 5.5),
        ("Скидка 7 %", "%", 7, 7),
        ("Refund in 3–10 working days", "working days", 3, 10),
        ("Возврат за 3-10 рабочих дней", "working days", 3, 10),
        ("from 3,000 to 150,000 ₽", "₽", 3000, 150_000),
        ("Через два дня", "hours", 48, 48),
        ("a 12-month warranty", "hours", 8760, 8760),
        ("в течение 1,5 часа", "hours", 1.5, 1.5),
        ("при 5–35 °C", "°", 5, 35),
        ("экран 55″", "inches", 55, 55),
        ("25 г кислоты", "kg", 0.025, 0.025),
        ("up to 3 cards", "card", 3, 3),
        ("до 3 карт", "карт", 3, 3),
        ("open between 8:00 and 22:30", "o'clock", 8, 22.5),
        ("с 8:00 до 22:30", "o'clock", 8, 22.5),
        ("9 am–6 pm", "o'clock", 9, 18),
        ("until 12 a.m.", "o'clock", 0, 0),
        ("TVs get 24.", "", 24, 24),
    ],
)
def test_an_amount_has_a_unit_and_ends(sentence: str, unit: str, low: float, high: float) -> None:
    amount = one(sentence)
    assert amount.unit == unit
    assert [amount.low, amount.high] == pytest.approx([low, high])


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "No numbers.",
        "Call 8 800 000-00-42.",
        "Open https://a.example/5-days or write.",
        "The Kvant Brew 3 asks for it.",
        "See Borealis X5, order NL-104233.",
        "One of them.",
    ],
)
def test_what_counts_nothing_is_no_amount(sentence: str) -> None:
    assert amounts(sentence) == []


def test_the_numbers_of_a_list_share_the_unit() -> None:
    assert [(a.unit, list(a.written), a.text) for a in amounts("за 3, 6 или 12 месяцев")] == [
        ("hours", [3], "3 месяцев"),
        ("hours", [6], "6 месяцев"),
        ("hours", [12], "12 месяцев"),
    ]


def test_a_sentence_may_have_amounts_of_many_kinds() -> None:
    found = amounts("On 5 March from 9:00 two couriers bring 3 kg for 299 ₽, others 490.")
    assert [a.text for a in found] == ["5 March", "9:00", "two couriers", "3 kg", "299 ₽", "490"]


@pytest.mark.parametrize(
    ("sentence", "bound"),
    [
        ("free from 5,000 ₽", LEAST),
        ("не меньше 30 %", LEAST),
        ("больше чем на 30 дней", LEAST),
        ("up to 10 days", MOST),
        ("не больше 2 карт", MOST),
        ("в течение 14 дней", MOST),
        ("every 2 months", EVERY),
        ("раз в 2 месяца", EVERY),
        ("it takes 2 days", ""),
        ("from 2 to 3 days", ""),
    ],
)
def test_an_amount_may_be_a_bound(sentence: str, bound: str) -> None:
    assert one(sentence).bound == bound


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        ("14 days", "2 недели", False),
        ("1 month", "30 дней", False),
        ("one year", "12 месяцев", False),
        ("14 days", "15 days", True),
        ("12 months", "13 months", True),
        ("999 ₽", "1,000 ₽", True),
        ("3–10 days", "10 days", False),
        ("3–10 days", "12 days", True),
        ("1–2 days", "1–3 days", True),
        ("3 days", "3 working days", False),
        ("from 500 ₽", "up to 900 ₽", False),
        ("every 2 days", "4 days", False),
        ("3 cards", "5 cards", True),
        ("3 cards", "5 points", False),
        ("24", "12 months", False),
        ("10:00–21:00", "9:00–21:00", True),
        ("5 March", "March 5", False),
        ("5 марта", "6 March", True),
    ],
)
def test_amounts_contradict_each_other_or_do_not(first: str, second: str, contradict: bool) -> None:
    a, b = one(first), one(second)
    assert a.contradicts(b) is b.contradicts(a) is contradict
    assert not a.contradicts(a)


def test_a_bare_number_may_stand_for_any_unit() -> None:
    assert one("and TVs get 24").confirms(one("24 months"))
    assert not one("and TVs get 24").confirms(one("12 months"))
    assert one("14 days").confirms(one("2 weeks"))


@given(st.text(alphabet="0123456789 ,.:–-дней%₽amтыс.from", max_size=40))
def test_any_text_is_read(text: str) -> None:
    for amount in amounts(text):
        assert amount.low <= amount.high
        assert amount.confirms(amount)
