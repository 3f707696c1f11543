"""Suggested replies: what the assistant would answer, and the sentences of other articles nearest to the question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answering import Answerer, Person
from bot.generation.quoting import GOING_ON, from_another_language
from bot.generation.shown import shown

SUGGESTED = 3
_MARK = re.compile(r" ?\[\d+\]")


def suggested(
    answerer: Answerer, question: str, language: str, person: Person, previous: Sequence[str]
) -> list[dict[str, str]]:
    """At most three replies ``{text, title, url}``, the likeliest first.

    Args:
        answerer: finds and writes.
        question: the customer's.
        language: of the replies.
        person: who asks.
        previous: their earlier questions.
    """
    answer = answerer.answer(question, language, person, previous, may_ask=False)
    source = answer.cited[0].passage if answer.cited else None
    found: list[dict[str, str]] = []
    if answer.text:
        text = _MARK.sub("", answer.text)
        found.append({"text": text, "title": source.heading if source else "", "url": (source and source.url) or ""})
    seen = shown(answer.hits, language)
    for number in seen.nearest:
        text, passage = seen.sentences[number], seen.hits[number].passage
        if all(text.rstrip(GOING_ON) not in one["text"] for one in found):
            if passage.language != language:
                text = from_another_language(text, language)
            found.append({"text": text, "title": passage.heading, "url": passage.url or ""})
    return found[:SUGGESTED]
