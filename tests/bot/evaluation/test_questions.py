from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.questions import Question, QuestionsError, read_questions, unknown_articles


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "questions.jsonl"


def test_questions_come_in_the_files_order_with_their_articles(file: Path) -> None:
    file.write_text(
        '{"question": "Где заказ?", "relevant": ["status", "delivery"], "language": "ru"}\n\n'
        '{"relevant": [204518], "question": "Order?", "note": "other keys are no matter"}\r\n',
        encoding="utf-8",
    )
    assert read_questions(file) == [
        Question("Где заказ?", frozenset({"status", "delivery"}), "ru"),
        Question("Order?", frozenset({"204518"})),
    ]


def test_a_question_may_say_who_asks_and_what_a_right_reply_holds(file: Path) -> None:
    file.write_text(
        '{"question": "a", "customer": "C1", "answers": [299, "two"], "must": ["^a"]}\n'
        '{"question": "b", "answerable": true}\n{"question": "c", "relevant": ["x"], "answerable": false}\n'
    )
    first, second, third = read_questions(file)
    assert (first.customer, first.answers, first.must) == ("C1", ("299", "two"), ("^a",))
    assert [q.answerable for q in (first, second, third)] == [True, True, False]
    assert [q.is_checked for q in (first, second, third)] == [True, False, False]


def test_a_pattern_that_is_none_is_named(file: Path) -> None:
    file.write_text('{"question": "a", "must": ["fine", "(open"]}')
    with pytest.raises(QuestionsError, match=r"line 1: \(open is no regular expression \("):
        read_questions(file)


@pytest.mark.parametrize("relevant", ["", ', "relevant": []', ', "relevant": null'])
def test_a_question_without_articles_is_one_that_nothing_answers(file: Path, relevant: str) -> None:
    file.write_text(f'{{"question": "Сколько будет дважды два?"{relevant}}}', encoding="utf-8")
    assert read_questions(file) == [Question("Сколько будет дважды два?", frozenset())]


def test_a_byte_order_mark_is_no_part_of_the_first_line(file: Path) -> None:
    file.write_bytes('{"question": "привет"}\r\n'.encode("utf-8-sig"))
    assert read_questions(file) == [Question("привет", frozenset())]


@given(break_=st.sampled_from(["\x85", "\u2028", "\u2029"]))
def test_a_break_that_is_no_newline_does_not_end_the_line(
    tmp_path_factory: pytest.TempPathFactory, break_: str
) -> None:
    path = tmp_path_factory.mktemp("breaks") / "questions.jsonl"
    path.write_text(f'{{"question": "one{break_}two"}}\n', encoding="utf-8")
    assert [question.text for question in read_questions(path)] == [f"one{break_}two"]


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(QuestionsError, match=r"There is no file .*questions\.jsonl: check the path"):
        read_questions(file)


@pytest.mark.parametrize("content", ["", "\ufeff", "\n \n"])
def test_a_file_without_questions_is_told_what_it_should_hold(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    with pytest.raises(QuestionsError, match=r'questions\.jsonl holds no questions: give a line {"question": …,'):
        read_questions(file)


def test_another_encoding_is_named(file: Path) -> None:
    file.write_bytes('{"question": "привет"}'.encode("cp1251"))
    with pytest.raises(QuestionsError, match=r"questions\.jsonl is not UTF-8: save it as UTF-8"):
        read_questions(file)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"question": "hi", "relevant": ["a"]', "Expecting"),
        ("question,relevant", "Expecting value"),
        ('{"relevant": ["a"]}', "'question'"),
        ('{"question": " ", "relevant": ["a"]}', "question must be a text"),
        ('{"question": null, "relevant": ["a"]}', "question must be a text"),
        ('{"question": ["hi"], "relevant": ["a"]}', "question must be a text"),
        ('{"question": "hi", "relevant": "a"}', "relevant, answers and must lists"),
        ('{"question": "hi", "relevant": {"a": 1}}', "relevant, answers and must lists"),
        ('{"question": "hi", "answers": "a"}', "answers and must lists"),
        ('{"question": "hi", "answerable": "no"}', "answerable must be true or false"),
        ('["hi"]', "list indices"),
        ("null", "NoneType"),
        ('"hi"', "string indices"),
    ],
)
def test_a_line_that_is_no_question_is_named_with_its_number_in_one_sentence(file: Path, line: str, why: str) -> None:
    file.write_text(f'{{"question": "first"}}\n\n{line}\n{{"question": "last"}}\n', encoding="utf-8")
    with pytest.raises(QuestionsError) as error:
        read_questions(file)
    told = str(error.value)
    assert told.startswith(f'{file}, line 3: expected {{"question": …, "relevant": [id]}} (')
    assert why in told
    assert "\n" not in told


def test_known_articles_need_no_word() -> None:
    assert unknown_articles([Question("a", frozenset({"x"})), Question("b", frozenset())], ["x", "y"]) is None


def test_ids_that_no_article_has_are_named() -> None:
    asked = [Question("a", frozenset({"x", "gone"})), Question("b", frozenset({"lost", "gone"}))]
    told = unknown_articles(asked, ["x"])
    assert told == "No article has the id gone, lost: questions that ask for nothing else count as missed."
    many = unknown_articles([Question("a", frozenset("edcba"))], [])
    assert many is not None and many.startswith("No article has the id a, b, c and 2 more: ")
