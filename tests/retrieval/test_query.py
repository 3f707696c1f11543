from __future__ import annotations

from collections.abc import Sequence

import pytest

from retrieval.query import ask, interleaved
from tests.retrieval.articles import hit
from tests.retrieval.word_search import WordSearch

ARTICLES = {
    "delivery": "доставка стоит курьером",
    "returns": "вернуть товар чек",
    "points": "баллы начислят купить",
}
BOTH = "Сколько стоит доставка курьером и можно ли вернуть товар?"


@pytest.fixture
def search() -> WordSearch:
    return WordSearch(ARTICLES)


def asked(search: WordSearch, message: str, previous: Sequence[str] = (), threshold: float = 0.5) -> list[str]:
    return [one.question for one in ask(message, previous, search, 3, threshold)]


def test_one_question_is_asked_as_it_is(search: WordSearch) -> None:
    (only,) = ask("Сколько стоит доставка?", [], search, 2, 0.5)
    assert only.question == "Сколько стоит доставка?"
    assert [found.passage.document_id for found in only.result.hits] == ["delivery", "returns"]


def test_two_questions_with_answers_in_two_documents_are_asked_apart(search: WordSearch) -> None:
    found = ask(BOTH, [], search, 3, 0.5)
    assert [one.question for one in found] == ["Сколько стоит доставка курьером", "можно ли вернуть товар?"]
    assert [one.result.hits[0].passage.document_id for one in found] == ["delivery", "returns"]


def test_what_is_known_of_the_customer_tells_questions_apart_as_well(search: WordSearch) -> None:
    price, mine = "Сколько стоит доставка курьером?", "Где моя доставка?"
    known = {mine: "order", price: "price"}
    assert [one.said for one in ask(f"{price} {mine}", [], search, 3, 0.5, known.get)] == [price, mine]
    del known[price]
    assert len(ask(f"{price} {mine}", [], search, 3, 0.5, known.get)) == 2  # an article and a fact
    assert len(ask(f"{price} {mine}", [], search, 3, 0.5)) == 1  # one article for both
    assert len(ask(f"{price} {mine}", [], search, 3, 0.5, lambda question: "order")) == 1  # one fact for both


def test_two_questions_to_one_document_are_asked_at_once(search: WordSearch) -> None:
    message = "Сколько стоит доставка и можно ли курьером?"
    assert asked(search, message) == [message]


@pytest.mark.parametrize("second", ["есть ли у вас дроны?", "сколько ждать?"])
def test_a_message_with_a_part_that_nothing_answers_is_asked_whole(search: WordSearch, second: str) -> None:
    message = f"Сколько стоит доставка курьером и {second}"
    assert asked(search, message) == [message]


def test_a_part_that_is_nearly_answered_is_a_question_too(search: WordSearch) -> None:
    search.sure["returns"] = 0.4
    assert len(asked(search, BOTH)) == 2
    search.sure["returns"] = 0.2
    assert asked(search, BOTH) == [BOTH]


def test_parts_of_which_none_is_answered_are_asked_whole(search: WordSearch) -> None:
    search.sure |= {"returns": 0.4, "delivery": 0.4}
    assert asked(search, BOTH) == [BOTH]


def test_where_nothing_is_indexed_the_message_is_asked_whole() -> None:
    assert asked(WordSearch({}), BOTH, threshold=0.0) == [BOTH]


def test_a_follow_up_is_completed_from_the_conversation(search: WordSearch) -> None:
    earlier = "Сколько стоит доставка курьером?"
    assert asked(search, "а в Омск?", [earlier]) == [f"{earlier} а в Омск?"]


def test_the_second_question_may_rest_on_the_first(search: WordSearch) -> None:
    asked(search, "Когда начислят баллы? А вернуть их можно?")
    assert "Когда начислят баллы? А вернуть их можно?" in search.asked


def test_hits_of_several_questions_take_turns_and_none_comes_twice() -> None:
    first, second, third = (hit(document_id=name) for name in ("a", "b", "c"))
    assert interleaved([[first, second], [third, first]]) == [first, third, second]
    assert interleaved([[first], [second, third]]) == [first, second, third]
    assert interleaved([[first, second]]) == [first, second]
    assert interleaved([]) == []
