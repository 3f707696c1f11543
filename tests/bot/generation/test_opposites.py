from __future__ import annotations

import pytest

from bot.generation.opposites import conditions, kinds_of, opposed, relation


@pytest.mark.parametrize(
    ("claim", "evidence", "count"),
    [
        ("доставка платная", "доставка бесплатна", 1),
        ("delivery is charged", "delivery is free", 1),
        ("delivery is free", "delivery is free", 0),
        ("delivery is free", "parcels come by courier", 0),  # says nothing of it
        ("open after noon", "closed before noon", 2),
    ],
)
def test_a_pair_counts_where_each_has_another_side(claim: str, evidence: str, count: int) -> None:
    assert opposed(claim.split(), [evidence.split()], []) == count


def test_what_the_question_brings_up_is_no_opposite() -> None:
    assert opposed("before noon".split(), ["after noon".split()], "is it before noon".split()) == 0


def test_a_member_of_a_kind_counts_more_where_another_one_stands_near() -> None:
    monday, friday = "open on monday".split(), "open on friday".split()
    assert kinds_of(monday, [monday], [monday]) == 0.0
    assert kinds_of(monday, ["open daily".split()], ["open daily".split()]) == 1.0
    assert kinds_of(monday, [friday], [friday]) == 2.0
    assert kinds_of(monday, [monday, friday], [friday]) == 0.5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("до 5 лет", {"above"}),
        ("после 5 дней", {"below"}),
        ("не больше 5 штук", {"above"}),
        ("no more than 5 fish", {"above"}),
        ("at least 5 fish", {"below"}),
        ("5 days before", {"above"}),
        ("ровно 5 дней", set()),
    ],
)
def test_a_number_is_a_bound_by_the_words_around_it(text: str, expected: set[str]) -> None:
    words = text.split()
    assert relation(words, words.index("5")) == expected


def test_conditions_reach_to_the_end_of_their_clause() -> None:
    text = "It is free if you order online, except at weekends."
    assert [text[a:b] for a, b in conditions(text)] == ["if you order online", "except at weekends"]
