from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.identity.contacts import email_in, masked, phone_in

DIGITS = st.text("0123456789", min_size=10, max_size=10)


@given(DIGITS, st.sampled_from(["+7 ", "8", "8 (", "+7-", "7"]))
def test_a_number_is_read_however_it_is_written(digits: str, prefix: str) -> None:
    written = f"{prefix}{digits[:3]}{')' if '(' in prefix else ''} {digits[3:6]}-{digits[6:8]} {digits[8:]}"
    found = phone_in(f"позвоните на {written}, пожалуйста")
    assert found == f"+7 {digits[:3]} {digits[3:6]}-{digits[6:8]}-{digits[8:]}"
    assert phone_in(found) == found


@pytest.mark.parametrize("text", ["", "12345", "заказ NL-104233", "8 000 123-45-6", "4000 0012 3456 7899"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert phone_in(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("пишите на Anna.K+shop@Mail.example, спасибо", "anna.k+shop@mail.example"),
        ("anna at mail", None),
        ("anna@mail", None),
    ],
)
def test_an_address_is_read(text: str, found: str | None) -> None:
    assert email_in(text) == found


def test_a_mask_shows_no_more_than_ones_own_memory_needs() -> None:
    assert masked("irina@mail.example") == "i•••@mail.example"
    assert masked("+7 000 246-69-97") == "+7 ••• •••-••-97"
