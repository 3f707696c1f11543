"""How well the selector puts what answers first, and knows whether anything does.

    python -m benchmarks.selecting [--fit] [--limit N]

Asks the written questions of companies kept apart, ten companies in a knowledge base, as
``benchmarks/fit_ranking.py`` does. ``--fit`` first fits ``bot/generation/selector.json`` on the companies kept for
calibration. Prints, for those kept for tests, with search alone and with the selector: the right passage first; an
answering sentence quoted, and the nearest one answering; the area under the ROC curve of the first passage's being
right, and of a question's being answerable: against questions written as unanswerable, and against the same questions
where the passages that answer them are hidden, which no wording gives away. Besides, the milliseconds of reading. No
question or article of the demo shop takes part.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from benchmarks.fit_ranking import Asked, ask_all, fit_weights
from bot.generation.decoder import Decoder, Reading
from bot.generation.prompt import Request
from bot.generation.quoting import nearest_sentences
from bot.generation.selector import (
    WEIGHTS,
    Weights,
    features,
    reading_of,
    selected,
    source_of,
    to_read,
)
from bot.generation.shown import shown
from nlu.encoder import Encoder
from nlu.out_of_scope import roc_auc
from retrieval.answerability import Answerability
from retrieval.documents import Hit, SearchResult
from retrieval.logistic import Features, Logistic
from retrieval.ranking import Ranking
from retrieval.scenarios import parts, read_scenarios

DEPTH = 12  # hits that answering looks at
ANSWERED, WRITTEN, HIDDEN = KINDS = ("answered", "written as unanswerable", "with its answer hidden")
NAMED = (0.0, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1)  # weights tried
UNFITTED = Weights(1.0, 0.1, 0.1, 0.0, Logistic([0.0] * 3, [1.0] * 3, [0.0] * 3, 0.0))


@dataclass(frozen=True)
class Read:
    """A question with what search found and the readings of it, by passage; ``kind`` is one of :data:`KINDS`."""

    kind: str
    asked: Asked
    searched: SearchResult
    readings: dict[str, Reading]
    ms: float

    def selected(self, weights: Weights) -> SearchResult:
        """What the selector makes of it."""
        return selected(self.searched, self.readings, weights)


def read_all(asked: Sequence[Asked], decoder: Decoder, ranking: Ranking, judge: Answerability) -> list[Read]:
    """Every question as it is, and one that has an answer with the passages that answer it hidden as well."""
    found = []
    for one in asked:
        ranked = one.ranked(ranking)
        versions = [(WRITTEN, ranked)] if one.right is None else [(ANSWERED, ranked), (HIDDEN, ranked.hidden())]
        known: dict[str, Reading] = {}
        for kind, version in versions:
            result = SearchResult(version.hits[:DEPTH], judge.probability(version.hits))
            hits = to_read(result.hits, one.language)
            missing = [hit for hit in hits if hit.passage.id not in known]
            started = time.perf_counter()
            readings = decoder.read(one.question, one.language, [source_of(hit) for hit in missing])
            ms = (time.perf_counter() - started) * 1000
            known |= zip((hit.passage.id for hit in missing), readings)
            found.append(Read(kind, version, result, {hit.passage.id: known[hit.passage.id] for hit in hits}, ms))
    return [one for one in found if one.searched.hits]


def fit(read: Sequence[Read]) -> Weights:
    """Weights by which what answers is likeliest, and the regression of the first hit's being right."""
    values, rights = [], []
    for one in read:
        hits = [hit for hit in one.searched.hits if hit.passage.id in one.readings]
        right = [one.asked.is_right(hit) for hit in hits]
        if any(right):
            told = [one.readings[hit.passage.id] for hit in hits]
            values.append([[hit.score, r.likelihood, r.decision] for hit, r in zip(hits, told)])
            rights.append(right)
    search, likelihood, decision = fit_weights(values, rights, [1.0] * len(values), free=0)
    weights = replace(UNFITTED, search=search, likelihood=likelihood, decision=decision)
    weights = replace(weights, sentence=fit_sentence(read, weights))
    judged: dict[bool, list[Features]] = {True: [], False: []}
    for one in read:
        hits = one.selected(weights).hits
        of = {hit.passage.id: reading_of(hit, one.readings) for hit in hits}
        judged[one.asked.is_right(hits[0])].append(features(hits, of, one.searched.answerable))
    return replace(weights, answers=Logistic.fit(judged[True], judged[False]))


def fit_sentence(read: Sequence[Read], weights: Weights) -> float:
    """The weight of being named by which a sentence that answers is quoted most often, and then is the nearest one."""

    def share(weight: float) -> tuple[float, float]:
        found = [
            quoted(one.selected(replace(weights, sentence=weight)), one.asked) for one in read if one.kind == ANSWERED
        ]
        some, nearest = np.mean(found, axis=0)
        return float(some), float(nearest)

    return max(NAMED, key=share)


def quoted(result: SearchResult, asked: Asked) -> tuple[bool, bool]:
    """Whether a sentence that answers is quoted, and whether the nearest one does."""
    seen = shown(result.hits, asked.language)
    request = Request(asked.language, asked.question, seen.sources, nearest=seen.nearest)
    chosen = nearest_sentences(request, seen)
    return any(_answers(seen.hits[n], request.sentences[n], asked) for n in chosen), _answers(
        seen.hits[seen.nearest[0]], request.sentences[seen.nearest[0]], asked
    )


def _answers(hit: Hit, sentence: str, asked: Asked) -> bool:
    if not asked.is_right(hit):
        return False
    flags = asked.answering[hit.passage.language]
    return any(flag for (text, _), flag in zip(hit.sentences, flags) if text == sentence)


def report(read: Sequence[Read], results: Sequence[SearchResult]) -> dict[str, float]:
    """The figures of one way of ordering."""
    kinds = {kind: [r for one, r in zip(read, results) if one.kind == kind] for kind in KINDS}
    asked = [one.asked for one in read if one.kind == ANSWERED]
    quotes = [quoted(result, one) for one, result in zip(asked, kinds[ANSWERED])]
    first = [(result.answerable, one.asked.is_right(result.hits[0])) for one, result in zip(read, results)]

    def apart(kind: str) -> float:
        return roc_auc(*([result.answerable for result in kinds[one]] for one in (ANSWERED, kind)))

    return {
        "right passage first": float(np.mean([one.is_right(r.hits[0]) for one, r in zip(asked, kinds[ANSWERED])])),
        "an answering sentence quoted": float(np.mean([some for some, _ in quotes])),
        "the nearest sentence answers": float(np.mean([nearest for _, nearest in quotes])),
        "first right or not, AUC": roc_auc([p for p, right in first if right], [p for p, right in first if not right]),
        "answerable or written as not, AUC": apart(WRITTEN),
        "answerable or hidden, AUC": apart(HIDDEN),
    }


def main() -> None:
    """Fit on the calibration part if asked to, measure on the test part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="fit bot/generation/selector.json first")
    parser.add_argument("--limit", type=int, help="ask only so many questions of a part")
    options = parser.parse_args()
    encoder, chosen, decoder = Encoder(), parts(read_scenarios()), Decoder()
    judges = Ranking.load(), Answerability.load()
    if options.fit:
        weights = fit(read_all(ask_all(chosen.calibration, encoder, options.limit), decoder, *judges))
        WEIGHTS.write_text(json.dumps(asdict(weights), indent=1) + "\n")
    weights = Weights.load()
    read = read_all(ask_all(chosen.test, encoder, options.limit), decoder, *judges)
    figures = {
        "search": report(read, [one.searched for one in read]),
        "selector": report(read, [one.selected(weights) for one in read]),
    }
    rounded = {way: {name: round(value, 3) for name, value in told.items()} for way, told in figures.items()}
    ms = statistics.median(one.ms for one in read if one.kind == ANSWERED)
    print(json.dumps({**rounded, "questions": len(read), "ms of reading, median": round(ms)}, indent=1))


if __name__ == "__main__":
    main()
