from __future__ import annotations

import pytest

from retrieval.documents import Document
from retrieval.report.content import Content
from retrieval.report.contradictions import contradictions
from retrieval.report.counterparts import counterparts
from tests.retrieval.report.contents import content, document

OTHERS = [
    document("cards", "en", "Gift cards", "A gift card is sent by mail at once.", "The code has 16 signs."),
    document("phone", "en", "Setting up a phone", "Charge the phone for 2 hours.", "Choose a code with 6 digits."),
    document("data", "en", "Your data", "We keep receipts for 5 years.", "A copy of data costs nothing."),
]
DELIVERY = document("delivery", "en", "Courier delivery", "The courier waits 10 minutes.", "Delivery costs 299 ₽.")
RETURNS = document("returns", "en", "Returning an item", "You can return an item within 14 days of receipt.")


def amounts_of(*documents: Document) -> list[tuple[str, str]]:
    """The amounts of every contradiction, in the order of the documents."""
    return pairs(content(*documents, *OTHERS))


def pairs(compared: Content) -> list[tuple[str, str]]:
    found = contradictions(compared, counterparts(compared))
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    return [(c.first.amount, c.second.amount) for c in found]


@pytest.mark.parametrize(
    ("sentence", "amount"),
    [
        ("You can return an item within 30 days of receipt.", "30 days"),
        ("You can return any item within 3 weeks of receipt.", "3 weeks"),
        ("An item can be returned within 20 to 25 days of receipt.", "20 to 25 days"),
    ],
)
def test_the_same_thing_with_another_amount_is_a_contradiction(sentence: str, amount: str) -> None:
    assert amounts_of(RETURNS, document("news", "en", "Returning", sentence)) == [("14 days", amount)]


@pytest.mark.parametrize(
    "sentence",
    [
        "You can return an item within 14 days of receipt.",
        "You can return an item within two weeks of receipt.",
        "You can return an item within 10–20 days of receipt.",
        "You can return an item to any shop.",
        "You can return an item for 90 ₽.",
        "You can return an item within 14 days of receipt, with a Gold card within 30.",
    ],
)
def test_amounts_that_agree_or_measure_something_else_are_none(sentence: str) -> None:
    assert amounts_of(RETURNS, document("news", "en", "Returning", sentence)) == []


def test_what_is_said_of_something_else_is_no_contradiction() -> None:
    other = document("camera", "en", "Cameras", "A full battery of the camera lasts 3 hours.")
    assert amounts_of(RETURNS, DELIVERY, other) == []


def test_each_names_another_product() -> None:
    first = document("brew", "en", "Care for Brew", "Clean the filter of your Brew every 2 weeks, says Brew.")
    second = document("kettle", "en", "Care for Kettle", "Clean the filter of your Kettle every 5 weeks, says Kettle.")
    assert amounts_of(first, second) == []


def test_one_document_may_give_several_amounts() -> None:
    assert (
        amounts_of(document("two", "en", "Waiting", "The courier waits 10 minutes.", "The courier waits 15 minutes."))
        == []
    )


def test_a_nearer_sentence_that_agrees_settles_it() -> None:
    later = "On a second visit the courier waits 20 minutes."
    both = document("both", "en", "Courier delivery", later, "The courier waits 10 minutes.")
    assert amounts_of(DELIVERY, both) == []


def test_a_contradiction_names_documents_passages_and_sentences() -> None:
    news = document("news", "en", "Delivery", "Price: Delivery costs 349 ₽.", "Waiting: The courier waits 10 minutes.")
    (found,) = contradictions(content(DELIVERY, news, *OTHERS), [])
    assert (found.first.document, found.first.passage, found.first.sentence) == (
        "delivery",
        "delivery#0",
        "Delivery costs 299 ₽.",
    )
    assert (found.second.document, found.second.passage, found.second.amount) == ("news", "news#0", "349 ₽")


ENGLISH = document("e", "en", "Delivery", "Courier brings order in 2 days.", "Courier waits 10 minutes.")


def test_translations_are_compared_sentence_by_sentence() -> None:
    russian = document("r", "ru", "Доставка", "Курьер привозит заказ за 3 дня.", "Курьер ждёт 10 минут.")
    assert pairs(content(ENGLISH, russian)) == [("2 days", "3 дня")]


def test_a_faithful_translation_does_not_contradict() -> None:
    russian = document("r", "ru", "Доставка", "Курьер ждёт 10 минут.", "Курьер привозит заказ за 2 дня.")
    assert pairs(content(ENGLISH, russian)) == []


def test_other_languages_are_compared_with_translations_only() -> None:
    russian = document("r", "ru", "Возврат", "Товар можно вернуть в течение 3 дней.", "Гарантия 12 месяцев.")
    assert pairs(content(ENGLISH, russian)) == []


def test_nothing_contradicts_nothing() -> None:
    assert pairs(content()) == pairs(content(document("a", "en", "Title", "No amounts here."))) == []
