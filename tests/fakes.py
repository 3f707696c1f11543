"""Stand-ins without weights."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from nlu.encoder import MESSAGE_TOKENS, QUERY, Encoder, Encoding, Progress, Vectors, unit

DIMENSION = 256  # and the number of word pieces


class HashEncoder(Encoder):
    """Bag of hashed words as unit vectors: texts with more words in common are nearer.

    Each word is one piece, and each piece's output is its own axis. ``encoded`` lists every text that
    was encoded or read, in order, so a test can see what was not.
    """

    def __init__(self, name: str = "hashed words") -> None:
        super().__init__(name)
        self.encoded: list[str] = []

    @property
    def dimension(self) -> int:
        return DIMENSION

    @cached_property
    def surprisals(self) -> Vectors | None:
        """None; a test may set an array, shape (DIMENSION,)."""
        return None

    def encode(self, texts: Sequence[str], prefix: str, max_tokens: int, progress: Progress | None = None) -> Vectors:
        self.encoded.extend(texts)
        if progress and texts:
            progress(len(texts))
        return np.array([_vector(text) for text in texts], dtype=np.float32).reshape(len(texts), DIMENSION)

    def read(self, texts: Sequence[str], prefix: str = QUERY, max_tokens: int = MESSAGE_TOKENS) -> list[Encoding]:
        self.encoded.extend(texts)
        return [_encoding(text) for text in texts]


def piece(word: str) -> int:
    """Id of a word, and the axis of its output."""
    return zlib.crc32(word.lower().encode()) % DIMENSION


def _encoding(text: str) -> Encoding:
    """Positions as the real encoder has them: one before the text, its pieces, one after it."""
    words = list(re.finditer(r"\w+", text))
    ids = [piece("<s>"), *(piece(word.group()) for word in words), piece("</s>")]
    return Encoding(_vector(text), ids, [None, *(word.span() for word in words), None], torch.eye(DIMENSION)[ids], {})


def _vector(text: str) -> Vectors:
    words = [piece(word) for word in re.findall(r"\w+", text)]
    return unit(np.bincount(np.array(words, dtype=np.int64), minlength=DIMENSION).astype(np.float32))
