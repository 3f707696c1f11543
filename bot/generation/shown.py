"""Which sentences of the found passages the decoder sees: most of the best, the nearest of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.generation.prompt import MARKS, NEAREST, Source
from retrieval.documents import Hit

SHARES = (6, 4, 3, 2, 2, 1, 1, 1)  # sentences at most of the hits in the reply's language, best first
OTHER_SHARES = (3, 2, 1)  # and of those in another one, whose translations would take the room
MOST_CHARACTERS = 1200  # about 350 tokens, which take a third of a second to read
# Added to a sentence's match, the first for each point of its passage's score, the second for the reply's language.
# What an article says in both languages is quoted in the reply's own whatever these are; a larger bonus would quote
# what does not answer where only the other language's article does. (An answer is quoted for 42 % of such questions of
# the businesses kept for calibration, with a bonus of 0.15 for 33 %; where both are there, for 61 % either way.)
PASSAGE_SHARE = 0.3
OWN_LANGUAGE = 0.05
LONGEST = 400  # characters; what is longer is no sentence


@dataclass(frozen=True)
class Shown:
    """Sentences as the decoder sees them, and the hit that each is of; the numbers of the nearest, best first."""

    sources: list[Source]
    hits: list[Hit]
    nearest: list[int] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        """In the order of their marks."""
        return [sentence for source in self.sources for sentence in source.sentences]


def shown(hits: Sequence[Hit], language: str) -> Shown:
    """Each passage's sentences nearest to the question, passages best first, sentences in reading order."""
    left, room = len(MARKS), MOST_CHARACTERS
    sources, owners = [], []
    for hit, share in _shares(hits, language):
        chosen = _nearest(hit, min(share, left), room)
        if chosen:
            sources.append(Source(hit.passage.heading, chosen))
            owners += [hit] * len(chosen)
            left -= len(chosen)
            room -= sum(map(len, chosen))
    texts = [text for source in sources for text in source.sentences]
    matches = [
        dict(hit.sentences)[text] + PASSAGE_SHARE * hit.score + OWN_LANGUAGE * (hit.passage.language == language)
        for text, hit in zip(texts, owners)
    ]
    return Shown(sources, owners, _best_first(matches, owners, language)[:NEAREST])


def _best_first(matches: Sequence[float], owners: Sequence[Hit], language: str) -> list[int]:
    """Numbers of sentences by their matches, before them what says the same as the best in the reply's language."""
    ranked = sorted(range(len(matches)), key=lambda n: -matches[n])
    if not ranked or owners[ranked[0]].passage.language == language:
        return ranked
    same = {
        hit.passage.id
        for hit in owners
        if hit.passage.language == language and hit.passage.id in owners[ranked[0]].translations
    }
    return sorted(ranked, key=lambda n: owners[n].passage.id not in same)


def _shares(hits: Sequence[Hit], language: str) -> Iterator[tuple[Hit, int]]:
    own, others = iter(SHARES), iter(OTHER_SHARES)
    for hit in hits:
        if share := next(own if hit.passage.language == language else others, 0):
            yield hit, share


def _nearest(hit: Hit, count: int, room: int) -> list[str]:
    chosen: set[int] = set()
    for position in sorted(range(len(hit.sentences)), key=lambda i: -hit.sentences[i][1]):
        length = len(hit.sentences[position][0])
        if len(chosen) < count and length <= min(room, LONGEST):
            chosen.add(position)
            room -= length
    return [hit.sentences[position][0] for position in sorted(chosen)]
