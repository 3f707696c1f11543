from __future__ import annotations

import pytest

from nlu.errors import TrainingDataError
from nlu.intent_examples import MAX_INTENTS, check_examples, is_telling, spoken


@pytest.mark.parametrize(("texts", "intents", "found"), [([], [], 0), (["привет", "хай"], ["greet", "greet"], 1)])
def test_fewer_than_two_intents_are_refused(texts: list[str], intents: list[str], found: int) -> None:
    with pytest.raises(TrainingDataError, match=f"at least two intents, found {found}: add examples"):
        check_examples(texts, intents)


def test_more_intents_than_supported_are_refused_and_as_many_are_not() -> None:
    many = [str(number) for number in range(MAX_INTENTS + 1)]
    with pytest.raises(TrainingDataError, match="2,001 intents are more than the 2,000 supported: join some"):
        check_examples(many, many)
    check_examples(many[:-1], many[:-1])


def test_intents_with_one_example_are_named_three_of_them() -> None:
    (doubt,) = check_examples(["hi", "hello", "a", "b", "c", "d"], ["greet", "greet", "A", "B", "C", "D"])
    assert doubt.startswith("With one example only: A, B, C and 1 more; write a few more")


@pytest.mark.parametrize("second", ["Привет", "  ПРИВЕТ ", "привет"])
def test_a_text_in_two_intents_is_named_with_both(second: str) -> None:
    (doubt,) = check_examples(["привет", "хай", second, "пока"], ["greet", "greet", "goodbye", "goodbye"])
    assert doubt.startswith(f"In two intents stands {second!r} (greet, goodbye); keep each text in one")


def test_a_text_twice_in_one_intent_is_no_matter() -> None:
    assert check_examples(["hi", "hi", "bye", "ciao"], ["greet", "greet", "goodbye", "goodbye"]) == []


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("order_status", "order status"),
        ("orderStatus", "order Status"),
        ("статусЗаказа", "статус Заказа"),
        ("faq/delivery-cost", "faq delivery cost"),
        ("card.lost?", "card lost"),
        ("возврат товара", "возврат товара"),
    ],
)
def test_a_label_is_spoken_as_its_words(label: str, words: str) -> None:
    assert spoken(label) == words


@pytest.mark.parametrize(
    ("label", "telling"),
    [("order_status", True), ("возврат", True), ("intent_refund", True)]
    + [(label, False) for label in ("intent_17", "17", "Class 3", "label-b", "c4", "CATEGORY_12", "?!")],
)
def test_a_label_without_words_of_its_own_is_not_learned_from(label: str, telling: bool) -> None:
    assert is_telling(label) == telling
