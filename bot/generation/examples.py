"""Replies and claims, of the written scenarios: what the decoder learns to write, and to tell true from false.

A request stands before one passage in which everything that the reply needs is there, with the customer's facts and
sometimes one that does not matter. Claims are sentences of replies, as true as they were written, broken on purpose
(:mod:`bot.generation.corruptions`), or told beside a passage or a customer that they are not true of.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.generation.corruptions import broken, sentences_with_claims
from bot.generation.literal import Evidence, fault
from bot.generation.pages import Page
from bot.generation.prompt import FORMAL, INFORMAL, NEAREST, Request
from bot.generation.verify import split_sentences
from retrieval.scenarios import LANGUAGES, Case, other

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
OTHER_LANGUAGE = 0.15  # requests in another language than the passage
MORE_FACTS = 0.3  # requests with a fact that does not matter
HINTED_RIGHTLY = (
    0.7  # requests whose answer is the nearest sentence, as it is of companies that nothing was learnt from
)
SUPPORTED = 0.5  # claims left as true as they were
MISPLACED = 0.15  # claims told beside another passage than they are true of
IS_SUPPORTED = "supported"  # kind of a claim that was not broken
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Written:
    """A request and its reply; ``passage`` is the number of the page that it stands before."""

    passage: int
    request: Request
    reply: str


@dataclass(frozen=True)
class Claim:
    """A sentence of a reply to a request; ``kind`` is :data:`IS_SUPPORTED`, or says how it was broken."""

    passage: int
    request: Request
    text: str
    kind: str

    @property
    def is_true(self) -> bool:
        return self.kind == IS_SUPPORTED

    @property
    def looks_true(self) -> bool:
        """Whether the literal comparison lets it pass, so that only reading tells whether it is true."""
        request = self.request
        evidence = [Evidence(str(n), source.sentences, source.title) for n, source in enumerate(request.sources)]
        evidence += [Evidence("fact", [fact]) for fact in request.facts]
        return not fault(self.text, evidence, f"{request.question} {request.name}")


def address(text: str, name: str) -> str:
    """A reply written for a name, or without one: ``", you can …"`` becomes ``"You can …"``."""
    if name:
        return text
    bare = text.lstrip(", ")
    return bare[:1].upper() + bare[1:]


class Examples:
    """Draws requests with replies, and claims, of the pages of a lesson.

    Args:
        pages: of one company.
        choice: what is drawn by.
    """

    def __init__(self, pages: Sequence[Page], choice: random.Random) -> None:
        self.pages = pages
        self.choice = choice
        cases = [(number, case) for number, page in enumerate(pages) for case in page.scenario.cases]
        self.answered = [(number, case) for number, case in cases if pages[number].places(case.answer)]
        self.facts = {language: [f for _, case in cases for f in case.facts[language]] for language in LANGUAGES}

    def written(self, most: int) -> Iterator[Written]:
        """Requests that a page answers, with the reply."""
        for number, case in self._some(most):
            request = self._request(number, case)
            yield Written(number, request, _reply(case, request))

    def claims(self, most: int) -> Iterator[Claim]:
        """Sentences of replies, true or not; a reply may be drawn more than once."""
        for number, case in self.choice.choices(self.answered, k=most if self.answered else 0):
            request = self._request(number, case)
            text = self._sentence(case, request)
            facts = case.facts[request.language]
            if self.choice.random() < SUPPORTED:
                yield Claim(number, request, text, IS_SUPPORTED)
            elif _rests_on_facts(text, facts, request) and self.choice.random() < 0.5:
                strange = [fact for fact in self.facts[request.language] if fact not in facts]
                stranger = self._to(number, case, request.language, strange[:1], strange)
                yield Claim(number, stranger, text, "customer")
            elif not facts and self.choice.random() < MISPLACED / (1 - SUPPORTED):
                if elsewhere := self._elsewhere(number, case):
                    yield Claim(elsewhere[0], self._to(*elsewhere, request.language), text, "passage")
            elif made := next(broken(text, _known(request), request.language, self.choice), None):
                yield Claim(number, request, made[1], made[0])

    # -- parts -------------------------------------------------------------------------------

    def _some(self, most: int) -> list[tuple[int, Case]]:
        return self.choice.sample(self.answered, min(len(self.answered), most))

    def _request(self, number: int, case: Case) -> Request:
        own = self.pages[number].language
        language = other(own) if self.choice.random() < OTHER_LANGUAGE else own
        return self._to(number, case, language, case.facts[language], self.facts[language])

    def _to(
        self, number: int, case: Case, language: str, facts: Sequence[str] = (), others: Sequence[str] = ()
    ) -> Request:
        given = [*facts]
        if others and self.choice.random() < MORE_FACTS:
            given += [fact for fact in [self.choice.choice(others)] if fact not in given]
            self.choice.shuffle(given)
        # Nobody has facts of somebody unknown.
        anonymous = not given and self.choice.random() < ANONYMOUS
        name = "" if anonymous else self.choice.choice(NAMES[language])
        form = self.choice.choice((FORMAL, INFORMAL))
        question = self.choice.choice(case.asked(language))
        return Request(language, question, [self.pages[number].source], given, name, form, self._nearest(number, case))

    def _nearest(self, number: int, case: Case) -> list[int]:
        """What search would find nearest: mostly what answers, and something else."""
        answering = self.pages[number].places(case.answer) or []
        others = [place for place in range(len(self.pages[number].kept)) if place not in answering]
        found = [self.choice.choice(answering)] if answering else []
        found += self.choice.sample(others, min(len(others), NEAREST - len(found)))
        return found if self.choice.random() < HINTED_RIGHTLY else found[::-1]

    def _elsewhere(self, number: int, case: Case) -> tuple[int, Case] | None:
        """Another page, with the case, which it does not answer."""
        others = [place for place in range(len(self.pages)) if place != number]
        return (self.choice.choice(others), case) if others else None

    def _sentence(self, case: Case, request: Request) -> str:
        text = _reply(case, request)
        bare = text.removeprefix(f"{request.name}, ") if request.name else text
        return self.choice.choice(sentences_with_claims(split_sentences(bare)) or [bare])


def _reply(case: Case, request: Request) -> str:
    kind = "en" if request.language == "en" else f"ru {request.form}"
    return address(case.replies[kind].format(name=request.name), request.name)


def _known(request: Request) -> str:
    return " ".join([*request.sentences, *request.facts])


def _rests_on_facts(sentence: str, facts: Sequence[str], request: Request) -> bool:
    """Whether a number of the sentence is the customer's own."""
    own = set(_NUMBER.findall(" ".join(facts))) - set(_NUMBER.findall(" ".join(request.sentences)))
    return bool(own.intersection(_NUMBER.findall(sentence)))
