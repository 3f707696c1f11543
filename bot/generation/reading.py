"""A text's words as claims are compared by them: stems, vectors in context, clauses, what is denied.

A word's vector is that of its word pieces where it stands (:mod:`retrieval.late_interaction`), so that
"бесплатно" and "free of charge" are near and so are two words that do the same in two sentences.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bot.generation.literal import THOUSANDS
from nlu.encoder import PASSAGE, Encoder, Vectors, unit
from retrieval.amounts import amounts
from retrieval.late_interaction import LateInteraction, QuestionTokens
from retrieval.lexical import is_function_word, stem

REMEMBERED = 256  # texts: the evidence of the replies in progress
FUNCTION_WEIGHT = 0.2  # of a function word beside a content word of the same rarity

_WORD = re.compile(r"\d+(?:[.,:]\d+)+|[^\W_]+(?:['’-][^\W_]+)*")
_CLAUSE_END = re.compile(r"[,.;:!?()]|\s[—–-]\s")
_TURNS = frozenset("но а однако but however".split())  # words that begin a clause without a comma
_DENIAL = re.compile(
    r"не|нет|нету|нельзя|невозможн\w*|недоступн\w*|запрещ\w+|not|no|never|cannot|nothing|none|neither|nor|unable"
    r"|forbidden|prohibited|\w+n't"
)
# "не позднее", "no more than", "не только": a bound, or no denial at all.
_NO_DENIAL = re.compile(
    r"(?:позднее|позже|раньше|ранее|больше|более|меньше|менее|дольше|дороже|выше|ниже|старше|младше|только|обязательно"
    r"|later|more|less|longer|earlier|fewer|sooner|only|necessarily)"
)

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Reading:
    """The words of a text, lower case.

    ``starts`` are their places in ``text``, ``vectors`` unit vectors, shape (words, dimension); ``weights`` are the
    larger the rarer the word; ``vector`` is the whole text's.
    """

    text: str
    words: list[str]
    starts: list[int]
    vectors: Vectors
    weights: Vectors
    vector: Vectors

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def stems(self) -> list[str]:
        return [stem(word) for word in self.words]

    @cached_property
    def is_content(self) -> Flags:
        """For each word whether it is more than a function word."""
        return np.array([not is_function_word(word) for word in self.words], dtype=bool)

    @cached_property
    def is_value(self) -> Flags:
        """For each word whether it holds a number: a sum, a time, a code."""
        return np.array([any(letter.isdigit() for letter in word) for word in self.words], dtype=bool)

    @cached_property
    def is_name(self) -> Flags:
        """For each word whether a capital within the sentence, or a quotation mark, makes it a name."""
        return np.array([self._is_name(start) for start in self.starts], dtype=bool)

    def _is_name(self, start: int) -> bool:
        before = self.text[:start].rstrip("«“\"'")
        if not before.strip() or before.rstrip()[-1] in ".!?…":
            return False
        return self.text[start].isupper() or self.text[start - 1] in '«“"'

    @cached_property
    def units(self) -> list[str]:
        """For each word the unit that its number is counted in, empty where it has none."""
        known = {number: amount.unit for amount in amounts(self.text) for number in amount.written if amount.unit}
        return [known.get(_number(word), "") if value else "" for word, value in zip(self.words, self.is_value)]

    @cached_property
    def clauses(self) -> list[int]:
        """For each word the number of its clause."""
        found: list[int] = []
        number = end = 0
        for word, start in zip(self.words, self.starts):
            number += bool(found and (word in _TURNS or _CLAUSE_END.search(self.text[end:start])))
            found.append(number)
            end = start + len(word)
        return found

    @cached_property
    def denials(self) -> Flags:
        """For each word whether it denies."""
        following = [*self.words[1:], ""]
        return np.array(
            [
                bool(_DENIAL.fullmatch(word)) and not _NO_DENIAL.fullmatch(after)
                for word, after in zip(self.words, following)
            ],
            dtype=bool,
        )

    @cached_property
    def denied(self) -> Flags:
        """For each word whether its clause is denied: once, not twice."""
        clauses = np.array(self.clauses, dtype=int)
        counts = np.bincount(clauses, weights=self.denials, minlength=1)
        odd: Flags = counts[clauses] % 2 == 1
        return odd


class Reader:
    """Reads texts with the encoder and remembers the last ones. Weights load at first use."""

    def __init__(self, encoder: Encoder, remembered: int = REMEMBERED) -> None:
        self._size = remembered
        self._late = LateInteraction(encoder)
        self._known: OrderedDict[str, Reading] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """A reading of each text, in one pass for those that are new."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        found |= self._read([text for text in dict.fromkeys(texts) if text not in found])
        with self._lock:
            for text in found:
                self._known[text] = found[text]
                self._known.move_to_end(text)
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return [found[text] for text in texts]

    def _read(self, texts: Sequence[str]) -> dict[str, Reading]:
        if not texts:
            return {}
        plain = [THOUSANDS.sub("", text) for text in texts]
        encodings = self._late.encoder.read(plain, PASSAGE)
        return {
            text: _reading(bare, self._late.question(encoding), encoding.vector)
            for text, bare, encoding in zip(texts, plain, encodings)
        }


def _reading(text: str, pieces: QuestionTokens, vector: Vectors) -> Reading:
    """Words with the weighted mean of their pieces; a word behind the encoder's limit is left out."""
    words, starts, vectors, weights = [], [], [], []
    for match in _WORD.finditer(text):
        inside = [n for n, (a, b) in enumerate(pieces.spans) if a < match.end() and b > match.start()]
        if inside:
            words.append(match.group().lower().replace("ё", "е").replace("’", "'"))
            starts.append(match.start())
            vectors.append(pieces.weights[inside] @ pieces.vectors[inside])
            weights.append(pieces.weights[inside].sum())
    shape = (len(words), pieces.vectors.shape[-1])
    return Reading(
        text,
        words,
        starts,
        unit(np.array(vectors, dtype=np.float32).reshape(shape)),
        np.array(weights, dtype=np.float32),
        vector,
    )


def _number(word: str) -> float:
    try:
        return float(word.replace(",", "."))
    except ValueError:
        return float("nan")
