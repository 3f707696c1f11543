"""Several requests in one message: "cancel the order and refund me to another card". Knows no Rasa.

The message is cut where clauses may end; every run of neighbouring clauses is classified in one
batch, and of all ways to cut, the one counts whose parts are classified with the most certainty.
A part is a request of its own only if it asks for something, rather than tell what another part asks
about (:mod:`nlu.asking`), and is surely another one than its neighbours. Serving what nobody asked
for harms more than serving one of two requests, so in doubt a message stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from nlu.intent_model import Prediction

MAX_CLAUSES = 6
MIN_WORDS = 2
CERTAIN = 0.8
WHOLE = 0.7  # confidence from which a message that is something else as a whole is not cut
ASKS = 0.5

_JOINT = re.compile(
    r"[.!?;…]+\s+|\n+|,?\s+(?:а\s+также|а\s+(?:ещ[её]|заодно|потом)|и\s+(?:ещ[её]|заодно|потом)|и|а|плюс|потом|заодно)\s+"
    r"|,?\s+(?:and\s+(?:also|then)|and|also|plus|then)\s+"
    # A comma does not end what goes on with a subordinate clause.
    r"|,\s+(?!(?:если|чтоб\w*|прежде|пока|хотя|потому|так\s+как|котор\w+"
    r"|if|unless|because|so\s+that|before|after|until|which|who|that)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Request:
    """A part of the message, ``text`` from ``start`` to ``end``, with what it wants."""

    text: str
    start: int
    end: int
    intent: str
    confidence: float


def find_requests(
    text: str,
    classify: Callable[[Sequence[str]], Sequence[Prediction]],
    request_intents: Collection[str],
    certain: float = CERTAIN,
) -> list[Request]:
    """The message's requests in order, or nothing where it has fewer than two.

    Args:
        text: the message.
        classify: predictions of texts, in a batch.
        request_intents: intents that are requests; greetings and the like are none.
        certain: the confidence from which a part counts.
    """
    clauses = split_clauses(text)
    if not 2 <= len(clauses) <= MAX_CLAUSES:
        return []
    runs = [(i, j) for i in range(len(clauses)) for j in range(i + 1, len(clauses) + 1)]
    spans = {run: (clauses[run[0]][0], clauses[run[1] - 1][1]) for run in runs}
    predictions = dict(zip(runs, classify([text[start:end] for start, end in spans.values()]), strict=True))
    whole = predictions[0, len(clauses)]
    best: list[Request] = []
    best_score = 0.0
    for cut in _cuts(len(clauses)):
        parts = [Request(text[slice(*spans[run])], *spans[run], predictions[run].intent, predictions[run].confidence)
                 for run in cut]  # fmt: skip
        asking = [n for n, run in enumerate(cut)
                  if parts[n].intent in request_intents and predictions[run].asks >= ASKS]  # fmt: skip
        requests = _distinct([parts[n] for n in asking])
        sure = all(predictions[cut[n]].in_scope and parts[n].confidence >= certain for n in asking)
        score = sum(part.confidence for part in parts) / len(parts)
        if sure and len(requests) >= 2 and score > best_score:
            best, best_score = requests, score
    return best if whole.intent in {part.intent for part in best} or whole.confidence < WHOLE else []


def split_clauses(text: str) -> list[tuple[int, int]]:
    """Offsets of sentences and of clauses of two words or more; a shorter clause belongs to what stands before it."""
    clauses: list[tuple[int, int]] = []
    start = 0
    for joint in [*_JOINT.finditer(text), None]:
        end, following = (joint.start(), joint.end()) if joint else (len(text.rstrip()), len(text))
        sentence = joint is not None and text[joint.start()] in "?!.…"
        end += sentence  # the mark tells a question
        if len(_WORD.findall(text[start:end])) >= (1 if sentence else MIN_WORDS):
            clauses.append((start, end))
        elif clauses:
            clauses[-1] = (clauses[-1][0], end)
        else:
            continue  # a short beginning stays with what follows
        start = following
    return clauses


def _cuts(count: int) -> list[list[tuple[int, int]]]:
    """All ways to cut so many clauses into two parts or more."""
    found = []
    for parts in range(1, count):
        for places in combinations(range(1, count), parts):
            edges = [0, *places, count]
            found.append(list(zip(edges, edges[1:])))
    return found


def _distinct(requests: list[Request]) -> list[Request]:
    """Without repetitions of an intent: of such the first stays."""
    seen: set[str] = set()
    return [r for r in requests if not (r.intent in seen or seen.add(r.intent))]  # type: ignore[func-returns-value]
