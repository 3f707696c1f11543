"""Does the evidence support what was written? Nothing unsupported is sent, nor what says ты to whom one says вы.

What must be right to the letter is compared by :mod:`bot.generation.literal`; how likely the sentence as
a whole is true, its denials, conditions and the places of its numbers included, a judge says, who
has read the evidence (:meth:`bot.generation.decoder.Decoder.judge`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.generation.address_form import says_otherwise
from bot.generation.literal import Evidence, fault, values
from bot.generation.prompt import Request
from retrieval.lexical import words

_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!^\d\.)(?<!^\d\d\.)\s+(?=(?:… )?[«\"“(]?[A-ZА-ЯЁ])|\n", re.MULTILINE)


class Judge(Protocol):
    """Tells whether claims are true."""

    def judge(self, request: Request, claim: str) -> float:
        """Probability that a claim, a reply to the request, is true by its sources and facts."""
        ...


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
    """Sentences of plain text; a line's number belongs to its first one."""
    return [part.strip() for part in _SENTENCE_END.split(text.strip()) if part.strip()]


class Verifier:
    """Checks a reply's sentences.

    Args:
        judge: says how likely claims are true.
        threshold: its least probability that is trusted.
    """

    def __init__(self, judge: Judge, threshold: float) -> None:
        self.judge = judge
        self.threshold = threshold

    def check(self, sentence: str, request: Request, evidence: Sequence[Evidence]) -> Verdict:
        """The verdict on one sentence.

        Args:
            sentence: as it was written.
            request: what it replies to; its sources and facts are the evidence's.
            evidence: the same pieces with their names.
        """
        claim = without_address(sentence, request.name)
        if reason := fault(claim, evidence, f"{request.question} {request.name}"):
            return Verdict(sentence, None, 0.0, reason)
        if request.language == "ru" and says_otherwise(claim, request.form):
            return Verdict(sentence, None, 0.0, "addresses the customer in another form than theirs")
        probability = self.judge.judge(request, claim)
        if probability < self.threshold:
            return Verdict(sentence, None, probability, "the evidence does not say this")
        return Verdict(sentence, nearest(claim, evidence).source, probability)


def without_address(sentence: str, name: str) -> str:
    """The sentence without the name that it begins with."""
    return re.sub(rf"^{re.escape(name)}[,:]\s*", "", sentence) if name else sentence


def nearest(claim: str, evidence: Sequence[Evidence]) -> Evidence:
    """The piece that shares most with the claim: values first, then words; the first one of equals."""
    own_values, own_words = values(claim), set(words(claim))

    def shared(piece: Evidence) -> tuple[int, int]:
        return len(own_values & values(piece.text)), len(own_words.intersection(words(piece.text)))

    return max(evidence, key=shared)
