"""Does the evidence support what was written? Nothing unsupported is sent.

Each sentence of a reply is compared with each piece of evidence:

- its values (numbers, sums, dates, times, codes, links, mails) must all occur in the evidence;
- its names (capitalised words inside it) must occur in the evidence or the question;
- a number must stand beside a word that it stands beside in the evidence: "12 months", not "12 TVs";
- the words that carry its meaning must mostly be words of the one or two neighbouring sentences, or of
  these and a fact, that hold all its values: what the question says is no evidence;
- it must not deny what the evidence affirms, or the other way round;
- in another language than the evidence, where words cannot be compared, its vector must lie near
  a sentence of the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.encoder import PASSAGE, Encoder
from nlu.language import script_language
from retrieval.lexical import words

WORDS_SUPPORTED = 0.6  # share of a sentence's content words that must be found
NEAR = 0.72  # cosine across languages: 93 % of translations reach it, 9 % of the nearest other sentences of a passage

_VALUE = re.compile(
    r"https?://\S+|[\w.+-]+@[\w-]+\.[\w.-]+"  # links, mails
    r"|[A-ZА-ЯЁ]{1,5}-?\d[\w-]*"  # order numbers, models, error codes
    r"|\d[\d\s\u00a0.,:×x–-]*\d|\d"  # numbers, with thousands, decimals, times, ranges
)
_THOUSANDS = re.compile(r"(?<=\d)[\s\u00a0,](?=\d{3}\b)")  # between groups of digits
_MONTHS = (
    "январ|january",
    "феврал|february",
    "март|march",
    "апрел|april",
    r"ма[йяюе]\b|(?-i:(?<!^)May)\b",  # not "maybe", nor the verb: "you may", "May I"
    "июн|june",
    "июл|july",
    "август|august",
    "сентябр|september",
    "октябр|october",
    "ноябр|november",
    "декабр|december",
)
_MONTH = [re.compile(rf"\b(?:{names})", re.IGNORECASE) for names in _MONTHS]
_NEGATION = re.compile(r"\b(?:не|нет|нельзя|никогда|без|not|no|cannot|never|without)\b|n't\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=[\w,;:] )[«“\"(]?([A-ZА-ЯЁ][a-zа-яё]{2,})")  # not the word that begins the sentence
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[«\"“(]?[A-ZА-ЯЁ])")


@dataclass(frozen=True)
class Evidence:
    """A piece of what is known: a passage's or a fact's sentences. ``source`` names it in the trace.

    The ``heading`` lends its words to every sentence below it.
    """

    source: str
    sentences: Sequence[str]
    heading: str = ""

    @property
    def text(self) -> str:
        return " ".join([self.heading, *self.sentences]).strip()


@dataclass(frozen=True)
class Verdict:
    """A reply's sentence with the evidence that supports it, or the reason why none does."""

    sentence: str
    source: str | None
    score: float
    reason: str = ""

    @property
    def supported(self) -> bool:
        return self.source is not None


def split_sentences(text: str) -> list[str]:
    """Sentences of plain text."""
    return [part.strip() for part in _SENTENCE_END.split(text.strip()) if part.strip()]


def values(text: str) -> set[str]:
    """Everything that must be right to the letter, in one spelling: ``5 000 ₽`` and ``5,000`` are ``5000``."""
    found = {_normal(match) for match in _VALUE.findall(text)}
    found |= {f"month {number}" for number, month in enumerate(_MONTH, 1) if month.search(text)}
    return {value for value in found if value}


def _normal(value: str) -> str:
    if "@" in value or value.startswith("http"):
        return value.rstrip(".,;:!?)»”").lower()
    value = _THOUSANDS.sub("", value)
    value = re.sub(r"\s*[–-]\s*", "-", value.strip(" .,:-\u00a0")).replace(",", ".")
    return value.upper()


def _parts(found: set[str]) -> set[str]:
    """A range supports its ends and a code its number, but not the other way round."""
    return found | {part for value in found for part in re.findall(r"\d+(?:[.:]\d+)*", value)}


def _foreign_names(claim: str, evidence: Sequence[Evidence], asked: str) -> list[str]:
    """Names that the claim alone brings up. Evidence in another language spells names otherwise: none then."""
    language = script_language(claim)
    if any(script_language(piece.text) != language for piece in evidence):
        return []
    known = set(words(" ".join([asked, *(piece.text for piece in evidence)])))
    return [found for found in _NAME.findall(claim) if not known.issuperset(words(found))]


class Verifier:
    """Checks replies against evidence.

    Args:
        encoder: compares sentences across languages.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def check(self, reply: str, evidence: Sequence[Evidence], question: str = "", name: str = "") -> list[Verdict]:
        """A verdict for each sentence of the reply, in order.

        Args:
            reply: what was written.
            evidence: what may be used, most important first.
            question: its words may be repeated, its values may not be asserted.
            name: the customer's name, which needs no evidence.
        """
        return [self._verdict(sentence, evidence, question, name) for sentence in split_sentences(reply)]

    def _verdict(self, sentence: str, evidence: Sequence[Evidence], question: str, name: str) -> Verdict:
        claim = re.sub(rf"^{re.escape(name)},\s*", "", sentence) if name else sentence
        needed = values(claim)
        known = _parts(set().union(*(values(piece.text) for piece in evidence)))
        if missing := needed - known:
            return Verdict(sentence, None, 0.0, f"not in the evidence: {', '.join(sorted(missing))}")
        if foreign := _foreign_names(claim, evidence, f"{question} {name}"):
            return Verdict(sentence, None, 0.0, f"not in the evidence: {', '.join(foreign)}")
        if stray := _misplaced_number(claim, evidence):
            return Verdict(sentence, None, 0.0, f"{stray} stands for something else in the evidence")
        places = [place for place in _places(evidence) if needed <= _parts(values(place.text))]
        scored = [(self._support(claim, place), place.source) for place in places]
        support, source = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
        if support < 1.0:
            return Verdict(sentence, None, support, "the evidence does not say this")
        if self._contradicts(claim, evidence):
            return Verdict(sentence, None, 0.0, "the evidence says the opposite")
        return Verdict(sentence, source, support)

    def _support(self, claim: str, place: Evidence) -> float:
        """1 or more where the place supports the claim: its measure divided by what is asked of it."""
        if script_language(claim) != script_language(place.text):
            vectors = self.encoder.encode([claim, " ".join(place.sentences)], PASSAGE, 128)
            return float(vectors[1] @ vectors[0]) / NEAR
        content = [word for word in words(claim) if not word[0].isdigit()]
        if not content:
            return 1.0
        known = set(words(place.text))
        return sum(word in known for word in content) / len(content) / WORDS_SUPPORTED

    def _contradicts(self, claim: str, evidence: Sequence[Evidence]) -> bool:
        """Whether the same-language sentence nearest in words differs in being negated."""
        content = set(words(claim))
        language = script_language(claim)
        nearest, overlap = "", 0.0
        for sentence in (s for piece in evidence for s in piece.sentences):
            own = set(words(sentence))
            share = len(content & own) / max(1, len(content | own))
            if script_language(sentence) == language and share > overlap:
                nearest, overlap = sentence, share
        return overlap > 0.5 and bool(_NEGATION.search(claim)) != bool(_NEGATION.search(nearest))


def _places(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Where one sentence's support may lie: one sentence, two neighbours, or either with a short piece (a fact)."""
    places = [
        Evidence(piece.source, piece.sentences[i : i + size], piece.heading)
        for piece in evidence
        for size in (1, 2)
        for i in range(max(1, len(piece.sentences) - size + 1))
    ]
    facts = [piece for piece in evidence if len(piece.sentences) == 1]
    joined = [
        Evidence(place.source, [*place.sentences, *fact.sentences], place.heading)
        for place in places
        for fact in facts
        if fact.source != place.source
    ]
    return places + joined


WINDOW = 3  # words to each side
_NUMBER_WITH_UNIT = re.compile(r"(?<![\w:.,№*-])(\d+)\s+([^\W\d_]+)")


def _misplaced_number(claim: str, evidence: Sequence[Evidence]) -> str | None:
    """The first number of a claim whose unit the evidence knows, but nowhere near that number."""
    language = script_language(claim)
    sentences = [s for piece in evidence for s in piece.sentences if script_language(s) == language]
    lines = [words(_THOUSANDS.sub("", sentence)) for sentence in sentences]
    for number, following in _NUMBER_WITH_UNIT.findall(_THOUSANDS.sub("", claim)):
        unit = (words(following) or [""])[0]
        around = [
            line[max(0, i - WINDOW) : i + WINDOW + 1] for line in lines for i, w in enumerate(line) if w == number
        ]
        known = any(unit in line for line in lines)
        if around and known and not any(unit in part for part in around):
            return str(number)
    return None
