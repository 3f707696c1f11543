"""The verifier on true sentences and on such as were broken on purpose, of companies nothing was learnt from.

    python -m benchmarks.claims [--each N] [--calibrate | --fit]

1,000 sentences of written replies, and 1,000 that the same evidence does not support: a number, name,
unit or word changed to another of its kind, a condition left out, the opposite said, told of another
passage or of another customer. Prints the balanced accuracy of the whole verifier and of the literal
comparison alone, and by kind how many were found out, with the time of a claim.

``--fit`` fits ``bot/generation/support.json`` on the companies kept for calibration, ``--calibrate`` prints
the figures on them, by folds of companies, at several thresholds.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.generation.examples import IS_SUPPORTED, Claim, sheets
from bot.generation.literal import Evidence, fault
from bot.generation.replying import Limits
from bot.generation.support import COEFFICIENTS, FEATURES, Support, probability
from bot.generation.verify import without_address
from nlu.encoder import Encoder
from nlu.out_of_scope import roc_auc
from retrieval.logistic import Features, Logistic
from retrieval.scenarios import Scenario, parts, read_scenarios

EACH, ROUNDS, SEED = 1000, 24, 21
FOLDS = 5
STRENGTH = 0.3
ALL_TEXTS = 50_000


@dataclass(frozen=True)
class Judged:
    """A claim with the company whose evidence it is beside, and what is seen of it."""

    claim: Claim
    business: str
    literal: bool  # whether the literal comparison lets it pass
    features: Features

    @property
    def is_true(self) -> bool:
        return self.claim.kind == IS_SUPPORTED


def drawn(scenarios: Sequence[Scenario], each: int) -> list[tuple[Claim, str]]:
    """Claims of both kinds with their companies, no sentence twice."""
    claims: dict[tuple[str, str], tuple[Claim, str]] = {}
    for sheet in sheets(scenarios, ROUNDS, SEED):
        for claim in sheet.claims:
            bare = without_address(claim.text, claim.request.name)
            claims.setdefault((bare, claim.kind), (Claim(claim.request, bare, claim.kind), sheet.business))
    choice = random.Random(SEED)
    true = [pair for pair in claims.values() if pair[0].kind == IS_SUPPORTED]
    false = [pair for pair in claims.values() if pair[0].kind != IS_SUPPORTED]
    return [*choice.sample(true, min(each, len(true))), *choice.sample(false, min(each, len(false)))]


def judge_all(claims: Sequence[tuple[Claim, str]], support: Support) -> list[Judged]:
    """Each claim with what the verifier sees."""
    found = []
    for claim, business in claims:
        request = claim.request
        evidence = [Evidence(str(n), source.sentences, source.title) for n, source in enumerate(request.sources)]
        evidence += [Evidence("fact", [fact]) for fact in request.facts]
        literal = not fault(claim.text, evidence, f"{request.question} {request.name}")
        features = support.features(request, claim.text)
        found.append(Judged(claim, business, literal, np.zeros(len(FEATURES)) if features is None else features))
    return found


def fit(judged: Sequence[Judged]) -> Logistic:
    """On what the literal comparison lets pass, which is all that is asked about."""
    passed = [one for one in judged if one.literal]
    right, wrong = ([one.features for one in passed if one.is_true == kind] for kind in (True, False))
    return Logistic.fit(right, wrong, balanced=True, strength=STRENGTH)


def in_folds(judged: Sequence[Judged]) -> list[float]:
    """Each claim's probability by weights that were fitted on other companies."""
    businesses = sorted({one.business for one in judged})
    models = []
    for fold in range(FOLDS):
        held = {*businesses[fold::FOLDS]}
        models.append((held, fit([one for one in judged if one.business not in held])))
    return [probability(next(m for held, m in models if one.business in held), one.features) for one in judged]


def report(judged: Sequence[Judged], probabilities: Sequence[float], threshold: float) -> dict[str, Any]:
    """The figures."""
    true = [one.is_true for one in judged]
    let_through = [one.literal and p >= threshold for one, p in zip(judged, probabilities)]
    kinds = defaultdict(list)
    for one, passed in zip(judged, let_through):
        kinds[one.claim.kind].append(passed == one.is_true)
    by_truth = [[p for one, p in zip(judged, probabilities) if one.is_true == kind] for kind in (True, False)]
    return {
        "claims": {kind: len(found) for kind, found in sorted(kinds.items())},
        "threshold": threshold,
        "balanced accuracy": _balanced(true, let_through),
        "balanced accuracy, literal comparison alone": _balanced(true, [one.literal for one in judged]),
        "support alone, AUC": round(roc_auc(*by_truth), 3),
        "right by kind": {kind: round(float(np.mean(found)), 3) for kind, found in sorted(kinds.items())},
    }


def _balanced(true: Sequence[bool], passed: Sequence[bool]) -> float:
    rates = [np.mean([p == t for t, p in zip(true, passed) if t == kind]) for kind in (True, False)]
    return round(float(np.mean(rates)), 3)


def main() -> None:
    """Judge and print, or fit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=EACH, help="claims of either kind")
    parser.add_argument("--calibrate", action="store_true", help="on the calibration part, at several thresholds")
    parser.add_argument("--fit", action="store_true", help="fit the weights on the calibration part")
    options = parser.parse_args()
    chosen = parts(read_scenarios())
    claims = drawn(chosen.calibration if options.calibrate or options.fit else chosen.test, options.each)
    support = Support(Encoder(), UNFITTED, ALL_TEXTS)
    started = time.perf_counter()
    judged = judge_all(claims, support)
    print(json.dumps({"ms a claim, evidence read anew": round((time.perf_counter() - started) / len(claims) * 1e3)}))
    if options.fit:
        fit(judged).save(COEFFICIENTS)
    if options.calibrate or options.fit:
        probabilities, thresholds = in_folds(judged), [0.3, 0.4, 0.5, 0.6, 0.7]
    else:
        shipped = Logistic.load(COEFFICIENTS)
        probabilities, thresholds = [probability(shipped, one.features) for one in judged], [Limits().support]
    for threshold in thresholds:
        print(json.dumps(report(judged, probabilities, threshold), ensure_ascii=False, indent=1))


UNFITTED = Logistic([0.0] * len(FEATURES), [1.0] * len(FEATURES), [0.0] * len(FEATURES), 0.0)


if __name__ == "__main__":
    main()
