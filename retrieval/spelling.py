"""Words that look or sound alike in two scripts: names, brands, model and error numbers, misspellings.

"Денвер Бронкос" and "Denver Broncos" share no letter and no stem, but spelled by sound in Latin
letters they share most runs of four. Numbers are compared whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from nlu.translit import SPELLINGS

RUN = 4
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_SHORTEST = 3  # letters; shorter words look alike by chance
_FIRST_SPELLING = str.maketrans({letter: ways[0] for letter, ways in SPELLINGS.items()} | {"х": "h", "й": "i"})
# English spellings to the letters in which Russian writes the sound.
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("sch", "sh"), ("tch", "ch"), ("ph", "f"), ("ck", "k"), ("kh", "h"), ("th", "t"), ("qu", "kv"), ("x", "ks"),
        ("ee", "i"), ("oo", "u"), ("c(?!h)", "k"), ("w", "v"), ("y", "i"), ("j", "dzh"), (r"(.)\1", r"\1"),
    )
]  # fmt: skip

Runs = frozenset[str]


def words_in(text: str) -> list[tuple[int, int, Runs]]:
    """Start, end and runs of every word and number that can be compared."""
    found = [(m.start(), m.end(), runs_of(m.group())) for m in _WORD.finditer(text.lower())]
    return [word for word in found if word[2]]


@lru_cache(maxsize=65_536)
def runs_of(word: str) -> Runs:
    """Runs of a lower-case word's sounds with its bounds; a number itself; nothing for a word too short."""
    if word[0].isdigit():
        return frozenset([word])
    sounds = word.translate(_FIRST_SPELLING)
    for pattern, sound in _SOUNDS:
        sounds = pattern.sub(sound, sounds)
    if len(sounds) < _SHORTEST:
        return frozenset()
    bounded = f"^{sounds}$"
    return frozenset(bounded[i : i + RUN] for i in range(max(1, len(bounded) - RUN + 1)))


def shared(words: Sequence[tuple[Runs, float]], runs: Collection[str]) -> float:
    """The part, 0 to 1, of weighted words' runs that stand among ``runs``."""
    total = sum(weight for _, weight in words)
    if total <= 0.0:
        return 0.0
    return sum(weight * sum(run in runs for run in word) / len(word) for word, weight in words) / total
