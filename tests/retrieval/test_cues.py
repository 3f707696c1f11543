from __future__ import annotations

import pytest

from retrieval.cues import CUES, cues_in


@pytest.mark.parametrize(
    ("question", "cues"),
    [
        ("I complained about the noise, any news?", {"wrote to the shop"}),
        ("Вчера писала про чек, ответ есть?", {"wrote to the shop"}),
        ("what's in my cart", {"basket"}),
        ("что у меня в избранном", {"saved for later"}),
        ("I opened the earbuds and wore them once", {"opened"}),
        ("наушники послушал, не понравились", {"opened"}),
        ("the earbuds are still sealed", {"never opened"}),
        ("ноутбук лежит нераспечатанный", {"never opened"}),
        ("сколько стоит срочная доставка", {"in a hurry"}),
        ("where is the money for my kettle", {"money"}),
        ("где деньги за чайник", {"money"}),
        ("сколько у меня бонусов", {"points"}),
        ("how much cash do I prepare", {"cash"}),
        ("что сделали с ним в мастерской", {"workshop"}),
        ("where is my kettle", set()),
        ("картой можно?", set()),
    ],
)
def test_what_a_question_holds(question: str, cues: set[str]) -> None:
    assert {name for name, held in zip(CUES, cues_in(question), strict=True) if held} == cues
