"""What is compared: passages with their sentences and vectors, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from nlu.encoder import Vectors
from retrieval.documents import Passage

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Content:
    """Passages of documents.

    ``sentences`` are each passage's own; ``vectors`` has the shape (passages, dimension) and
    ``sentence_vectors``, of all sentences end to end, (sentences, dimension).
    """

    passages: Sequence[Passage]
    sentences: Sequence[Sequence[str]]
    vectors: Vectors
    sentence_vectors: Vectors

    @cached_property
    def owners(self) -> Rows:
        """For each sentence the position of its passage."""
        return np.repeat(np.arange(len(self.passages)), [len(sentences) for sentences in self.sentences])

    @cached_property
    def languages(self) -> list[str]:
        """The languages there are, in order."""
        return sorted({passage.language for passage in self.passages})

    def rows_of(self, language: str) -> Rows:
        """Positions of a language's passages."""
        return np.flatnonzero([passage.language == language for passage in self.passages])
