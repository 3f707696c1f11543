from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nlu.entity_rules import find_entities
from nlu.order_numbers import OrderNumberFormat, OrderNumbers, shop_numbers

ABROAD = OrderNumbers("#W0000000")


@pytest.fixture
def other_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The project in the current folder writes its numbers as #W2378156."""
    (tmp_path / "config.yml").write_text(
        "pipeline:\n- name: nlu.entity_extractor.EntityExtractor\n  order_number: '#W0000000'\n"
    )
    monkeypatch.chdir(tmp_path)
    shop_numbers.cache_clear()
    yield
    shop_numbers.cache_clear()


@pytest.mark.parametrize(
    "text",
    ["#W2378156", "w2378156", "W 2 378 156?", "(#W2378156)", "в2378156", "order 2378156", "заказ № 2378156."],
)
def test_another_format_is_found_in_every_spelling(text: str) -> None:
    assert [number for _, _, number in ABROAD.found(text)] == ["#W2378156"]


@pytest.mark.parametrize(
    "text", ["2378156", "#W237815", "#W23781567", "XW2378156", "NL-204518", "order on 2378156", ""]
)
def test_what_has_another_format_is_none(text: str) -> None:
    assert list(ABROAD.found(text)) == []


def test_where_a_number_stands_is_told() -> None:
    text = "where is #W2378156, please"
    ((start, end, number),) = ABROAD.found(text)
    assert text[start:end] == number


def test_bare_digits_answer_which_order_it_is() -> None:
    assert ABROAD.answered("that was 2378156") == ABROAD.answered("W2378156") == "#W2378156"
    assert ABROAD.answered("204518") is None
    assert OrderNumbers().answered("нл 204 518") == "NL-204518"


def test_numbers_without_letters_stand_after_a_word_for_an_order_only() -> None:
    plain = OrderNumbers("00000")
    assert [number for *_, number in plain.found("order 10248, zip 10249")] == ["10248"]


@pytest.mark.parametrize("wrong", ["", "NL-", "NL-12345", "NL 0000", "000", "00-000000"])
def test_what_is_no_format_is_refused_with_the_remedy(wrong: str) -> None:
    with pytest.raises(OrderNumberFormat, match="letters and signs and then"):
        OrderNumbers(wrong)


def test_the_setting_counts_for_entities(other_shop: None) -> None:
    assert [(e.kind, e.value) for e in find_entities("where is #W2378156")] == [("order_number", "#W2378156")]
    assert find_entities("where is NL-204518") == []


def test_without_a_setting_the_format_is_the_demos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shop_numbers.cache_clear()
    assert shop_numbers() == OrderNumbers("NL-000000")
    shop_numbers.cache_clear()


def test_digits_are_told_of_a_number_with_its_sign_or_without() -> None:
    numbers = OrderNumbers("#W0000000")
    assert [numbers.digits(one) for one in ("#W1234567", "w1234567", "T0001")] == ["1234567", "1234567", "T0001"]
    assert OrderNumbers().digits("nl-104233") == "104233"
