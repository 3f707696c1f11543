from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from bot.generation.fact_lessons import FACTS, NAMED, NAMING, RELATED, Questions, fact_lessons, read_all_questions
from bot.generation.invented import THINGS, invented
from bot.generation.lessons import MOST_PASSAGES, Lesson
from bot.generation.prompt import WORDINGS
from nlu.errors import TrainingDataError
from retrieval.fact_kinds import GENERAL, HOW_TO, PLACE, read_questions
from retrieval.profile_memory import Fact
from retrieval.scenarios import LANGUAGES

CUSTOMERS = [invented(random.Random(seed)) for seed in range(40)]
KINDS = sorted({fact.kind for customer in CUSTOMERS for fact in customer.facts})
# A question says what kind of fact answers it, and of which thing.
ASKED = {
    language: Questions(
        {**{kind: [f"{kind}?", f"{kind} of {PLACE}?"] for kind in KINDS}, HOW_TO: ["use?"], GENERAL: ["general?"]},
        ["beside?"],
    )
    for language in LANGUAGES
}
BENCHMARKS = Path("benchmarks")


def drawn(seed: int) -> tuple[Lesson, dict[str, Fact]]:
    """A lesson with the facts in it, by their texts."""
    (lesson,) = fact_lessons(ASKED, 1, seed)
    choice = random.Random(seed)
    choice.choice(LANGUAGES)
    return lesson, {fact.text(language): fact for fact in invented(choice).facts for language in LANGUAGES}


@pytest.mark.parametrize("seed", range(30))
def test_a_fact_answers_what_is_asked_of_its_kind_and_thing_and_a_related_one_teaches_nothing(seed: int) -> None:
    lesson, facts = drawn(seed)
    names = {thing.nouns[language]: {thing.ru, thing.en} for thing in THINGS for language in LANGUAGES}
    assert len(lesson.sources) == MOST_PASSAGES
    for one in lesson.asked:
        kind, _, noun = one.question.rstrip("?").partition(" of ")
        if kind not in KINDS:
            assert one.answers == [[]] * MOST_PASSAGES
            continue
        for source, answers in zip(lesson.sources, one.answers):
            told = [facts[text] for text in source.sentences]
            right = [
                place
                for place, fact in enumerate(told)
                if fact.kind == kind and not (noun and fact.things and not names[noun] & {*fact.things})
            ]
            partly = [fact.kind for fact in told if fact.kind in _beside(kind)]
            assert answers == (right or (None if partly else []))


def _beside(kind: str) -> set[str]:
    """Kinds that tell a part of what is asked of this one."""
    groups = {one for group in RELATED if kind in group for one in group}
    return (groups | (NAMING if kind in NAMED else set())) - {kind}


@pytest.mark.parametrize(
    ("kind", "partly", "nothing"),
    [("payment", "refund", "tracking"), ("ordered", "total", "city"), ("warranty", "repair", "points")],
)
def test_what_tells_a_part_is_no_example_of_what_does_not_answer(kind: str, partly: str, nothing: str) -> None:
    assert partly in _beside(kind) and nothing not in _beside(kind)


def test_every_lesson_asks_what_is_answered_and_what_is_not_in_one_language() -> None:
    for lesson in fact_lessons(ASKED, 20, 3):
        (language,) = {one.language for one in lesson.asked}
        assert {source.title for source in lesson.sources} == {WORDINGS[language].facts}
        assert any(any(one.answers) for one in lesson.asked) and any(not any(one.answers) for one in lesson.asked)
        assert all(one.answers[one.about] for one in lesson.asked if any(one.answers))


def test_a_seed_draws_the_same_lessons_again() -> None:
    assert [*fact_lessons(ASKED, 3, 5)] == [*fact_lessons(ASKED, 3, 5)] != [*fact_lessons(ASKED, 3, 6)]


def test_the_written_questions_leave_no_place_open() -> None:
    lessons = [*fact_lessons(read_all_questions(), 60, 1)]
    assert not any(PLACE in one.question for lesson in lessons for one in lesson.asked)


def test_every_kind_of_fact_is_invented_and_asked_of() -> None:
    for language in LANGUAGES:
        assert {*read_questions(FACTS, language)} - {GENERAL, HOW_TO} == {*KINDS}


def test_what_is_invented_is_worded_whole() -> None:
    texts = [fact.said(language) for customer in CUSTOMERS for fact in customer.facts for language in LANGUAGES]
    assert not any(odd in text for text in texts for odd in ("None", "неизвестн", "unknown", "[", "|"))


def test_what_no_fact_answers_is_written_once_and_asked_in_no_benchmark() -> None:
    questions = read_all_questions()
    asked = {
        json.loads(line)["question"].lower()
        for folder in ("questions", "profile", "retrieval_questions")
        for path in BENCHMARKS.glob(f"{folder}/*.jsonl")
        for line in path.read_text().splitlines()
    }
    assert len(asked) > 100
    for one in questions.values():
        beside = [text.lower() for text in one.beside]
        answered = {text.lower() for texts in one.answered.values() for text in texts}
        assert len(beside) == len({*beside}) > 200
        assert not {*beside} & (asked | answered)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for language in LANGUAGES:
        (tmp_path / f"{language}.yml").write_text("order: [where is it]\n")
    with pytest.raises(TrainingDataError, match="beside"):
        read_all_questions(tmp_path)
