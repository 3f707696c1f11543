from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.documents import Document, DocumentError
from tests.retrieval.loaders.reading import read, write


def test_every_row_is_a_document_with_its_row_in_the_id(tmp_path: Path) -> None:
    table = "Вопрос;Ответ\r\nКак оплатить?;Картой.\r\n\r\nWhere is my order?;See My orders.\r\n"
    assert read(write(tmp_path / "faq.csv", table, "cp1251")) == [
        Document("faq-2", "Как оплатить?", "Картой.", "ru", row=2),
        Document("faq-4", "Where is my order?", "See My orders.", "en", row=4),
    ]


def test_columns_are_known_whatever_their_case_and_order(tmp_path: Path) -> None:
    table = "№\tОбновлено\tОТВЕТ\tСсылка\tВопрос клиента\tID\tЯзык\n"
    table += "1\t05.03.2026\tКартой.\thttps://a.b\tКак  оплатить?\tpay\tрусский\n"
    assert read(write(tmp_path / "faq.tsv", table, "utf-16")) == [
        Document("pay", "Как оплатить?", "Картой.", "ru", "https://a.b", "2026-03-05", row=2)
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["question", "answer"], ["How, or; when?", 'By "card",\nor | in cash\ttoday; now']]
    table = io.StringIO()
    csv.writer(table, delimiter=delimiter).writerows(rows)
    (document,) = read(write(tmp_path / "faq.csv", table.getvalue()))
    assert (document.title, document.text) == (rows[1][0], rows[1][1].replace("\t", " "))


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    (document,) = read(write(tmp_path / "faq.csv", "Our answers,,\n,,\n,Question,Answer\n,Why?,Because.\n"))
    assert (document.id, document.title) == ("faq-4", "Why?")


def test_columns_may_be_named_by_the_user(tmp_path: Path) -> None:
    path = write(tmp_path / "faq.csv", "Фраза,Реплика,Ответ\nКогда?,Завтра.,нет\n")
    (document,) = read(path, {"question": "фраза", "answer": "Реплика"})
    assert (document.title, document.text) == ("Когда?", "Завтра.")
    with pytest.raises(DocumentError, match="no columns Фразы and answer, only Фраза, Реплика, Ответ: rename them"):
        read(path, {"question": "Фразы"})


def test_a_table_without_questions_names_its_columns(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no columns question and answer, only Имя, Город: rename them or say"):
        read(write(tmp_path / "faq.csv", "Имя;Город\nИван;Омск\n"))
    with pytest.raises(DocumentError, match="faq.csv: the table is empty"):
        read(write(tmp_path / "faq.csv", " ; \n"))


def test_rows_that_are_not_whole_are_named_and_the_others_read(tmp_path: Path) -> None:
    failed: list[DocumentError] = []
    table = "question,answer\nA?,\n,B\nC?,D\n" + "E?,\n" * 11
    assert [document.id for document in read(write(tmp_path / "faq.csv", table), failed=failed)] == ["faq-4"]
    assert [str(error).split(": ", 1)[1] for error in failed] == [
        "no question in row 3; the other rows are read.",
        "no answer in row 2, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 2 more; the other rows are read.",
    ]


def test_an_open_quotation_mark_is_named_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"row 3 cannot be read \(.*\): check its quotation marks"):
        read(write(tmp_path / "faq.csv", 'question,answer\nA?,B\nC?,"D\nE?,F\n'))


CELL = st.text("абв XYZ,;\"'\n|", min_size=1).map(lambda text: f"а{text}я")


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=4), st.sampled_from([",", ";", "\t"]))
def test_tables_round_trip_whatever_the_cells_hold(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    table = io.StringIO()
    rows = [*rows, ("Вопрос?", "Ответ.")]
    csv.writer(table, delimiter=delimiter).writerows([("Вопрос", "Ответ"), *rows])
    documents = read(write(tmp_path_factory.mktemp("csv") / "faq.csv", table.getvalue()))
    said = [(document.title.split(), document.text.split()) for document in documents]
    assert said == [
        (q.split(), a.split())
        for (q, a), previous in zip(rows, [None, *rows])
        if (q, a) != previous and q.split() != a.split()
    ]
