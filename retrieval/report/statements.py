"""Sentences with amounts, and where two of them disagree."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nlu.encoder import Vectors
from retrieval.amounts import Amount, amounts
from retrieval.documents import Passage
from retrieval.lexical import words

_WORD = re.compile(r"[^\W_][\w-]*")


@dataclass(frozen=True)
class Statement:
    """A sentence of a passage with its amounts."""

    passage: Passage
    text: str
    amounts: tuple[Amount, ...]

    @classmethod
    def of(cls, passage: Passage, text: str) -> Statement:
        """Read the amounts."""
        return cls(passage, text, tuple(amounts(text)))

    @cached_property
    def units(self) -> set[str]:
        return {amount.unit for amount in self.amounts if amount.unit}

    @cached_property
    def terms(self) -> set[str]:
        """Stems of heading and sentence, numbers left out."""
        return {word for word in words(f"{self.passage.heading} {self.text}") if not word[0].isdigit()}

    @cached_property
    def cased(self) -> list[str]:
        """Words of heading and sentence as they are written."""
        return cased_words(f"{self.passage.heading} {self.text}")

    def across_languages(self) -> Statement:
        """The same with all counted things as one: neither names the other's cards or floors."""
        return replace(self, amounts=tuple(replace(a, unit="things") if a.is_count else a for a in self.amounts))


def cased_words(text: str) -> list[str]:
    """Words as they are written, numbers among them."""
    return _WORD.findall(text)


@dataclass(frozen=True)
class Difference:
    """Two amounts of one unit that cannot both be right."""

    first: Amount
    second: Amount

    @property
    def ratio(self) -> float:
        """How many times the greater is the smaller, as a natural logarithm; amounts of one thing differ little."""
        low, high = sorted((self.first.high, self.second.high))
        return math.log(high / low) if low > 0 else math.inf


def difference(first: Sequence[Amount], second: Sequence[Amount]) -> Difference | None:
    """The two amounts that contradict each other, the closest in size of several."""
    found = [Difference(a, b) for a in first for b in second if a.contradicts(b)]
    return min(found, key=lambda difference: difference.ratio, default=None)


def disagreement(
    first: Sequence[Statement], second: Sequence[Statement], cosines: Vectors, x: int, y: int
) -> Difference | None:
    """In what ``first[x]`` of one document and ``second[y]`` of another differ, None where they do not.

    They do not where either has a nearer sentence in the other document that measures the same, or where
    one as near confirms the amount.

    Args:
        first: the statements of the one document.
        second: those of the other.
        cosines: of all of the first with all of the second, shape (first, second).
        x: position in the first.
        y: position in the second.
    """
    if nearest_measure(first[x], second, cosines[x]) != y or nearest_measure(second[y], first, cosines[:, y]) != x:
        return None
    return difference(
        _unconfirmed(first[x], second, cosines[x], cosines[x, y]),
        _unconfirmed(second[y], first, cosines[:, y], cosines[x, y]),
    )


def nearest_measure(statement: Statement, others: Sequence[Statement], cosines: Vectors) -> int | None:
    """Position of the nearest of the others with an amount of the same unit, None without one."""
    same = [i for i, other in enumerate(others) if statement.units & other.units]
    return max(same, key=lambda i: cosines[i], default=None)


def _unconfirmed(statement: Statement, others: Sequence[Statement], cosines: Vectors, cosine: float) -> list[Amount]:
    near = [other for other, value in zip(others, cosines) if value >= cosine]
    return [a for a in statement.amounts if not any(b.confirms(a) for other in near for b in other.amounts)]
