"""What must be right to the letter: numbers, sums, dates, durations, codes, links and names of a claim.

None of it is left to a model's judgement. Amounts are compared as amounts, so that "two weeks" says
"14 дней" and "14 weeks" does not; everything else as it is spelled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.language import script_language
from retrieval.amounts import UNITS, Amount, amounts
from retrieval.lexical import words

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
_NAME = re.compile(r"(?<=[\w,;:] )[«“\"(]?([A-ZА-ЯЁ][a-zа-яё]{2,})")  # not the word that begins the sentence
_PLAIN_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:-\d+(?:\.\d+)?)?")
_NUMBER_WITH_UNIT = re.compile(r"(?<![\w:.,№*-])(\d+)\s+([^\W\d_]+)")
WINDOW = 3  # words to each side
KNOWN_UNITS = UNITS - {""}


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


def fault(claim: str, evidence: Sequence[Evidence], asked: str = "") -> str:
    """What of the claim the evidence does not hold to the letter, as a reason; empty if nothing.

    Args:
        claim: one sentence.
        evidence: what may be used.
        asked: whose names may be repeated (the question, the customer's name); its numbers may not be asserted.
    """
    if foreign := [*_foreign_amounts(claim, evidence), *_foreign_values(claim, evidence)]:
        return f"not in the evidence: {', '.join(dict.fromkeys(foreign))}"
    if names := _foreign_names(claim, evidence, asked):
        return f"not in the evidence: {', '.join(names)}"
    if stray := _misplaced_number(claim, evidence):
        return f"{stray} stands for something else in the evidence"
    return ""


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


def _measured(text: str) -> list[Amount]:
    """Amounts whose unit is known in both languages."""
    return [amount for amount in amounts(text) if amount.unit in KNOWN_UNITS]


def _foreign_amounts(claim: str, evidence: Sequence[Evidence]) -> list[str]:
    known = [amount for piece in evidence for sentence in piece.sentences for amount in _measured(sentence)]
    return [amount.text for amount in _measured(claim) if not any(one.states(amount) for one in known)]


def _foreign_values(claim: str, evidence: Sequence[Evidence]) -> list[str]:
    """Values spelled nowhere; a number of an amount may be converted, and amounts are compared by themselves."""
    known = _parts(set().union(*(values(piece.text) for piece in evidence)))
    compared = {number for amount in _measured(claim) for number in amount.written}
    return sorted(
        value
        for value in values(claim) - known
        if not (_PLAIN_NUMBER.fullmatch(value) and compared.issuperset(map(float, value.split("-"))))
    )


def _foreign_names(claim: str, evidence: Sequence[Evidence], asked: str) -> list[str]:
    """Names that the claim alone brings up. Evidence in another language spells names otherwise: none then."""
    language = script_language(claim)
    if any(script_language(piece.text) != language for piece in evidence):
        return []
    known = set(words(" ".join([asked, *(piece.text for piece in evidence)])))
    return [found for found in _NAME.findall(claim) if not known.issuperset(words(found))]


def _misplaced_number(claim: str, evidence: Sequence[Evidence]) -> str:
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
    return ""
