"""The selector: reads the passages that search found once more, each together with the question.

Search compares texts that were encoded apart. Here a small language model has the passage before it when it comes to
the question: how likely the question's words are behind it (query likelihood, Ponte & Croft 1998; with a language model
Sachan et al. 2022), how likely it is that none of its sentences answers, and which one does. The first two go into the
passages' order, the second into the probability that the first passage answers, the last into its sentences' matches.
:mod:`bot.generation.training` teaches it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.generation.decoder import Decoder, Reading
from bot.generation.prompt import MARKS, Source, known
from nlu.language import detect
from retrieval.documents import Hit, SearchResult
from retrieval.logistic import Features, Logistic
from retrieval.profile_memory import Fact

WEIGHTS = Path(__file__).with_name("selector.json")
READ = 4  # passages, of which none says the same as another
MOST_CHARACTERS = 900  # of a passage: about 250 tokens
# Log-odds that a fact answers, below which it is not told: the kind of the question has spoken for it. Of 219 that were
# sure for questions of benchmarks/profile 8 fall, half of them wrong; of 44 for what articles answer, or nothing: 25.
TOLD_FROM = -3.0
LEAST_NAMED = -5.0  # the logarithm below which a sentence is as unlikely as can be


@dataclass(frozen=True)
class Weights:
    """How readings count: beside the search's score in the passages' order, and in whether anything answers.

    ``sentence`` is how the likelihood of a sentence's being what answers counts beside its match.
    ``benchmarks/selecting.py`` fits them on the questions kept for calibration.
    """

    search: float
    likelihood: float
    decision: float
    sentence: float
    answers: Logistic

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Weights:
        """The shipped ones, or those of ``path``."""
        stored = json.loads(path.read_text())
        return cls(**{**stored, "answers": Logistic(**stored["answers"])})

    def score(self, searched: float, reading: Reading) -> float:
        """Of a passage; comparable within a question."""
        return self.search * searched + self.of(reading)

    def of(self, reading: Reading) -> float:
        """What its reading adds to a passage's score."""
        return self.likelihood * reading.likelihood + self.decision * reading.decision


class Selector:
    """Puts what search found, passages and their sentences, into the order of what answers.

    It also says how likely the first passage does.

    Args:
        decoder: reads passages with the question.
        weights: how readings count; None takes the shipped ones.
    """

    def __init__(self, decoder: Decoder, weights: Weights | None = None) -> None:
        self.decoder = decoder
        self.weights = weights or Weights.load()

    def answers(self, question: str, facts: Sequence[Fact]) -> bool:
        """Whether one of these facts of the customer answers a question, rather than that none does."""
        language = detect(question).language
        (reading,) = self.decoder.read(question, language, [known([fact.text(language) for fact in facts], language)])
        return reading.decision >= TOLD_FROM

    def select(self, question: str, language: str, result: SearchResult) -> SearchResult:
        """The same hits, those that answer first, their sentences matched by reading as well.

        Args:
            question: complete in itself.
            language: the question's.
            result: what search found for it.
        """
        read = to_read(result.hits, language)
        readings = self.decoder.read(question, language, [source_of(hit) for hit in read])
        return selected(result, dict(zip((hit.passage.id for hit in read), readings)), self.weights)


def to_read(hits: Sequence[Hit], language: str) -> list[Hit]:
    """The hits worth reading: the first ones, of translations the one in the question's language."""
    chosen: list[Hit] = []
    for hit in hits:
        same = next((n for n, other in enumerate(chosen) if hit.passage.id in other.translations), None)
        if same is None and len(chosen) < READ:
            chosen.append(hit)
        elif same is not None and chosen[same].passage.language != language == hit.passage.language:
            chosen[same] = hit
    return chosen


def source_of(hit: Hit) -> Source:
    """A passage as the prompt shows it, its sentences as far as there is room for them."""
    kept: list[str] = []
    room = MOST_CHARACTERS
    for text, _ in hit.sentences[: len(MARKS)]:
        if kept and len(text) > room:
            break
        kept.append(text)
        room -= len(text)
    return Source(hit.passage.heading, kept or [hit.passage.text])


def selected(result: SearchResult, readings: Mapping[str, Reading], weights: Weights) -> SearchResult:
    """The hits ordered by search and readings; one that was not read has its translation's reading, or the worst.

    The likeliest sentence of a passage keeps its match, the others lose by as much as they are less likely.
    """
    if not readings:
        return result
    worst = min(readings.values(), key=weights.of)
    of = {hit.passage.id: reading_of(hit, readings) for hit in result.hits}
    hits = [
        replace(
            hit,
            score=weights.score(hit.score, of[hit.passage.id] or worst),
            sentences=matched(hit, readings.get(hit.passage.id), weights.sentence),
        )
        for hit in result.hits
    ]
    hits.sort(key=lambda hit: -hit.score)  # stable: equal ones stay in the search's order
    return SearchResult(hits, weights.answers.probability_of(features(hits, of, result.answerable)))


def matched(hit: Hit, reading: Reading | None, share: float) -> list[tuple[str, float]]:
    """The hit's sentences, each with its match and this share of how likely it answers by the hit's own reading.

    Of equal sentences the likeliest place counts for all.
    """
    if reading is None or not reading.sentences:
        return [*hit.sentences]
    best, least = max(reading.sentences), max(min(reading.sentences), LEAST_NAMED)
    unread = [least] * (len(hit.sentences) - len(reading.sentences))
    named = [max(one, LEAST_NAMED) - best for one in [*reading.sentences, *unread]]
    likeliest: dict[str, float] = {}
    for (text, _), one in zip(hit.sentences, named):
        likeliest[text] = max(one, likeliest.get(text, LEAST_NAMED - best))
    return [(text, match + share * likeliest[text]) for text, match in hit.sentences]


def reading_of(hit: Hit, readings: Mapping[str, Reading]) -> Reading | None:
    """A hit's own reading, or that of its first translation that was read."""
    own = readings.get(hit.passage.id)
    return own or next((reading for one, reading in readings.items() if one in hit.translations), None)


def features(hits: Sequence[Hit], readings: Mapping[str, Reading | None], searched: float) -> Features:
    """What tells whether the first hit answers: its reading, its lead over other articles, the search.

    A hit that was not read has no reading (NaN). That an article's sections are alike does not make it less likely that
    one of them answers.
    """
    best = hits[0]
    reading, own = readings[best.passage.id], _article(hits)
    others = [hit.score for hit in hits[1:] if hit.passage.document_id not in own]
    lead = best.score - max(others) if others else np.nan
    return np.array([reading.decision if reading else np.nan, lead, searched])


def _article(hits: Sequence[Hit]) -> set[str]:
    """Ids of the first hit's document and of its translations, as far as hits tell."""
    document = hits[0].passage.document_id
    translations = {one for hit in hits if hit.passage.document_id == document for one in hit.translations}
    return {document, *(hit.passage.document_id for hit in hits if hit.passage.id in translations)}
