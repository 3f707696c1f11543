"""A written passage as it stands in a training example: in one language, with some of its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.generation.prompt import Source
from retrieval.scenarios import Scenario
from retrieval.sentences import sentences_of


@dataclass(frozen=True)
class Page:
    """A passage in which language, and which of its sentences are there."""

    scenario: Scenario
    language: str
    kept: list[int]

    @property
    def source(self) -> Source:
        """As the prompt shows it."""
        texts = self.scenario.sentences[self.language]
        return Source(self.scenario.title[self.language], [_unlisted(texts[n]) for n in self.kept])

    def places(self, answer: Sequence[int]) -> list[int] | None:
        """Where the sentences of an answer stand, none if none is there; None if only some are."""
        there = [self.kept.index(n) for n in answer if n in self.kept]
        return there if len(there) in (0, len(answer)) else None


def _unlisted(sentence: str) -> str:
    """A list item without its mark, as the index keeps it."""
    return " ".join(sentences_of(sentence)) or sentence
