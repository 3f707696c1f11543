"""How likely evidence supports a claim: one logistic regression on :mod:`bot.generation.comparison`'s numbers.

Its weights, in ``support.json``, are fitted by ``benchmarks/claims.py --fit`` on replies of the companies
kept for calibration, as they were written and broken on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bot.generation.comparison import Comparison, Passage
from bot.generation.prompt import Request
from bot.generation.reading import REMEMBERED, Reader
from nlu.encoder import Encoder
from retrieval.logistic import Features, Logistic

COEFFICIENTS = Path(__file__).with_name("support.json")
MISPLACED = 0.05  # gap from which a number is taken to stand for something else, whatever speaks for the claim

FEATURES: dict[str, Callable[[Comparison], float]] = {
    name: getattr(Comparison, name)
    for name in (
        "one two least cosine denial words_denied answer opposite relation value name value_alone kind condition only"
        " foreign"
    ).split()
}


class Support:
    """Says how likely claims are true; a :class:`bot.generation.verify.Judge`.

    Args:
        encoder: the one that the weights were fitted with.
        weights: None takes the shipped ones.
        remembered: how many texts of the evidence are kept as they were read.
    """

    def __init__(self, encoder: Encoder, weights: Logistic | None = None, remembered: int = REMEMBERED) -> None:
        self._reader = Reader(encoder, remembered)
        self._weights = weights or Logistic.load(COEFFICIENTS)

    def judge(self, request: Request, claim: str) -> float:
        """Probability that a claim, a reply to the request, is true by its sources and facts."""
        found = self.features(request, claim)
        return 0.0 if found is None else probability(self._weights, found)

    def features(self, request: Request, claim: str) -> Features | None:
        """The values of :data:`FEATURES`; None for a claim without words, or where there is no evidence."""
        said = [(sentence, source.title) for source in request.sources for sentence in source.sentences]
        said += [(fact, "") for fact in request.facts]
        texts = [claim, request.question, *(text for pair in said for text in pair)]
        own, question, *readings = self._reader.read(texts)
        passages = [
            Passage(sentence, heading if len(heading) else None)
            for sentence, heading in zip(readings[::2], readings[1::2])
            if len(sentence)
        ]
        if not len(own) or not passages:
            return None
        comparison = Comparison(own, passages, question)
        return np.array([feature(comparison) for feature in FEATURES.values()])


def probability(weights: Logistic, features: Features) -> float:
    """Of a claim with these features being true; 0 where a number surely stands for something else."""
    return 0.0 if dict(zip(FEATURES, features))["value"] > MISPLACED else weights.probability_of(features)
