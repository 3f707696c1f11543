"""Training examples for the decoder, expanded from the written scenarios.

A sheet is evidence as search would find it (passages of one company, whole or in part, in either
language) with the tasks that can be set on it: questions that it answers with their replies, and
questions that it does not answer. What answers elsewhere serves as unanswerable here, so that the
style of a question tells nothing. Besides, it has claims: sentences that it supports and sentences
that it does not, on which the check of claims is fitted and measured.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.generation.corruptions import broken, sentences_with_claims
from bot.generation.pages import Page
from bot.generation.prompt import (
    FACT_MARKS,
    FORMAL,
    INFORMAL,
    MARKS,
    Request,
    Source,
    reply,
    reply_task,
)
from bot.generation.verify import split_sentences
from retrieval.lexical import words
from retrieval.scenarios import LANGUAGES, NAME, Case, Scenario, other

T = TypeVar("T")

NAMES = {
    "ru": (
        "Анна Борис Вера Глеб Дарья Егор Жанна Захар Инна Кирилл Лариса Максим Нина Олег Полина Роман Софья Тимур"
        " Ульяна Фёдор Христина Эдуард Юлия Яков Алина Виктор Галина Денис Евгения Илья Ксения Лев Мария Никита"
        " Оксана Пётр Раиса Степан Татьяна Эмма"
    ).split(),
    "en": (
        "Alice Brian Clara Derek Ella Frank Grace Henry Isla Jack Kate Liam Molly Nathan Olivia Paul Quinn Ruth"
        " Simon Tessa Umar Violet Walter Xenia Yusuf Zoe Adam Bella Colin Daisy Ethan Fiona George Hannah Ivan"
        " Julia Karl Lucy Martin Naomi"
    ).split(),
}
# Shares of what they name.
ANONYMOUS = 0.25
OTHER_LANGUAGE = 0.15  # passages in another language than the question
WITHHELD = 0.4  # sheets that lack what answers one of their main passage's cases
FIRST = 0.5  # sheets whose main passage stands first
MORE_FACTS = 0.3  # requests with a fact that does not matter
MOST_BESIDE = 3  # other passages of the company on a sheet
SUPPORTED = 0.55  # claims left as true as they were
REPLIES, UNANSWERED, CLAIMS = 5, 3, 4  # of a sheet at most
IS_SUPPORTED = "supported"  # kind of a claim that was not broken
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Task:
    """A question about the evidence, and what completes it; ``marks`` are those of the sentences and facts named."""

    request: Request
    prompt: str
    completion: str
    marks: str = ""


@dataclass(frozen=True)
class Claim:
    """A sentence of a reply to a request; ``kind`` is :data:`IS_SUPPORTED`, or says how it was broken."""

    request: Request
    text: str
    kind: str


@dataclass(frozen=True)
class Sheet:
    """Evidence with its tasks and claims; ``business`` keeps held-out ones apart."""

    sources: list[Source]
    tasks: list[Task]
    business: str
    claims: list[Claim] = field(default_factory=list)


@dataclass(frozen=True)
class _Shown(Page):
    """A passage as it stands on a sheet: ``first`` is the number of its first mark."""

    first: int

    def marks(self, case: Case) -> str | None:
        """Marks of the sentences that answer; None if only some are there, empty if none is."""
        places = self.places(case.answer)
        return None if places is None else "".join(MARKS[self.first + place] for place in places)


def sheets(scenarios: Sequence[Scenario], rounds: int, seed: int) -> list[Sheet]:
    """A sheet for every scenario and round, in the languages by turns, in random order."""
    choice = random.Random(seed)
    companies = defaultdict(list)
    for number, scenario in enumerate(scenarios):
        companies[scenario.business].append(number)
    made = []
    for round_ in range(rounds):
        for number, scenario in enumerate(scenarios):
            beside = [scenarios[n] for n in companies[scenario.business] if n != number]
            made.append(_sheet(scenario, beside, LANGUAGES[(number + round_) % 2], choice))
    choice.shuffle(made)
    return made


def address(text: str, name: str) -> str:
    """A reply written for a name, or without one: ``", you can …"`` becomes ``"You can …"``."""
    if name:
        return text
    bare = text.lstrip(", ")
    return bare[:1].upper() + bare[1:]


def _sheet(main: Scenario, company: Sequence[Scenario], language: str, choice: random.Random) -> Sheet:
    beside = choice.sample(company, min(len(company), choice.randint(1, MOST_BESIDE)))
    filled = [scenario.filled(choice) for scenario in [main, *beside]]
    shown = _laid_out(filled, language, choice)
    sources = [one.source for one in shown]
    makers = _Tasks(sources, shown, [s.filled(choice) for s in company if s not in beside], language, choice)
    tasks = [*makers.replies(), *makers.unanswered(filled[0])]
    return Sheet(sources, tasks, main.business, [*makers.claims()])


def _laid_out(filled: Sequence[Scenario], language: str, choice: random.Random) -> list[_Shown]:
    """The main passage nearly whole, the others in part, as search shows them."""
    main = filled[0]
    kept = [[*range(len(main.sentences["en"]))]]
    if choice.random() < WITHHELD:
        missing = choice.choice(main.cases).answer
        kept = [[n for n in kept[0] if n not in missing]]
    for scenario in filled[1:]:
        count = len(scenario.sentences["en"])
        # What answers one of its cases is likelier to be found than the rest.
        wanted = choice.choice(scenario.cases).answer if choice.random() < 0.7 else []
        rest = [n for n in range(count) if n not in wanted]
        kept.append(sorted([*wanted, *choice.sample(rest, min(len(rest), choice.randint(1, 2)))]))
    order = list(range(len(filled)))
    if choice.random() > FIRST:
        choice.shuffle(order)
    shown, first = [], 0
    for n in order:
        room = [*kept[n]][: len(MARKS) - first]
        if room:
            own = other(language) if choice.random() < OTHER_LANGUAGE else language
            shown.append(_Shown(filled[n], own, room, first))
            first += len(room)
    return shown


class _Tasks:
    """Draws the tasks and claims of one sheet."""

    def __init__(
        self,
        sources: list[Source],
        shown: Sequence[_Shown],
        absent: Sequence[Scenario],
        language: str,
        choice: random.Random,
    ) -> None:
        self.sources = sources
        self.choice = choice
        self.language = language
        here = [(one, case, one.marks(case)) for one in shown for case in one.scenario.cases]
        self.answered = [(one, case, marks) for one, case, marks in here if marks]
        self.missing = [case for _, case, marks in here if marks == ""]
        self.absent = [case for scenario in absent for case in scenario.cases]
        self.all_facts = [fact for case in (c for _, c, _ in here) for fact in case.facts[language]]

    def replies(self) -> Iterator[Task]:
        """Questions that the evidence answers."""
        for _, case, marks in self._some(self.answered, REPLIES):
            request = self._request(case)
            facts = "".join(FACT_MARKS[request.facts.index(fact)] for fact in case.facts[self.language])
            marked = "".join(marks) + facts
            text = self._reply(case, request)
            yield Task(request, reply_task(request), reply(marked, text), marked)
        for case in self._some([c for c in [*self.missing, *self.absent] if _facts_suffice(c, self.language)], 1):
            request = self._request(case)
            marked = "".join(FACT_MARKS[request.facts.index(fact)] for fact in case.facts[self.language])
            yield Task(request, reply_task(request), reply(marked, self._reply(case, request)), marked)

    def unanswered(self, main: Scenario) -> Iterator[Task]:
        """Questions that it does not answer: near ones, and such as are answered elsewhere."""
        near = self._some(main.unanswerable[self.language], 1)
        elsewhere = [
            self.choice.choice(case.asked(self.language)) for case in [*self.missing, *self._some(self.absent, 2)]
        ]
        for question in self._some([*elsewhere, *near], UNANSWERED):
            request = self._to(question, [])
            yield Task(request, reply_task(request), reply(""))

    def claims(self) -> Iterator[Claim]:
        """Sentences of replies, as true as they were written, or broken, or told of evidence that is not there."""
        for _, case, _ in self._some(self.answered, CLAIMS - 1):
            request = self._request(case)
            sentence = self._sentence(case, request)
            stranger = self._to(request.question, [f for f in self.all_facts[:1] if f not in case.facts[self.language]])
            if self.choice.random() < SUPPORTED:
                yield Claim(request, sentence, IS_SUPPORTED)
            elif _rests_on_facts(sentence, case.facts[self.language], self.sources) and self.choice.random() < 0.5:
                yield Claim(stranger, sentence, "customer")
            elif made := next(broken(sentence, self._text(request), self.language, self.choice), None):
                yield Claim(request, made[1], made[0])
        for case in self._some([c for c in [*self.missing, *self.absent] if not c.facts[self.language]], 1):
            request = self._request(case)
            yield Claim(request, self._sentence(case, request), "passage")

    # -- parts -------------------------------------------------------------------------------

    def _some(self, items: Sequence[T], most: int) -> list[T]:
        return self.choice.sample(items, min(len(items), most))

    def _request(self, case: Case) -> Request:
        return self._to(self.choice.choice(case.asked(self.language)), case.facts[self.language])

    def _to(self, question: str, facts: Sequence[str]) -> Request:
        given = [*facts]
        if self.all_facts and self.choice.random() < MORE_FACTS:
            given += [fact for fact in [self.choice.choice(self.all_facts)] if fact not in given]
            self.choice.shuffle(given)
        # Nobody has facts of somebody unknown.
        anonymous = not given and self.choice.random() < ANONYMOUS
        name = "" if anonymous else self.choice.choice(NAMES[self.language])
        return Request(self.language, question, self.sources, given, name, self.choice.choice((FORMAL, INFORMAL)))

    def _reply(self, case: Case, request: Request) -> str:
        kind = "en" if self.language == "en" else f"ru {request.form}"
        return address(case.replies[kind].format(name=request.name), request.name)

    def _sentence(self, case: Case, request: Request) -> str:
        text = self._reply(case, request)
        return self.choice.choice(sentences_with_claims(split_sentences(text)) or [text])

    def _text(self, request: Request) -> str:
        return " ".join([*request.sentences, *request.facts])


def _facts_suffice(case: Case, language: str) -> bool:
    """Whether the customer's facts alone hold what the reply says."""
    told, known = case.replies["en" if language == "en" else "ru formal"], " ".join(case.facts[language])
    said = words(told.replace(NAME, ""))
    numbers = set(_NUMBER.findall(told))
    held = set(words(known))
    return bool(numbers) and numbers <= set(_NUMBER.findall(known)) and sum(w in held for w in said) > len(said) / 2


def _rests_on_facts(sentence: str, facts: Sequence[str], sources: Sequence[Source]) -> bool:
    """Whether a number of the sentence is the customer's own."""
    own = set(_NUMBER.findall(" ".join(facts))) - set(
        _NUMBER.findall(" ".join(t for s in sources for t in s.sentences))
    )
    return bool(own.intersection(_NUMBER.findall(sentence)))
