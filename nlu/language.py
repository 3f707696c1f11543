"""Which language to answer in. Knows no Rasa.

langdetect alone guesses on short texts ("ok", "Привет"), so evidence is asked in this order:
the script, when it decides; langdetect, when the text is long enough for it; the conversation's
earlier languages; the customer's setting; the default.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

RUSSIAN, ENGLISH = "ru", "en"
LANGUAGES = (RUSSIAN, ENGLISH)
DEFAULT = ENGLISH

_CYRILLIC = re.compile("[а-яёА-ЯЁ]")
_LATIN = re.compile("[a-zA-Z]")
_NO_LANGUAGE = re.compile(r"https?://\S+|\S+@\S+|[A-Z]{1,4}-?\d\S*|\d+")  # links, mails, codes, numbers
_LANGDETECT_LETTERS = 20  # below this langdetect is little better than a guess
_WORDS = {  # words so short or common that they decide by themselves
    ENGLISH: frozenset(
        "hi hello hey bye thanks thank thx please yes no yeah yep nope ok the my is where what when how why can you"
        " i a to order help not do does it your me and refund return delivery cancel agent human".split()
    ),
    # Russian typed in Latin letters.
    RUSSIAN: frozenset(
        "privet zdravstvuyte spasibo pozhaluysta da net kak gde kogda moi moy moj zakaz zakaza zakazy dostavka oplata"
        " vozvrat skolko mozhno ne eto chto u menya mne vas vy ya i na s v za po kto est hochu otmenite pochemu".split()
    ),
}


@dataclass(frozen=True)
class LanguageGuess:
    """A language, how sure (0 to 1) and on what ground: script, words, langdetect, history, setting, default."""

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
    plain = _NO_LANGUAGE.sub(" ", text)
    cyrillic, latin = len(_CYRILLIC.findall(plain)), len(_LATIN.findall(plain))
    if cyrillic and cyrillic >= latin / 3:
        # Product names are Latin in Russian sentences too, so a third is enough.
        return LanguageGuess(RUSSIAN, 1.0 if not latin else 0.95, "script")
    fallback = _fallback(history, setting)
    if not latin:
        return fallback
    return _latin_language(plain, latin, fallback)


def _latin_language(text: str, letters: int, fallback: LanguageGuess) -> LanguageGuess:
    """English, or Russian in Latin letters; a lone brand name says neither."""
    found = re.findall("[a-z]+", text.lower())
    votes = {language: sum(word in words for word in found) for language, words in _WORDS.items()}
    if votes[RUSSIAN] > votes[ENGLISH]:
        return LanguageGuess(RUSSIAN, 0.8, "words")
    if votes[ENGLISH] > votes[RUSSIAN]:
        return LanguageGuess(ENGLISH, 0.95, "words")
    if letters >= _LANGDETECT_LETTERS and _langdetect(text) == ENGLISH:
        return LanguageGuess(ENGLISH, 0.9, "langdetect")
    if fallback.source != "default":
        return fallback
    return LanguageGuess(ENGLISH, 0.6, "script")


def _fallback(history: Sequence[str], setting: str | None) -> LanguageGuess:
    if history and history[-1] in LANGUAGES:
        return LanguageGuess(history[-1], 0.7, "history")
    if setting in LANGUAGES:
        return LanguageGuess(str(setting), 0.6, "setting")
    return LanguageGuess(DEFAULT, 0.5, "default")


def _langdetect(text: str) -> str | None:
    """langdetect's first choice, the same on every call; None where it finds no features."""
    from langdetect import DetectorFactory, LangDetectException
    from langdetect import detect as detect_language

    DetectorFactory.seed = 0
    try:
        return str(detect_language(text))
    except LangDetectException:
        return None


def script_language(text: str) -> str:
    """The language of a longer text, by its script alone."""
    return RUSSIAN if len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text)) else ENGLISH
