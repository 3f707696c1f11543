"""An answer with everything it rests on, for the reply and for its trace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.generation.verify import Verdict, split_sentences
from retrieval.documents import Hit
from retrieval.query import interleaved

SHORT, FULL = "short", "full"  # how long a customer likes replies
_MARK = re.compile(r"\[\d+\]")


@dataclass
class Answer:
    """A reply with everything it rests on.

    ``text`` is empty when nothing could be said; then ``abstained`` is true. ``sentences`` is the
    trace: each sentence sent with its source and score, and those withheld with the reason.
    ``candidates`` are headings among which the customer may choose what they meant, ``things`` their own
    orders or products among which they may, each with its id. ``first_ms`` is when the first sentence
    could be shown.
    """

    text: str = ""
    hits: list[Hit] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    fact_kinds: list[str] = field(default_factory=list)
    cited: list[Hit] = field(default_factory=list)
    answerable: float = 0.0
    abstained: bool = False
    quoted: bool = False
    sentences: list[Verdict] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    things: list[tuple[str, str]] = field(default_factory=list)
    retrieval_ms: float = 0.0
    generation_ms: float = 0.0
    first_ms: float = 0.0

    def trace(self) -> dict[str, Any]:
        """Plain values for a reply's metadata and for JSON; nothing of the customer but the facts used."""
        return {
            "passages": [
                {"id": h.passage.id, "title": h.passage.heading, "score": round(h.score, 3), "text": h.passage.text}
                for h in self.hits
            ],
            "facts": [{"kind": k, "text": t} for k, t in zip(self.fact_kinds, self.facts)],
            "citations": [
                {"number": n, "id": h.passage.id, "title": h.passage.heading, "url": h.passage.url}
                for n, h in enumerate(self.cited, 1)
            ],
            "answerable": round(self.answerable, 3),
            "grounded": bool(self.text),
            "abstained": self.abstained,
            "quoted": self.quoted,
            "sentences": [
                {"text": v.sentence, "source": v.source, "score": round(v.score, 3), "reason": v.reason}
                for v in self.sentences
            ],
            "candidates": [*self.candidates, *(f"{name} {number}" for number, name in self.things)],
            "latency_ms": {
                "retrieval": round(self.retrieval_ms),
                "first": round(self.first_ms),
                "generation": round(self.generation_ms),
            },
        }


def joined(answers: Sequence[Answer]) -> Answer:
    """One answer of those to a message's questions, as sure as the least sure one that is given."""
    given = [answer for answer in answers if not answer.abstained] or answers
    facts = {fact: kind for answer in answers for fact, kind in zip(answer.facts, answer.fact_kinds)}
    texts = [answer.text for answer in answers if answer.text]
    return Answer(
        text=("\n\n" if any("\n" in text for text in texts) else "\n").join(texts),  # no line is taken for a step
        hits=interleaved([answer.hits for answer in answers]),
        facts=list(facts),
        fact_kinds=list(facts.values()),
        cited=[hit for answer in answers for hit in answer.cited],
        answerable=min(answer.answerable for answer in given),
        abstained=given[0].abstained,
        quoted=any(answer.quoted for answer in answers),
        sentences=[verdict for answer in answers for verdict in answer.sentences],
        candidates=[heading for answer in answers for heading in answer.candidates],
        things=[thing for answer in answers for thing in answer.things],
    )


def shortened(answer: Answer, length: str) -> Answer:
    """The answer's first sentence for who likes replies short, with its mark; a list is not torn apart."""
    sentences = split_sentences(answer.text)
    if length != SHORT or len(sentences) < 2 or "\n" in answer.text:
        return answer
    first, mark = sentences[0], next(iter(_MARK.findall(answer.text)), "")
    if mark and not _MARK.search(first):
        first = f"{first[:-1]} {mark}{first[-1]}" if first[-1] in ".!?" else f"{first} {mark}"
    return replace(answer, text=first, cited=answer.cited[:1] if mark else [])
