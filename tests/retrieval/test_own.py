from __future__ import annotations

import pytest

from retrieval.own import names_model, speaks_of_self, tells_what_happened


@pytest.mark.parametrize(
    ("question", "own"),
    [
        ("когда приедет мой чайник", True),
        ("купила у вас рюкзак", True),
        ("закинул в корзину часы и забыл модель", True),
        ("сколько мне ждать", True),
        ("I've lost my receipt", True),
        ("is it mine?", True),
        ("сколько стоит доставка", False),
        ("можно ли вернуть товар", False),
        ("how much is delivery", False),
        ("is the shop open", False),
    ],
)
def test_who_speaks_of_themselves(question: str, own: bool) -> None:
    assert speaks_of_self(question) == own


def test_a_model_is_named_in_full() -> None:
    assert names_model("Сколько заряжается Aurora Buds 2?") and names_model("does the Polar TV have sound")
    assert not names_model("where is my kettle") and not names_model("Сколько заряжаются наушники?")


@pytest.mark.parametrize(
    ("text", "happened"),
    [
        ("I sent the phone back.", True),
        ("that charger order got cancelled", True),
        ("опять сдал наушники", True),
        ("I want to return the phone that I bought", False),
        ("хочу вернуть телефон, который купила", False),
        ("cancel my order", False),
        ("отмените заказ", False),
    ],
)
def test_what_happened_is_told_and_not_wished(text: str, happened: bool) -> None:
    assert tells_what_happened(text) == happened
