"""Annotated texts, and variants of them to learn from. Knows no Rasa."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """An annotation: ``text[start:end]`` is of this kind."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class EntityExample:
    """A text with its annotations; a text without any teaches what is no entity."""

    text: str
    spans: Sequence[Span] = ()


class Variants:
    """Copies of annotated examples with values of the same kind and script exchanged, in other letter cases.

    Args:
        examples: where values are taken from.
        count: copies of each annotated example.
        exchanged: chance that a value is exchanged.
        bound: kinds whose values never are.
    """

    def __init__(
        self,
        examples: Sequence[EntityExample],
        count: int,
        exchanged: float,
        bound: Collection[str],
        rng: random.Random,
    ) -> None:
        self._count, self._exchange, self._bound = count, exchanged, bound
        self._rng = rng
        self._values: dict[tuple[str, bool], list[str]] = defaultdict(list)
        for example in examples:
            for span in example.spans:
                value = example.text[span.start : span.end]
                self._values[span.kind, value.isascii()].append(value)

    def of(self, example: EntityExample) -> list[EntityExample]:
        """Variants of an annotated example; of one without annotations none."""
        count = self._count if example.spans else 0
        return [self._recased(self._exchanged(example)) for _ in range(count)]

    def _exchanged(self, example: EntityExample) -> EntityExample:
        text, spans, position = "", [], 0
        for span in sorted(example.spans, key=lambda span: span.start):
            value = example.text[span.start : span.end]
            if span.kind not in self._bound and self._rng.random() < self._exchange:
                value = self._rng.choice(self._values[span.kind, value.isascii()])
            text += example.text[position : span.start]
            spans.append(Span(len(text), len(text) + len(value), span.kind))
            text, position = text + value, span.end
        return EntityExample(text + example.text[position:], spans)

    def _recased(self, example: EntityExample) -> EntityExample:
        """Half of the copies in lower case, as customers type; a few in capitals; the rest as they are."""
        chance = self._rng.random()
        text = example.text
        recased = text.lower() if chance < 0.5 else text.title() if chance < 0.6 else text.upper()
        # In some alphabets a letter becomes two, and the offsets would be wrong.
        return EntityExample(recased if chance < 0.7 and len(recased) == len(text) else text, example.spans)
