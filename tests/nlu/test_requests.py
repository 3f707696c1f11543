from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.intent_model import Prediction
from nlu.requests import Request, find_requests, split_clauses

REQUESTS = ("cancel_order", "ask_payment", "order_status")


def classify(texts: Sequence[str]) -> list[Prediction]:
    """Knows a few words; a text with words of two intents is uncertain between them."""
    return [_by_words(text.lower()) for text in texts]


def _by_words(text: str) -> Prediction:
    words = {"отмен": "cancel_order", "cancel": "cancel_order", "деньги": "ask_payment", "refund": "ask_payment",
             "где": "order_status", "where": "order_status", "привет": "greet"}  # fmt: skip
    found = list(dict.fromkeys(intent for word, intent in words.items() if word in text))
    if not found:
        return Prediction([("ask_question", 0.3), ("greet", 0.1)], scope=-1.0)
    share = 0.95 / len(found)
    return Prediction([(intent, share) for intent in found], scope=1.0)


def found(text: str) -> list[tuple[str, str]]:
    return [(request.text, request.intent) for request in find_requests(text, classify, REQUESTS)]


@pytest.mark.parametrize(
    ("text", "requests"),
    [
        (
            "отмените заказ и верните деньги на другую карту",
            [("отмените заказ", "cancel_order"), ("верните деньги на другую карту", "ask_payment")],
        ),
        (
            "Where is my order? And cancel the other one",
            [("Where is my order?", "order_status"), ("And cancel the other one", "cancel_order")],
        ),
        (
            "где мой заказ, отмените его, а ещё верните деньги",
            [("где мой заказ", "order_status"), ("отмените его", "cancel_order"), ("верните деньги", "ask_payment")],
        ),
    ],
)
def test_requests_are_found_in_their_order(text: str, requests: list[tuple[str, str]]) -> None:
    assert found(text) == requests


@pytest.mark.parametrize(
    "text",
    [
        "",
        "отмените заказ",
        "привет всем, где мой заказ?",  # a greeting is no request
        "где мой заказ и где моя посылка",  # twice the same
        "где мой заказ, купил вчера у вас",  # the second part means nothing by itself
        "где наушники и зарядка",  # one word is no clause
        "отмените заказ, если деньги вернут",  # a subordinate clause belongs to what it depends on
        "cancel the order, because my refund is late",
    ],
)
def test_one_request_stays_whole(text: str) -> None:
    assert found(text) == []


def test_what_was_found_stands_in_the_text() -> None:
    text = "  Привет! Отмените заказ; и верните деньги…"
    requests = find_requests(text, classify, REQUESTS)
    assert requests
    assert all(text[request.start : request.end] == request.text for request in requests)


def test_an_uncertain_part_is_no_request() -> None:
    def unsure(texts: Sequence[str]) -> list[Prediction]:
        return [Prediction([(p.intent, 0.5 * p.confidence)], p.scope) for p in classify(texts)]

    assert find_requests("отмените заказ и верните деньги", unsure, REQUESTS) == []


def test_a_part_that_only_tells_is_no_request() -> None:
    text = "Деньги у меня на карте. Где мой заказ?"
    assert len(find_requests(text, classify, REQUESTS)) == 2

    def telling(texts: Sequence[str]) -> list[Prediction]:
        return [replace(p, asks=float("Деньги" not in t or "Где" in t)) for t, p in zip(texts, classify(texts))]

    assert find_requests(text, telling, REQUESTS) == []


@given(st.text(alphabet="аб ви,.?! \n", max_size=60))
def test_clauses_lie_in_order_apart_and_hold_words(text: str) -> None:
    clauses = split_clauses(text)
    edges = [edge for clause in clauses for edge in clause]
    assert edges == sorted(edges)
    assert all(any(char.isalnum() for char in text[start:end]) for start, end in clauses)


def test_a_request_says_where_it_stands_and_how_sure_it_is() -> None:
    (first, _) = find_requests("отмените заказ и верните деньги", classify, REQUESTS)
    assert first == Request("отмените заказ", 0, 14, "cancel_order", 0.95)
