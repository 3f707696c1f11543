from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import lessons
from retrieval.documents import Passage
from retrieval.lessons import (
    LONGEST_PIECE,
    SHORTEST_PIECE,
    SHORTEST_SENTENCE,
    Lesson,
    article_lessons,
    mistyped,
    written_lessons,
)
from retrieval.scenarios import read_scenarios
from retrieval.sentences import sentences_of
from tests.retrieval.scenarios import SCENARIOS

# -- from scenarios ---------------------------------------------------------------------------


def written(seed: int = 0) -> list[Lesson]:
    return written_lessons(SCENARIOS, random.Random(seed))


def test_every_case_is_a_lesson_asked_in_all_its_wordings() -> None:
    _, _, returns, warranty = written()
    assert returns.asked == [
        "когда вернуть куртку?", "до какого дня?", "when can a jacket go back?", "by what day?",
    ]  # fmt: skip
    assert warranty.asked[-1] == "kettle warranty?"


def test_a_follow_up_is_asked_with_what_came_before() -> None:
    asked = written()[1].asked
    assert asked[0] == "Сколько едет заказ? а картой?"
    assert asked[-1] == "How long does it take? how do I pay?"


def test_the_passage_answers_in_both_languages_under_its_title() -> None:
    assert written()[2].passages == [
        "Возврат\nКуртку можно вернуть за 30 дней. Деньги придут на карту.",
        "Returns\nA jacket can be returned in 30 days. The refund goes to the card.",
    ]


def test_answering_sentences_and_those_beside_them_share_out_the_passage() -> None:
    payment = written()[1]
    assert payment.sentences == [
        "Доставка: Заказ едет два дня.", "Доставка: Можно оплатить картой.",
        "Delivery: The order takes two days.", "Delivery: You can pay by card.",
    ]  # fmt: skip
    assert [re.sub(r"\d+", "…", sentence) for sentence in payment.beside] == [
        "Доставка: Курьер берёт … рублей.", "Delivery: The courier takes … roubles.",
    ]  # fmt: skip


def test_near_are_the_other_passages_of_the_same_company_alone() -> None:
    price, payment, returns, warranty = written()
    assert price.near == payment.near == [(returns.owner, text) for text in returns.passages]
    assert returns.near == [(price.owner, text) for text in price.passages]
    assert warranty.near == []


def test_the_cases_of_a_passage_have_one_owner_and_passages_different_ones() -> None:
    price, payment, returns, warranty = (lesson.owner for lesson in written())
    assert price == payment
    assert len({price, returns, warranty}) == 3


def test_a_lessons_slots_hold_one_value_throughout_and_other_draws_others() -> None:
    seen = set()
    for seed in range(20):
        lesson = written(seed)[0]
        (number,) = {
            n for text in [*lesson.asked, *lesson.passages, *lesson.sentences] for n in re.findall(r"\d+", text)
        }
        seen.add(number)
    assert seen == {"100", "200", "300"}


def test_the_same_draw_gives_the_same_lessons() -> None:
    assert written(5) == written(5)


def test_no_scenarios_give_no_lessons() -> None:
    assert written_lessons([], random.Random(0)) == []


def test_the_shipped_scenarios_teach_what_can_be_told_apart() -> None:
    for lesson in written_lessons(read_scenarios(), random.Random(0)):
        assert len(lesson.asked) > 1
        assert not set(lesson.sentences) & set(lesson.beside)
        near = [text for _, text in lesson.near]
        assert not set(lesson.passages) & set(near)
        texts = [*lesson.asked, *lesson.passages, *lesson.sentences, *near, *lesson.beside]
        assert not any(re.search(r"[{}]", text) for text in texts)


# -- from articles ----------------------------------------------------------------------------

COURIER = (
    "The courier brings the order home in two days. He calls one hour before he comes. He takes cash and all cards."
)
КУРЬЕР = "Курьер привозит заказ домой за два дня. Он звонит за час до того, как приедет. Он берёт и деньги, и карты."


def article(text: str = COURIER, number: int = 0, document: str = "delivery", section: str = "By courier") -> Passage:
    return Passage(f"{document}#{number}", document, "Delivery", section, text, "en")


def taught(*passages: Passage, translations: dict[str, list[str]] | None = None, seed: int = 0) -> list[Lesson]:
    return article_lessons(passages, translations or {}, random.Random(seed))


def test_the_heading_asks_for_the_text_below_it() -> None:
    heading, _ = taught(article())
    assert heading.asked == ["Delivery. By courier", "By courier"]
    assert heading.passages == [COURIER]
    assert heading.sentences == sentences_of(COURIER)


def test_a_heading_of_one_word_asks_nothing() -> None:
    (piece,) = taught(article(section=""))
    assert piece.asked[0] in COURIER


def test_a_title_of_two_words_asks_by_itself() -> None:
    one = Passage("delivery#0", "delivery", "Home delivery", "", "It is free.", "en")
    (heading,) = taught(one)
    assert set(heading.asked) == {"Home delivery"}


@pytest.mark.parametrize("text", ["It is free.", "The courier brings the order home in two days. Yes. He calls.", ""])
def test_less_than_two_sentences_of_some_length_give_no_piece(text: str) -> None:
    assert [lesson.asked[0] for lesson in taught(article(text))] == ["Delivery. By courier"]


WORD = st.text("abcdeабвгд", min_size=1, max_size=5)
SENTENCE = st.lists(WORD, min_size=SHORTEST_SENTENCE, max_size=20).map(lambda words: "X" + " ".join(words) + ".")


@given(st.lists(SENTENCE, min_size=2, max_size=5, unique=True), st.integers(0, 10**6))
def test_a_piece_asks_for_its_sentence_and_for_the_passage_without_it(sentences: list[str], seed: int) -> None:
    _, lesson = taught(article(" ".join(sentences)), seed=seed)
    (chosen,) = (s for s in sentences if lesson.sentences == [f"Delivery. By courier: {s}"])
    for asked in lesson.asked:
        words = asked.split()
        assert SHORTEST_PIECE <= len(words) <= LONGEST_PIECE
        assert f" {asked} " in f" {chosen[:-1]} "
    others = [s for s in sentences if s != chosen]
    assert lesson.passages == ["Delivery. By courier\n" + " ".join(others)]
    assert lesson.beside == [f"Delivery. By courier: {s}" for s in others]


def test_every_sentence_is_chosen_sooner_or_later() -> None:
    chosen = {taught(article(), seed=seed)[1].sentences[0] for seed in range(40)}
    assert chosen == {f"Delivery. By courier: {sentence}" for sentence in sentences_of(COURIER)}


def test_the_translation_answers_as_well() -> None:
    english, russian = article(), article(КУРЬЕР, document="доставка")
    translations = {english.id: [russian.id, "gone#0"], russian.id: [english.id]}
    found = taught(english, russian, translations=translations)
    assert [lesson.owner for lesson in found] == [english.id] * 2 + [russian.id] * 2
    for lesson in found:
        other = russian if lesson.owner == english.id else english
        assert lesson.passages[1:] == [other.embedded_text]


def test_near_are_the_other_passages_of_the_document() -> None:
    first, second, elsewhere = article(), article(КУРЬЕР, 1), article(КУРЬЕР, 0, "returns")
    near = {lesson.owner: lesson.near for lesson in taught(first, second, elsewhere)}
    assert near == {
        first.id: [(second.id, second.embedded_text)],
        second.id: [(first.id, first.embedded_text)],
        elsewhere.id: [],
    }


def test_no_passages_give_no_lessons() -> None:
    assert taught() == []


# -- mistyping --------------------------------------------------------------------------------

TEXT = st.text("abcабв1290 .,-?", max_size=30)


@given(TEXT, st.integers(0, 10**6))
def test_one_letter_is_left_out_doubled_or_swapped_and_all_else_stays(text: str, seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lessons, "MISTYPED", 1.0)
        typed = mistyped(text, random.Random(seed))
    pairs = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    left_out = {text[:i] + text[i + 1 :] for i in pairs}
    doubled = {text[: i + 1] + text[i:] for i in pairs}
    swapped = {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in pairs}
    assert typed in left_out | doubled | swapped | ({text} if not pairs else set())
    assert re.findall(r"\d", typed) == re.findall(r"\d", text)


def test_all_three_mistakes_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "MISTYPED", 1.0)
    assert {mistyped("5 xab 7", random.Random(seed)) for seed in range(30)} == {"5 xb 7", "5 xaab 7", "5 xba 7"} | {
        "5 ab 7", "5 xxab 7", "5 axb 7",
    }  # fmt: skip


def test_most_questions_are_typed_well() -> None:
    choice = random.Random(0)
    wrong = sum(mistyped("куда", choice) != "куда" for _ in range(2000))
    assert wrong / 2000 == pytest.approx(lessons.MISTYPED, abs=0.03)
