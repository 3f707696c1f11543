"""Fit ``retrieval/ranking.json`` and ``retrieval/answerability.json`` on the scenarios kept for calibration.

    python -m benchmarks.fit_ranking [--measure]

Ten companies' passages in both languages make a knowledge base. Every written question is asked, with
the passage that answers it in both languages and only in the other one; so are those that nothing
answers. Weights maximise the probability (softmax over candidates) of the right passages. Prints, for
the businesses kept for tests: the right passage first, the area under the ROC curve of its being right
and of being answerable at all, and how often the best sentence is one that answers. ``--measure`` fits nothing. No
question or article of the demo shop takes part.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from nlu.encoder import Encoder
from nlu.out_of_scope import roc_auc
from retrieval.answerability import COEFFICIENTS, FEATURES, Answerability, features
from retrieval.documents import Document, Hit
from retrieval.knowledge_base import KnowledgeBase
from retrieval.ranking import WEIGHTS, Ranking, Signals
from retrieval.scenarios import LANGUAGES, Scenario, parts, read_scenarios

COMPANIES = 10  # in one knowledge base
SEED = 5  # of a part of the questions
DEPTH = 96  # hits looked at: all candidates
SAID = 10  # of them whose sentences are looked at
STEPS, LEARNING_RATE, SHRINKAGE = 300, 0.05, 0.002
UNJUDGED = Answerability([0.0] * len(FEATURES), [1.0] * len(FEATURES), [0.0] * len(FEATURES), 0.0)
UNTRANSLATED = 0.25  # weight of questions that only the other language answers: fewer in a company's articles


@dataclass(frozen=True)
class Asked:
    """A question's candidates: which passage is right (None: none), and which of its sentences."""

    right: int | None
    answering: dict[str, list[bool]]  # by language, of the right passage's sentences
    language: str
    hits: list[Hit]
    question: str = ""

    def is_right(self, hit: Hit) -> bool:
        """Whether a hit is of the passage that answers."""
        return hit.passage.document_id.split("-")[0] == str(self.right)

    def rights(self) -> list[bool]:
        """For each hit."""
        return [self.is_right(hit) for hit in self.hits]

    def weight(self) -> float:
        """In fitting."""
        own = any(right and h.passage.language == self.language for h, right in zip(self.hits, self.rights()))
        return 1.0 if own else UNTRANSLATED

    def untranslated(self) -> Asked:
        """The same where what answers is written in the other language only."""
        kept = [h for h, right in zip(self.hits, self.rights()) if not right or h.passage.language != self.language]
        return replace(self, hits=kept)

    def hidden(self) -> Asked:
        """The same where nothing answers."""
        return replace(self, right=None, hits=[h for h, right in zip(self.hits, self.rights()) if not right])

    def ranked(self, ranking: Ranking) -> Asked:
        """The hits as this ranking orders them."""
        scores = ranking.scores([hit.signals for hit in self.hits])
        order = np.argsort(-scores, kind="stable").tolist()
        return replace(self, hits=[replace(self.hits[i], score=float(scores[i])) for i in order])


def ask_all(scenarios: Sequence[Scenario], encoder: Encoder, limit: int | None = None) -> list[Asked]:
    """Every written question, or some of them, the same ones each time, in knowledge bases of ten companies each."""
    businesses = sorted({scenario.business for scenario in scenarios})
    groups = [
        [scenario.filled() for scenario in scenarios if scenario.business in businesses[start : start + COMPANIES]]
        for start in range(0, len(businesses), COMPANIES)
    ]
    written = [(number, one) for number, group in enumerate(groups) for one in _written(group)]
    drawn = random.Random(SEED).sample(written, min(limit, len(written))) if limit else written
    found: list[Asked] = []
    for number, group in enumerate(groups):
        with tempfile.TemporaryDirectory() as folder:
            base = KnowledgeBase(Path(folder), encoder, UNJUDGED)
            base.update(documents(group))
            found += [replace(one, hits=base.search(one.question, DEPTH).hits) for n, one in drawn if n == number]
    return found


def documents(group: Sequence[Scenario]) -> list[Document]:
    """Every scenario's passage in each language, with ids ``<position>-<language>``."""
    return [
        Document(f"{position}-{language}", scenario.title[language], scenario.passage(language), language)
        for position, scenario in enumerate(group)
        for language in LANGUAGES
    ]


def _written(group: Sequence[Scenario]) -> Iterator[Asked]:
    """The questions of some passages, before anything is searched."""
    for position, scenario in enumerate(group):
        for language in LANGUAGES:
            for case in scenario.asked:
                sentences = {told: scenario.answering(case, told) for told in LANGUAGES}
                for question in case.asked(language):
                    yield Asked(position, sentences, language, [], question)
            for question in scenario.unanswerable[language]:
                yield Asked(None, {}, language, [], question)


# -- fitting ------------------------------------------------------------------------------------


def fit_ranking(asked: Sequence[Asked]) -> Ranking:
    """Weights of the signals by which the right passages are likeliest."""
    questions = [one for a in asked if a.right is not None for one in (a, a.untranslated()) if any(one.rights())]
    weights = fit_weights(
        [[hit.signals.values() for hit in one.hits] for one in questions],
        [one.rights() for one in questions],
        [one.weight() for one in questions],
        free=1,  # nothing that speaks for a passage may count against it; its language may
    )
    return Ranking(dict(zip(Signals.names(), weights)))


def fit_weights(
    values: Sequence[Sequence[Sequence[float]]], rights: Sequence[list[bool]], shares: Sequence[float], free: int
) -> list[float]:
    """Of a linear score over candidates; all but the last ``free`` weights stay positive.

    Args:
        values: of each question's candidates.
        rights: which of them are right.
        shares: how much each question counts.
        free: signals that may count against a candidate.
    """
    width, size = max(map(len, values)), len(values[0][0])
    tensor = torch.zeros(len(values), width, size)
    there, right = torch.zeros(len(values), width, dtype=torch.bool), torch.zeros(len(values), width, dtype=torch.bool)
    for i, (row, correct) in enumerate(zip(values, rights)):
        tensor[i, : len(row)] = torch.tensor(row)
        there[i, : len(row)], right[i, : len(row)] = True, torch.tensor(correct)
    spread = tensor[there].std(0)
    weighted = torch.tensor(list(shares))
    weights = torch.nn.Parameter(torch.full((size,), 0.5))
    optimizer = torch.optim.Adam([weights], lr=LEARNING_RATE)
    for _ in range(STEPS):
        scores = tensor / spread @ weights
        likely = torch.logsumexp(scores.masked_fill(~right, -1e4), 1)
        surprise = torch.logsumexp(scores.masked_fill(~there, -1e4), 1) - likely
        loss = (weighted * surprise).sum() / weighted.sum() + SHRINKAGE * (weights**2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            weights[: size - free].clamp_(min=0.0)
    fitted: list[float] = (weights.detach() / spread).tolist()
    return fitted


def judged(asked: Sequence[Asked], ranking: Ranking) -> tuple[list[list[Hit]], list[list[Hit]]]:
    """Rankings whose best passage is right, and the others."""
    right: list[list[Hit]] = []
    wrong: list[list[Hit]] = []
    for one in asked:
        versions = [one] if one.right is None else [one, one.untranslated(), one.hidden()]
        for ranked in (version.ranked(ranking) for version in versions if version.hits):
            (right if ranked.rights()[0] else wrong).append(ranked.hits)
    return right, wrong


# -- measuring ----------------------------------------------------------------------------------


def report(asked: Sequence[Asked], ranking: Ranking, judge: Answerability) -> dict[str, float]:
    """The figures printed."""
    right = [one.ranked(ranking) for one in asked if one.right is not None]
    others = [one.ranked(ranking) for one in asked if one.right is None]
    judgements = [(judge.probability(one.hits), one.rights()[0]) for one in [*right, *others]]
    across = [one for one in (one.untranslated() for one in right) if any(one.rights())]
    return {
        "R@1": float(np.mean([one.rights()[0] for one in right if any(one.rights())])),
        "R@1 across languages": float(np.mean([one.rights()[0] for one in across])),
        "right or not, AUC": roc_auc(*([p for p, is_right in judgements if is_right == kind] for kind in (1, 0))),
        "answerable or not, AUC": roc_auc(*([judge.probability(one.hits) for one in part] for part in (right, others))),
        "best sentence answers": float(np.mean([_best_sentence_answers(one) for one in right])),
    }


def _best_sentence_answers(asked: Asked) -> bool:
    """Whether the best sentence of the first passages is one of a right passage that answers."""
    scored = [
        (score, right and asked.answering[hit.passage.language][number])
        for hit, right in list(zip(asked.hits, asked.rights()))[:SAID]
        for number, (_, score) in enumerate(hit.sentences)
    ]
    return max(scored, default=(0.0, False))[1]


def main() -> None:
    """Fit on the calibration part, measure on the test part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="leave the fitted files as they are")
    options = parser.parse_args()
    encoder, chosen = Encoder(), parts(read_scenarios())
    if not options.measure:
        asked = ask_all(chosen.calibration, encoder)
        ranking = fit_ranking(asked)
        WEIGHTS.write_text(json.dumps(ranking.as_dict(), indent=1) + "\n")
        right, wrong = ([features(hits) for hits in part] for part in judged(asked, ranking))
        Answerability.fit(right, wrong).save(COEFFICIENTS)
    figures = report(ask_all(chosen.test, encoder), Ranking.load(), Answerability.load())
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
