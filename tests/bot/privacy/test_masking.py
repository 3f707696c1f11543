from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.masking import identifiers, masked_wholly, shop_numbers
from bot.customers.store import get_customer
from bot.privacy.erasure import Places
from bot.privacy.masking import KnownNames, digits, is_card, is_iban, is_inn, is_snils, mask, without_cards
from nlu.order_numbers import OrderNumbers

SAMPLE = 200  # of each kind


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Мой телефон +7 912 345-67-89, звоните", "Мой телефон [phone], звоните"),
        ("8(912)345-67-89", "[phone]"),
        ("call +44 20 7946 0958 or (212) 555-0123 ext. 5", "call [phone] or [phone]"),
        ("ann.harper+shop@mail.example!", "[email]!"),
        ("карта 4111 1111 1111 1111", "карта [card]"),
        ("СНИЛС 112-233-445 95", "СНИЛС [snils]"),
        ("ИНН 500100732259", "ИНН [inn]"),
        ("паспорт 45 10 123456", "паспорт [passport]"),
        ("паспорт серия 4510 № 123456", "паспорт серия [passport]"),
        ("My passport number is C12345678.", "My passport number is [passport]."),
        ("SSN 123-45-6789", "SSN [ssn]"),
        ("IBAN GB29 NWBK 6016 1331 9268 19", "IBAN [iban]"),
    ],
)
def test_what_identifies_a_person_is_named_instead(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Где мой заказ NL-106851?",
        "order 1234567890 and order number 9123456789",
        "заказ № 4510123456, посылка 4111111111111111",
        "#W2611340",
        "24 990 ₽ или 1 234 567,50 ₽",
        "$1,234.56, 12.05.2026 14:30, 2026-11-24T09:30",
        "P101, AB-200, 5 ATM, 15:00–18:00, 8 % off",
        "Northern Lights, Aurora Buds 2",
        "",
    ],
)
def test_what_does_not_is_left(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize("text", ["Меня зовут Ирина Соколова, где посылка?", "Пишет Артём Лебедев"])
def test_names_are_found_where_they_are_asked_for(text: str) -> None:
    assert "[name]" in mask(text, names=True)
    assert not any(name in mask(text, names=True) for name in ("Соколова", "Лебедев"))
    assert mask(text) == text


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (is_card, "4111 1111 1111 1111", "4111 1111 1111 1112"),
        (is_inn, "500100732259", "500100732258"),
        (is_inn, "7707083893", "7707083894"),
        (is_snils, "112-233-445 95", "112-233-445 96"),
        (is_iban, "GB29 NWBK 6016 1331 9268 19", "GB29 NWBK 6016 1331 9268 18"),
    ],
)
def test_a_wrong_check_digit_is_no_number_of_its_kind(check, right: str, wrong: str) -> None:  # type: ignore[no-untyped-def]
    assert check(right) and not check(wrong)


@pytest.mark.parametrize("text", ["0" * 10, "1" * 12, "00000000000", "1234"])
def test_numbers_of_one_digit_are_nobodys(text: str) -> None:
    assert not is_inn(text) and not is_snils(text)


@given(st.text())
def test_masking_again_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.integers(0, 10**14 - 1))
def test_one_wrong_digit_of_a_card_is_noticed(number: int) -> None:
    body = f"4{number:014d}"
    right = next(body + check for check in "0123456789" if is_card(body + check))
    assert len(digits(right)) == 16
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    assert not is_card(wrong)


def test_only_cards_are_taken_out_where_only_they_are_meant() -> None:
    assert without_cards("4111111111111111, +7 912 345-67-89") == "[card], +7 912 345-67-89"


@pytest.mark.parametrize("locale", ["ru_RU", "en_US"])
def test_identifiers_are_masked(locale: str) -> None:
    for kind, texts in identifiers(locale, SAMPLE, seed=17).items():
        found = sum(masked_wholly(text, value) for text, value in texts)
        assert found >= 0.98 * SAMPLE, kind


def test_order_numbers_and_prices_are_not() -> None:
    texts = shop_numbers(10 * SAMPLE, random.Random(17))
    assert sum(mask(text) != text for text in texts) <= 0.01 * len(texts)


def test_a_known_customers_name_is_masked_in_any_language() -> None:
    names = KnownNames()
    names.know("Grace", "O'Neil-Hart", None, "И")
    assert names.mask("Grace O'Neil-Hart wrote with grace, И") == "[name] [name] wrote with grace, И"
    names.forget()
    assert names.mask("Grace") == "Grace"


def test_of_too_many_names_the_latest_are_known() -> None:
    names = KnownNames(most=2)
    names.know("Anna", "Boris", "Clara")
    assert names.mask("Anna Boris Clara") == "Anna [name] [name]"


def test_a_served_customers_names_are_known(places: Places) -> None:
    with places.store.session() as session:
        customer = get_customer(session, "C1")
        first, last = customer.first_name, customer.last_name
    assert mask(f"User {first} {last}", names=True) == "User [name] [name]"


def test_an_order_number_that_looks_like_a_passport_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.privacy.masking.shop_numbers", lambda: OrderNumbers("A00000000"))
    assert mask("A12345678 and B12345678") == "A12345678 and [passport]"
