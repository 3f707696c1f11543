"""The lexical side: BM25 over stemmed words, Russian and English.

Scores are reported as coverage: the passage's BM25 score divided by the best score a passage
could reach for the question, so that 0 means "shares no word" and values compare across
questions.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it reports every index it builds

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


def stem(word: str) -> str:
    """The word's stem in the language of its script."""
    language = "ru" if re.search("[а-я]", word) else "en"
    stemmed: str = _STEMMERS[language].stemWord(word)
    return stemmed


class LexicalIndex:
    """BM25 over a fixed list of texts; cheap to build anew (thousands of texts a second)."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.size = len(texts)
        tokens = [words(text) for text in texts]
        self.vocabulary = {token for text in tokens for token in text}
        self._bm25: bm25s.BM25 | None = None
        if self.vocabulary:
            self._bm25 = bm25s.BM25(method="lucene")
            self._bm25.index(tokens, show_progress=False)

    def coverage(self, question: str) -> npt.NDArray[np.float32]:
        """For each text the share of the question that it holds, 0 to 1, shape (texts,)."""
        terms = list(dict.fromkeys(words(question)))
        known = [term for term in terms if term in self.vocabulary]
        if self._bm25 is None or not known:
            return np.zeros(self.size, dtype=np.float32)
        scores = self._bm25.get_scores(known)
        # A word that no text holds counts against every text, as much as the rarest known one.
        weights = [self._weight(term) for term in known]
        attainable = sum(weights) + (len(terms) - len(known)) * max(weights)
        result: npt.NDArray[np.float32] = np.minimum(scores / max(attainable, 1e-9), 1.0).astype(np.float32)
        return result

    def _weight(self, term: str) -> float:
        """The best score any text gets for this term alone."""
        assert self._bm25 is not None
        return float(self._bm25.get_scores([term]).max())
