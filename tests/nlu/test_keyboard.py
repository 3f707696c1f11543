from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.keyboard import corrected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ghbdtn", "привет"),
        ("Ghbdtn!", "Привет!"),
        ("GHBDTN", "ПРИВЕТ"),
        ("lf", "да"),
        ("ult vjq pfrfp&", "где мой заказ?"),
        ("ghbdtn? ult vjq pfrfp", "привет, где мой заказ"),
        ("k.,k. dfc", "люблю вас"),
        ("jnvtybnt? gj;fkeqcnf? pfrfp", "отмените, пожалуйста, заказ"),
        ("руддщ", "hello"),
        ("црфе шы еру зкшсу", "what is the price"),
        ("Рудз", "Help"),
    ],
)
def test_either_layout_is_undone(typed: str, meant: str) -> None:
    assert corrected(typed) == meant


@pytest.mark.parametrize(("typed", "meant"), [("ghbdtn, ult vjq pfrfp?", "привет, где мой заказ?")])
def test_marks_typed_as_meant_stay(typed: str, meant: str) -> None:
    assert corrected(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ult vjq pfrfp NL-204117", "где мой заказ NL-204117"),
        ("rjulf ghbdtpen iphone 15", "когда привезут iphone 15"),
        ("pfrfp yf me@example.com ghbdtpen", "заказ на me@example.com привезут"),
        ("rjulf ghbdtpen https://shop.example/a", "когда привезут https://shop.example/a"),
        ("gjlcrf;bnt? rjulf ghbdtpen charger lkz yjen,erf", "подскажите, когда привезут charger для ноутбука"),
        ("Ult vjq pfrfp? ну где", "Где мой заказ, ну где"),
        ("ghbdtn 👍", "привет 👍"),
    ],
)
def test_codes_addresses_brands_and_right_words_survive(typed: str, meant: str) -> None:
    assert corrected(typed) == meant


def test_an_order_number_typed_on_the_russian_layout_is_undone_with_its_sentence() -> None:
    assert corrected("цруку шы ьн щквук ТД-204117") == "where is my order NL-204117"


@pytest.mark.parametrize(
    "text",
    [
        "Where is my order?", "Где мой заказ?", "gde moy zakaz", "spasibo", "samsung charger", "JBL", "hdmi usb",
        "KFC", "nbc", "vpn", "NL-204117", "ТД-204117", "wtf", "ttyl brb", "grrr", "qwerty", "йцукен", "asdfgh",
        "спс", "чзх", "ща", "ещё", "кэш", "бб", "ъъъъъъъ", "eggs", "www.ghbdtn.ru", "ghbdtn@mail.ru",
    ],
)  # fmt: skip
def test_what_may_be_right_is_left_alone(text: str) -> None:
    assert corrected(text) is None


@pytest.mark.parametrize("text", ["", "   ", "👍🎉", "12345", "?!", "/ghbdtn", "\x00", "ё", "\n\t", "[];'"])
def test_text_without_words_is_left_alone(text: str) -> None:
    assert corrected(text) is None


def test_a_long_message_is_undone_whole() -> None:
    assert corrected("ult vjq pfrfp " * 60) == "где мой заказ " * 60


@pytest.mark.parametrize("text", ["ult vjq pfrfp " * 2000, "a" * 50_000, "ghbdtn" + "." * 900, "." * 50_000])
def test_texts_that_nobody_types_unseen_are_read_without_delay(text: str) -> None:
    started = time.perf_counter()
    assert corrected(text) in (None, text.replace("ghbdtn", "привет"))
    assert time.perf_counter() - started < 1.0


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    again = corrected(text)
    assert again is None or again != text


@given(st.text(alphabet="абвгдежзиклмнопрстуф abcdefghijklmnop,.'[]`;<>&?\"", max_size=40))
def test_spaces_stay_where_they_are(text: str) -> None:
    again = corrected(text)
    assert again is None or len(again.split()) == len(text.split())
