"""The verifier on true sentences and on such as were broken on purpose, of companies nothing was learnt from.

    python -m benchmarks.claims [--each N] [--calibrate] [--threads N]

1,000 sentences of written replies, and 1,000 that the same evidence does not support: a number, name,
unit or word changed to another of its kind, a condition left out, the opposite said, told beside another
passage or of another customer. Prints the balanced accuracy of the whole verifier and of the literal
comparison alone, and by kind how many were found out, with the time of a claim. ``--calibrate`` prints the figures on
the companies kept for calibration, at several thresholds.
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

from bot.generation.decoder import Decoder
from bot.generation.examples import Claim
from bot.generation.lessons import lessons
from bot.settings import Settings
from nlu.out_of_scope import roc_auc
from retrieval.scenarios import Scenario, parts, read_scenarios

EACH, ROUNDS, SEED = 1000, 60, 21
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True)
class Judged:
    """A claim, whether the literal comparison lets it pass, and how likely it is true."""

    claim: Claim
    literal: bool
    probability: float


def drawn(scenarios: Sequence[Scenario], each: int) -> list[Claim]:
    """Claims of both kinds, no sentence twice."""
    claims: dict[tuple[str, str], Claim] = {}
    for lesson in lessons(scenarios, ROUNDS, SEED):
        for claim in lesson.claims:
            claims.setdefault((claim.text, claim.kind), claim)
    choice = random.Random(SEED)
    true = [claim for claim in claims.values() if claim.is_true]
    false = [claim for claim in claims.values() if not claim.is_true]
    return [*choice.sample(true, min(each, len(true))), *choice.sample(false, min(each, len(false)))]


def judge_all(claims: Sequence[Claim], decoder: Decoder) -> list[Judged]:
    """Each claim with what the verifier sees."""
    return [Judged(claim, claim.looks_true, decoder.judge(claim.request, claim.text)) for claim in claims]


def report(judged: Sequence[Judged], threshold: float) -> dict[str, Any]:
    """The figures."""
    true = [one.claim.is_true for one in judged]
    let_through = [one.literal and one.probability >= threshold for one in judged]
    kinds = defaultdict(list)
    for one, passed in zip(judged, let_through):
        kinds[one.claim.kind].append(passed == one.claim.is_true)
    by_truth = [[one.probability for one in judged if one.claim.is_true == kind] for kind in (True, False)]
    return {
        "claims": {kind: len(found) for kind, found in sorted(kinds.items())},
        "threshold": threshold,
        "balanced accuracy": _balanced(true, let_through),
        "balanced accuracy, literal comparison alone": _balanced(true, [one.literal for one in judged]),
        "the decoder alone, AUC": round(roc_auc(*by_truth), 3),
        "right by kind": {kind: round(float(np.mean(found)), 3) for kind, found in sorted(kinds.items())},
    }


def _balanced(true: Sequence[bool], passed: Sequence[bool]) -> float:
    rates = [np.mean([p == t for t, p in zip(true, passed) if t == kind]) for kind in (True, False)]
    return round(float(np.mean(rates)), 3)


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=EACH, help="claims of either kind")
    parser.add_argument("--calibrate", action="store_true", help="on the calibration part, at several thresholds")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    chosen = parts(read_scenarios())
    claims = drawn(chosen.calibration if options.calibrate else chosen.test, options.each)
    decoder = Decoder(threads=options.threads)
    started = time.perf_counter()
    judged = judge_all(claims, decoder)
    print(json.dumps({"ms a claim": round((time.perf_counter() - started) / len(claims) * 1e3)}))
    for threshold in THRESHOLDS if options.calibrate else (Settings.support_threshold,):
        print(json.dumps(report(judged, threshold), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
