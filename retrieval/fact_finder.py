"""Which of a customer's facts answer a question: the right kind of fact, of the thing that is meant.

The kind comes from questions like this one (:mod:`retrieval.fact_kinds`), the thing from the words that name
it (:mod:`retrieval.things`), from when it was (:mod:`retrieval.ago`) and from what the conversation was
about; nearness by vector decides among what is left. Where several things fit equally, they are told. What would be
told is read beside the question first: much that resembles such questions asks for something else.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from nlu.order_numbers import shop_numbers
from retrieval.ago import days_ago, means_latest, means_old, means_received, named_days
from retrieval.cues import CUES
from retrieval.fact_kinds import GENERAL, HOW_TO, FactKinds, fact_probability
from retrieval.lexical import words
from retrieval.own import names_model, speaks_of_self
from retrieval.profile_memory import Fact, FactHit, ProfileMemory
from retrieval.things import Things

SURE = 0.4  # probability of a kind from which its fact alone answers
# The same of "what became of my request?" where nothing of theirs is named: a story before another question is easily
# taken for it.
TICKET_SURE = 0.8
CLOSE = 0.4  # of the likeliest kind's probability, from which the next kind may be what is asked as well
POSSIBLE = 0.5  # that some fact answers, from which facts are looked at
UNLIKELY = 0.05  # of a kind, below which not even a fact about the thing that is named is told
MOST = 2  # facts
MOST_CHOICES = 4  # things to choose from
REMEMBERED = 8  # questions of which it is remembered what was found
SAME_THING = 0.75  # of the best match's weight, from which a thing is meant as well
NEAR = 45  # days before or after the month or season that is named: what was bought in May is sent back in June
TICKET, RETURN, OPENED = "ticket", "return", "opened"  # kinds that are chosen in their own way
TOGETHER = {"order": "open_orders"}  # kinds of which one fact tells of all that are going on
SAID_BY = {"way": "order"}  # kinds of which the other's fact may say all
_TICKET = re.compile(r"\bT\d{4,}\b", re.IGNORECASE)
_OLDEST = dt.date.min

# Whether one of some facts answers a question.
Reader = Callable[[str, Sequence[Fact]], bool]


@dataclass(frozen=True)
class Found:
    """The facts for a question, best first.

    Attributes:
        hits: at most two.
        sure: whether the first alone answers, or both where they are close.
        close: whether the second is about as likely to be what was asked.
        choices: facts of one kind about several things that fit equally; empty where one fits best.
        owned: names of the customer's product that a question about its use means.
    """

    hits: list[FactHit] = field(default_factory=list)
    sure: bool = False
    close: bool = False
    choices: list[Fact] = field(default_factory=list)
    owned: tuple[str, ...] = ()

    @property
    def told(self) -> list[Fact]:
        """The first fact, and the second where it is close."""
        return [hit.fact for hit in self.hits[: 1 + self.close]]


@dataclass(frozen=True)
class _Asked:
    """A question, of whom and of which facts it is asked, when, and after which others."""

    customer_id: str
    facts: tuple[Fact, ...]
    language: str
    question: str
    today: dt.date
    previous: tuple[str, ...]


class FactFinder:
    """Finds facts.

    Args:
        memory: vectors of customers' facts.
        kinds: what questions ask.
        things: other words for products.
        reader: reads what would be told with the question; None believes the kind alone.
    """

    def __init__(self, memory: ProfileMemory, kinds: FactKinds, things: Things, reader: Reader | None = None) -> None:
        self.memory = memory
        self.kinds = kinds
        self.things = things
        self.reader = reader
        # Who decides whether a fact answers asks first, who answers asks again.
        self._remembered = lru_cache(REMEMBERED)(self._found)

    def find(
        self,
        customer_id: str,
        facts: Sequence[Fact],
        language: str,
        question: str,
        today: dt.date,
        previous: Sequence[str] = (),
    ) -> Found:
        """The facts of a customer that answer a question.

        Args:
            customer_id: who asks.
            facts: all that is true of them now.
            language: the customer's own.
            question: what they ask.
            today: the day on which they ask.
            previous: their earlier questions of this conversation, oldest first.
        """
        return self._remembered(_Asked(customer_id, tuple(facts), language, question, today, tuple(previous)))

    def forget(self) -> None:
        """Drop what was found last."""
        self._remembered.cache_clear()

    def _found(self, asked: _Asked) -> Found:
        return self._read(self._find(asked), asked.question)

    def _find(self, asked: _Asked) -> Found:
        facts, question = asked.facts, asked.question
        if not facts:
            return Found()
        owned = self._names_own(facts, question)
        if not (owned or speaks_of_self(question)):
            return Found()
        vector = self.kinds.encoder.encode_query(question)
        probabilities = self.kinds.probabilities(question, owned)
        likeliest = max(probabilities, key=lambda kind: probabilities[kind])
        if likeliest == HOW_TO:
            return Found(owned=self._owned(facts, question))
        if likeliest == GENERAL or fact_probability(probabilities) < POSSIBLE:
            return Found()
        hits = self.memory.search(asked.customer_id, facts, asked.language, vector, len(facts))
        best = self._best_kind([hit.fact for hit in hits], question, probabilities)
        if best is None:
            return Found()
        meant = self._meant([hit.fact for hit in hits if hit.fact.kind == best], question, asked.previous, asked.today)
        cosines = {hit.fact: hit.cosine for hit in hits}
        first = max(meant, key=lambda fact: cosines[fact])
        certainty = max(probabilities[best], probabilities.get(RETURN, 0.0) if best == OPENED else 0.0)
        sure = certainty >= (TICKET_SURE if best == TICKET and not owned else SURE)
        apart = {(fact.about, fact.things) for fact in meant if fact.about and fact.things}
        if sure and len(apart) > 1 and best != TICKET:
            together = [hit for hit in hits if hit.fact.kind == TOGETHER.get(best)]
            if together and probabilities.get(TOGETHER[best], 0.0) >= CLOSE * probabilities[best]:
                return Found(together[:1], sure=True)
            return Found(choices=sorted(meant, key=_since, reverse=True)[:MOST_CHOICES], sure=True)
        others = [hit for hit in hits if hit.fact.about == first.about and hit.fact != first]
        others.sort(key=lambda hit: (-probabilities.get(hit.fact.kind, 0.0), -hit.cosine))
        others = others[: MOST - 1]
        close = bool(others) and probabilities.get(others[0].fact.kind, 0.0) >= CLOSE * probabilities[best]
        found, fits = [FactHit(first, cosines[first]), *others], sure and self._fits(first, question)
        if close and SAID_BY.get(first.kind) == others[0].fact.kind and _says_as_well(others[0].fact, first):
            return Found(found[::-1], fits)
        return Found(found, fits, close)

    def _read(self, found: Found, question: str) -> Found:
        """The same, unless reading shows that nothing of it answers; then the facts are only near."""
        told = found.choices or found.told
        if not (self.reader and found.sure and told) or self.reader(question, told):
            return found
        return Found(found.hits)

    def _best_kind(self, facts: Sequence[Fact], question: str, probabilities: dict[str, float]) -> str | None:
        """The likeliest kind that the customer has a fact of: about the thing that is named, if one is."""
        about_things = [fact for fact in facts if fact.about]
        named = {fact.kind for fact in self._named(about_things, question) or ()}
        best = _likeliest({fact.kind for fact in facts}, probabilities)
        if named and best in {fact.kind for fact in about_things} - named:
            best = (
                _likeliest({kind for kind in named if probabilities.get(kind, 0.0) >= UNLIKELY}, probabilities) or best
            )
        if best == RETURN and OPENED in named and CUES["opened"].search(question):
            return OPENED  # what may go back while it is closed may not once it was opened
        return best

    def _names_own(self, facts: Sequence[Fact], question: str) -> bool:
        """Whether the question names something of the customer's."""
        if _numbers_in(question):
            return True
        things = [fact.things for fact in facts if fact.about and fact.things]
        return not names_model(question) and any(self.things.mentioned(question, things))

    def _meant(self, facts: Sequence[Fact], question: str, previous: Sequence[str], today: dt.date) -> list[Fact]:
        """Of facts of one kind those about the thing that is meant, several where that is open."""
        for text in (question, *reversed(previous)):
            # A ticket's own words tell which it is, better than those for the things of its order.
            named = _numbered(facts, text) if facts[0].kind == TICKET else self._named(facts, text)
            if named:
                facts = named
                break
        return _by_time(facts, question, today)

    def _named(self, facts: Sequence[Fact], text: str) -> list[Fact] | None:
        """The facts about what a text names; None where it names nothing of theirs."""
        if by_number := _numbered(facts, text):
            return by_number
        matches = self.things.mentioned(text, [fact.things for fact in facts])
        named = [fact for fact, match in zip(facts, matches) if match >= SAME_THING]
        return named or None

    def _fits(self, fact: Fact, question: str) -> bool:
        """Whether a question that names a product may mean this fact."""
        if not fact.things or not self.things.names_any(question):
            return True
        return self._named([fact], question) is not None

    def _owned(self, facts: Sequence[Fact], question: str) -> tuple[str, ...]:
        """Names of the product, of those that they have, that the question names in other words."""
        own = [fact for fact in facts if fact.kind == "owned"]
        named = self._named(own, question)
        return max(named, key=_since).things if named else ()


def _numbered(facts: Sequence[Fact], text: str) -> list[Fact]:
    """The facts about an order or a ticket whose number a text holds."""
    numbers = _numbers_in(text)
    return [fact for fact in facts if shop_numbers().digits(fact.about) in numbers]


def _numbers_in(text: str) -> set[str]:
    """The digits of orders' numbers in a text, and tickets' numbers."""
    orders = shop_numbers()
    return {
        *(re.sub(r"\D", "", number) for number in orders.mentioned.findall(text)),
        *map(str.upper, _TICKET.findall(text)),
    }


def _likeliest(kinds: set[str], probabilities: dict[str, float]) -> str | None:
    return max(kinds & probabilities.keys(), key=lambda kind: probabilities[kind], default=None)


def _says_as_well(fact: Fact, other: Fact) -> bool:
    """Whether a fact says what another does but for its verb: that an order is on its way, by courier, says the way."""
    return len(set(words(other.en)).difference(words(fact.en))) <= 1


def _since(fact: Fact) -> dt.date:
    return fact.since or _OLDEST


def _days_apart(fact: Fact, days: tuple[dt.date, dt.date]) -> int:
    """How many days a fact is before or after some days; 0 where it is of them."""
    since = _since(fact)
    return max((days[0] - since).days, (since - days[1]).days, 0)


def _by_time(facts: Sequence[Fact], question: str, today: dt.date) -> list[Fact]:
    """Those of the time that the question tells; otherwise those still going on, or the latest."""
    dated = [fact for fact in facts if fact.since]
    days = named_days(question, today)
    if days and dated:
        nearest = min(_days_apart(fact, days) for fact in dated)
        if nearest <= NEAR:
            return [fact for fact in dated if _days_apart(fact, days) == nearest]
    ago = days_ago(question)
    if ago is not None and dated:
        aim = today - dt.timedelta(days=ago)
        nearest = min(abs((_since(fact) - aim).days) for fact in dated)
        return [fact for fact in dated if abs((_since(fact) - aim).days) <= max(nearest, ago // 8)]
    if means_old(question) and dated:
        return [fact for fact in dated if fact.since == min(map(_since, dated))]
    if means_received(question) and any(not fact.open for fact in dated):
        dated = facts = [fact for fact in dated if not fact.open]
    if means_latest(question) and dated:
        return [fact for fact in dated if fact.since == max(map(_since, dated))]
    return [fact for fact in facts if fact.open] or list(facts)
