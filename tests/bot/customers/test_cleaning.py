from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.customers.cleaning import Conventions, Unusable, clean
from bot.customers.mapping import columns_of
from bot.customers.models import STATUSES


def value(place: str, raw: Any, **options: Any) -> Any:
    table, _, column = place.partition(".")
    return clean(columns_of(table)[column], raw, **options).value


def repairs(place: str, raw: Any) -> list[str]:
    table, _, column = place.partition(".")
    return clean(columns_of(table)[column], raw).repairs


@pytest.mark.parametrize(
    ("raw", "phone"),
    [
        ("8 (912) 345-67-89", "+7 912 345-67-89"),
        ("+79123456789", "+7 912 345-67-89"),
        ("9123456789", "+7 912 345-67-89"),
        ("+44 20 7946 0958", "+44 20 7946 0958"),
        ("+7 000 246-69-97", "+7 000 246-69-97"),  # of no operator, but written in full
    ],
)
def test_phones_are_written_internationally(raw: str, phone: str) -> None:
    assert value("customers.phone", raw) == phone


def test_a_phone_without_its_country_is_of_the_shops_region() -> None:
    assert value("customers.phone", "(212) 555-0123", conventions=Conventions(region="US")) == "+1 212-555-0123"


@pytest.mark.parametrize("raw", ["12", "call me", "+7 912", "0" * 30])
def test_what_cannot_be_a_phone_is_refused(raw: str) -> None:
    with pytest.raises(Unusable, match="phone"):
        value("customers.phone", raw)


@pytest.mark.parametrize(
    ("raw", "email"),
    [
        (" Ann@Mail.EXAMPLE ", "Ann@mail.example"),
        ("mailto:ann@mail.example", "ann@mail.example"),
        ("<ann@mail.example>;", "ann@mail.example"),
        ("анна@почта.рф", "анна@почта.рф"),
    ],
)
def test_mail_addresses_lose_what_is_not_theirs(raw: str, email: str) -> None:
    assert value("customers.email", raw) == email


@pytest.mark.parametrize("raw", ["ann", "ann@", "@mail.example", "ann@mail", "a b@c@d.example"])
def test_what_is_no_mail_address_is_refused(raw: str) -> None:
    with pytest.raises(Unusable, match="e-mail"):
        value("customers.email", raw)


@pytest.mark.parametrize(
    ("raw", "order", "date"),
    [
        ("2026-11-24", "DMY", dt.date(2026, 11, 24)),
        ("24.11.2026", "DMY", dt.date(2026, 11, 24)),
        ("11/24/2026", "MDY", dt.date(2026, 11, 24)),
        ("2026/11/24", "DMY", dt.date(2026, 11, 24)),
        ("03.04.26", "DMY", dt.date(2026, 4, 3)),
        ("24 ноября 2026 г.", "DMY", dt.date(2026, 11, 24)),
        ("Nov 24, 2026", "DMY", dt.date(2026, 11, 24)),
        ("2026-11-24T23:59", "DMY", dt.date(2026, 11, 24)),
    ],
)
def test_dates_are_read_as_people_write_them(raw: str, order: str, date: dt.date) -> None:
    assert value("orders.ordered_at", raw, conventions=Conventions(date_order=order)) == date


@pytest.mark.parametrize(
    "raw", ["2026-02-30", "31.04.2026", "24/11", "yesterday", "soon", "November 2026", "1066-10-14", "9999-12-31", "12"]
)
def test_what_is_no_one_day_is_refused(raw: str) -> None:
    with pytest.raises(Unusable, match="date"):
        value("orders.ordered_at", raw)


def test_a_time_keeps_its_minutes() -> None:
    assert value("tickets.opened_at", "24.11.2026 09:30") == dt.datetime(2026, 11, 24, 9, 30)
    zoned = value("tickets.opened_at", "2026-11-24T09:30:00Z")
    assert zoned.tzinfo is None and zoned.astimezone(dt.timezone.utc).hour == 9


@pytest.mark.parametrize(
    ("raw", "total"),
    [
        ("8990", 8990),
        ("8 990 ₽", 8990),
        ("8\u00a0990,50 руб.", Decimal("8990.50")),
        ("$1,234.50", Decimal("1234.50")),
        ("1.234,50 €", Decimal("1234.50")),
        (47.84, Decimal("47.84")),
        (1048.5100000000002, Decimal("1048.51")),
        ("0", 0),
    ],
)
def test_sums_are_read_with_currencies_and_separators(raw: Any, total: Any) -> None:
    assert value("orders.total", raw) == total


@pytest.mark.parametrize("raw", ["8,990", "8.990", "free", "-5", "1.005 5", True])
def test_sums_that_could_mean_two_things_or_nothing_are_refused(raw: Any) -> None:
    with pytest.raises(Unusable):
        value("orders.total", raw)


@given(st.decimals(0, 10**9, places=2, allow_nan=False))
def test_every_sum_is_read_back_as_it_is_written(amount: Decimal) -> None:
    for written in (f"{amount}", f"{amount:,}".replace(",", " "), f"{amount} ₽", f"{amount}".replace(".", ",")):
        assert value("orders.total", written) == amount


def test_a_weight_may_have_three_decimals() -> None:
    assert value("products.weight_kg", "0,125") == 0.125


@pytest.mark.parametrize(("raw", "yes"), [("да", True), ("NO", False), (1, True), ("0", False), (True, True)])
def test_yes_and_no_in_many_words(raw: Any, yes: bool) -> None:
    assert value("orders.paid", raw) is yes


@pytest.mark.parametrize(
    ("place", "raw", "code"),
    [
        ("orders.status", "In Transit", "in_transit"),
        ("orders.status", "ready-for-pickup", "ready_for_pickup"),
        ("customers.gender", "Женский", "f"),
        ("customers.language", "Русский", "ru"),
        ("customers.language", "en-US", "en"),
    ],
)
def test_codes_are_recognised_in_other_writings(place: str, raw: str, code: str) -> None:
    assert value(place, raw) == code


@pytest.mark.parametrize("status", STATUSES)
def test_the_mappings_values_come_first(status: str) -> None:
    assert value("orders.status", "Sent #5", values={"sent*": status}) == status


def test_an_unknown_code_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Unusable, match="is none of placed, packed"):
        value("orders.status", "lost")


@pytest.mark.parametrize(
    ("place", "raw", "text"),
    [
        ("customers.city", "  Нижний\u00a0 Новгород ", "Нижний Новгород"),
        ("customers.city", "Москва".encode().decode("latin-1"), "Москва"),
        ("customers.city", "Каза\u200bнь\x00", "Казань"),
        ("customers.first_name", "ИРИНА", "Ирина"),
        ("customers.last_name", "мамин-сибиряк", "Мамин-Сибиряк"),
        ("customers.last_name", "McDonald", "McDonald"),
        ("customers.last_name", "Null", "Null"),
        ("orders.order_id", "#W26", "W26"),
        ("orders.order_id", "№ 26", "26"),
        ("tickets.resolution", "one\n  two", "one\ntwo"),
    ],
)
def test_texts_are_put_right(place: str, raw: str, text: str) -> None:
    assert value(place, raw) == text


@pytest.mark.parametrize("raw", ["", "  ", "-", "n/a", "NULL", "не указано", None])
def test_words_for_nothing_are_nothing(raw: Any) -> None:
    assert value("tickets.resolution", raw) is None


def test_a_cards_number_is_left_out_but_a_parcels_is_kept() -> None:
    assert value("tickets.subject", "Paid with 4111 1111 1111 1111, refund?") == "Paid with [card], refund?"
    assert value("orders.tracking_code", "4111111111111111") == "4111111111111111"


@pytest.mark.parametrize(
    ("place", "raw"),
    [("orders.total", "8990"), ("orders.paid", "yes"), ("orders.ordered_at", "2026-11-24"), ("customers.city", "Уфа")],
)
def test_what_was_right_is_not_called_repaired(place: str, raw: str) -> None:
    assert repairs(place, raw) == []


@pytest.mark.parametrize(
    ("place", "raw"),
    [
        ("orders.total", "8 990 ₽"),
        ("orders.paid", "да"),
        ("orders.ordered_at", "24.11.2026"),
        ("customers.phone", "89123456789"),
        ("customers.first_name", "ИРИНА"),
        ("orders.status", "In Transit"),
        ("orders.order_id", "#5"),
    ],
)
def test_every_repair_is_told_without_the_value(place: str, raw: str) -> None:
    (told,) = repairs(place, raw)
    assert raw not in told
