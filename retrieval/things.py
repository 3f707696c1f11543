"""Which of the customer's things a question names: by words of their names, and by other words for them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

import yaml

from nlu.errors import TrainingDataError
from retrieval.lexical import words
from retrieval.spelling import runs_of

FILE = "things.yml"
ALIKE = 0.6  # part of a word's sounds that its spelling in the other script shares
CLOSE, MISTYPED = 0.81, 2  # part of its letters that a mistyped word keeps (of five, all), and how many more or fewer
SHORTEST = 5  # letters; shorter words are not compared by sound
_WORD = re.compile(r"[^\W_]+")
Names = tuple[str, ...]


class Things:
    """Other words for products: what is in a product's name, to how customers call it.

    Args:
        synonyms: words of names to other words; all words of a key must be in a product's name.
    """

    def __init__(self, synonyms: dict[str, list[str]] | None = None) -> None:
        self._synonyms = [
            (frozenset(words(key)), frozenset(stem for other in [key, *others] for stem in words(other)))
            for key, others in (synonyms or {}).items()
        ]
        self._known = frozenset(stem for _, others in self._synonyms for stem in others)

    @classmethod
    def read(cls, folder: Path) -> Things:
        """The synonyms of a folder; none where it has no such file.

        Raises:
            TrainingDataError: the file is no mapping of words to lists of words.
        """
        path = folder / FILE
        if not path.is_file():
            return cls()
        try:
            written = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            return cls({str(key): [str(other) for other in others] for key, others in written.items()})
        except (yaml.YAMLError, AttributeError, TypeError) as error:
            raise TrainingDataError(f"{path}: expected `word: [other words]` lines: {error}") from error

    def mentioned(self, question: str, things: Sequence[Names]) -> list[float]:
        """How much of what a question says of things each one is, 0 to 1; all 0 where it names none of them.

        Args:
            question: the customer's message.
            things: names of each thing, in any language.
        """
        vocabularies = [self._vocabulary(names) for names in things]
        asked = _stems(question)
        weights = [0.0] * len(things)
        for stem in dict.fromkeys(asked):
            holders = [n for n, vocabulary in enumerate(vocabularies) if _holds(vocabulary, stem)]
            rarity = math.log(1.0 + len(things) / len(holders)) if holders else 0.0
            for n in holders:
                weights[n] += rarity
        best = max(weights, default=0.0)
        return [weight / best if best else 0.0 for weight in weights]

    def names_any(self, question: str) -> bool:
        """Whether the question names something that the shop may sell."""
        return any(stem in self._known for stem in _stems(question))

    def _vocabulary(self, names: Iterable[str]) -> frozenset[str]:
        return _vocabulary(tuple(names), tuple(self._synonyms))


@lru_cache(maxsize=4096)
def _vocabulary(names: Names, synonyms: tuple[tuple[frozenset[str], frozenset[str]], ...]) -> frozenset[str]:
    own = frozenset(stem for name in names for stem in _stems(name))
    return own.union(*(others for key, others in synonyms if key <= own))


def _stems(text: str) -> list[str]:
    """Stems, parts of hyphenated words each for themselves."""
    return words(" ".join(_WORD.findall(text)))


def _holds(vocabulary: frozenset[str], stem: str) -> bool:
    """Whether the stem, or one that sounds like it, is there."""
    if stem in vocabulary:
        return True
    if len(stem) < SHORTEST or stem[0].isdigit():
        return False
    return any(_alike(stem, other) for other in vocabulary if abs(len(other) - len(stem)) <= MISTYPED)


@lru_cache(maxsize=65_536)
def _alike(stem: str, other: str) -> bool:
    """Whether one is the other mistyped, or spelled in the other script."""
    if len(other) < SHORTEST:
        return False
    if stem[0] == other[0]:
        return SequenceMatcher(None, stem, other).ratio() >= CLOSE
    runs, others = runs_of(stem), runs_of(other)
    return len(runs & others) >= ALIKE * max(len(runs), len(others))
