"""The lexical side: stemmed words, Russian and English, weighed as BM25 weighs them.

A passage's share of the question is its BM25 score divided by the best score a passage could
reach for it, so that 0 means "shares no word" and values compare across questions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import Stemmer

K1, B = 1.2, 0.75  # BM25's usual constants
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:-\d+)?|\w+")
_STEMMERS = {"ru": Stemmer.Stemmer("russian"), "en": Stemmer.Stemmer("english")}
_STOP_WORDS = frozenset(
    # Function words only: a question is often nothing but these and one noun.
    "а без бы в вам вас во вот все вы где да для до если есть же за и из или как какая какие какой ко когда кто ли"
    " меня мне можно мой моя мы на не ни но о об он она они от по под при с сколько со так там то тут ты у уже"
    " что чтобы это я "
    "a am an and are as at be by can could do does for from how i if in is it its me my of on or our so that the"
    " there this to us was we what when where which who will with would you your".split()
)


def words(text: str) -> list[str]:
    """Stemmed words and numbers of a text, function words left out."""
    found = _WORD.findall(text.lower().replace("ё", "е"))
    return [stem(word) for word in found if word not in _STOP_WORDS]


def is_function_word(word: str) -> bool:
    """Whether a word in lower case says nothing by itself."""
    return word in _STOP_WORDS


def stem(word: str) -> str:
    """The word's stem in the language of its script."""
    language = "ru" if re.search("[а-я]", word) else "en"
    stemmed: str = _STEMMERS[language].stemWord(word)
    return stemmed


def term_weights(frequencies: Mapping[str, int], passages: int) -> dict[str, float]:
    """BM25's weight of each term: the rarer, the heavier.

    Args:
        frequencies: in how many passages each term stands.
        passages: how many passages there are.
    """
    return {term: math.log(1.0 + (passages - n + 0.5) / (n + 0.5)) for term, n in frequencies.items()}


def coverage(weights: Mapping[str, float], counts: Mapping[str, int], relative_length: float) -> float:
    """The share of a question that a passage holds, 0 to 1: its BM25 score over the best that any could reach.

    Args:
        weights: of the question's terms.
        counts: how often each term stands in this passage.
        relative_length: this passage's number of terms over the usual number.
    """
    damping = K1 * (1.0 - B + B * relative_length)
    held = sum(weight * counts[t] / (counts[t] + damping) for t, weight in weights.items() if t in counts)
    return held / max(sum(weights.values()), 1e-9)
