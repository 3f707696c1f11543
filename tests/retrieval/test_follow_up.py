from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.follow_up import LONGEST, LONGEST_CONTEXT, standalone
from tests.retrieval.word_search import WordSearch

ARTICLES = {
    "payment": "оплата картой оплатить наличными организациям",
    "tracking": "заказ статус",
    "descaling": "кофемашина накипь очистка средство лимонная кислота",
    "robot": "robot error brush clean stuck",
    "delivery": "delivery courier price city",
}


@pytest.fixture
def search() -> WordSearch:
    return WordSearch(ARTICLES)


@pytest.mark.parametrize(
    ("earlier", "message"),
    [
        ("Как оплатить картой?", "а для юрлиц?"),
        ("чем очистить кофемашину от накипи", "и сколько её держать?"),
        ("My robot shows an error, the brush is stuck", "I did that already"),
        ("My robot shows an error, the brush is stuck", "and after a day?"),
        ("what is the price of delivery by courier", "to Omsk"),
    ],
)
def test_what_rests_on_the_question_before_is_completed_by_it(search: WordSearch, earlier: str, message: str) -> None:
    assert standalone(message, [earlier], search) == f"{earlier} {message}"


@pytest.mark.parametrize(
    ("earlier", "message"),
    [
        ("Как оплатить картой?", "а где мой заказ?"),
        ("Как оплатить картой?", "статус заказа"),
        ("чем очистить кофемашину от накипи", "а оплата наличными?"),
        ("My robot shows an error, the brush is stuck", "and what about delivery?"),
        ("what is the price of delivery by courier", "it is my robot, it shows an error"),
    ],
)
def test_another_subject_stands_alone(search: WordSearch, earlier: str, message: str) -> None:
    assert standalone(message, [earlier], search) == message


def test_without_an_earlier_question_nothing_is_searched_for(search: WordSearch) -> None:
    assert standalone("а для юрлиц?", [], search) == "а для юрлиц?"
    assert search.asked == []


def test_a_long_message_says_what_it_is_about(search: WordSearch) -> None:
    message = " ".join(["а", "его", *["раз"] * (LONGEST - 1)])
    assert standalone(message, ["Как оплатить картой?"], search) == message
    assert search.asked == []


def test_a_follow_up_of_a_follow_up_rests_on_both(search: WordSearch) -> None:
    earlier = ["чем очистить кофемашину от накипи", "а сколько это длится?"]
    assert standalone("и как часто?", earlier, search) == " ".join([*earlier, "и как часто?"])


def test_a_subject_left_behind_stays_behind(search: WordSearch) -> None:
    earlier = ["чем очистить кофемашину от накипи", "Как оплатить картой?"]
    assert standalone("а для юрлиц?", earlier, search) == "Как оплатить картой? а для юрлиц?"


def test_of_a_long_story_the_end_is_kept(search: WordSearch) -> None:
    story = " ".join(["вчера"] * LONGEST_CONTEXT) + " чем очистить кофемашину от накипи"
    completed = standalone("а это долго?", [story], search)
    assert completed.endswith("чем очистить кофемашину от накипи а это долго?")
    assert len(completed.split()) == LONGEST_CONTEXT + 3


def test_where_nothing_is_indexed_the_message_stays() -> None:
    assert standalone("а для юрлиц?", ["Как оплатить картой?"], WordSearch({})) == "а для юрлиц?"


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3))
def test_the_message_is_never_lost(message: str, earlier: list[str]) -> None:
    assert standalone(message, earlier, WordSearch(ARTICLES)).endswith(message)
