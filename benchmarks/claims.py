"""The verifier on true sentences and on such as were broken on purpose, of companies nothing was learnt from.

    python -m benchmarks.claims [--each N] [--calibrate] [--threads N]

1,000 sentences of written replies, and 1,000 that the same evidence does not support: a number, name,
unit or word changed to another of its kind, a condition left out, the opposite said, told of another
passage or of another customer. Prints the balanced accuracy of the whole verifier, of the literal
comparison and of the judge alone, and by kind how many were found out; for numbers and names, what
the literal comparison finds counts too.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from bot.generation.decoder import Decoder
from bot.generation.examples import Task, sheets
from bot.generation.literal import Evidence, fault
from bot.generation.replying import Limits
from bot.generation.verify import without_address
from nlu.out_of_scope import roc_auc
from retrieval.scenarios import Scenario, parts, read_scenarios

EACH, ROUNDS, SEED = 1000, 24, 21
SUPPORTED = "supported"


def drawn(scenarios: Sequence[Scenario], each: int) -> list[tuple[Task, str]]:
    """Claims of both kinds, no sentence twice."""
    claims: dict[tuple[str, str], tuple[Task, str]] = {}
    for sheet in sheets(scenarios, ROUNDS, SEED):
        for task in sheet.tasks:
            if task.is_claim:
                claim = without_address(task.prompt.split("\n")[-2].partition(": ")[2], task.request.name)
                claims.setdefault((claim, task.kind), (task, claim))
    choice = random.Random(SEED)
    true = [pair for pair in claims.values() if pair[0].kind == SUPPORTED]
    false = [pair for pair in claims.values() if pair[0].kind != SUPPORTED]
    return [*choice.sample(true, min(each, len(true))), *choice.sample(false, min(each, len(false)))]


def measure(claims: Sequence[tuple[Task, str]], decoder: Decoder, threshold: float) -> dict[str, Any]:
    """The figures."""
    literal, judged = [], []
    for task, claim in claims:
        request = task.request
        evidence = [Evidence(str(n), source.sentences, source.title) for n, source in enumerate(request.sources)]
        evidence += [Evidence("fact", [fact]) for fact in request.facts]
        literal.append(not fault(claim, evidence, f"{request.question} {request.name}"))
        judged.append(decoder.judge(request, claim))
    true = [task.kind == SUPPORTED for task, _ in claims]
    let_through = [a and p >= threshold for a, p in zip(literal, judged)]
    kinds = defaultdict(list)
    for (task, _), passed in zip(claims, let_through):
        kinds[task.kind].append(passed if task.kind == SUPPORTED else not passed)
    return {
        "claims": {kind: len(found) for kind, found in sorted(kinds.items())},
        "threshold": threshold,
        "balanced accuracy": _balanced(true, let_through),
        "balanced accuracy, literal comparison alone": _balanced(true, literal),
        "balanced accuracy, judge alone": _balanced(true, [p >= threshold for p in judged]),
        "judge, AUC": round(roc_auc(*([p for p, t in zip(judged, true) if t == kind] for kind in (1, 0))), 3),
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
    decoder = Remembering(threads=options.threads)
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9) if options.calibrate else (Limits().support,):
        print(json.dumps(measure(claims, decoder, threshold), ensure_ascii=False, indent=1))


class Remembering(Decoder):
    """Judges each claim once."""

    def judge(self, request: Any, claim: str) -> float:
        known = self.__dict__.setdefault("_known", {})
        key = (id(request), claim)
        if key not in known:
            known[key] = super().judge(request, claim)
        return float(known[key])


if __name__ == "__main__":
    main()
