"""A follow-up completed from the conversation: "а для юрлиц?" is searched for with the question before it.

What a message is made of tells whether it may depend on an earlier one; what the articles hold decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from retrieval.documents import Hit, SearchResult
from retrieval.lexical import words

Search = Callable[[str, int], SearchResult]  # of a question, so many hits

EARLIER = 2  # questions that a follow-up may rest on
LONGEST = 8  # words; a longer message says what it is about
LONGEST_CONTEXT = 50  # words of an earlier question; its end is what asks
DEPTH = 100  # hits of the message alone among which the completed question's document is looked for

# How much nearer (see _nearness) the articles must be to the completed question: the less, the more the message
# itself points back. Set on written conversations that are not those of benchmarks/follow_ups.
POINTS_BACK = -0.03
GOES_ON = -0.015
MERELY_SHORT = 0.015
WORDS_WEIGHT = 0.1

_POINTING = re.compile(
    r"\b(?:он[аои]?|его|е[её]|ему|ей|им|их|н[её]м|не[йё]|него|нее|ними?|них|это(?:т|го|й|му|м)?|эт(?:а|и|их|им|у)"
    r"|там|туда|оттуда|тогда|тоже|так(?:ой|ая|ое|ие|ого|ую|им|их)"
    r"|its?|it's|they|them|their|that|those|these|this|(?<!is )(?<!are )there|then|ones?|he|him|his|she|hers?|too"
    r"|instead|same)\b",
    re.IGNORECASE,
)
_GOING_ON = re.compile(r"\s*(?:а|и|но|ну|или|если|and|but|or|if|what about|how about|what if)\b", re.IGNORECASE)


def standalone(question: str, previous: Sequence[str], search: Search) -> str:
    """What to search for: the question itself, or completed by the earlier ones where it rests on them.

    Args:
        question: the customer's message.
        previous: their earlier questions of this conversation, oldest first.
        search: finds passages for a text.
    """
    least = _least_gain(question)
    if not previous or least is None:
        return question
    context = standalone(previous[-1], previous[-EARLIER:-1], search)
    completed = " ".join([*context.split()[-LONGEST_CONTEXT:], question])
    return completed if _gain(question, completed, search) >= least else question


def _least_gain(question: str) -> float | None:
    """What the articles must say for completing this message; None where it stands alone whatever they say."""
    if len(question.split()) > LONGEST:
        return None
    if _POINTING.search(question):
        return POINTS_BACK
    return GOES_ON if _GOING_ON.match(question) or len(set(words(question))) <= 1 else MERELY_SHORT


def _gain(question: str, completed: str, search: Search) -> float:
    """By how much more the completed question's document has to say than what the message alone finds.

    That is how near the document is, to the completed question and to the message on average, less how near the
    message's own best passage is to it.
    """
    alone, joint = search(question, DEPTH).hits, search(completed, DEPTH).hits
    if not alone or not joint:
        return float("-inf")
    near = [_nearness(hit) for hit in alone]
    document = joint[0].passage.document_id
    same = [value for value, hit in zip(near, alone) if hit.passage.document_id == document]
    return (_nearness(joint[0]) + max(same or [min(near)])) / 2 - max(near)


def _nearness(hit: Hit) -> float:
    """Comparable between questions, as the score is not."""
    return hit.signals.cosine + WORDS_WEIGHT * hit.signals.words
