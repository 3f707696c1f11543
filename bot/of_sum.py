"""What a share of a fact is of the sum that a question names: "how many points may I use on 7,000?"."""

from __future__ import annotations

from bot.customers.wording import counted, money
from bot.generation.literal import values
from retrieval.amounts import amounts
from retrieval.profile_memory import Fact

SMALLEST = 100  # roubles; a smaller number of a question is no sum


def of_sum(fact: Fact, question: str, language: str) -> str:
    """A sentence on the sum, in points; empty where no share is told of, or the question names no sum or several."""
    sums = [a.low for a in amounts(question) if a.unit in ("₽", "") and a.low == a.high and a.low >= SMALLEST]
    large = [value for value in values(question) if value.isdigit() and int(value) >= SMALLEST]
    if fact.percent is None or not sums or len(large) > 1:
        return ""
    part = int(sums[0]) * fact.percent // 100
    limit = part if fact.most is None else min(part, fact.most)
    whole, points = money(int(sums[0]), language), _points(limit, language)
    if limit < part:
        return (
            f"На {whole} хватит только того, что на счёте: {points}."
            if language == "ru"
            else (f"For {whole} that would be more than the balance, so {points}.")
        )
    return f"От {whole} это {points}." if language == "ru" else f"Of {whole} that is {points}."


def _points(number: int, language: str) -> str:
    if language == "ru":
        shown = f"{number:,}".replace(",", " ")
        return counted(number, "балл", "балла", "баллов").replace(str(number), shown, 1)
    return f"{number:,} point{'' if number == 1 else 's'}"
