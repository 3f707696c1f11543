"""One score from the dense and the lexical side.

Adding reciprocal ranks is harmful across languages: a lexical side that shares no word with the
right passage still ranks others first. Here the sides are added as values instead. The dense
cosines of one question are standardised within each language, since an encoder finds texts of
the question's own language nearer whatever they say; the lexical side adds in proportion to how
much of the question it covers, so where it is blind it says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]

LEXICAL_WEIGHT = 2.5  # standard deviations that full coverage of the question is worth
OWN_LANGUAGE_PRIOR = 0.3  # deviations by which a passage in the question's language is preferred


def standardise(cosines: Scores, languages: Sequence[str]) -> Scores:
    """Cosines as deviations from the mean of their language, shape unchanged.

    The spread is the whole set's: a language with a handful of passages has none of its own.
    """
    tags = np.asarray(languages)
    centred = cosines.astype(np.float32).copy()
    for language in set(languages):
        centred[tags == language] -= centred[tags == language].mean()
    deviations: Scores = (centred / max(float(centred.std()), 1e-6)).astype(np.float32)
    return deviations


def fuse(cosines: Scores, coverage: Scores, languages: Sequence[str], question_language: str) -> Scores:
    """Fused scores of all passages for one question, higher is better, shape (passages,)."""
    own = np.asarray([language == question_language for language in languages], dtype=np.float32)
    scores: Scores = standardise(cosines, languages) + LEXICAL_WEIGHT * coverage + OWN_LANGUAGE_PRIOR * own
    return scores
