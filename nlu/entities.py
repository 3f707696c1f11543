"""What entities are. Knows no Rasa."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Entity:
    """A span of the text (``text[start:end]``) with its kind, normalised value and confidence (rules: 1)."""

    kind: str
    start: int
    end: int
    value: str
    confidence: float = 1.0


def without_overlaps(entities: Iterable[Entity]) -> list[Entity]:
    """Of entities that overlap the one that comes first; the result is in the order of the text."""
    found: list[Entity] = []
    for entity in entities:
        if all(entity.end <= other.start or entity.start >= other.end for other in found):
            found.append(entity)
    return sorted(found, key=lambda entity: entity.start)
