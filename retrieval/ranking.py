"""One score from all that question and passage have in common.

Adding reciprocal ranks is harmful across languages: a lexical side that shares no word with the
right passage still ranks others first. Here each side speaks in its own values, which are zero
where it is blind, and a linear model adds them. Its weights, in ``ranking.json``, are fitted by
``benchmarks/fit_ranking.py`` on the written questions of ``training_data/replies``, each with the
passage that answers it in both languages, and with only the other language's version.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from nlu.encoder import Vectors

WEIGHTS = Path(__file__).with_name("ranking.json")


@dataclass(frozen=True)
class Signals:
    """What speaks for a passage.

    ``words`` and ``sentence`` are late interaction with the whole passage and with its best sentence;
    ``cosine`` is that of the question with the passage's nearest sentence; ``coverage`` the share of
    the question's stems that it holds, ``spelling`` the share of its sounds and numbers; ``own`` is 1
    where it is in the question's language.
    """

    words: float
    sentence: float
    cosine: float
    coverage: float
    spelling: float
    own: float

    @classmethod
    def names(cls) -> list[str]:
        """In the order of :meth:`values`."""
        return [field.name for field in fields(cls)]

    def values(self) -> list[float]:
        """The numbers alone."""
        return [self.words, self.sentence, self.cosine, self.coverage, self.spelling, self.own]


class Ranking:
    """Weights of the signals.

    Args:
        weights: a number for each of :meth:`Signals.names`.
    """

    def __init__(self, weights: dict[str, float]) -> None:
        self._weights = np.array([weights[name] for name in Signals.names()])

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Ranking:
        """The shipped weights, or those of ``path``."""
        return cls(json.loads(path.read_text()))

    def as_dict(self) -> dict[str, float]:
        """The weights by the signals' names."""
        return dict(zip(Signals.names(), self._weights.tolist()))

    def scores(self, signals: Sequence[Signals]) -> Vectors:
        """A score for each passage, the higher the better; comparable within a question."""
        values = np.array([s.values() for s in signals]).reshape(len(signals), len(self._weights))
        scores: Vectors = values @ self._weights
        return scores
