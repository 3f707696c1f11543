"""Training examples for the writer, expanded from the written scenarios.

Expansion fills a scenario's slots, picks a customer's name and form of address, shows the passage in
the other language now and then, adds facts and a second passage that does not answer.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bot.generation.prompt import FORMAL, INFORMAL, Request, Source
from retrieval.scenarios import LANGUAGES, Scenario, other

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
ANONYMOUS, CROSS_LANGUAGE, SECOND_PASSAGE = 0.2, 0.15, 0.25  # shares of the examples


@dataclass(frozen=True)
class Example:
    """A request with the reply it should get; ``business`` keeps held-out ones apart."""

    request: Request
    reply: str
    business: str


def expand(scenarios: Sequence[Scenario], rounds: int, seed: int) -> list[Example]:
    """``rounds`` examples of every case and language, differing in question, slots and customer."""
    rng = random.Random(seed)
    examples = [
        _example(scenario, case, language, number, scenarios, rng)
        for number in range(rounds)
        for scenario in scenarios
        for case in range(len(scenario.cases))
        for language in LANGUAGES
    ]
    rng.shuffle(examples)
    return examples


def _example(
    scenario: Scenario, number_of_case: int, language: str, number: int, others: Sequence[Scenario], rng: random.Random
) -> Example:
    filled = scenario.filled(rng)
    case = filled.cases[number_of_case]
    sources = [_source(filled, other(language) if rng.random() < CROSS_LANGUAGE else language)]
    if rng.random() < SECOND_PASSAGE:
        sources.append(_source(rng.choice(others).filled(rng), language))
        rng.shuffle(sources)
    questions = case.asked(language)
    form = rng.choice((FORMAL, INFORMAL))
    name = "" if rng.random() < ANONYMOUS else rng.choice(NAMES[language])
    request = Request(
        language=language,
        question=questions[number % len(questions)],
        sources=sources,
        facts=case.facts[language],
        name=name,
        form=form,
    )
    reply = case.replies["en" if language == "en" else f"ru {form}"].format(name=name)
    return Example(request, address(reply, name), scenario.business)


def address(reply: str, name: str) -> str:
    """A reply written for a name, or without one: ``", you can …"`` becomes ``"You can …"``."""
    if name:
        return reply
    bare = reply.lstrip(", ")
    return bare[:1].upper() + bare[1:]


def _source(scenario: Scenario, language: str) -> Source:
    return Source(scenario.title[language], scenario.passage(language))
