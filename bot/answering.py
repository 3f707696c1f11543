"""One question to one answer: evidence, reply, verification, or an honest "I don't know"."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.generation.prompt import FORMAL, Request, Source
from bot.generation.verify import Evidence, Verdict, Verifier, values
from bot.generation.writer import Writer
from retrieval.documents import Hit, SearchResult
from retrieval.knowledge_base import KnowledgeBase
from retrieval.profile_memory import Fact, FactHit, ProfileMemory
from retrieval.query import Asked, ask, interleaved

PASSAGES, FACTS = 5, 2
SHOWN_SENTENCES = 6  # of the best document, to the writer
QUOTED_SENTENCES = 2
ASKS_FOR_VALUE = re.compile(
    r"\b(?:сколько|когда|почём|какой срок|до какого|как долго|how (?:long|much|many|soon|fast|often)|when|what time)\b",
    re.IGNORECASE,
)
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
    retrieval_ms: float = 0.0
    generation_ms: float = 0.0

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
            "latency_ms": {"retrieval": round(self.retrieval_ms), "generation": round(self.generation_ms)},
        }


class Answerer:
    """Answers questions from the knowledge base and the asking customer's facts.

    Args:
        knowledge: the articles.
        memory: vectors of customers' facts.
        writer: writes the reply; None quotes the best passage instead.
        threshold: probability that the best passage answers below which the question is declined.
    """

    def __init__(
        self, knowledge: KnowledgeBase, memory: ProfileMemory, writer: Writer | None, threshold: float
    ) -> None:
        self.knowledge = knowledge
        self.memory = memory
        self.writer = writer
        self.threshold = threshold
        self.verifier = Verifier(knowledge.encoder)

    def answer(self, question: str, language: str, person: Person = Person(), previous: Sequence[str] = ()) -> Answer:
        """Find, write, verify; one question after the other where the message asks several things.

        Args:
            question: the customer's message.
            language: the language of the reply.
            person: who asks.
            previous: their earlier questions of this conversation, oldest first.
        """
        started = time.perf_counter()
        asked = ask(question, previous, self.knowledge.search, PASSAGES, self.threshold)
        answers = [self._found(one, language, person) for one in asked]
        retrieval_ms = _since(started)
        started = time.perf_counter()
        number = 1
        for one, answer in zip(asked, answers):
            if not answer.abstained:
                self._write(answer, one.question, language, person, number)
                number += len(answer.cited)
                person = replace(person, name="")  # addressed once
        return replace(_joined(answers), retrieval_ms=retrieval_ms, generation_ms=_since(started))

    def _found(self, asked: Asked, language: str, person: Person) -> Answer:
        """What a question's answer can rest on."""
        result = asked.result
        facts = self._relevant_facts(person, self.knowledge.encoder.encode_query(asked.question), result)
        return Answer(
            hits=result.hits,
            facts=[hit.fact.text(language) for hit in facts],
            fact_kinds=[hit.fact.kind for hit in facts],
            answerable=result.answerable,
            abstained=not result.hits or result.answerable < self.threshold,
        )

    def _relevant_facts(self, person: Person, vector: Any, result: SearchResult) -> list[FactHit]:
        """Facts about as near to the question as the best passage's best sentence; compared, since cosines crowd."""
        if person.customer_id is None or not result.hits:
            return []
        nearest = result.hits[0].signals.cosine
        found = self.memory.search(person.customer_id, person.facts, person.language, vector, FACTS)
        return [hit for hit in found if hit.cosine >= nearest - FACT_SLACK]

    def _write(self, answer: Answer, question: str, language: str, person: Person, number: int) -> None:
        """The reply to one question; its article is cited under this number."""
        best = answer.hits[0]
        shown = _shown(answer.hits)
        evidence = [Evidence(best.passage.id, shown, best.passage.heading)]
        evidence += [Evidence(f"fact {n}", [fact]) for n, fact in enumerate(answer.facts, 1)]
        # The small writer invents when it has to translate: an article in another language is quoted.
        if self.writer is not None and best.passage.language == language:
            request = Request(
                language=language,
                question=question,
                sources=[Source(best.passage.title, " ".join(shown))],
                facts=answer.facts,
                name=person.name,
                form=person.form,
            )
            answer.sentences = self.verifier.check(self.writer.write(request), evidence, question, person.name)
        supported = [verdict for verdict in answer.sentences if verdict.supported]
        # If the sentence that answers first was withheld, what follows it hangs in the air; and a
        # question for a number is not answered without one.
        answers = supported and answer.sentences[0].supported
        if answers and (not ASKS_FOR_VALUE.search(question) or values(" ".join(v.sentence for v in supported))):
            _cite(answer, supported, best, number)
        else:
            _quote(answer, question, language, number)


def _of_best_document(hits: Sequence[Hit]) -> list[tuple[str, float]]:
    """Sentences with their matches of the found passages of the best hit's document, in reading order."""
    same = [hit for hit in hits if hit.passage.document_id == hits[0].passage.document_id]
    same.sort(key=lambda hit: int(hit.passage.id.rpartition("#")[2]))
    return [pair for hit in same for pair in hit.sentences]


def _shown(hits: Sequence[Hit]) -> list[str]:
    """The sentences nearest to the question, in reading order."""
    sentences = _of_best_document(hits)
    nearest = sorted(range(len(sentences)), key=lambda i: -sentences[i][1])[:SHOWN_SENTENCES]
    return [sentences[i][0] for i in sorted(nearest)]


def _cite(answer: Answer, supported: list[Verdict], best: Hit, number: int) -> None:
    """Join the supported sentences, each run from the article marked once at its end."""
    from_article = [verdict.source == best.passage.id for verdict in supported]
    parts = []
    for position, verdict in enumerate(supported):
        ends_run = from_article[position] and (position + 1 == len(supported) or not from_article[position + 1])
        parts.append(_marked(verdict.sentence, number) if ends_run else verdict.sentence)
    answer.text = " ".join(parts)
    answer.cited = [best] if any(from_article) else []


def _quote(answer: Answer, question: str, language: str, number: int) -> None:
    """The sentences nearest to the question, word for word; with a number where one is asked for."""
    best = answer.hits[0]
    sentences = _of_best_document(answer.hits)
    valued = [pair for pair in sentences if values(pair[0])]
    if ASKS_FOR_VALUE.search(question) and valued:
        sentences = valued
    chosen = {text for text, _ in sorted(sentences, key=lambda pair: -pair[1])[:QUOTED_SENTENCES]}
    quoted = " ".join(text if text[-1] in ".!?…" else text + "." for text, _ in sentences if text in chosen)
    if best.passage.language != language:
        lead = "В статье на английском сказано" if language == "ru" else "An article in Russian says"
        quoted = f"{lead}: «{quoted}»" if language == "ru" else f"{lead}: “{quoted}”"
    answer.text = _marked(quoted, number)
    answer.cited = [best]
    answer.quoted = True


def _marked(sentence: str, number: int) -> str:
    """The sentence with the mark of its source before the final stop: ``… 299 ₽ [1].``"""
    if sentence[-1:] in ".!?":
        return f"{sentence[:-1]} [{number}]{sentence[-1]}"
    return f"{sentence} [{number}]"


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
    )


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
