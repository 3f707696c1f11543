from __future__ import annotations

import pytest

from bot.of_sum import of_sum
from retrieval.profile_memory import Fact

SHARE = Fact("points_share", "до 30 %", "up to 30 %", percent=30, most=2000)
RATE = Fact("points_rate", "3 %", "3 %", percent=3)


@pytest.mark.parametrize(
    ("fact", "question", "language", "told"),
    [
        (SHARE, "how many points may I use on 5,000", "en", "Of 5,000 ₽ that is 1,500 points."),
        (SHARE, "сколько баллами из 5 000 ₽?", "ru", "От 5 000 ₽ это 1 500 баллов."),
        (
            SHARE,
            "on an order of 20,000 roubles?",
            "en",
            "For 20,000 ₽ that would be more than the balance, so 2,000 points.",
        ),
        (SHARE, "а с 20000?", "ru", "На 20 000 ₽ хватит только того, что на счёте: 2 000 баллов."),
        (RATE, "сколько вернётся с 2 000 рублей", "ru", "От 2 000 ₽ это 60 баллов."),
        (RATE, "how much do I get back?", "en", ""),
        (RATE, "paid 29,990 and now it is 27,490, how many points?", "en", ""),
        (RATE, "what do I get for 2 orders?", "en", ""),
        (RATE, "points for NL-104233", "en", ""),
        (Fact("points", "Баллы: 10", "Points: 10"), "is 5,000 enough?", "en", ""),
    ],
)
def test_the_share_of_a_sum_that_the_question_names_is_worked_out(
    fact: Fact, question: str, language: str, told: str
) -> None:
    assert of_sum(fact, question, language) == told
