"""Russian in Latin letters, as people type it: "gde moi zakaz". There is no one spelling, so several count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

from nlu.letters import RUSSIAN_LETTERS, RUSSIAN_WORDS, LetterModel, profile, with_words

# For each letter its spellings, the commonest first.
SPELLINGS = {
    "а": ["a"], "б": ["b"], "в": ["v", "w"], "г": ["g"], "д": ["d"], "е": ["e", "ye", "je"], "ё": ["e", "yo", "jo"],
    "ж": ["zh", "j", "z"], "з": ["z"], "и": ["i"], "й": ["y", "i", "j"], "к": ["k", "c"], "л": ["l"],
    "м": ["m"], "н": ["n"], "о": ["o"], "п": ["p"], "р": ["r"], "с": ["s"], "т": ["t"], "у": ["u"], "ф": ["f"],
    "х": ["h", "kh", "x"], "ц": ["ts", "c"], "ч": ["ch", "4"], "ш": ["sh", "w"], "щ": ["sch", "shch", "sh"],
    "ъ": [""], "ы": ["y", "i"], "ь": [""], "э": ["e"], "ю": ["yu", "u", "ju", "iu"], "я": ["ya", "ja", "ia", "a"],
}  # fmt: skip
MOST_SPELLINGS = 200  # of one word; more come from long words, which the letters decide anyway


def spellings(word: str) -> Iterable[str]:
    """A lower-case Russian word in Latin letters, in each way."""
    ways = ["".join(parts) for parts in product(*(SPELLINGS[letter] for letter in word))]
    return ways[:MOST_SPELLINGS]


@lru_cache(maxsize=1)
def translit_words() -> frozenset[str]:
    """The commonest words in every spelling of two letters or more; "ok" is English however meant."""
    return frozenset(way for word in RUSSIAN_WORDS for way in spellings(word) if len(way) > 1) - {"ok"}


@lru_cache(maxsize=1)
def translit() -> LetterModel:
    """The letters of Russian in Latin letters: the Russian profile, each of its runs spelled."""
    counts: dict[str, float] = defaultdict(float)
    for run, count in with_words(profile(RUSSIAN_LETTERS, "ru"), RUSSIAN_WORDS).items():
        for spelled, share in _spelled_runs(run):
            counts[spelled] += count * share
    return LetterModel(counts)


def _spelled_runs(run: str) -> Iterable[tuple[str, float]]:
    """The runs of the same length that begin a run's spellings, with their shares.

    A letter spelled with two makes a run longer: "жур" is "zhur", which begins with "zhu"; what
    follows, "hur", belongs to the next run as well and would be counted twice.
    """
    ways = [_weighted(letter) for letter in run]
    for parts in product(*ways):
        spelled = "".join(way for way, _ in parts)
        share = 1.0
        for _, weight in parts:
            share *= weight
        if len(spelled) < len(run):
            continue
        yield spelled[: len(run)], share
        first = len(parts[0][0])  # the second and third letter of a spelling begin runs of their own
        for at in range(1, first):
            if len(spelled) >= at + len(run):
                yield spelled[at : at + len(run)], share


def _weighted(letter: str) -> list[tuple[str, float]]:
    """A letter's spellings with shares: each half as frequent as the one before."""
    ways = SPELLINGS.get(letter, [letter])
    weights = [0.5**position for position in range(len(ways))]
    return [(way, weight / sum(weights)) for way, weight in zip(ways, weights)]
