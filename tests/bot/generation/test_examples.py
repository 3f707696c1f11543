from __future__ import annotations

import re
from collections import Counter

import pytest

from bot.generation.examples import IS_SUPPORTED, NAMES, Sheet, Task, address, sheets
from bot.generation.prompt import FACT_MARKS, MARKS, evidence
from nlu.language import script_language
from retrieval.scenarios import LANGUAGES, Case, Scenario, parts, read_scenarios

LEARNING = parts(read_scenarios()).learning
WRITTEN = sheets(LEARNING[:120], 1, seed=3)


def case(number: int, facts: bool = False) -> Case:
    return Case(
        questions={"ru": [f"Почём номер {number}?"], "en": [f"How much is number {number}?"]},
        answer=[number],
        replies={
            "en": f"{{name}}, number {number} costs {{price}} ₽.",
            "ru formal": f"{{name}}, вы платите за номер {number} {{price}} ₽.",
            "ru informal": f"{{name}}, ты платишь за номер {number} {{price}} ₽.",
        },
        facts={"ru": ["У клиента номер 7."] * facts, "en": ["The customer has number 7."] * facts},
    )


def scenario(title: str, facts: bool = False) -> Scenario:
    return Scenario(
        "car wash",
        {"ru": f"Мойка {title}", "en": f"Wash {title}"},
        {
            "ru": [f"Номер {n} у «{title}» стоит {{price}} ₽." for n in range(4)],
            "en": [f"Number {n} at {title} costs {{price}} ₽." for n in range(4)],
        },
        [case(n, facts) for n in range(3)],
        {"ru": ["А химчистка?"], "en": ["Do you clean carpets?"]},
        {"price": {"ru": ["100", "200"], "en": ["100", "200"]}},
    )


COMPANY = [scenario("One"), scenario("Two", facts=True), scenario("Three")]


def replies(made: list[Sheet]) -> list[Task]:
    return [task for sheet in made for task in sheet.tasks]


def test_no_slot_is_left() -> None:
    for sheet in WRITTEN:
        texts = [evidence(sheet.sources), *(task.prompt + task.completion for task in sheet.tasks)]
        assert not any(re.search(r"[{}]", text) for text in texts)


def test_a_sheets_sentences_fit_the_marks() -> None:
    for sheet in WRITTEN:
        assert 1 <= sum(len(source.sentences) for source in sheet.sources) <= len(MARKS)
        assert all(task.request.sources == sheet.sources for task in sheet.tasks)


def test_marks_name_the_sentences_and_facts_that_answer() -> None:
    for task in replies(sheets(COMPANY, 20, seed=1)):
        numbers = re.findall(r"\d+", task.request.question)
        for mark in task.marks:
            if mark in MARKS:
                said = task.request.sentences[MARKS.index(mark)]
                assert re.search(rf"(?:Номер|Number) {numbers[0]} ", said)
            else:
                assert task.request.facts[FACT_MARKS.index(mark)]


def test_a_reply_comes_only_where_its_evidence_is() -> None:
    for task in replies(sheets(COMPANY, 20, seed=1)):
        assert (task.completion == " -") == (task.marks == "")
        if prices := re.findall(r"(\d+) ₽", task.completion):
            shown = " ".join([*task.request.sentences, *task.request.facts])
            assert all(f"{price} ₽" in shown for price in prices)


def test_the_style_of_a_question_does_not_tell_whether_it_is_answered() -> None:
    asked = Counter((task.request.question, bool(task.marks)) for task in replies(sheets(COMPANY, 60, seed=4)))
    both = {question for question, _ in asked if asked[question, True] and asked[question, False]}
    assert len(both) >= len(LANGUAGES) * 3


def test_claims_are_as_often_true_as_false() -> None:
    made = [claim.kind for sheet in WRITTEN for claim in sheet.claims]
    assert {*made} == {IS_SUPPORTED, "number", "name", "opposite", "kind", "condition", "customer", "passage"}
    assert 0.3 < made.count(IS_SUPPORTED) / len(made) < 0.7


def test_replies_are_in_the_questions_language_and_form() -> None:
    for task in replies(sheets(COMPANY, 20, seed=5)):
        if task.marks:
            assert script_language(task.completion.partition(": ")[2]) == task.request.language
            if task.request.language == "ru":
                assert ("ты платишь" in task.completion.lower()) == (task.request.form == "informal")


def test_replies_begin_with_the_name_or_a_capital() -> None:
    for task in replies(WRITTEN):
        if task.marks:
            text = task.completion.partition(": ")[2]
            assert text.startswith(task.request.name)
            assert not re.match(r"[\s,]|[a-zа-яё]", text)
            assert task.request.name in ["", *NAMES[task.request.language]]


def test_nobody_has_facts_without_being_known() -> None:
    assert all(task.request.name for sheet in WRITTEN for task in sheet.tasks if task.request.facts)


def test_the_same_seed_gives_the_same_sheets() -> None:
    assert sheets(COMPANY, 2, seed=3) == sheets(COMPANY, 2, seed=3)
    assert sheets(COMPANY, 2, seed=3) != sheets(COMPANY, 2, seed=4)


def test_every_scenario_has_a_sheet_each_round_in_both_languages_by_turns() -> None:
    made = sheets(COMPANY, 2, seed=1)
    assert len(made) == 2 * len(COMPANY)
    assert {task.request.language for task in replies(made)} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("reply", "name", "expected"),
    [
        (", you can pay.", "", "You can pay."),
        ("Anna, you can pay.", "Anna", "Anna, you can pay."),
        ("You can pay.", "", "You can pay."),
        (", ёлку везём.", "", "Ёлку везём."),
        ("", "", ""),
    ],
)
def test_a_reply_without_a_name_starts_afresh(reply: str, name: str, expected: str) -> None:
    assert address(reply, name) == expected
