"""What the decoder learns from: some passages of a company, and of each question which of their sentences answer it.

Every question of a lesson is asked of every passage, so that each has others of the same company as the wrong ones
beside the right one. Some passages lack a sentence that answers: what is asked about it is then near and unanswered, in
the very words of an answered question. Replies and claims of the same passages (:mod:`bot.generation.examples`) come
with them, which the passage needs not be read again for.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from bot.generation.examples import Claim, Examples, Written
from bot.generation.pages import Page
from bot.generation.prompt import MARKS, Source
from retrieval.scenarios import LANGUAGES, Scenario

ASKED, UNANSWERED = 12, 6  # questions of a lesson: those that a passage was written for, those that none answers
WRITTEN, CLAIMED = 5, 24  # replies and claims of a lesson
MOST_PASSAGES = 4
WITHHELD = 0.5  # passages that lack what answers one of their questions


@dataclass(frozen=True)
class Asked:
    """A question of a lesson.

    ``answers`` are, for each passage, the numbers of its sentences that answer; None in place of them: only a part of
    the answer is there, so the pair teaches nothing. ``about`` is the number of the passage that the question is
    about, whether that answers or not.
    """

    question: str
    language: str
    answers: list[list[int] | None]
    about: int


@dataclass(frozen=True)
class Lesson:
    """Some of a company's passages, as sources of a prompt, with questions, replies and claims."""

    sources: list[Source]
    asked: list[Asked]
    written: list[Written] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)


def lessons(scenarios: Sequence[Scenario], rounds: int, seed: int) -> Iterator[Lesson]:
    """Lessons in random order; in each round every passage is in one."""
    choice = random.Random(seed)
    companies: dict[str, list[Scenario]] = defaultdict(list)
    for scenario in scenarios:
        companies[scenario.business].append(scenario)
    for _ in range(rounds):
        together = [part for business in sorted(companies) for part in _parts(companies[business], choice)]
        choice.shuffle(together)
        for part in together:
            yield _lesson(part, choice)


def _parts(company: Sequence[Scenario], choice: random.Random) -> Iterator[list[Scenario]]:
    """A company's passages in groups of about one size, for which a lesson has room."""
    shuffled = choice.sample(list(company), len(company))
    size = ceil(len(shuffled) / ceil(len(shuffled) / MOST_PASSAGES))
    for start in range(0, len(shuffled), size):
        yield shuffled[start : start + size]


def _lesson(scenarios: Sequence[Scenario], choice: random.Random) -> Lesson:
    pages = [_page(scenario.filled(choice), choice) for scenario in scenarios]
    examples = Examples(pages, choice)
    return Lesson(
        [page.source for page in pages],
        [*_answered(pages, choice), *_unanswered(pages, choice)],
        [*examples.written(WRITTEN)],
        [*examples.claims(CLAIMED)],
    )


def _answered(pages: Sequence[Page], choice: random.Random) -> Iterator[Asked]:
    cases = [(about, case) for about, page in enumerate(pages) for case in page.scenario.asked]
    for about, case in choice.sample(cases, min(len(cases), ASKED)):
        language = choice.choice(LANGUAGES)
        answers = [page.places(case.answer) if number == about else [] for number, page in enumerate(pages)]
        yield Asked(choice.choice(case.asked(language)), language, answers, about)


def _unanswered(pages: Sequence[Page], choice: random.Random) -> Iterator[Asked]:
    near = [
        (question, language, about)
        for about, page in enumerate(pages)
        for language in LANGUAGES
        for question in page.scenario.unanswerable[language]
    ]
    for question, language, about in choice.sample(near, min(len(near), UNANSWERED)):
        yield Asked(question, language, [[] for _ in pages], about)


def _page(scenario: Scenario, choice: random.Random) -> Page:
    kept = [*range(min(len(scenario.sentences["en"]), len(MARKS)))]
    if choice.random() < WITHHELD:
        missing = choice.choice(scenario.asked).answer
        kept = [n for n in kept if n not in missing] or kept
    return Page(scenario, choice.choice(LANGUAGES), kept)
