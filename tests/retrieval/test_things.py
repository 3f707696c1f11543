from __future__ import annotations

from pathlib import Path

import pytest

from nlu.errors import TrainingDataError
from retrieval.things import FILE, Things

KETTLE = ("Электрический чайник Kvant Kettle S", "Kvant Kettle S electric kettle")
PHONE = ("Смартфон Borealis X5", "Borealis X5 smartphone")
CASE = ("Чехол Borealis Case для Borealis X5", "Borealis Case for Borealis X5")
THINGS = Things({"смартфон": ["телефон", "phone", "mobile"], "чайник": ["kettle"]})
OWN = [KETTLE, PHONE, CASE]


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("когда приедет чайник", KETTLE),
        ("чайника всё нет", KETTLE),
        ("до какого числа гарантия на телефон", PHONE),
        ("is my mobile under warranty", PHONE),
        ("the kettle leaks", KETTLE),
        ("чайнек течёт", KETTLE),
        ("где мой чехол", CASE),
        ("чехол Borealis Case", CASE),
    ],
)
def test_a_thing_is_named_by_its_name_or_by_another_word_for_it(question: str, best: tuple[str, ...]) -> None:
    matches = THINGS.mentioned(question, OWN)
    assert OWN[matches.index(max(matches))] == best and max(matches) == 1.0


def test_a_question_that_names_none_of_them_matches_none() -> None:
    assert THINGS.mentioned("где мой заказ", OWN) == [0.0, 0.0, 0.0]
    assert THINGS.mentioned("где мой заказ", []) == []


def test_it_is_told_whether_something_sold_is_named() -> None:
    assert THINGS.names_any("сколько стоит телефон")
    assert not THINGS.names_any("сколько у меня баллов")


def test_other_words_are_read_from_a_file(tmp_path: Path) -> None:
    assert Things.read(tmp_path).mentioned("мобила", [PHONE]) == [0.0]
    (tmp_path / FILE).write_text("смартфон: [мобила]\n", encoding="utf-8")
    assert Things.read(tmp_path).mentioned("мобила", [PHONE]) == [1.0]
    (tmp_path / FILE).write_text("- смартфон\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match=FILE):
        Things.read(tmp_path)
