from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.customers.models import STATUSES, Order
from bot.customers.money import Money
from bot.customers.store import CustomerStore
from bot.customers.wording import DELIVERY_METHODS, LEVELS, STATES, VISITS, add_months, day, items, money
from bot.customers.wording import STATUSES as STATUS_WORDS

TODAY = dt.date(2026, 11, 24)


@pytest.mark.parametrize("words", [LEVELS, STATUS_WORDS, STATES, DELIVERY_METHODS, VISITS])
def test_every_code_has_its_own_words_in_both_languages(words: dict[str, dict[str, str]]) -> None:
    assert words["ru"].keys() == words["en"].keys()
    for language in words.values():
        assert len(set(language.values())) == len(language)


def test_every_status_has_words() -> None:
    assert set(STATUS_WORDS["ru"]) == set(STATES["ru"]) == set(STATUSES)


@pytest.mark.parametrize(
    ("date", "ru", "en"),
    [
        (dt.date(2026, 11, 26), "26 ноября", "26 November"),
        (dt.date(2026, 5, 1), "1 мая", "1 May"),
        (dt.date(2025, 3, 8), "8 марта 2025 г.", "8 March 2025"),
    ],
)
def test_a_day_names_the_year_only_when_it_is_another(date: dt.date, ru: str, en: str) -> None:
    assert day(date, "ru", TODAY) == ru
    assert day(date, "en", TODAY) == en


@pytest.mark.parametrize(
    ("date", "months", "expected"),
    [
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2024, 2, 29), 12, dt.date(2025, 2, 28)),
        (dt.date(2026, 12, 15), 1, dt.date(2027, 1, 15)),
        (dt.date(2026, 11, 24), 24, dt.date(2028, 11, 24)),
    ],
)
def test_months_later(date: dt.date, months: int, expected: dt.date) -> None:
    assert add_months(date, months) == expected


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 240))
def test_months_later_is_that_day_or_the_months_last(date: dt.date, months: int) -> None:
    later = add_months(date, months)
    assert (later.year * 12 + later.month) - (date.year * 12 + date.month) == months
    assert later.day == min(date.day, calendar.monthrange(later.year, later.month)[1])


def test_more_than_one_of_an_item_is_counted(shop: CustomerStore) -> None:
    with shop.session() as session:
        assert items(session.get(Order, "NL-1"), "ru") == "Наушники Aurora"
        assert items(session.get(Order, "NL-3"), "en") == "Aurora earbuds × 2"


@pytest.mark.parametrize(
    ("amount", "currency", "ru", "en"),
    [
        (8990, "RUB", "8 990 ₽", "8,990 ₽"),
        (8990, None, "8 990 ₽", "8,990 ₽"),
        (Decimal("47.84"), "USD", "47,84\u00a0$", "$47.84"),
    ],
)
def test_sums_are_written_in_their_currency(amount: Decimal, currency: str, ru: str, en: str) -> None:
    assert (money(amount, "ru", currency), money(amount, "en", currency)) == (ru, en)


def test_a_day_that_nobody_knows_is_said_to_be_unknown() -> None:
    assert (day(None, "ru", TODAY), day(None, "en", TODAY)) == ("неизвестного числа", "an unknown date")


@given(st.decimals(0, 10**12, places=2, allow_nan=False))
def test_a_sum_comes_back_from_the_database_as_it_was(amount: Decimal) -> None:
    back = Money().process_result_value(Money().process_bind_param(amount, None), None)
    assert back == amount and (isinstance(back, int) == (amount == int(amount)))
