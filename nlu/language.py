"""Which language to answer in. Knows no Rasa.

Evidence is asked in this order: the script, when it decides, after undoing a wrong keyboard layout;
for Latin letters, where Russian is typed too, the commonest words and the letter statistics of
langdetect; the conversation's earlier languages; the customer's setting; the default.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nlu.keyboard import corrected
from nlu.letters import BRANDS, ENGLISH_WORDS, english
from nlu.translit import translit, translit_words

RUSSIAN, ENGLISH = "ru", "en"
LANGUAGES = (RUSSIAN, ENGLISH)
DEFAULT = ENGLISH

_CYRILLIC = re.compile("[а-яёА-ЯЁ]")
_LATIN = re.compile("[a-zA-Z]")
_CYRILLIC_WORD, _LATIN_WORD = re.compile("[а-яё]+"), re.compile("[a-z]+(?:'[a-z]+)?")
# Links, mails, codes, numbers.
_NO_LANGUAGE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[A-Za-z]{1,4}-?\d[\w-]*|\d+")
_FOUR_FOR_CH = re.compile(r"(?<!\w)4(?=to\b|[aeu][a-z])|(?<=[a-z])4(?=[aeiotu])")  # "4to", "ho4u"
_LONGEST_TEXT = 1000  # characters that decide
_LONGEST = 60  # words that decide; the rest of a long text is of the same language

# Scores are natural logarithms of how much likelier one language is than the other (nlu/letters.py). Set on public
# questions to voice assistants, in English and in Russian written in Latin letters, whole and cut to three words.
_WORD = 6.0  # what a common word adds
_RUSSIAN_LEAST = 2.5  # Russian in Latin letters is rare, and names sound like it:
_RUSSIAN_LEAST_ALONE = 3.0  # the more so where a word stands alone
_SHORT = 2  # letters; a word up to this long tells nothing unless it is a common one
_ENGLISH_LEAST = 1.0


@dataclass(frozen=True)
class LanguageGuess:
    """A language, how sure (0 to 1) and on what ground.

    The ground is script, words, layout (of the keyboard, typed wrong), langdetect (its letter
    statistics), history, setting or default.
    """

    language: str
    confidence: float
    source: str


def detect(text: str, history: Sequence[str] = (), setting: str | None = None) -> LanguageGuess:
    """The language of a message.

    Args:
        text: the message.
        history: languages of the conversation's earlier messages, oldest first.
        setting: the customer's own setting, if known.
    """
    meant = corrected(text)
    if meant is None:
        return _as_typed(text, history, setting)
    return replace(_as_typed(meant, history, setting), confidence=0.9, source="layout")


def _as_typed(text: str, history: Sequence[str], setting: str | None) -> LanguageGuess:
    plain = _NO_LANGUAGE.sub(" ", _FOUR_FOR_CH.sub("ch", text[:_LONGEST_TEXT])).lower()
    cyrillic, latin = _CYRILLIC_WORD.findall(plain), _LATIN_WORD.findall(plain)
    if cyrillic and not latin:
        return LanguageGuess(RUSSIAN, 1.0, "script")
    if cyrillic:
        return _mixed(cyrillic, latin)
    fallback = _fallback(history, setting)
    guess = _latin(latin[:_LONGEST], fallback) if latin else fallback
    # An address or a device's name answers a question in any language.
    return fallback if fallback.source == "history" and guess.source == "langdetect" and _names(text) else guess


def _mixed(cyrillic: list[str], latin: list[str]) -> LanguageGuess:
    """Both scripts: names of things are Latin in Russian sentences too, the words between them are not."""
    between = sum(word in ENGLISH_WORDS for word in latin)
    if between > len(cyrillic):
        return LanguageGuess(ENGLISH, 0.8, "words")
    return LanguageGuess(RUSSIAN, 0.95, "script")


def _names(text: str) -> bool:
    """Whether most words begin with a capital, as names do."""
    words: list[str] = re.findall(r"[A-Za-z]{2,}", text)
    return 2 * sum(word[0].isupper() for word in words) > len(words)


def _latin(words: list[str], fallback: LanguageGuess) -> LanguageGuess:
    """English, or Russian in Latin letters; a lone brand name says neither."""
    telling = [word for word in words if word not in BRANDS]
    common = _WORD * sum((word in translit_words()) - (word in ENGLISH_WORDS) for word in telling)
    letters = sum(_russian_letters(word) for word in telling if len(word) > _SHORT)
    source = "words" if common * (common + letters) > 0 else "langdetect"
    least = _RUSSIAN_LEAST if len(words) > 1 else _RUSSIAN_LEAST_ALONE
    if common + letters >= least:
        return LanguageGuess(RUSSIAN, 0.85, source)
    if common + letters <= -_ENGLISH_LEAST:
        return LanguageGuess(ENGLISH, 0.95 if source == "words" else 0.9, source)
    if fallback.source != "default":
        return fallback
    return LanguageGuess(ENGLISH, 0.6, "script")


def _russian_letters(word: str) -> float:
    """By how much a word's letters are likelier in Russian than in English."""
    return sum(translit().score(part) - english().score(part) for part in word.split("'"))


def _fallback(history: Sequence[str], setting: str | None) -> LanguageGuess:
    if history and history[-1] in LANGUAGES:
        return LanguageGuess(history[-1], 0.7, "history")
    if setting in LANGUAGES:
        return LanguageGuess(str(setting), 0.6, "setting")
    return LanguageGuess(DEFAULT, 0.5, "default")


def script_language(text: str) -> str:
    """The language of a longer text, by its script alone."""
    return RUSSIAN if len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text)) else ENGLISH
