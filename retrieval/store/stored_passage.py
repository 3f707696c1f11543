"""A passage as the index keeps it, with what is derived from its text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b

from retrieval.documents import Passage
from retrieval.lexical import words
from retrieval.sentences import sentences_of
from retrieval.store.index_file import Damage

DIGEST_BYTES = 16
LONGEST_TERM = 100  # characters; what is longer is encoded data, and FTS5 would cut it


@dataclass(frozen=True)
class StoredPassage:
    """A passage, its sentences, and its stemmed terms in reading order, repeated as often as they stand there."""

    passage: Passage
    sentences: list[str]
    terms: list[str]

    @classmethod
    def of(cls, passage: Passage) -> StoredPassage:
        """Split and stem."""
        terms = [term for term in words(passage.embedded_text) if len(term) <= LONGEST_TERM]
        return cls(passage, sentences_of(passage.text), terms)

    @property
    def texts(self) -> list[str]:
        """What is embedded: the passage, then its sentences, each under the passage's heading."""
        return [self.passage.embedded_text] + [f"{self.passage.heading}: {s}" for s in self.sentences]

    @cached_property
    def json(self) -> str:
        """For :meth:`from_json`; equal passages give equal texts."""
        return json.dumps([asdict(self.passage), self.sentences, " ".join(self.terms)], ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, expected: bytes) -> StoredPassage:
        """What :attr:`json` wrote.

        Raises:
            Damage: the text's digest is not the expected one.
        """
        if digest(text) != expected:
            raise Damage("the text of a passage")
        passage, sentences, terms = json.loads(text)
        return cls(Passage(**passage), sentences, terms.split())


def embedded_texts(passages: Sequence[Passage]) -> list[str]:
    """What needs vectors: all passages, then all their sentences, so that like lies beside like on disk."""
    sentences = [f"{p.heading}: {sentence}" for p in passages for sentence in sentences_of(p.text)]
    return [p.embedded_text for p in passages] + sentences


def digest(text: str) -> bytes:
    """16 bytes that stand for a text."""
    return blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()
