"""What must be right to the letter: numbers, sums, dates, durations, codes, links and names of a claim.

None of it is left to a model's judgement. Amounts are compared as amounts, so that "two weeks" says
"14 дней" and "14 weeks" does not; everything else as it is spelled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from math import isclose

from nlu.language import script_language
from retrieval.amounts import UNITS, Amount, amounts
from retrieval.lexical import words

_VALUE = re.compile(
    r"https?://\S+|[\w.+-]+@[\w-]+\.[\w.-]+"  # links, mails
    r"|[A-ZА-ЯЁ]{1,5}-?\d[\w-]*"  # order numbers, models, error codes
    r"|\d[\d\s\u00a0.,:×x–-]*\d|\d"  # numbers, with thousands, decimals, times, ranges
)
_STEP = re.compile(r"^\d{1,2}[.)]\s+", re.MULTILINE)  # a line's number
THOUSANDS = re.compile(r"(?<=\d)[\s\u00a0,](?=\d{3}\b)")  # between groups of digits
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
_NAME = re.compile(r"(?<=[\w,;:] )[«“\"(]?([A-ZА-ЯЁ][a-zа-яё]\w+)")  # not the word that begins the sentence
_POLITE = re.compile(r"В(?:ы|ас|ам|ами|аш[а-яё]*)")  # Вы, Вашего: a capital that names nobody
_ADDRESS = re.compile(r"([A-ZА-ЯЁ][a-zа-яё-]+),\s")
# What else stands at a sentence's head before a comma.
_OPENERS = frozenset(
    "да нет увы конечно разумеется хорошо жаль пожалуйста здравствуйте извините простите кстати например наоборот также"
    " пока иначе значит поэтому итак наконец наверное возможно вероятно обычно сейчас сегодня завтра потом затем"
    " yes no sorry unfortunately sure certainly please hello hi also however otherwise then so now today tomorrow"
    " usually normally generally first second third finally instead afterwards alternatively currently".split()
)
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
    return ""


def values(text: str) -> set[str]:
    """Everything that must be right to the letter, in one spelling: ``5 000 ₽`` and ``5,000`` are ``5000``.

    The numbers of a list's lines are not: they count its steps.
    """
    found = {_normal(match) for match in _VALUE.findall(_STEP.sub("", text))}
    found |= {f"month {number}" for number, month in enumerate(_MONTH, 1) if month.search(text)}
    return {value for value in found if value}


def _normal(value: str) -> str:
    if "@" in value or value.startswith("http"):
        return value.rstrip(".,;:!?)»”").lower()
    value = THOUSANDS.sub("", value)
    value = re.sub(r"\s*[–-]\s*", "-", value.strip(" .,:-\u00a0")).replace(",", ".")
    return value.upper()


def _parts(found: set[str]) -> set[str]:
    """A range supports its ends and a code its number, but not the other way round."""
    return found | {part for value in found for part in re.findall(r"\d+(?:[.:]\d+)*", value)}


def _measured(text: str) -> list[Amount]:
    """Amounts whose unit is known in both languages."""
    return [amount for amount in amounts(text) if amount.unit in KNOWN_UNITS]


def _foreign_amounts(claim: str, evidence: Sequence[Evidence]) -> list[str]:
    """Amounts that no evidence states and the claim does not work out from such as it states."""
    known = [amount for piece in evidence for sentence in piece.sentences for amount in amounts(sentence)]
    said = _measured(claim)
    stated = [amount for amount in said if _is_stated(amount, known)]
    return [amount.text for amount in said if amount not in stated and not _follows(amount, stated)]


def _is_stated(amount: Amount, known: Sequence[Amount]) -> bool:
    """As it is, or by a number whose unit its sentence leaves to be understood: "from 8 to 11" of children."""
    return any(one.states(amount) or (not one.unit and one.written == amount.written) for one in known)


def _follows(result: Amount, given: Sequence[Amount]) -> bool:
    """Whether the claim shows its working: "120 ₽: 12 minutes at 10 ₽ each"; a sum, difference, product or share."""
    for a, b in permutations(given, 2):
        if a.unit == result.unit and a.low == a.high and b.low == b.high:
            part = b.low / 100
            found = [a.low * number for number in b.written] if b.unit != a.unit else [a.low + b.low, a.low - b.low]
            if b.unit == "%":
                found = [a.low * part, a.low * (1 - part)]
            if any(isclose(result.low, value) for value in found) and result.low == result.high:
                return True
    return False


def _foreign_values(claim: str, evidence: Sequence[Evidence]) -> list[str]:
    """Values spelled nowhere; those of amounts may be spelled otherwise, and amounts are compared by themselves."""
    known = _parts(set().union(*(values(piece.text) for piece in evidence)))
    compared = set().union(*(values(amount.text) for amount in _measured(claim)))
    return sorted(values(claim) - known - _parts(compared))


def _foreign_names(claim: str, evidence: Sequence[Evidence], asked: str) -> list[str]:
    """Names that the claim alone brings up, whoever it is addressed to included.

    Evidence in another language spells names otherwise: none then but the address.
    """
    known = set(words(" ".join([asked, *(piece.text for piece in evidence)])))
    address = [name for name in _ADDRESS.findall(claim[:40]) if claim.startswith(name)]
    found = [name for name in address if name.lower() not in _OPENERS]
    language = script_language(claim)
    if all(script_language(piece.text) == language for piece in evidence):
        found += [name for name in _NAME.findall(claim) if not _POLITE.fullmatch(name)]
    return [name for name in found if not known.issuperset(words(name))]
