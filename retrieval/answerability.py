"""Whether what was found answers the question: the probability that the best passage does, from retrieval alone.

A logistic regression on the features below. Its coefficients, in ``answerability.json``, are fitted
by ``benchmarks/fit_ranking.py`` on written questions of ``training_data/replies``, each asked with the
passage that answers it in the index, with only its other-language version, and without either. No
question or article of the demo shop takes part, so the figures measured there are honest.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.documents import Hit
from retrieval.logistic import Features, Logistic

COEFFICIENTS = Path(__file__).with_name("answerability.json")
FEATURES = ("cosine", "own", "lead")
JUDGED = 8  # first hits that are looked at


def features(hits: Sequence[Hit]) -> Features:
    """The features of a ranking, best first: two of the best hit's signals, and its score's lead over the next ones'.

    Where nothing else was found the lead is not known (NaN). The other signals were tried as well; they fit
    the written scenarios better and other articles worse. None of them tells a question that nothing answers
    from one that is answered in other words: such questions share more with the passages.
    """
    best, others = hits[0], [hit.score for hit in hits[1:JUDGED]]
    lead = best.score - float(np.mean(others)) if others else np.nan
    return np.array([best.signals.cosine, best.signals.own, lead])


class Answerability(Logistic):
    """The regression with its coefficients."""

    def probability(self, hits: Sequence[Hit]) -> float:
        """Probability that the first of these hits answers their question; 0 where nothing was found."""
        return self.probability_of(features(hits)) if hits else 0.0

    @classmethod
    def load(cls, path: Path = COEFFICIENTS) -> Answerability:
        """The shipped coefficients, or those of ``path``."""
        return super().load(path)
