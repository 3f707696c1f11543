"""The questions of a message that asks several things: "сколько стоит доставка и можно ли вернуть без чека?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlu.requests import split_clauses
from retrieval.lexical import words

Span = tuple[int, int]

MOST = 3  # a message that asks more is a story

_LEAD = re.compile(
    r"\W*(?:[^:?]{1,30}:\s*)?(?:(?:а|и|плюс|ещ[её]|также|заодно|потом|кстати|подскажите|скажите|пожалуйста"
    r"|and|also|plus|then|so|but|please|hi|hello)\b\W*)*",
    re.IGNORECASE,
)
# What begins a question wherever it stands; some words ask inside a clause too: "доставка сколько стоит".
_MAIN = (
    r".*\b(?:скольк[ои]|поч[её]м|можно|ли)|мо(?:гу|жете|жем)|что\s+(?:делать|будет|такое)"
    r"|how\s+(?:much|many|long|soon|often|do|does|can|is|are)"
    r"|(?:do|does|did|can|could|is|are|will|would|should|may|have|has)(?:n't)?"
    r"\s+(?:i|you|we|they|he|she|it|there|my|your|the|an?|this|that|these|those|any)"
    r"|(?:what|where|when|which|who|why)(?:'s|\s+(?:is|are|do|does|did|can|will|happens|if|about))"
)
# What begins one in a new sentence or after a conjunction; after a comma it tells: "не знаю, где чек".
_OTHER = (
    r"(?:(?:в|во|до|за|из|на|от|по|при|с|со|у|at|by|for|from|in|on|to|with)\s+)?"
    r"(?:где|когда|как(?:ой|ая|ое|ие|ого|ую|им|их|ом)?|кто|кому|чем|чего|что|куда|откуда|почему|зачем"
    r"|what|where|when|which|who|whose|why|how)"
)
_ASKS_ANYWHERE = re.compile(rf"(?:{_MAIN})\b", re.IGNORECASE)
_ASKS = re.compile(rf"(?:{_MAIN}|{_OTHER})\b", re.IGNORECASE)
_ENDS = ".!?;…"
_DANGLING = re.compile(r"(?<=[.!?…])\s+\w+$")  # "When do points arrive? Also"


def questions_in(text: str) -> list[str]:
    """The message cut into its two or three questions, or whole where it asks one thing.

    What is told before a question stays with it, and what follows the last one with that.
    """
    clauses = split_clauses(text)
    starts: list[int] = []
    begin = 0
    for sentence in _sentences(text, clauses):
        if asking := _asking(text, clauses, sentence):
            starts += [begin, *asking[1:]]
            begin = sentence[-1] + 1
    if not 2 <= len(starts) <= MOST:
        return [text]
    spans = [(clauses[i][0], clauses[j - 1][1]) for i, j in zip(starts, [*starts[1:], len(clauses)])]
    return [_DANGLING.sub("", text[start:end]) for start, end in spans]


def _sentences(text: str, clauses: Sequence[Span]) -> list[list[int]]:
    """The clauses' positions, sentence by sentence."""
    sentences = [[0]] if clauses else []
    for position in range(1, len(clauses)):
        end, start = clauses[position - 1][1], clauses[position][0]
        if text[end - 1] in _ENDS or "\n" in text[end:start]:
            sentences.append([])
        sentences[-1].append(position)
    return sentences


def _asking(text: str, clauses: Sequence[Span], sentence: Sequence[int]) -> list[int]:
    """Those of a sentence's clauses that begin a question."""
    mark = text[clauses[sentence[-1]][1] - 1]
    if mark in _ENDS and mark != "?" and "?" in text:  # who sets marks tells by them what is asked
        return []
    asking = [position for position in sentence if _begins_question(text, clauses, position, sentence[0])]
    whole = text[clauses[sentence[0]][0] : clauses[sentence[-1]][1]]
    return asking or ([sentence[0]] if mark == "?" and words(whole) else [])


def _begins_question(text: str, clauses: Sequence[Span], position: int, first: int) -> bool:
    start, end = clauses[position]
    joint = text[clauses[position - 1][1] : start] if position > first else ""
    pattern = _ASKS_ANYWHERE if joint.strip() == "," else _ASKS
    said = _LEAD.sub("", text[start:end], count=1)
    return bool(pattern.match(said) and words(said))
