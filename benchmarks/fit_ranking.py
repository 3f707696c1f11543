"""Fit ``retrieval/ranking.json`` and ``retrieval/answerability.json`` on the questions of ``training_data/replies``.

    python -m benchmarks.fit_ranking

Every written question is asked twice: with the passage that answers it in both languages, and with
only the other language's version among all passages. Weights maximise the probability (softmax over
candidates) of the right passages. Answerability is fitted on the same rankings and on those from
which the right passages were taken. No question or article of the demo shop takes part. Prints R@1
and the area under the ROC curve on businesses kept apart, then fits on all.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bot.generation.examples import LANGUAGES, read_scenarios, split_businesses
from nlu.encoder import Encoder
from nlu.out_of_scope import roc_auc
from retrieval.answerability import FEATURES, Answerability, Features, features, fit
from retrieval.documents import Document, Hit
from retrieval.knowledge_base import KnowledgeBase
from retrieval.ranking import WEIGHTS, Ranking, Signals

DEPTH = 96  # hits looked at: all candidates
JUDGED = 5  # hits that the assistant sees
APART, SEED = 0.25, 13  # businesses that only measure
STEPS, LEARNING_RATE, SHRINKAGE = 300, 0.05, 0.002
UNTRANSLATED = 0.25  # of questions that only the other language answers: such are fewer in a company's articles


@dataclass
class Asked:
    """A question's candidates: whether each is right, and what is known of it."""

    scenario: int
    language: str
    hits: list[Hit]

    def right(self) -> list[bool]:
        """For each hit."""
        return [hit.passage.document_id.split("-")[0] == str(self.scenario) for hit in self.hits]

    def weight(self) -> float:
        """In fitting."""
        own = any(right and h.passage.language == self.language for h, right in zip(self.hits, self.right()))
        return 1.0 if own else UNTRANSLATED

    def untranslated(self) -> Asked:
        """The same where what answers is written in the other language only."""
        kept = [h for h, right in zip(self.hits, self.right()) if not right or h.passage.language != self.language]
        return Asked(self.scenario, self.language, kept)


def documents(scenarios: list[dict[str, Any]]) -> list[Document]:
    """Every scenario's passage in each language, slots at their first values, with ids ``<position>-<language>``."""
    return [
        Document(f"{position}-{language}", _text(s["title"], s, language), _text(s["passage"], s, language), language)
        for position, s in enumerate(scenarios)
        for language in LANGUAGES
    ]


def ask(base: KnowledgeBase, scenarios: list[dict[str, Any]]) -> list[Asked]:
    """Every question, with the right passage in both languages and only in the other."""
    found = []
    for position, scenario in enumerate(scenarios):
        for case in scenario["cases"]:
            for language in LANGUAGES:
                for question in case["questions"][language]:
                    hits = base.search(question.format_map(_first(scenario, language)), DEPTH).hits
                    asked = Asked(position, language, hits)
                    found += [one for one in (asked, asked.untranslated()) if any(one.right())]
    return found


def fit_ranking(asked: Sequence[Asked]) -> Ranking:
    """Weights by which the right passages are likeliest; the last signal is the language."""
    width = max(len(one.hits) for one in asked)
    values = torch.zeros(len(asked), width, len(Signals.names()))
    there, right = torch.zeros(len(asked), width, dtype=torch.bool), torch.zeros(len(asked), width, dtype=torch.bool)
    for i, one in enumerate(asked):
        values[i, : len(one.hits)] = torch.tensor([hit.signals.values() for hit in one.hits])
        there[i, : len(one.hits)], right[i, : len(one.hits)] = True, torch.tensor(one.right())
    spread = values[there].std(0)
    shares = torch.tensor([one.weight() for one in asked])
    weights = torch.nn.Parameter(torch.full((len(spread),), 0.5))
    optimizer = torch.optim.Adam([weights], lr=LEARNING_RATE)
    for _ in range(STEPS):
        scores = values / spread @ weights
        likely = torch.logsumexp(scores.masked_fill(~right, -1e4), 1)
        surprise = torch.logsumexp(scores.masked_fill(~there, -1e4), 1) - likely
        loss = (shares * surprise).sum() / shares.sum() + SHRINKAGE * (weights**2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            weights[:-1].clamp_(min=0.0)  # nothing that speaks for a passage may count against it; language may
    return Ranking(dict(zip(Signals.names(), (weights.detach() / spread).tolist())))


def judged(asked: Sequence[Asked], ranking: Ranking) -> tuple[list[Features], list[Features]]:
    """Features where the right passage is found first, and where the right passages are hidden."""
    there, hidden = [], []
    for one in asked:
        scores = ranking.scores([hit.signals for hit in one.hits])
        hits = [
            Hit(one.hits[i].passage, float(scores[i]), one.hits[i].signals, one.hits[i].sentences)
            for i in np.argsort(-scores).tolist()
        ]
        left = [hit for hit, right in zip(hits, Asked(one.scenario, one.language, hits).right()) if not right]
        if len(left) < len(hits) and hits[0] not in left:
            there.append(features(hits[:JUDGED]))
        if left:
            hidden.append(features(left[:JUDGED]))
    return there, hidden


def recall(asked: Sequence[Asked], ranking: Ranking) -> float:
    """Share of questions whose best passage is a right one."""
    return float(np.mean([one.right()[int(ranking.scores([h.signals for h in one.hits]).argmax())] for one in asked]))


def main() -> None:
    """Measure on businesses kept apart, then fit on all and save."""
    scenarios = read_scenarios()
    with tempfile.TemporaryDirectory() as folder:
        unjudged = Answerability([0.0] * len(FEATURES), [1.0] * len(FEATURES), [0.0] * len(FEATURES), 0.0)
        base = KnowledgeBase(Path(folder), Encoder(), unjudged)
        base.update(documents(scenarios))
        asked = ask(base, scenarios)
    _, kept_apart = split_businesses(scenarios, APART, SEED)
    businesses = {scenario["business"] for scenario in kept_apart}
    kept, apart = (
        [one for one in asked if (scenarios[one.scenario]["business"] in businesses) == is_apart]
        for is_apart in (False, True)
    )
    ranking = fit_ranking(kept)
    print(f"R@1 on businesses kept apart {recall(apart, ranking):.3f}")
    answerability = fit(*judged(kept, ranking))
    inside, outside = judged(apart, ranking)
    auc = roc_auc(*([answerability.probability_of(f) for f in part] for part in (inside, outside)))
    print(f"answerable or not, area under the ROC curve on businesses kept apart {auc:.3f}")
    ranking = fit_ranking(asked)
    WEIGHTS.write_text(json.dumps(ranking.as_dict(), indent=1) + "\n")
    fit(*judged(asked, ranking)).save()


def _text(pair: dict[str, str], scenario: dict[str, Any], language: str) -> str:
    return pair[language].format_map(_first(scenario, language))


def _first(scenario: dict[str, Any], language: str) -> dict[str, Any]:
    """Each slot's first value."""
    slots = scenario.get("slots", {})
    return {name: (v[language] if isinstance(v, dict) else v)[0] for name, v in slots.items()}


if __name__ == "__main__":
    main()
