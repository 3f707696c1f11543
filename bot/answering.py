"""One question to one answer: evidence, reply, verification, or an honest "I don't know"."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.generation.prompt import FORMAL, Request
from bot.generation.replying import Replier, Reply, Say
from bot.generation.shown import shown
from bot.generation.verify import Verdict
from retrieval.documents import Hit
from retrieval.knowledge_base import KnowledgeBase
from retrieval.profile_memory import Fact, FactHit, ProfileMemory
from retrieval.query import Asked, ask, interleaved

PASSAGES, TRACED, FACTS = 12, 5, 2
FACT_SLACK = 0.05  # a fact takes part if it is about as near to the question as the passage is


@dataclass(frozen=True)
class Person:
    """Who asks: nothing is known of an anonymous one."""

    customer_id: str | None = None
    name: str = ""
    form: str = FORMAL
    language: str = ""
    facts: Sequence[Fact] = field(default_factory=tuple)


@dataclass
class Answer:
    """A reply with everything it rests on.

    ``text`` is empty when nothing could be said; then ``abstained`` is true. ``sentences`` is the
    trace: each sentence sent with its source and score, and those withheld with the reason.
    ``candidates`` are headings among which the customer may choose what they meant. ``first_ms`` is
    when the first sentence could be shown.
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
            "candidates": self.candidates,
            "latency_ms": {
                "retrieval": round(self.retrieval_ms),
                "first": round(self.first_ms),
                "generation": round(self.generation_ms),
            },
        }


class Answerer:
    """Answers questions from the knowledge base and the asking customer's facts.

    Args:
        knowledge: the articles.
        memory: vectors of customers' facts.
        replier: makes the reply to what was found.
        threshold: probability that the best passage answers below which the question is declined at once.
    """

    def __init__(self, knowledge: KnowledgeBase, memory: ProfileMemory, replier: Replier, threshold: float) -> None:
        self.knowledge = knowledge
        self.memory = memory
        self.replier = replier
        self.threshold = threshold

    def answer(
        self,
        question: str,
        language: str,
        person: Person = Person(),
        previous: Sequence[str] = (),
        may_ask: bool = True,
        say: Say | None = None,
    ) -> Answer:
        """Find, write, verify; one question after the other where the message asks several things.

        Args:
            question: the customer's message.
            language: the language of the reply.
            person: who asks.
            previous: their earlier questions of this conversation, oldest first.
            may_ask: whether they may be asked what they mean.
            say: hears each verified sentence as soon as it may be shown.
        """
        started = time.perf_counter()
        asked = ask(question, previous, self.knowledge.search, PASSAGES, self.threshold)
        retrieval_ms = _since(started)
        started = time.perf_counter()
        clock = _Clock(started, say)
        answers: list[Answer] = []
        number = 1
        for one in asked:
            answers.append(self._answer(one, language, person, number, may_ask and len(asked) == 1, clock))
            number += len(answers[-1].cited)
            if answers[-1].text:
                person = replace(person, name="")  # addressed once
        generation_ms = _since(started)
        return replace(
            _joined(answers),
            retrieval_ms=retrieval_ms,
            generation_ms=generation_ms,
            first_ms=clock.first_ms or generation_ms,
        )

    def _answer(self, asked: Asked, language: str, person: Person, number: int, may_ask: bool, say: Say) -> Answer:
        """The answer to one question; its articles are cited from this number on."""
        result = asked.result
        found = Answer(hits=result.hits[:TRACED], answerable=result.answerable, abstained=True)
        if not result.hits or result.answerable < self.threshold:
            return found
        vector = self.knowledge.encoder.encode_query(asked.question)
        known = self._relevant_facts(person, vector, result.hits[0])
        seen = shown(result.hits, language)
        request = Request(
            language,
            asked.question,
            seen.sources,
            [hit.fact.text(language) for hit in known],
            person.name,
            person.form,
            seen.nearest,
        )
        return _filled(found, self.replier.reply(request, seen, number, may_ask, say), request, known)

    def _relevant_facts(self, person: Person, vector: Any, best: Hit) -> list[FactHit]:
        """Facts about as near to the question as the best passage's best sentence; compared, since cosines crowd."""
        if person.customer_id is None:
            return []
        found = self.memory.search(person.customer_id, person.facts, person.language, vector, FACTS)
        return [hit for hit in found if hit.cosine >= best.signals.cosine - FACT_SLACK]


class _Clock:
    """Passes sentences on and remembers when the first one came."""

    def __init__(self, started: float, say: Say | None) -> None:
        self._started, self._say = started, say
        self.first_ms = 0.0

    def __call__(self, sentence: str) -> None:
        self.first_ms = self.first_ms or _since(self._started)
        if self._say:
            self._say(sentence)


def _filled(found: Answer, reply: Reply, request: Request, known: Sequence[FactHit]) -> Answer:
    """The answer with the reply in it."""
    return replace(
        found,
        text=reply.text,
        facts=[request.facts[n] for n in reply.facts],
        fact_kinds=[known[n].fact.kind for n in reply.facts],
        cited=reply.cited,
        answerable=1.0 - reply.none if reply.none else found.answerable,
        abstained=not reply.text,
        quoted=reply.quoted,
        sentences=reply.sentences,
        candidates=reply.candidates,
    )


def _joined(answers: Sequence[Answer]) -> Answer:
    """One answer of those to a message's questions, as sure as the least sure one that is given."""
    given = [answer for answer in answers if not answer.abstained] or answers
    facts = {fact: kind for answer in answers for fact, kind in zip(answer.facts, answer.fact_kinds)}
    return Answer(
        text="\n".join(answer.text for answer in answers if answer.text),
        hits=interleaved([answer.hits for answer in answers]),
        facts=list(facts),
        fact_kinds=list(facts.values()),
        cited=[hit for answer in answers for hit in answer.cited],
        answerable=min(answer.answerable for answer in given),
        abstained=given[0].abstained,
        quoted=any(answer.quoted for answer in answers),
        sentences=[verdict for answer in answers for verdict in answer.sentences],
        candidates=[heading for answer in answers for heading in answer.candidates],
    )


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
