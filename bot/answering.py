"""One question to one answer: evidence, reply, verification, or an honest "I don't know"."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from bot.answer import FULL, SHORT, Answer, joined, shortened
from bot.generation.prompt import FORMAL, INFORMAL, Request
from bot.generation.replying import Replier, Reply, Say
from bot.generation.selector import READ, Selector, to_read
from bot.generation.shown import shown
from bot.generation.verify import Verdict
from bot.of_sum import of_sum
from retrieval.fact_finder import FactFinder, Found
from retrieval.knowledge_base import KnowledgeBase
from retrieval.profile_memory import Fact
from retrieval.query import Asked, ask

PASSAGES, TRACED = 12, 5
SEARCHED = 0.3  # probability by search alone from which an article probably answers; reading has a scale of its own
CANDIDATES = 3  # headings that a customer may choose from
STATES = ("order", "open_orders", "way")  # kinds of facts that the action for an order's status tells as well
PLACED = "ordered"  # kind of the fact when an order was placed
FACT_SOURCE = "fact"  # of a sentence of the trace that is one of the customer's facts


@dataclass(frozen=True)
class Person:
    """Who asks: nothing is known of an anonymous one.

    ``facts`` are true on ``today``; without them the customer is answered as a stranger whom one knows by name.
    """

    customer_id: str | None = None
    name: str = ""
    form: str = FORMAL
    language: str = ""
    facts: Sequence[Fact] = field(default_factory=tuple)
    today: dt.date = field(default_factory=dt.date.today)
    length: str = FULL


class Answerer:
    """Answers questions from the knowledge base and the asking customer's facts.

    Args:
        knowledge: the articles.
        finder: finds the customer's facts that answer; None answers everybody alike.
        replier: makes the reply to what was found.
        selector: reads what search found and orders it by what answers; None leaves that to the search.
        threshold: probability that the best passage answers from which the question is answered.
        ask_from: the same, from which the customer is asked what they mean, and answered once they have said it; below
            it the question is declined.
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        finder: FactFinder | None,
        replier: Replier,
        threshold: float,
        selector: Selector | None = None,
        ask_from: float = 1.0,
    ) -> None:
        self.knowledge = knowledge
        self.finder = finder
        self.replier = replier
        self.selector = selector
        self.threshold = threshold
        self.searched = min(threshold, SEARCHED)
        self.ask_from = ask_from

    def answer(
        self,
        question: str,
        language: str,
        person: Person = Person(),
        previous: Sequence[str] = (),
        may_ask: bool = True,
        say: Say | None = None,
        hurried: bool = False,
    ) -> Answer:
        """Find, write, verify; one question after the other where the message asks several things.

        Args:
            question: the customer's message.
            language: the language of the reply.
            person: who asks.
            previous: their earlier questions of this conversation, oldest first.
            may_ask: whether they may be asked what they mean; not if they just were.
            say: hears each verified sentence as soon as it may be shown.
            hurried: whether there is no time for the selector, so that search alone decides.
        """
        started = time.perf_counter()
        told = partial(self._sure_fact, person=person, previous=previous)
        asked = ask(question, previous, self.knowledge.search, PASSAGES, self.searched, told)
        retrieval_ms = _since(started)
        started = time.perf_counter()
        clock = _Clock(started, say)
        answers: list[Answer] = []
        number = 1
        for one in asked:
            alone = len(asked) == 1
            known = self._known(one.said, one.question, person, previous)
            one = self._looked_into(one, language, known, hurried)
            least = self.threshold if may_ask else min(self.threshold, self.ask_from)
            answers.append(self._answer(one, language, person, number, may_ask and alone, clock, known, least))
            number += len(answers[-1].cited)
            if answers[-1].text:
                person = replace(person, name="")  # addressed once
        generation_ms = _since(started)
        return replace(
            joined(answers),
            retrieval_ms=retrieval_ms,
            generation_ms=generation_ms,
            first_ms=clock.first_ms or generation_ms,
        )

    def knows(
        self,
        question: str,
        person: Person,
        previous: Sequence[str] = (),
        with_states: bool = True,
        only: Collection[str] = (),
    ) -> bool:
        """Whether one of the customer's facts surely answers, or one of several that they may choose from.

        Args:
            question: the customer's message.
            person: who asks.
            previous: their earlier questions of this conversation, oldest first.
            with_states: whether the state of an order that is still going on counts as well.
            only: kinds of facts that count; every kind where it is empty.
        """
        known = self._known(question, question, person, previous)
        told = known.choices or known.told
        if only and not (told and told[0].kind in only):
            return False
        # "Where is my order?" is near to when it was placed as well; the last decides then.
        states = bool(told) and told[-1 if told[0].kind == PLACED else 0].kind in STATES and told[-1].open
        return known.sure and bool(told) and (with_states or not states)

    def tells(self, question: str, person: Person, kinds: Sequence[str]) -> bool:
        """Whether a fact of these kinds answers a question; without a selector, whether there is one.

        Read are the facts of the last kinds named, then those still going on, then the latest.
        """
        known = [fact for fact in person.facts if fact.kind in kinds]
        known.sort(key=lambda fact: (kinds.index(fact.kind), fact.open, fact.since or dt.date.min), reverse=True)
        return bool(known) and (self.selector is None or self.selector.answers(question, known[:READ]))

    def can_quote(self, question: str) -> bool:
        """Whether an article probably answers a question that stands by itself."""
        return self.knowledge.search(question, 1).answerable >= self.searched

    def _known(self, message: str, completed: str, person: Person, previous: Sequence[str]) -> Found:
        """What of the customer answers a message, or the message as the conversation completes it."""
        near = Found()
        for question in dict.fromkeys((message, completed)):
            found = self._found(question, person, previous)
            if found.sure or found.owned:
                return found
            near = near if near.hits else found
        return near

    def _found(self, question: str, person: Person, previous: Sequence[str]) -> Found:
        """What of the customer answers a question; nothing is known of a stranger."""
        if self.finder is None or person.customer_id is None:
            return Found()
        return self.finder.find(person.customer_id, person.facts, person.language, question, person.today, previous)

    def _sure_fact(self, question: str, person: Person, previous: Sequence[str]) -> Fact | None:
        """The fact of the customer that surely answers a question."""
        found = self._found(question, person, previous)
        return found.hits[0].fact if found.sure and found.hits else None

    def _looked_into(self, asked: Asked, language: str, known: Found, hurried: bool) -> Asked:
        """The question with the product that it means, and with what answers it first among what was found."""
        if known.owned:
            question = f"{asked.question} ({known.owned[0 if language == 'ru' else -1]})"
            asked = replace(asked, question=question, result=self.knowledge.search(question, PASSAGES))
        if self.selector is None or hurried or known.choices or (known.sure and known.hits):
            return asked
        read = self.selector.select(asked.question, language, asked.result)
        if asked.completed:
            # The selector learnt few questions that go on from others, and doubts them more than it should.
            read = replace(read, answerable=(read.answerable + asked.result.answerable) / 2)
        return replace(asked, result=read)

    def _answer(
        self,
        asked: Asked,
        language: str,
        person: Person,
        number: int,
        may_ask: bool,
        say: Say,
        known: Found,
        least: float,
    ) -> Answer:
        """The answer to one question, from this probability on; its articles are cited from this number on."""
        result = asked.result
        found = Answer(hits=result.hits[:TRACED], answerable=result.answerable, abstained=True)
        if known.choices and may_ask:
            return replace(found, things=_things(known.choices, language))
        if known.sure and known.hits:
            return _told(found, known.told, asked.question, language, person, say)
        if not result.hits or result.answerable < least:
            asks = result.hits and may_ask and result.answerable >= self.ask_from
            near = to_read(result.hits, language)[:CANDIDATES] if asks else []
            return replace(found, candidates=[*dict.fromkeys(hit.passage.heading for hit in near)])
        facts = [hit.fact for hit in known.hits]
        seen = shown(result.hits, language)
        request = Request(
            language,
            asked.question,
            seen.sources,
            [fact.text(language) for fact in facts],
            person.name,
            person.form,
            seen.nearest,
            brief=person.length == SHORT,
        )
        reply = self.replier.reply(request, seen, number, say)
        return shortened(_filled(found, reply, request, facts), person.length)


class _Clock:
    """Passes sentences on and remembers when the first one came."""

    def __init__(self, started: float, say: Say | None) -> None:
        self._started, self._say = started, say
        self.first_ms = 0.0

    def __call__(self, sentence: str) -> None:
        self.first_ms = self.first_ms or _since(self._started)
        if self._say:
            self._say(sentence)


def _told(found: Answer, facts: Sequence[Fact], question: str, language: str, person: Person, say: Say) -> Answer:
    """The answer that is one of the customer's facts, or two, told to them."""
    texts = [fact.said(language, person.form == INFORMAL) for fact in facts]
    texts[0] = _addressed(facts[0], texts[0], language, person.name)
    texts += filter(None, [of_sum(facts[0], question, language)])
    for text in texts:
        say(text)
    return replace(
        found,
        text=" ".join(texts),
        facts=[fact.text(language) for fact in facts],
        fact_kinds=[fact.kind for fact in facts],
        abstained=False,
        answerable=1.0,
        quoted=True,
        sentences=[Verdict(text, FACT_SOURCE, 1.0) for text in texts],
    )


def _addressed(fact: Fact, text: str, language: str, name: str) -> str:
    """The sentence with the name before it; names of products keep their capital."""
    if not name:
        return text
    first = text.split()[0]
    is_name = any(thing.startswith(first) for thing in fact.things) if language == "en" else first.isascii()
    return f"{name}, {text if is_name else text[0].lower() + text[1:]}"


def _things(facts: Sequence[Fact], language: str) -> list[tuple[str, str]]:
    """What the facts are about, as (id, name), each once."""
    found: dict[str, str] = {}
    for fact in facts:
        if fact.things:
            names = fact.things[::2] if language == "ru" else fact.things[1::2]
            found.setdefault(fact.about, ", ".join(names))
    return list(found.items())


def _filled(found: Answer, reply: Reply, request: Request, known: Sequence[Fact]) -> Answer:
    """The answer with the reply in it."""
    return replace(
        found,
        text=reply.text,
        facts=[request.facts[n] for n in reply.facts],
        fact_kinds=[known[n].kind for n in reply.facts],
        cited=reply.cited,
        abstained=not reply.text,
        quoted=reply.quoted,
        sentences=reply.sentences,
    )


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
