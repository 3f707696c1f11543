from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.errors import TrainingDataError
from retrieval import adaptation
from retrieval.adaptation import MAY_LOSE, MIN_PASSAGES, Adaptation, Logged, Measured
from retrieval.documents import Document
from retrieval.encoder_training import EncoderTrainingArguments
from retrieval.lessons import Lesson
from retrieval.report.content import Content
from retrieval.report.counterparts import Counterpart, counterparts
from retrieval.scenarios import Parts, Scenario
from tests.fakes import HashEncoder
from tests.retrieval.report.contents import content, document
from tests.retrieval.scenarios import DELIVERY, RETURNS, WARRANTY, case

NO_SCENARIOS = Parts([], [], [])
SCENARIOS = Parts([DELIVERY, RETURNS], [WARRANTY], [])
NUMBERS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()


def sentence(number: int, part: int) -> str:
    """Six words that no other sentence has."""
    return " ".join(f"{word}x{number}y{part}" for word in NUMBERS[:6]).capitalize() + "."


def article(number: int) -> Document:
    return document(f"d{number}", "en", f"Article {number}", sentence(number, 0) + " " + sentence(number, 1))


ARTICLES = [article(number) for number in range(MIN_PASSAGES)]
SAID = {
    language: [
        (f"{first} {second} ждёт {n} минут дней." if language == "ru" else f"{e1} {e2} waits {n} minutes days.")
        for n, (first, e1, second, e2) in enumerate(
            [
                ("Курьер", "Courier", "доставка", "delivery"),
                ("Почта", "Post", "возврат", "return"),
                ("Гарантия", "Warranty", "телефон", "phone"),
                ("Коробка", "Box", "товар", "item"),
                ("Заказ", "Order", "месяцев", "months"),
            ],
            10,
        )
    ]
    for language in ("ru", "en")
}


@pytest.fixture(scope="module")
def plain() -> Content:
    """Twenty articles of one passage each, no word of which another has."""
    return content(*ARTICLES)


@pytest.fixture(scope="module")
def bilingual() -> Content:
    """Ten articles in Russian with their translations, each with words and numbers of its own."""
    pairs = []
    for number in range(10):
        own = [f"{n}{number}" for n in range(100, 106)]
        for language, title in (("ru", "Доставка"), ("en", "Delivery")):
            first, second = SAID[language][number % 5], SAID[language][(number + 1) % 5]
            text = f"{first} {' '.join(own[:3])}. {second} {' '.join(own[3:])}."
            pairs.append(document(f"{number}.{language}", language, f"{title} {number}", text))
    return content(*pairs)


Learned = Callable[[Adaptation], list[Lesson]]


@pytest.fixture
def lessons_of(monkeypatch: pytest.MonkeyPatch) -> Learned:
    """What an adaptation would learn from, in one epoch; nothing is trained."""
    drawn: list[list[Lesson]] = []

    class Training:
        def __init__(self, base: Path, start: Path, arguments: EncoderTrainingArguments) -> None:
            self.paths = [base, start]

        def run(self, lessons: Any, adapter: Path, checkpoint: Path, progress: Any) -> float:
            assert self.paths + [adapter, checkpoint] == [Path(n) for n in ("base", "start", "adapter", "checkpoint")]
            drawn.append(lessons(random.Random(5)))
            return 0.25

    monkeypatch.setattr(adaptation, "EncoderTraining", Training)

    def of(adapted: Adaptation) -> list[Lesson]:
        assert adapted.train(Path("base"), Path("start"), Path("adapter"), Path("checkpoint")) == 0.25
        return drawn.pop()

    return of


class Asked(HashEncoder):
    """Remembers which questions it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def read_message(self, text: str) -> Any:
        self.asked.append(text)
        return super().read_message(text)


def asked_by(adapted: Adaptation) -> list[str]:
    encoder = Asked()
    adapted.measure(encoder)
    return encoder.asked


def told(lesson: Lesson) -> str:
    """All that the lesson shows."""
    return "\n".join(
        [*lesson.asked, *lesson.passages, *lesson.sentences, *lesson.beside, *(text for _, text in lesson.near)]
    )


def documents_in(texts: Sequence[str]) -> set[int]:
    """Numbers of the plain articles whose own words stand in the texts."""
    joined = " ".join(texts).lower()
    return {number for number in range(MIN_PASSAGES) if f"x{number}y" in joined}


# -- better or not ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "better"),
    [
        (Measured(0.5, 0.6, 0.8), Measured(0.5, 0.7, 0.8), True),
        (Measured(0.5, 0.6, 0.8), Measured(0.6, 0.7, 0.9), True),
        (Measured(0.5, 0.6, 0.8), Measured(0.5, 0.6, 0.8), False),  # no better
        (Measured(0.5, 0.6, 0.8), Measured(0.5, 0.6, 0.9), False),  # only of other companies
        (Measured(0.5, 0.6, 0.8), Measured(0.6, 0.6, 0.8), True),  # the same ranks on the whole, more of them the first
        (Measured(0.5, 0.6, 0.8), Measured(0.6, 0.5, 0.8), False),
        (Measured(0.5, 0.6, 0.8), Measured(0.9, 0.9, 0.78), False),  # more than may be lost
        (Measured(0.5, 0.6, 0.8), Measured(0.5, 0.7, 0.795), True),
        (Measured(0.5, 0.6, 0.5), Measured(0.5, 0.7, 0.5 - MAY_LOSE), True),  # exactly that
        (Measured(0.0, 0.0, 0.0), Measured(0.0, 0.0, 0.0), False),  # nothing was asked
    ],
)
def test_only_what_is_better_at_home_and_no_worse_elsewhere_beats(
    before: Measured, after: Measured, better: bool
) -> None:
    assert after.beats(before) == better


SHARE = st.floats(0.0, 1.0)
MEASURED = st.builds(Measured, SHARE, SHARE, SHARE)


@given(MEASURED, MEASURED)
def test_two_never_beat_each_other(one: Measured, other: Measured) -> None:
    assert not (one.beats(other) and other.beats(one))
    assert not one.beats(one)


# -- what is held out -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_of_the_documents_a_fifth_is_asked_and_never_learned_from(
    plain: Content, lessons_of: Learned, seed: int
) -> None:
    adapted = Adaptation(plain, [], NO_SCENARIOS, seed)
    learned = documents_in([told(lesson) for lesson in lessons_of(adapted)])
    asked = documents_in(asked_by(adapted))
    assert (len(learned), len(asked)) == (16, 4)
    assert learned.isdisjoint(asked)


def test_the_seed_says_which(plain: Content) -> None:
    one, same, other = (documents_in(asked_by(Adaptation(plain, [], NO_SCENARIOS, seed))) for seed in (1, 1, 2))
    assert one == same != other


def test_before_and_after_are_asked_the_same(plain: Content) -> None:
    adapted = Adaptation(plain, [Logged(f"why {n}", frozenset(["d1"])) for n in range(10)], SCENARIOS)
    assert asked_by(adapted) == asked_by(adapted)


@pytest.mark.parametrize("seed", range(5))
def test_a_translation_is_held_out_together_with_its_original(
    bilingual: Content, lessons_of: Learned, seed: int
) -> None:
    assert counterparts(bilingual) == [Counterpart(f"{n}.en", f"{n}.ru") for n in range(10)]
    adapted = Adaptation(bilingual, [], NO_SCENARIOS, seed)
    lessons = lessons_of(adapted)
    owners = {lesson.owner.partition("#")[0] for lesson in lessons}
    learned = {owner[:1] for owner in owners}
    assert owners == {f"{number}.{language}" for number in learned for language in ("ru", "en")}
    assert len(learned) == 8
    for number in set("0123456789") - learned:
        assert not any(f"100{number}" in told(lesson) or f"103{number}" in told(lesson) for lesson in lessons)


def test_a_lesson_may_be_answered_in_the_other_language(bilingual: Content, lessons_of: Learned) -> None:
    for lesson in lessons_of(Adaptation(bilingual, [], NO_SCENARIOS)):
        assert len(lesson.passages) == 2
        assert ["ждёт" in text for text in lesson.passages] in ([True, False], [False, True])


def test_a_translation_of_the_asked_passage_counts_as_right(
    bilingual: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[frozenset[str]] = []

    def rank(base: object, one: Any) -> int:
        asked.append(one.documents)
        return 1

    monkeypatch.setattr(adaptation, "_rank", rank)
    Adaptation(bilingual, [], NO_SCENARIOS).measure(HashEncoder())
    assert asked and all({i[:1] for i in right} == {min(right)[:1]} and len(right) == 2 for right in asked)


def test_three_translations_are_held_out_together(
    bilingual: Content, lessons_of: Learned, monkeypatch: pytest.MonkeyPatch
) -> None:
    trios = [article(number) for number in range(21)]
    names = [[f"d{first + step}" for step in range(3)] for first in range(0, 21, 3)]
    pairs = [Counterpart(a, b) for x, y, z in names for a, b in ((x, y), (x, z), (y, z))]
    monkeypatch.setattr(adaptation, "counterparts", lambda content: sorted(pairs, key=lambda p: (p.first, p.second)))
    for seed in range(5):
        owners = {
            lesson.owner.partition("#")[0] for lesson in lessons_of(Adaptation(content(*trios), [], NO_SCENARIOS, seed))
        }
        assert all(len(owners.intersection(trio)) in (0, 3) for trio in names)


# -- logged questions -------------------------------------------------------------------------


def test_logged_questions_are_either_learned_from_or_asked(plain: Content, lessons_of: Learned) -> None:
    logged = [Logged(f"why is number {n} so", frozenset([f"d{n % MIN_PASSAGES}"])) for n in range(50)]
    adapted = Adaptation(plain, logged, NO_SCENARIOS)
    questions = {one.question for one in logged}
    learned = {question for lesson in lessons_of(adapted) for question in lesson.asked if question in questions}
    asked = questions.intersection(asked_by(adapted))
    assert len(learned) + len(asked) == 50 and len(asked) in range(8, 13)  # four of twenty articles are held out
    assert learned.isdisjoint(asked)


def test_a_logged_question_is_answered_by_all_passages_of_what_helped(plain: Content, lessons_of: Learned) -> None:
    own = {passage.document_id: passage.embedded_text for passage in plain.passages}
    (lesson,) = (
        lesson
        for lesson in lessons_of(Adaptation(plain, [Logged("why?", frozenset(["d7", "d3", "gone"]))], NO_SCENARIOS))
        if lesson.asked == ["why?"]
    )
    assert lesson.passages == [own["d3"], own["d7"]]


def test_a_logged_question_about_an_article_that_is_gone_teaches_nothing(plain: Content, lessons_of: Learned) -> None:
    adapted = Adaptation(plain, [Logged("why?", frozenset(["gone"]))], NO_SCENARIOS)
    assert all("why?" not in lesson.asked for lesson in lessons_of(adapted))


def test_a_logged_question_shows_no_document_that_is_held_out(plain: Content, lessons_of: Learned) -> None:
    logged = [Logged(f"why is number {n} so", frozenset([f"d{n}"])) for n in range(MIN_PASSAGES)]
    adapted = Adaptation(plain, logged, NO_SCENARIOS)
    learned = documents_in([told(lesson) for lesson in lessons_of(adapted)])
    assert learned.isdisjoint(documents_in(asked_by(adapted)))


def test_a_question_logged_often_is_still_either_learned_from_or_asked(plain: Content, lessons_of: Learned) -> None:
    logged = [Logged("why is it so", frozenset(["d1"]))] * 20
    adapted = Adaptation(plain, logged, NO_SCENARIOS)
    learned = any("why is it so" in lesson.asked for lesson in lessons_of(adapted))
    assert learned != ("why is it so" in asked_by(adapted))


def test_the_given_questions_stay_in_their_order(plain: Content) -> None:
    logged = [Logged(f"why {n}", frozenset(["d1"])) for n in range(10)]
    given_order = list(logged)
    Adaptation(plain, logged, NO_SCENARIOS)
    assert logged == given_order


# -- lessons ----------------------------------------------------------------------------------


def test_general_lessons_are_among_them_no_more_than_the_companys_own(plain: Content, lessons_of: Learned) -> None:
    lessons = lessons_of(Adaptation(plain, [], SCENARIOS))
    general = [lesson for lesson in lessons if lesson.owner.startswith("scenario")]
    assert len(general) == len(DELIVERY.cases) + len(RETURNS.cases) == 3
    assert len(lessons) - len(general) == 2 * 16  # by the heading and by a piece
    many = Parts([RETURNS] * 100, [], [])
    lessons = lessons_of(Adaptation(plain, [], many))
    assert sum(lesson.owner.startswith("scenario") for lesson in lessons) == len(lessons) / 2


def test_only_scenarios_for_learning_are_learned_from(plain: Content, lessons_of: Learned) -> None:
    lessons = lessons_of(Adaptation(plain, [], Parts([DELIVERY], [WARRANTY], [RETURNS])))
    shown = "\n".join(map(told, lessons))
    assert "courier" in shown and "kettle" not in shown and "jacket" not in shown


def test_a_companys_own_lessons_are_no_more_than_one_run_takes(
    plain: Content, lessons_of: Learned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adaptation, "MOST_LESSONS", 5)
    logged = [Logged(f"why {n}", frozenset([f"d{n}"])) for n in range(MIN_PASSAGES)]
    assert len(lessons_of(Adaptation(plain, logged, NO_SCENARIOS))) == 5 + 16


def test_of_one_long_document_some_passages_are_learned_from_and_others_asked(lessons_of: Learned) -> None:
    sections = [f"Part{n}: {sentence(n, 0)} {sentence(n, 1)}" for n in range(2 * MIN_PASSAGES)]
    one = content(document("handbook", "en", "Handbook", *sections))
    assert len(one.passages) >= MIN_PASSAGES
    adapted = Adaptation(one, [], NO_SCENARIOS)
    assert lessons_of(adapted)
    assert asked_by(adapted)


# -- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, MIN_PASSAGES - 1])
def test_too_few_passages_are_refused_with_the_remedy(count: int) -> None:
    with pytest.raises(
        TrainingDataError,
        match=rf"^{count} passages are too few to learn from: index at least 20 \(lichno index add …\)\.$",
    ):
        Adaptation(content(*ARTICLES[:count]), [], SCENARIOS)


def test_an_empty_index_is_refused_likewise() -> None:
    nothing = np.zeros((0, 0), dtype=np.float32)
    with pytest.raises(TrainingDataError, match="^0 passages are too few"):
        Adaptation(Content([], [], nothing, nothing), [], SCENARIOS)


# -- measuring --------------------------------------------------------------------------------


def test_where_every_passages_own_words_are_asked_everything_is_found(plain: Content) -> None:
    measured = Adaptation(plain, [], SCENARIOS).measure(HashEncoder())
    assert (measured.company, measured.reciprocal) == (1.0, 1.0)


def test_figures_lie_between_zero_and_one(bilingual: Content) -> None:
    logged = [Logged(question, frozenset(["1.ru"])) for question in ("курьер", "", "no such words", "почта ждёт")] * 5
    measured = Adaptation(bilingual, logged, SCENARIOS).measure(HashEncoder())
    for figure in (measured.company, measured.reciprocal, measured.general):
        assert 0.0 <= figure <= 1.0
    assert 0.0 < measured.company <= measured.reciprocal


def test_figures_of_known_ranks(plain: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    logged = [Logged(f"why {n}", frozenset([f"d{n}"])) for n in range(MIN_PASSAGES)]  # four of them held out
    ranks = iter([1, 2, 0, 4])
    monkeypatch.setattr(adaptation, "_rank", lambda base, asked: next(ranks))
    monkeypatch.setattr(adaptation, "article_lessons", lambda *_: [])
    measured = Adaptation(plain, logged, NO_SCENARIOS).measure(HashEncoder())
    assert measured == Measured(1 / 4, (1 + 1 / 2 + 1 / 4) / 4, 0.0)


def test_a_question_about_an_article_that_is_gone_is_not_asked(plain: Content) -> None:
    logged = [Logged("whatever is this about", frozenset(["gone"]))]
    assert asked_by(Adaptation(plain, logged, NO_SCENARIOS)) == asked_by(Adaptation(plain, [], NO_SCENARIOS))


def test_an_article_that_is_not_found_counts_nothing(plain: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adaptation, "_rank", lambda base, asked: 0)
    measured = Adaptation(plain, [], NO_SCENARIOS).measure(HashEncoder())
    assert (measured.company, measured.reciprocal) == (0.0, 0.0)


def in_one_word(word: str) -> Scenario:
    """A scenario that is asked in words of its own; all others have none of them."""
    return Scenario(
        word,
        {"ru": f"Про {word}", "en": f"On {word}"},
        {"ru": [f"Это {word} здесь."], "en": [f"That {word} there."]},
        [
            case([f"Это {word}?"], [f"That {word}?"], [0]),
            case(["а потом?"], ["and then?"], [0], {"ru": f"Это {word}?", "en": f"That {word}?"}),
        ],
        {"ru": [], "en": []},
    )


def test_other_companies_are_asked_with_whole_questions_in_either_language(plain: Content) -> None:
    adapted = Adaptation(plain, [], Parts([], [in_one_word("kiwi"), in_one_word("fig")], [WARRANTY]))
    asked = asked_by(adapted)
    general = [question for question in asked if "kiwi" in question or "fig" in question]
    assert sorted(general) == ["That fig?", "That kiwi?", "Это fig?", "Это kiwi?"]
    assert not {"and then?", "а потом?", "kettle warranty?"}.intersection(asked)
    assert adapted.measure(HashEncoder()).general == 1.0


def test_of_many_questions_about_other_companies_some_are_asked(
    plain: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adaptation, "GENERAL_QUESTIONS", 3)
    adapted = Adaptation(plain, [], Parts([], [in_one_word("kiwi"), in_one_word("fig")], []))
    asked = [question for question in asked_by(adapted) if "kiwi" in question or "fig" in question]
    assert len(asked) == 3


def test_without_scenarios_and_logged_questions_it_works(plain: Content, lessons_of: Learned) -> None:
    adapted = Adaptation(plain, [], NO_SCENARIOS)
    assert len(lessons_of(adapted)) == 2 * 16
    assert adapted.measure(HashEncoder()) == Measured(1.0, 1.0, 0.0)
