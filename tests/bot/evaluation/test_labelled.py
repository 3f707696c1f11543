from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.labelled import Labelled, read_labelled, unknown_intents
from nlu.errors import TrainingDataError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "texts.csv"


def test_rows_come_in_the_files_order_from_columns_in_any_order(file: Path) -> None:
    file.write_text("id,intent,text\n1,greet,Привет\n2, bye ,пока\n3,greet,hi\n", encoding="utf-8")
    assert read_labelled(file) == Labelled(["Привет", "пока", "hi"], ["greet", "bye", "greet"])


def test_a_byte_order_mark_is_no_part_of_the_header(file: Path) -> None:
    file.write_bytes("text,intent\r\nпривет,greet\r\n".encode("utf-8-sig"))
    assert read_labelled(file) == Labelled(["привет"], ["greet"])


def test_quoted_commas_quotes_and_newlines_belong_to_the_text(file: Path) -> None:
    file.write_text('text,intent\n"one, ""two""\nthree",greet\n"next",bye\n', encoding="utf-8")
    assert read_labelled(file) == Labelled(['one, "two"\nthree', "next"], ["greet", "bye"])


@given(break_=st.sampled_from(["\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c"]))
def test_a_break_that_is_no_newline_does_not_end_the_row(tmp_path_factory: pytest.TempPathFactory, break_: str) -> None:
    path = tmp_path_factory.mktemp("breaks") / "texts.csv"
    path.write_text(f"text,intent\none{break_}two,greet\nthree,bye\n", encoding="utf-8")
    assert read_labelled(path) == Labelled([f"one{break_}two", "three"], ["greet", "bye"])


def test_without_need_the_intent_may_lack(file: Path) -> None:
    file.write_text("text\nспой песню\n", encoding="utf-8")
    assert read_labelled(file, needs_intent=False) == Labelled(["спой песню"], [""])
    file.write_text("text,intent\nспой песню,\n", encoding="utf-8")
    assert read_labelled(file, needs_intent=False).texts == ["спой песню"]


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(TrainingDataError, match=r"There is no file .*texts\.csv: check the path"):
        read_labelled(file)


@pytest.mark.parametrize("content", ["", "\ufeff", "text,intent\n", "text,intent"])
def test_a_file_without_rows_is_told_what_it_should_hold(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    with pytest.raises(TrainingDataError, match=r"texts\.csv holds no rows: give a CSV with the header text,intent"):
        read_labelled(file)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("text,label", "no column intent:"),
        ("utterance,intent", "no column text:"),
        ("text;intent", "no column text and no column intent:"),
    ],
)
def test_a_missing_column_is_named(file: Path, header: str, told: str) -> None:
    file.write_text(f"{header}\nпривет,greet\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match=told):
        read_labelled(file)


@pytest.mark.parametrize(
    ("row", "column"), [(",greet", "text"), ("   ,greet", "text"), ("hi,", "intent"), ("hi", "intent")]
)
def test_an_empty_cell_is_named_with_its_row(file: Path, row: str, column: str) -> None:
    file.write_text(f"text,intent\nпривет,greet\n{row}\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match=rf"texts\.csv, row 3: the {column} is empty; fill it in or remove"):
        read_labelled(file)


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_line_in_another_encoding_is_named_with_its_number(file: Path, number: int) -> None:
    lines = [line.encode() for line in ("text,intent", "привет,greet", "пока,bye", "добрый день,greet")]
    lines[number - 1] = "здравствуйте,greet".encode("cp1251")
    file.write_bytes(b"\n".join(lines))
    with pytest.raises(TrainingDataError, match=rf"texts\.csv, line {number} is not UTF-8: save the whole file"):
        read_labelled(file)


@pytest.mark.parametrize("content", ['text,intent\n"hi,greet\n' + "bye,bye\n" * 20_000, "text,intent\nh\0i,greet\n"])
def test_what_is_no_csv_is_told_in_a_sentence(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    with pytest.raises(TrainingDataError, match=r"texts\.csv is not a CSV \(.+\): look for a quote"):
        read_labelled(file)


def labelled(*intents: str) -> Labelled:
    return Labelled([f"text {i}" for i in range(len(intents))], list(intents))


def test_known_intents_need_no_word() -> None:
    assert unknown_intents(labelled("greet"), labelled("greet", "bye")) is None


def test_intents_of_the_test_file_alone_are_named_with_their_texts_counted() -> None:
    told = unknown_intents(labelled("greet", "a", "b", "a"), labelled("greet", "bye"))
    assert told is not None and told.startswith("Only in the test file: a, b; the 3 texts of such intents count as")
    many = unknown_intents(labelled("d", "c", "b", "a"), labelled("greet"))
    assert many is not None and "a, b, c and more; the 4 texts" in many
