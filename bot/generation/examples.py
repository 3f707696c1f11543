"""Training examples for the writer, expanded from the written scenarios.

A scenario (``training_data/replies/scenarios_*.jsonl``) is a passage of some company's help centre
in two languages with slots for its numbers, and a few questions with the reply to each. Expansion
fills the slots, picks a customer's name and form of address, shows the passage in the other
language now and then, adds facts and a second passage that does not answer.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.generation.prompt import FORMAL, INFORMAL, Request, Source

SCENARIOS = Path("training_data/replies")
LANGUAGES = ("ru", "en")
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


def read_scenarios(folder: Path = SCENARIOS) -> list[dict[str, Any]]:
    """All scenarios of a folder, in the files' order."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines if line.strip()]


def split_businesses(
    scenarios: Sequence[dict[str, Any]], share: float, seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Scenarios to train on, and those of businesses kept wholly apart."""
    businesses = sorted({scenario["business"] for scenario in scenarios})
    random.Random(seed).shuffle(businesses)
    kept_apart = set(businesses[: max(1, round(share * len(businesses)))])
    return (
        [s for s in scenarios if s["business"] not in kept_apart],
        [s for s in scenarios if s["business"] in kept_apart],
    )


def expand(scenarios: Sequence[dict[str, Any]], rounds: int, seed: int) -> list[Example]:
    """``rounds`` examples of every case and language, differing in question, slots and customer."""
    rng = random.Random(seed)
    examples = [
        _example(scenario, case, language, number, scenarios, rng)
        for number in range(rounds)
        for scenario in scenarios
        for case in scenario["cases"]
        for language in LANGUAGES
    ]
    rng.shuffle(examples)
    return examples


def _example(
    scenario: dict[str, Any],
    case: dict[str, Any],
    language: str,
    number: int,
    others: Sequence[dict[str, Any]],
    rng: random.Random,
) -> Example:
    slots = _fill_slots(scenario.get("slots", {}), rng)
    passage_language = _other(language) if rng.random() < CROSS_LANGUAGE else language
    sources = [_source(scenario, passage_language, slots)]
    if rng.random() < SECOND_PASSAGE:
        distractor = rng.choice(others)
        sources.append(_source(distractor, language, _fill_slots(distractor.get("slots", {}), rng)))
        rng.shuffle(sources)
    questions = case["questions"][language]
    form = rng.choice((FORMAL, INFORMAL))
    name = "" if rng.random() < ANONYMOUS else rng.choice(NAMES[language])
    reply = case["reply"][language]
    if language == "ru":
        reply = reply[form]
    request = Request(
        language=language,
        question=questions[number % len(questions)].format_map(slots[language]),
        sources=sources,
        facts=[fact.format_map(slots[language]) for fact in _facts(case, language)],
        name=name,
        form=form,
    )
    return Example(request, address(reply.format_map({**slots[language], "name": name}), name), scenario["business"])


def address(reply: str, name: str) -> str:
    """A reply written for a name, or without one: ``", you can …"`` becomes ``"You can …"``."""
    if name:
        return reply
    bare = reply.lstrip(", ")
    return bare[:1].upper() + bare[1:]


def _facts(case: dict[str, Any], language: str) -> Iterable[str]:
    facts = case.get("facts", {}).get(language, [])
    return [facts] if isinstance(facts, str) else facts


def _source(scenario: dict[str, Any], language: str, slots: dict[str, dict[str, Any]]) -> Source:
    return Source(
        scenario["title"][language].format_map(slots[language]),
        scenario["passage"][language].format_map(slots[language]),
    )


def _fill_slots(slots: dict[str, Any], rng: random.Random) -> dict[str, dict[str, Any]]:
    """A value for each slot in both languages; parallel lists take the same position."""
    filled: dict[str, dict[str, Any]] = {language: {} for language in LANGUAGES}
    for name, values in slots.items():
        parallel = values if isinstance(values, dict) else {language: values for language in LANGUAGES}
        position = rng.randrange(len(parallel[LANGUAGES[0]]))
        for language in LANGUAGES:
            filled[language][name] = parallel[language][position]
    return filled


def _other(language: str) -> str:
    return LANGUAGES[1 - LANGUAGES.index(language)]
