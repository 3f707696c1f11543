"""Lessons of customers' facts: which of them answer a question, and that near them most questions are answered by none.

A question is recognised by others of its kind (:mod:`retrieval.fact_kinds`), and many that resemble those ask for
something else: "could you send a courier who speaks English" is near to what a courier costs. Whoever reads the fact
beside the question can tell. Here the decoder learns it, in the form of :mod:`bot.generation.lessons`: invented
customers' facts stand where passages do.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.generation.invented import Invented, invented
from bot.generation.lessons import ASKED, MOST_PASSAGES, UNANSWERED, Asked, Lesson
from bot.generation.prompt import known
from nlu.errors import TrainingDataError
from retrieval.fact_kinds import GENERAL, HOW_TO, PLACE, read_questions
from retrieval.profile_memory import Fact
from retrieval.scenarios import LANGUAGES

FACTS = Path("training_data/facts")
BESIDE = "beside"  # folder of questions near to facts that none answers, a file a language
# Shares of sources: with a second fact about the same thing, and with those of the same kind about other things.
TWO, SAME = 0.3, 0.25
BESIDE_SHARE, USE_SHARE = 0.6, 0.1  # of what no fact answers: questions beside facts, and about using a device
# Kinds that tell a part of each other's answers: a fact of one is no example of what does not answer the other.
RELATED = tuple(
    frozenset(kinds.split())
    for kinds in (
        "order ordered open_orders tracking way kept recipient cancel address",
        "order refund return",
        "total payment bought courier express",
        "courier express way order",
        "points points_rate points_share order_points level return_days price_match",
        "warranty repair faulty plus opened return return_days refund owned",
        "ticket refund return repair faulty told",
        "viewed added_to_cart added_to_wishlist removed_from_cart owned ordered",
        "city told way courier express",
        "bought ordered member open_orders",
        "payment refund",
    )
)
# Kinds whose facts name what was ordered, and those that are asked for it.
NAMING = frozenset(
    "order open_orders total payment way tracking cancel address kept recipient refund return order_points price_match"
    " warranty repair faulty plus opened".split()
)
NAMED = frozenset({"ordered", "owned"})


@dataclass(frozen=True)
class Questions:
    """Of one language: by the kind of fact that answers, and those that none answers, with places for products."""

    answered: dict[str, list[str]]
    beside: list[str]


def read_all_questions(folder: Path = FACTS) -> dict[str, Questions]:
    """By language.

    Raises:
        TrainingDataError: a file is missing or not as it should be.
    """
    return {language: Questions(read_questions(folder, language), _beside(folder, language)) for language in LANGUAGES}


def _beside(folder: Path, language: str) -> list[str]:
    path = folder / BESIDE / f"{language}.txt"
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise TrainingDataError(f"{path} cannot be read, restore it: {error}") from error


def fact_lessons(questions: dict[str, Questions], count: int, seed: int) -> Iterator[Lesson]:
    """Lessons of so many invented customers, each in one of the languages."""
    choice = random.Random(seed)
    for _ in range(count):
        language = choice.choice(LANGUAGES)
        yield _Drawing(invented(choice), language, questions[language], choice).lesson()


class _Drawing:
    """Draws a lesson of one customer's facts."""

    def __init__(self, customer: Invented, language: str, questions: Questions, choice: random.Random) -> None:
        self.customer, self.language, self.questions, self.choice = customer, language, questions, choice

    def lesson(self) -> Lesson:
        sources = [*self._sources()]
        asked = [*self._answered(sources), *self._unanswered(sources)]
        return Lesson([known([f.text(self.language) for f in facts], self.language) for facts in sources], asked)

    def _sources(self) -> Iterator[list[Fact]]:
        """Facts of several kinds."""
        kinds: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.customer.facts:
            kinds[fact.kind].append(fact)
        for kind in self.choice.sample(sorted(kinds), MOST_PASSAGES):
            first = self.choice.choice(kinds[kind])
            others = [fact for fact in self.customer.facts if fact.about == first.about and fact.kind != kind]
            together, how = [first], self.choice.random()
            if how < TWO and others:
                together.append(self.choice.choice(others))
            elif TWO < how < TWO + SAME:
                together = kinds[kind]
            yield self.choice.sample(together, len(together))

    def _answered(self, sources: Sequence[Sequence[Fact]]) -> Iterator[Asked]:
        each = ASKED // len(sources)
        for about, own in enumerate(sources):
            mine = [(fact, text) for fact in own for text in self.questions.answered[fact.kind]]
            for fact, text in self.choice.sample(mine, min(len(mine), each)):
                named = self._thing(fact.things) if PLACE in text else None
                answers = [_places(facts, fact.kind, named) for facts in sources]
                yield Asked(self._filled(text, named), self.language, answers, about)

    def _unanswered(self, sources: Sequence[Sequence[Fact]]) -> Iterator[Asked]:
        present = {fact.kind for facts in sources for fact in facts}
        other = [
            text
            for kind, texts in self.questions.answered.items()
            if kind not in (GENERAL, HOW_TO) and not any(kind == one or _related(kind, one) for one in present)
            for text in texts
        ]
        things = [name for facts in sources for fact in facts for name in fact.things]
        for _ in range(UNANSWERED):
            drawn = self.choice.random()
            if drawn < BESIDE_SHARE or not other:
                texts = self.questions.beside
            else:
                texts = self.questions.answered[HOW_TO] if drawn < BESIDE_SHARE + USE_SHARE else other
            text = self.choice.choice(texts)
            about = self.choice.randrange(len(sources))
            yield Asked(self._filled(text, self._thing(things)), self.language, [[] for _ in sources], about)

    def _thing(self, names: Sequence[str]) -> str:
        """The English name of one of these things, or of any of the customer's where there are none."""
        return self.choice.choice([name for name in names if name in self.customer.things] or [*self.customer.things])

    def _filled(self, text: str, thing: str | None) -> str:
        return text.replace(PLACE, self.customer.things[thing].nouns[self.language]) if thing else text


def _places(facts: Sequence[Fact], kind: str, thing: str | None) -> list[int] | None:
    """Which facts answer a question of a kind, of a thing if it names one; None where one tells a part of it."""
    same = [n for n, fact in enumerate(facts) if fact.kind == kind and (not thing or _is_of(fact, thing))]
    if same:
        return same
    return None if any(_related(kind, fact.kind) for fact in facts) else []


def _is_of(fact: Fact, thing: str) -> bool:
    return not fact.things or thing in fact.things


def _related(kind: str, other: str) -> bool:
    """Whether a fact of the second kind tells a part of what is asked of the first."""
    if kind in NAMED and other in NAMING:
        return True
    return kind != other and any({kind, other} <= group for group in RELATED)
