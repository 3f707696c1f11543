"""Whether the fact that answers is among those found: ``python -m benchmarks.profile --facts``."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.profile.expected import expected
from bot.answering import Person
from bot.customers.person import person_of
from bot.customers.store import CustomerStore
from bot.generation.prompt import INFORMAL
from bot.grounds import build_answerer
from bot.settings import load_settings
from retrieval.fact_finder import FactFinder, Found
from retrieval.profile_memory import Fact


def measure(questions: Sequence[Mapping[str, Any]], neutral: Sequence[Mapping[str, Any]], show: bool) -> dict[str, Any]:
    """Recall of the fact with all that a right reply holds, and how often facts come up where none should."""
    settings, today = load_settings(), dt.date.today()
    store, finder = CustomerStore(settings.customers), build_answerer(settings).finder
    assert finder  # these settings know customers
    counts: Counter[str] = Counter()
    asked = [q for q in questions if q["expects"]["kind"] != "instruction"]
    for question in asked:
        person = person_of(store, question["customer"], today)
        with store.session() as session:
            patterns = expected(session, question, today)
        found = find(finder, person, question["question"], today)
        places = [n for n, fact in enumerate(_facts(found)) if holds(fact, person, question["language"], patterns)]
        known = any(holds(fact, person, question["language"], patterns) for fact in person.facts)
        alone = found.sure and not found.choices
        counts["known"] += known
        counts["at_1"] += places[:1] == [0] and not found.choices
        counts["at_2"] += bool(places) and places[0] < 2 and not found.choices
        counts["asks"] += bool(found.choices)
        counts["asks_with_right"] += bool(found.choices) and bool(places)
        counts["alone"] += alone
        counts["alone_right"] += alone and places[:1] == [0]
        if show and not (places[:1] == [0] and alone):
            _show(question, found, known)
    persons = {q["language"]: person_of(store, {"ru": "C001", "en": "C003"}[q["language"]], today) for q in neutral}
    found_for = {q["question"]: find(finder, persons[q["language"]], q["question"], today) for q in neutral}
    disturbed = [question for question, found in found_for.items() if _disturbs(found)]
    if show:
        print(*disturbed, sep="\n")
    shares = {name: round(count / len(asked), 3) for name, count in counts.items()}
    told = sum(found.sure for found in found_for.values())
    among = {"neutral": len(neutral), "neutral_with_facts": len(disturbed), "neutral_told_a_fact": told}
    return {"questions": len(asked), **shares, **among}


def find(finder: FactFinder, person: Person, question: str, today: dt.date) -> Found:
    """What is found for a person's question."""
    assert person.customer_id
    return finder.find(person.customer_id, person.facts, person.language, question, today)


def holds(fact: Fact, person: Person, language: str, patterns: Sequence[str]) -> bool:
    """Whether the fact, told to the person, matches all patterns."""
    told = fact.said(language, person.form == INFORMAL)
    return all(re.search(pattern, told, re.IGNORECASE) for pattern in patterns)


def _facts(found: Found) -> list[Fact]:
    return [hit.fact for hit in found.hits] or found.choices


def _disturbs(found: Found) -> bool:
    return bool(found.hits or found.choices or found.owned)


def _show(question: Mapping[str, Any], found: Found, known: bool) -> None:
    state = "asks" if found.choices else "sure" if found.sure else "unsure"
    print(f"{question['expects']} {question['question']}\n   {state}, known {known}, owned {found.owned}")
    for fact in _facts(found):
        print(f"   {fact.kind}: {fact.text(question['language'])}"[:160])
