"""What the selector learns from: a company's passages, and of each question which passage and sentence answer it.

Every question of a lesson is asked of every passage, so that each has the company's other passages as the
wrong ones beside the right one. Some passages lack a sentence that answers: what is asked about it is then near and
unanswered, in the very words of an answered question.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.generation.pages import Page
from bot.generation.prompt import MARKS, Source
from retrieval.scenarios import LANGUAGES, Scenario

ASKED, UNANSWERED = 16, 3  # questions of a lesson: those of the passages, those that no passage answers
MOST_PASSAGES = 6
WITHHELD = 0.3  # passages that lack what answers one of their questions


@dataclass(frozen=True)
class Asked:
    """A question of a lesson; ``answers`` are, for each passage, the numbers of its sentences that answer.

    None in place of them: only a part of the answer is there, so the pair teaches nothing.
    """

    question: str
    language: str
    answers: list[list[int] | None]


@dataclass(frozen=True)
class Lesson:
    """A company's passages, as sources of a prompt, with questions."""

    sources: list[Source]
    asked: list[Asked]


def lessons(scenarios: Sequence[Scenario], rounds: int, seed: int) -> Iterator[Lesson]:
    """A lesson of every company in every round, in random order."""
    choice = random.Random(seed)
    companies: dict[str, list[Scenario]] = defaultdict(list)
    for scenario in scenarios:
        companies[scenario.business].append(scenario)
    for _ in range(rounds):
        order = sorted(companies)
        choice.shuffle(order)
        for business in order:
            yield _lesson(companies[business], choice)


def _lesson(company: Sequence[Scenario], choice: random.Random) -> Lesson:
    chosen = choice.sample(list(company), min(len(company), MOST_PASSAGES))
    pages = [_page(scenario.filled(choice), choice) for scenario in chosen]
    cases = [(number, case) for number, page in enumerate(pages) for case in page.scenario.cases]
    asked = []
    for number, case in choice.sample(cases, min(len(cases), ASKED)):
        language = choice.choice(LANGUAGES)
        answers = [page.places(case.answer) if n == number else [] for n, page in enumerate(pages)]
        asked.append(Asked(choice.choice(case.asked(language)), language, answers))
    near = [(q, language) for page in pages for language in LANGUAGES for q in page.scenario.unanswerable[language]]
    for question, language in choice.sample(near, min(len(near), UNANSWERED)):
        asked.append(Asked(question, language, [[] for _ in pages]))
    return Lesson([page.source for page in pages], asked)


def _page(scenario: Scenario, choice: random.Random) -> Page:
    kept = [*range(min(len(scenario.sentences["en"]), len(MARKS)))]
    if choice.random() < WITHHELD:
        missing = choice.choice(scenario.cases).answer
        kept = [n for n in kept if n not in missing] or kept
    return Page(scenario, choice.choice(LANGUAGES), kept)
