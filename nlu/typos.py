"""Misspelled words of requests, put right for the intent's sake: "cansel my ordr", "атмените зказ". Knows no Rasa.

A word is corrected only if it is no word of its language as far as is known, and one edit makes it a word that
the training utterances use often. What is known: for Russian a dictionary of its forms (pymorphy2, which comes
with natasha), for English the words that are one piece to the encoder's tokenizer, with their endings. A wrong
correction turns a message into another request, a missed one leaves it as it was, so codes, links, names and
whatever else is capitalised stay.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlu.letters import BRANDS, ENGLISH_WORDS, LetterModel, english

RU, EN = "ru", "en"
SHORTEST = 4  # letters of a word that is corrected; shorter ones are one edit from anything
OFTEN = 3  # how often the utterances use a word that others are corrected to
# An English word of fewer letters is one edit from many that no list holds, names for instance.
SHORT = 6
OFTEN_IF_SHORT = 25
GAIN_IF_SHORT = 3.0  # how much likelier by its letters the correction must be, logarithms
SURER = 3  # of two words as near the one counts that is so many times as frequent
_LETTERS = {RU: re.compile("[а-я]+"), EN: re.compile("[a-z]+")}
_TOKEN = re.compile(r"\S+")
_MARKS = "\"'«»„“”‘’()[]{}.,:;!?…—–-"
_ANNOTATION = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ers", "ly", "y", "r", "rs")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def utterances_in(folder: Path) -> list[str]:
    """The examples of all intents in a folder of Rasa's training files, without annotations."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) or {} for path in sorted(folder.glob("*.yml"))]
    blocks = [block for file in files for block in file.get("nlu") or []]
    return [_ANNOTATION.sub(r"\1", line[2:]) for block in blocks for line in block.get("examples", "").splitlines()]


def whole_words(vocabulary: Iterable[str]) -> frozenset[str]:
    """The pieces of a tokenizer's vocabulary that begin words, sentencepiece's or WordPiece's."""
    pieces = list(vocabulary)
    marked = [piece[1:] for piece in pieces if piece.startswith("▁")]
    return frozenset(piece.lower() for piece in marked or pieces if not piece.startswith("##"))


class Typos:
    """Corrects towards the words of some utterances.

    Args:
        utterances: what customers write, in either language, misspelled ones among them.
        words: English and Russian words that are right, whatever the utterances hold.
    """

    def __init__(self, utterances: Iterable[str], words: Collection[str]) -> None:
        self._words = words
        self._counts = Counter(word for text in utterances for word in re.findall(r"[^\W\d_]+", _plain(text)))
        self._near: dict[str, dict[str, list[str]]] = {RU: defaultdict(list), EN: defaultdict(list)}
        for language, near in self._near.items():
            for word in filter(_LETTERS[language].fullmatch, self._counts):
                if len(word) >= SHORTEST and self._counts[word] >= OFTEN and self._is_right(word, language):
                    for shorter in _shortened(word):
                        near[shorter].append(word)

    def corrected(self, text: str, language: str = "") -> str:
        """The text with misspelled words put right; Latin letters are not English where the language is Russian."""
        latin = language != RU and not _CYRILLIC.search(text)
        return _TOKEN.sub(lambda token: self._token(token[0], token.start() == 0, latin), text)

    def _token(self, token: str, first: bool, latin: bool) -> str:
        core = token.strip(_MARKS)
        word = _plain(core)
        language = RU if _LETTERS[RU].fullmatch(word) else EN if latin and _LETTERS[EN].fullmatch(word) else ""
        name = core[:1].isupper() and not (first and core[1:].islower())
        if not language or name or len(word) < SHORTEST:
            return token
        right = self._right(word, language)
        return token.replace(core, right) if right else token

    def _right(self, word: str, language: str) -> str | None:
        """What a misspelled word was meant to be, if that is sure."""
        if self._counts[word] >= OFTEN - 1 or self._is_right(word, language):
            return None
        near = {right for shorter in _shortened(word) for right in self._near[language].get(shorter, ())}
        ranked = sorted((right for right in near if _one_edit(word, right)), key=lambda right: -self._counts[right])
        if not ranked or (len(ranked) > 1 and self._counts[ranked[0]] < SURER * self._counts[ranked[1]]):
            return None
        return ranked[0] if language == RU or self._is_sure_english(word, ranked[0]) else None

    def _is_sure_english(self, word: str, right: str) -> bool:
        letters: LetterModel = english()
        gain = letters.score(right) - letters.score(word)
        long = len(right) >= SHORT or (self._counts[right] >= OFTEN_IF_SHORT and gain >= GAIN_IF_SHORT)
        return long and word[0] == right[0]

    def _is_right(self, word: str, language: str) -> bool:
        if word in BRANDS or word in self._words:
            return True
        if language == RU:
            return bool(_russian().word_is_known(word))
        return any(stem in ENGLISH_WORDS or stem in self._words for stem in _stems(word))


def _plain(text: str) -> str:
    return text.lower().replace("ё", "е")


@lru_cache(maxsize=1)
def _russian() -> Any:
    from pymorphy2 import MorphAnalyzer

    return MorphAnalyzer()


def _stems(word: str) -> Iterator[str]:
    """An English word, and what it may be a form of."""
    yield word
    for ending in _ENDINGS:
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= 3:
            yield from (stem, stem + "e")
            if stem[-1] == stem[-2]:  # stopp-ed
                yield stem[:-1]
            if stem[-1] == "i":  # carri-ed
                yield stem[:-1] + "y"


def _shortened(word: str) -> set[str]:
    """The word and all that one missing letter makes of it: words one edit apart share one of these."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _one_edit(word: str, other: str) -> bool:
    """Whether one letter changed, added, left out, or two exchanged make one of the other."""
    if len(word) == len(other):
        differ = [at for at in range(len(word)) if word[at] != other[at]]
        if len(differ) == 2:
            first, second = differ
            return second == first + 1 and word[first] == other[second] and word[second] == other[first]
        return len(differ) == 1
    short, long = sorted((word, other), key=len)
    return len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
