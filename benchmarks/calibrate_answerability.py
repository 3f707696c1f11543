"""Fit ``retrieval/answerability.json`` on the written questions of ``training_data/replies``.

    python -m benchmarks.calibrate_answerability

Each question is asked with the passage that answers it in the index, and without. Prints the
area under the ROC curve on the businesses kept apart, fits on the others and on all in the end.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import torch
from sklearn.metrics import roc_auc_score

from bot.generation.examples import LANGUAGES, read_scenarios, split_businesses
from nlu.encoder import Encoder
from retrieval.answerability import Answerability, Features, features, fit
from retrieval.documents import Document, Hit
from retrieval.knowledge_base import KnowledgeBase


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


def samples(base: KnowledgeBase, scenarios: list[dict[str, Any]]) -> list[tuple[int, Features, Features]]:
    """(scenario, features with the answer present, features with it hidden) of every question."""
    found = []
    for position, scenario in enumerate(scenarios):
        for case in scenario["cases"]:
            for language in LANGUAGES:
                for question in case["questions"][language]:
                    asked = question.format_map(_first(scenario, language))
                    hits = base.search(asked, 8).hits
                    others = [hit for hit in hits if not _is_of(hit, position)]
                    if _is_of(hits[0], position):
                        found.append((position, features(hits[:5]), features(others[:5])))
    return found


def _is_of(hit: Hit, position: int) -> bool:
    return hit.passage.document_id.split("-")[0] == str(position)


def main() -> None:
    """Fit, report, write."""
    torch.set_num_threads(2)
    scenarios = read_scenarios()
    _, held_out = split_businesses(scenarios, 0.3, seed=3)
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase(Path(folder), Encoder())
        base.update(documents(scenarios))
        found = samples(base, scenarios)
    apart = [scenario in held_out for scenario in scenarios]
    training = [(a, b) for position, a, b in found if not apart[position]]
    model = fit(*map(list, zip(*training)))
    tests = [(a, b) for position, a, b in found if apart[position]]
    scores = [_score(model, values) for pair in tests for values in pair]
    area = roc_auc_score([1, 0] * len(tests), scores)
    print(f"{len(training)} questions to fit on, {len(tests)} of other businesses: area under the ROC curve {area:.3f}")
    fit([a for _, a, _ in found], [b for _, _, b in found]).save()


def _score(model: Answerability, values: Features) -> float:
    return float(sum(w * (v - m) / d for w, v, m, d in zip(model.weights, values, model.mean, model.deviation)))


if __name__ == "__main__":
    main()
