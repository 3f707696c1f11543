"""What a message asks of the articles: each of its questions, completed from the conversation, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from retrieval.documents import Hit, SearchResult
from retrieval.follow_up import Search, standalone
from retrieval.questions import questions_in

NEARLY = 0.6  # of the threshold; what is still less answerable is mostly a piece of a question ("сколько это стоит?")


# What is known of the customer that surely answers a question, or None.
Known = Callable[[str], Hashable | None]


@dataclass(frozen=True)
class Asked:
    """A question with its passages: as the customer ``said`` it, and as it was searched for."""

    said: str
    question: str
    result: SearchResult

    @property
    def completed(self) -> bool:
        """Whether an earlier question stands before it."""
        return self.question != self.said


def ask(
    message: str,
    previous: Sequence[str],
    search: Search,
    k: int,
    threshold: float,
    known: Known = lambda question: None,
) -> list[Asked]:
    """The questions of a message where what answers tells them apart; otherwise the message as one.

    Args:
        message: the customer's.
        previous: their earlier questions of this conversation, oldest first.
        search: finds passages for a text.
        k: number of passages for each question.
        threshold: probability of being answerable from which a question is answered.
        known: looks for what is known of the customer; it goes before the articles.
    """
    search = _once(search)
    parts = questions_in(message)
    if len(parts) > 1:
        asked = [_asked(part, [*previous, *parts[:i]], search, k) for i, part in enumerate(parts)]
        if _apart([_answering(one, known) for one in asked], threshold):
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
    return Asked(question, completed, search(completed, k))


def _answering(asked: Asked, known: Known) -> tuple[Hashable, float]:
    """What answers a question first, and how likely it does: what is known of the customer, or an article."""
    told = known(asked.said)
    if told is not None:
        return told, 1.0
    return next((hit.passage.document_id for hit in asked.result.hits), None), asked.result.answerable


def _apart(answering: Sequence[tuple[Hashable, float]], threshold: float) -> bool:
    """Whether at least one question has an answer, each other one nearly, and each another one."""
    by, likely = zip(*answering)
    different = None not in by and len(set(by)) == len(by)
    return different and max(likely) >= threshold and min(likely) >= NEARLY * threshold
