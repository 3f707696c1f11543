"""Stand-ins without weights."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np

from nlu.encoder import Encoder, Progress, Vectors, unit

DIMENSION = 256


class HashEncoder(Encoder):
    """Bag of hashed words as unit vectors: texts with more words in common are nearer.

    ``encoded`` lists every text that was encoded, in order, so a test can see what was not.
    """

    def __init__(self, name: str = "hashed words") -> None:
        super().__init__(name)
        self.encoded: list[str] = []

    @property
    def dimension(self) -> int:
        return DIMENSION

    def encode(self, texts: Sequence[str], prefix: str, max_tokens: int, progress: Progress | None = None) -> Vectors:
        self.encoded.extend(texts)
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, zlib.crc32(word.encode()) % DIMENSION] += 1.0
        if progress and texts:
            progress(len(texts))
        return unit(vectors)
