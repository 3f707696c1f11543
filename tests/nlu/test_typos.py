from __future__ import annotations

from pathlib import Path

import pytest

from nlu.typos import Typos, utterances_in, whole_words

UTTERANCES = [
    *["please cancel my order", "отмените пожалуйста мой заказ"] * 30,
    *["return the headphones", "change the address", "вернуть товар", "где курьер"] * 3,
    "cancle it",
]
WORDS = frozenset("please cancel my order return the headphones change address statue work cook".split())


@pytest.fixture(scope="module")
def typos() -> Typos:
    return Typos(UTTERANCES, WORDS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cansel my ordr, plese", "cancel my order, please"),
        ("Cansel NL-107003!", "cancel NL-107003!"),
        ("атмените пожалуста мой зказ", "отмените пожалуйста мой заказ"),
        ("cancle my order", "cancel my order"),  # misspelled in an utterance too
        ("retrun the headphons", "return the headphones"),
        ("где курер?", "где курьер?"),
    ],
)
def test_one_edit_from_a_frequent_word_is_put_right(typos: Typos, typed: str, meant: str) -> None:
    assert typos.corrected(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "please cancel my order",
        "отмените пожалуйста мой заказ",
        "the cook worked, a statue",  # words, and forms of words
        "I am Cansel Ordr",  # capitalised inside a text: names
        "CANSEL",
        "cansel@mail.example and www.ordr.example and nl-ordr",
        "заказик с чайником",  # Russian words that no utterance holds
        "кансел",
        "it",
        "",
    ],
)
def test_what_is_right_or_no_word_stays(typos: Typos, text: str) -> None:
    assert typos.corrected(text) == text


def test_latin_letters_of_a_russian_message_are_no_english(typos: Typos) -> None:
    assert typos.corrected("gde moi ordr", "ru") == "gde moi ordr"
    assert typos.corrected("где мой ordr") == "где мой ordr"


def test_a_word_as_near_to_two_is_left() -> None:
    undecided = Typos(["returns", "returnd"] * 5, frozenset(["returns", "returnd"]))
    assert undecided.corrected("returna") == "returna"


def test_without_utterances_nothing_is_corrected() -> None:
    assert Typos([], frozenset()).corrected("cansel my ordr") == "cansel my ordr"


def test_utterances_are_the_examples_without_annotations(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text(
        "nlu:\n- intent: greet\n  examples: |\n    - hello [Anna](person)\n- lookup: x\n  examples: |\n    - y\n"
    )
    assert utterances_in(tmp_path) == ["hello Anna", "y"]
    assert utterances_in(tmp_path / "missing") == []


def test_words_of_either_kind_of_vocabulary() -> None:
    assert whole_words(["▁Order", "der", "▁my"]) == {"order", "my"}
    assert whole_words(["order", "##der", "my"]) == {"order", "my"}
