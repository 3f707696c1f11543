"""Fit ``retrieval/answerability.json`` on the written questions of ``training_data/replies``.

    python -m benchmarks.calibrate_answerability

Each question is asked with the passage that answers it in the index, with its other-language
version alone, and without either. Prints the area under the ROC curve on businesses kept apart,
and fits on all in the end.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from sklearn.metrics import roc_auc_score

from bot.generation.examples import LANGUAGES, read_scenarios, split_businesses
from nlu.encoder import Encoder
from retrieval.answerability import FEATURES, Answerability, Features, features, fit
from retrieval.documents import Document, Hit
from retrieval.knowledge_base import KnowledgeBase

UNJUDGED = Answerability([0.0] * len(FEATURES), [1.0] * len(FEATURES), [0.0] * len(FEATURES), 0.0)


def documents(scenarios: list[dict[str, Any]]) -> list[Document]:
    """Every scenario's passage in each language, slots at their first values, with ids ``<position>-<language>``."""
    return [
        Document(f"{position}-{language}", _text(s["title"], s, language), _text(s["passage"], s, language), language)
        for position, s in enumerate(scenarios)
        for language in LANGUAGES
    ]


def _text(pair: dict[str, str], scenario: dict[str, Any], language: str) -> str:
    return pair[language].format_map(_first(scenario, language))


def _first(scenario: dict[str, Any], language: str) -> dict[str, Any]:
    """Each slot's first value."""
    slots = scenario.get("slots", {})
    return {name: (v[language] if isinstance(v, dict) else v)[0] for name, v in slots.items()}


Sample = tuple[int, list[Features], list[Features]]
DEPTH = 40  # hits looked at, so that enough are left when a scenario's own are hidden


def samples(base: KnowledgeBase, scenarios: list[dict[str, Any]]) -> list[Sample]:
    """(scenario, features where the answer is there, features where it is hidden) of every question.

    It is there in the question's language, or only in the other; hidden, what is left is taken in
    both languages and in the other alone.
    """
    found = []
    for position, scenario in enumerate(scenarios):
        for case in scenario["cases"]:
            for language in LANGUAGES:
                for question in case["questions"][language]:
                    hits = base.search(question.format_map(_first(scenario, language)), DEPTH).hits
                    foreign = [hit for hit in hits if hit.passage.language != language]
                    there = [h for h in (hits, foreign) if h and _is_of(h[0], position)]
                    hidden = [[hit for hit in h if not _is_of(hit, position)] for h in there]
                    found.append(
                        (
                            position,
                            [features(h[:5], language) for h in there],
                            [features(h[:5], language) for h in hidden],
                        )
                    )
    return found


def _is_of(hit: Hit, position: int) -> bool:
    return hit.passage.document_id.split("-")[0] == str(position)


def main() -> None:
    """Fit, report, write."""
    torch.set_num_threads(2)
    scenarios = read_scenarios()
    _, held_out = split_businesses(scenarios, 0.3, seed=3)
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase(Path(folder), Encoder(), UNJUDGED)
        base.update(documents(scenarios))
        found = samples(base, scenarios)
    apart = [scenario in held_out for scenario in scenarios]
    model = fit(*_flat(sample for sample in found if not apart[sample[0]]))
    there, hidden = _flat(sample for sample in found if apart[sample[0]])
    scores = [_score(model, values) for values in there + hidden]
    area = roc_auc_score([1] * len(there) + [0] * len(hidden), scores)
    print(f"{len(found)} questions; on businesses kept apart the area under the ROC curve is {area:.3f}")
    fit(*_flat(found)).save()


def _flat(found: Iterable[Sample]) -> tuple[list[Features], list[Features]]:
    """All features with the answer there, all with it hidden."""
    listed = list(found)
    return [f for _, there, _ in listed for f in there], [f for _, _, hidden in listed for f in hidden]


def _score(model: Answerability, values: Features) -> float:
    return float(sum(w * (v - m) / d for w, v, m, d in zip(model.weights, values, model.mean, model.deviation)))


if __name__ == "__main__":
    main()
