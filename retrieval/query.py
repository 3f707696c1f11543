"""What a message asks of the articles: each of its questions, completed from the conversation, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from retrieval.documents import Hit, SearchResult
from retrieval.follow_up import Search, standalone
from retrieval.questions import questions_in

NEARLY = 0.6  # of the threshold; what is still less answerable is mostly a piece of a question ("сколько это стоит?")


@dataclass(frozen=True)
class Asked:
    """A question as it was searched for, with its passages; ``completed`` where an earlier one stands before it."""

    question: str
    result: SearchResult
    completed: bool = False


def ask(message: str, previous: Sequence[str], search: Search, k: int, threshold: float) -> list[Asked]:
    """The questions of a message where the articles tell them apart; otherwise the message as one.

    Args:
        message: the customer's.
        previous: their earlier questions of this conversation, oldest first.
        search: finds passages for a text.
        k: number of passages for each question.
        threshold: probability of being answerable from which a question is answered.
    """
    search = _once(search)
    parts = questions_in(message)
    if len(parts) > 1:
        asked = [_asked(part, [*previous, *parts[:i]], search, k) for i, part in enumerate(parts)]
        if _apart(asked, threshold):
            return asked
    return [_asked(message, previous, search, k)]


def interleaved(hits: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The hits of several questions: the best of each, then the second best of each, and so on, none twice."""
    found: dict[str, Hit] = {}
    for hit in chain.from_iterable(zip_longest(*hits)):
        if hit is not None:
            found.setdefault(hit.passage.id, hit)
    return list(found.values())


def _once(search: Search) -> Search:
    """The same, going back to what it found for a text where that is deep enough: completing searches deeply."""
    found: dict[str, tuple[int, SearchResult]] = {}

    def searched(text: str, k: int) -> SearchResult:
        if text not in found or found[text][0] < k:
            found[text] = k, search(text, k)
        return replace(found[text][1], hits=found[text][1].hits[:k])

    return searched


def _asked(question: str, previous: Sequence[str], search: Search, k: int) -> Asked:
    completed = standalone(question, previous, search)
    return Asked(completed, search(completed, k), completed != question)


def _apart(asked: Sequence[Asked], threshold: float) -> bool:
    """Whether at least one has an answer, each other one nearly, and each in another document."""
    answerable = [one.result.answerable for one in asked]
    documents = {hit.passage.document_id for one in asked for hit in one.result.hits[:1]}
    return max(answerable) >= threshold and min(answerable) >= NEARLY * threshold and len(documents) == len(asked)
