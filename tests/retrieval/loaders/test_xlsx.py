from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from retrieval.documents import Document, DocumentError
from tests.retrieval.loaders.reading import read


def saved(path: Path, **sheets: list[list[Any]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_every_row_is_a_document_with_its_particulars(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Ответ", "Вопрос", "Дата", "Ссылка"],
        ["Картой:\n• Visa\n• Мир", "Как оплатить?", dt.datetime(2026, 3, 5), "https://a.b"],
        [299.0, "Сколько стоит доставка?"],
    ]
    assert read(saved(tmp_path / "faq.xlsx", Вопросы=rows)) == [
        Document("faq-2", "Как оплатить?", "Картой:\n- Visa\n- Мир", "ru", "https://a.b", "2026-03-05", row=2),
        Document("faq-3", "Сколько стоит доставка?", "299", "ru", row=3),
    ]


def merged(path: Path, rows: list[list[Any]], *areas: str) -> Path:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    for area in areas:
        sheet.merge_cells(area)
    book.save(path)
    return path


def test_the_value_of_merged_cells_holds_for_all_of_them(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Question", "Answer"], ["Where?", "Here."], ["When?", None], ["Why?", "Because."]]
    documents = read(merged(tmp_path / "faq.xlsx", rows, "B2:B3"))
    assert [(d.title, d.text) for d in documents] == [("Where?", "Here."), ("When?", "Here."), ("Why?", "Because.")]


def test_headings_across_the_table_and_a_row_merged_of_several_are_no_rows_more(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["All answers"], ["Question", "Answer"], ["DELIVERY"], ["Where?", "Here."], []]
    failed: list[DocumentError] = []
    documents = read(merged(tmp_path / "faq.xlsx", rows, "A1:B1", "A3:B3", "A4:A5", "B4:B5"), failed=failed)
    assert [document.id for document in documents] == ["faq-4"]
    assert failed == []


def test_a_format_in_the_last_row_makes_no_million_rows(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in (["Question", "Answer"], ["Why?", "Because."]):
        sheet.append(row)
    sheet.cell(2**20, 3).font = Font(bold=True)
    book.save(tmp_path / "faq.xlsx")
    assert [document.id for document in read(tmp_path / "faq.xlsx")] == ["faq-2"]


def test_several_sheets_are_told_apart_and_others_named(tmp_path: Path) -> None:
    table: list[list[Any]] = [["question", "answer"], ["Why?", "Because."], ["When?"]]
    failed: list[DocumentError] = []
    path = saved(tmp_path / "faq.xlsx", One=table, Two=table, Prices=[["City", "Price"]], Empty=[])
    assert [document.id for document in read(path, failed=failed)] == ["faq-One-2", "faq-Two-2"]
    assert [str(error).split(": ", 1)[1] for error in failed] == [
        "sheet Prices: the table has no columns question and answer, only City, Price: rename them or say which"
        " column is which.",
        "no answer in row 3 of faq-One; the other rows are read.",
        "no answer in row 3 of faq-Two; the other rows are read.",
    ]


def test_a_file_without_questions_names_its_columns(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="faq.xlsx: the table has no columns question and answer, only City"):
        read(saved(tmp_path / "faq.xlsx", Prices=[["City"], ["Omsk"]]))


def test_a_zip_archive_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "faq.xlsx", "w") as package:
        package.writestr("a.txt", "text")
    with pytest.raises(DocumentError, match=r"faq.xlsx: the file is damaged \(.*\): save it again"):
        read(tmp_path / "faq.xlsx")
