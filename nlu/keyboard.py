"""Text typed on the wrong keyboard layout: "ghbdtn" is "привет", "руддщ" is "hello".

Both readings of a message are put to the letters of the languages (nlu/letters.py). It is typed
again only where the reading as typed is no language at all and the other is a good one: a wrong
correction spoils a message that was fine, a missed one leaves the customer where they were.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nlu.letters import BRANDS, ENGLISH_WORDS, RUSSIAN_WORDS, LetterModel, english, russian
from nlu.translit import translit, translit_words

_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>"
_CYRILLIC_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбюЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
_TO_CYRILLIC = str.maketrans(_LATIN_KEYS + "?/&$^#@", _CYRILLIC_KEYS + ',.?;:№"')
_SIGNS_TO_CYRILLIC = str.maketrans("?/&$^#@", ',.?;:№"')
# "?" and "." are not read as "&" and "/", which end no sentence.
_TO_LATIN = str.maketrans(_CYRILLIC_KEYS + ',;:№"', _LATIN_KEYS + "?$^#@")
_SIGNS_TO_LATIN = str.maketrans(',;:№"', "?$^#@")

LONGEST_TEXT = 1000  # characters; nobody types that much without looking up
LONGEST_MARKS = 4  # marks after a word that may be letters
LONGEST = 60  # words that decide
# Links, mail addresses, fingers rolled over the keys.
_NEVER = re.compile(r"://|@\w|www\.|\.(?:ru|com|net|org|io)\b|qwerty|йцукен|asdf|фыва|zxcv|ячсм", re.IGNORECASE)
_MARKS = string.punctuation + "«»„“”…—№"
_LONE = frozenset("да ок hi no ok".split())  # words of two letters that make a message
_RARE = ";:'\"[]{}<>`~"  # marks that seldom end a word


@dataclass(frozen=True)
class Limits:
    """When a message is typed again. Scores are logarithms of probabilities, per letter about -2.5 in
    a real text and -5 in one on the wrong layout. Set on public questions to voice assistants and on
    each of their words alone, so that none of those is changed.
    """

    gain: float = 9.0  # by how much the other reading is likelier, in all
    gain_per_letter: float = 1.2
    other_per_letter: float = -3.8  # at least: typed again it is a language
    typed_per_letter: float = -3.6  # at most: as typed it is none
    typed_per_letter_short: float = -4.2  # the same for a rather short text with a word that is not common
    # Lengths count a word's end as a letter. Below ``short`` every word must be a common one.
    rather_short: int = 10
    short: int = 5
    two_letters: int = 2
    common_word: float = 6.0  # what a common word adds to its reading
    keep_word: float = 6.0  # a word likelier as typed by this much stays in a message that is typed again
    odd_mark: float = 9.0  # what a mark costs where its key may be a letter
    last_mark: float = 6.0  # the same for a full stop, comma or bracket after a word
    acronym: int = 4  # capitals up to this many do not decide


LIMITS = Limits()


@dataclass(frozen=True)
class _Layout:
    """A way of typing: its letters, and what its languages find likely."""

    letters: re.Pattern[str]
    models: tuple[Callable[[], LetterModel], ...]
    words: tuple[Callable[[], frozenset[str]], ...]

    def score(self, text: str) -> float:
        """The likeliest language's score of a text."""
        found = self.found(text)
        likeliest = max(sum(map(model().score, found)) for model in self.models)
        return likeliest + LIMITS.common_word * sum(map(self.common, found))

    def found(self, text: str) -> list[str]:
        """The words of a text, in lower case and ё as е."""
        return self.letters.findall(text.lower().replace("ё", "е"))

    def common(self, word: str) -> bool:
        """Whether a word is among the commonest; single letters are anything."""
        return len(word) > 1 and any(word in words() for words in self.words)

    def length(self, text: str) -> int:
        """The letters that ``score`` counts, the words' ends included."""
        return sum(len(word) + 1 for word in self.found(text))


_LATIN = _Layout(re.compile("[a-z]+"), (english, translit), (lambda: ENGLISH_WORDS, lambda: BRANDS, translit_words))
_ENGLISH = _Layout(re.compile("[a-z]+"), (english,), (lambda: ENGLISH_WORDS,))
_RUSSIAN = _Layout(re.compile("[а-яё]+"), (russian,), (lambda: RUSSIAN_WORDS,))


@dataclass(frozen=True)
class _Direction:
    typed: _Layout
    other: _Layout
    keys: dict[int, int]
    signs: dict[int, int]


_TO_RUSSIAN = _Direction(_LATIN, _RUSSIAN, _TO_CYRILLIC, _SIGNS_TO_CYRILLIC)
_TO_ENGLISH = _Direction(_RUSSIAN, _ENGLISH, _TO_LATIN, _SIGNS_TO_LATIN)


def on_the_other_layout(text: str) -> str:
    """Latin letters as the same keys type them on the Russian layout."""
    return text.translate(_TO_CYRILLIC)


def corrected(text: str) -> str | None:
    """The text typed on the other layout; None unless it was surely typed on the wrong one.

    Order numbers, links, addresses, brand names and words that are right as typed stay.
    """
    if text.startswith("/") or len(text) > LONGEST_TEXT:  # a button's payload begins with a slash
        return None
    tokens = re.split(r"(\s+)", text)
    lower = text.lower()
    latin, russian_letters = (len("".join(layout.letters.findall(lower))) for layout in (_LATIN, _RUSSIAN))
    direction = _TO_RUSSIAN if latin >= russian_letters else _TO_ENGLISH
    if not _surely_wrong([token for token in tokens if _decides(token, direction)][:LONGEST], direction):
        return None
    again = "".join(_again(token, direction) for token in tokens)
    # Whoever ends with a question mark means one, though its key has a comma on the other layout.
    return again[:-1] + "?" if text.endswith("?") and again.endswith(",") else again


def _surely_wrong(tokens: list[str], direction: _Direction) -> bool:
    """Whether the words as typed are no language and their other reading is one."""
    typed, length = direction.typed.score(" ".join(tokens)), sum(map(direction.typed.length, tokens))
    if not length or typed > LIMITS.typed_per_letter * length:
        return False
    readings = [_reading(token, direction) for token in tokens]
    words = [word for reading, _ in readings for word in direction.other.found(reading)]
    if not all(map(direction.other.common, words)) and (
        length < LIMITS.short or (length < LIMITS.rather_short and typed > LIMITS.typed_per_letter_short * length)
    ):
        return False
    if sum(map(len, words)) <= LIMITS.two_letters and not _LONE.issuperset(words):
        return False
    other, other_length = sum(score for _, score in readings), sum(len(word) + 1 for word in words)
    likelier = other - typed >= max(LIMITS.gain, LIMITS.gain_per_letter * length)
    return likelier and other >= LIMITS.other_per_letter * other_length


def _decides(token: str, direction: _Direction) -> bool:
    """Whether a token is a word by which a layout can be told; codes and names are not."""
    acronym = token.isupper() and len(token) <= LIMITS.acronym
    return _changes(token, direction) and not acronym and not any(map(str.isdigit, token))


def _changes(token: str, direction: _Direction) -> bool:
    """Whether a token may be typed again at all."""
    found = direction.typed.found(token)
    if not found or _NEVER.search(token) or all(word in BRANDS for word in found):
        return False
    # An order number is Latin: right in a text meant to be Russian, wrong in one meant to be English.
    return direction is _TO_ENGLISH or not any(map(str.isdigit, token))


def _again(token: str, direction: _Direction) -> str:
    """A token of a message that is typed again."""
    if not _changes(token, direction):
        return token if direction.typed.letters.search(token.lower()) else token.translate(direction.signs)
    other, score = _reading(token, direction)
    stays = direction.typed.score(token) - _cost_of_marks(token) - score > LIMITS.keep_word
    return token if stays else other


def _reading(token: str, direction: _Direction) -> tuple[str, float]:
    """A token typed again, with its score. Marks at its end may be letters, as in "k.,k." for "люблю"."""
    return max(_readings(token, direction), key=lambda reading: reading[1])


def _readings(token: str, direction: _Direction) -> Iterator[tuple[str, float]]:
    """Each reading with its score, the one with most letters first."""
    lead, core, trail = _edges(token)
    for before in dict.fromkeys((lead.translate(direction.keys), lead.translate(direction.signs))):
        for letters in range(len(trail), -1, -1) if len(trail) <= LONGEST_MARKS else (0,):
            after = trail[:letters].translate(direction.keys) + trail[letters:].translate(direction.signs)
            reading = before + core.translate(direction.keys) + after
            yield reading, direction.other.score(reading) - _cost_of_marks(reading)


def _cost_of_marks(reading: str) -> float:
    """What speaks against a reading: marks where words have none."""
    lead, core, trail = _edges(reading)
    odd = sum(mark != "(" for mark in lead) + sum(not letter.isalnum() and letter not in "'-/" for letter in core)
    return sum(LIMITS.last_mark if mark in ".,)" else LIMITS.odd_mark * (mark in _RARE) for mark in trail) + (
        LIMITS.odd_mark * odd
    )


def _edges(token: str) -> tuple[str, str, str]:
    """The marks before a token's letters, those with what stands between them, the marks after."""
    lead = len(token) - len(token.lstrip(_MARKS))
    core = token.strip(_MARKS)
    return token[:lead], core, token[lead + len(core) :]
