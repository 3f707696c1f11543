from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import chain

import pytest

from bot.generation.examples import Claim, Written
from bot.generation.lessons import ASKED, CLAIMED, MOST_PASSAGES, UNANSWERED, WRITTEN, Lesson, lessons
from retrieval.scenarios import Case, Scenario, read_scenarios
from tests.bot.generation.tiny import SCENARIOS

NAMES = ("alpha", "beta", "gamma", "delta")
NEAR = {text for scenario in SCENARIOS for texts in scenario.unanswerable.values() for text in texts}
WITHOUT_REPLY = "without a reply"


def company(count: int) -> list[Scenario]:
    """Passages of one company, each of one thing and asked about by its name."""
    return [
        replace(
            SCENARIOS[0],
            sentences={
                "ru": [f"Товар {name} стоит {{price}}.", f"Полка {name}."],
                "en": [f"Item {name} costs {{price}}.", f"Shelf {name}."],
            },
            cases=[_case(name, 0)],
            further=[replace(_case(name, 1, WITHOUT_REPLY), replies={})],
        )
        for name in NAMES[:count]
    ]


def _case(name: str, sentence: int, more: str = "") -> Case:
    asked = [f"{name} {sentence} {more}".strip()]
    return replace(SCENARIOS[0].cases[0], questions={"ru": asked, "en": asked}, answer=[sentence])


def drawn_before(lesson: Lesson) -> list[Written | Claim]:
    """Replies and claims, which stand before one passage each."""
    return [*lesson.written, *lesson.claims]


def drawn(scenarios: list[Scenario], seed: int) -> Lesson:
    (lesson,) = lessons(scenarios, 1, seed)
    return lesson


@pytest.mark.parametrize("seed", range(20))
def test_what_answers_is_the_sentence_the_question_was_written_for(seed: int) -> None:
    lesson = drawn(company(4), seed)
    for one in lesson.asked:
        if one.question in NEAR:
            assert one.answers == [[]] * 4
            continue
        name, sentence = one.question.split()[:2]
        word = ("Shelf", "Полка") if sentence == "1" else ("Item", "Товар")
        for source, answer in zip(lesson.sources, one.answers):
            assert answer is not None
            for n in answer:
                assert source.sentences[n].startswith(word) and name in source.sentences[n]
        named = sum(map(bool, one.answers))
        there = any(s.startswith(word) and name in s for source in lesson.sources for s in source.sentences)
        assert named == there


def test_a_lesson_is_not_longer_than_training_has_room_for() -> None:
    written = read_scenarios()
    some = sorted({scenario.business for scenario in written})[:4]
    found = [*lessons([scenario for scenario in written if scenario.business in some], 1, 3)]
    assert len(found) >= len(some)
    for lesson in found:
        assert 1 <= len(lesson.sources) <= MOST_PASSAGES and len(lesson.asked) <= ASKED + UNANSWERED
        assert 1 <= len(lesson.written) <= WRITTEN and len(lesson.claims) <= CLAIMED
        assert all(len(one.answers) == len(lesson.sources) for one in lesson.asked)


@pytest.mark.parametrize("count", [1, 4])
def test_every_passage_is_in_one_lesson_of_a_round(count: int) -> None:
    sizes = []
    for seed in range(5):
        found = [*lessons(company(count) + [replace(one, business="other") for one in company(3)], 2, seed)]
        sizes += [len(lesson.sources) for lesson in found]
        named = Counter(source.sentences[0].split()[1].strip(".") for lesson in found for source in lesson.sources)
        assert all(2 <= named[name] <= 4 for name in NAMES[: max(count, 3)])
    assert {*sizes} == {count, 3}


def test_passages_for_which_one_lesson_has_no_room_are_shared_out_evenly() -> None:
    five = company(4) + company(1)
    assert sorted(len(lesson.sources) for lesson in lessons(five, 1, 1)) == [2, 3]


@pytest.mark.parametrize("seed", range(5))
def test_a_question_is_about_the_passage_that_it_was_written_for(seed: int) -> None:
    lesson = drawn(company(4), seed)
    for one in lesson.asked:
        if one.question in NEAR:
            assert 0 <= one.about < 4
        else:
            assert any(one.question.split()[0] in sentence for sentence in lesson.sources[one.about].sentences)


def test_some_answers_are_withheld_so_that_their_questions_teach_what_is_missing() -> None:
    asked = list(chain.from_iterable(drawn(company(4), seed).asked for seed in range(20)))
    missing = [one for one in asked if one.question not in NEAR and not any(one.answers)]
    assert 0 < len(missing) < len(asked) / 2


def test_an_answer_of_which_a_part_is_there_teaches_nothing() -> None:
    both = replace(SCENARIOS[0].cases[0], answer=[0, 1])
    one = replace(SCENARIOS[0], cases=[both, SCENARIOS[0].cases[0]])
    answers = {str(asked.answers) for seed in range(40) for asked in drawn([one], seed).asked}
    assert "[None]" in answers and "[[0, 1]]" in answers


def test_what_has_no_written_reply_is_asked_and_neither_replied_to_nor_claimed() -> None:
    found = [drawn(company(4), seed) for seed in range(5)]
    assert any(WITHOUT_REPLY in one.question for lesson in found for one in lesson.asked)
    told = [one.request for lesson in found for one in drawn_before(lesson)]
    assert told and not any(WITHOUT_REPLY in request.question for request in told)


def test_replies_and_claims_stand_before_passages_of_the_lesson() -> None:
    for seed in range(5):
        lesson = drawn(company(4), seed)
        assert lesson.written and lesson.claims
        for one in drawn_before(lesson):
            assert one.request.sources == [lesson.sources[one.passage]]


def test_the_same_seed_draws_the_same_lessons() -> None:
    once, again = ([*lessons(SCENARIOS, 2, 5)] for _ in range(2))
    assert once == again and len(once) == 2 * len(SCENARIOS)
    assert once != [*lessons(SCENARIOS, 2, 6)]


def test_no_slot_is_left_in_a_lesson() -> None:
    for lesson in lessons(SCENARIOS, 3, 1):
        assert lesson.sources and not any(mark in str(lesson) for mark in ("{price}", "{name}"))
