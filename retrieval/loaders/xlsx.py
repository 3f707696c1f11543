"""XLSX of questions and answers: every sheet that has such columns, every row of it a document."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from retrieval.documents import Document
from retrieval.loaders.packages import check_package
from retrieval.loaders.questions import Row, documents_of, find_header, no_questions
from retrieval.loaders.source import Source

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_BLANK_ROWS = 1000  # end a table


def load_xlsx(source: Source) -> Iterable[Document]:
    """A document for every row of every sheet with questions; of several sheets the ids name the sheet.

    Sheets without questions beside one that has them go to ``source.failed``.
    """
    tables = {sheet.title: _rows(sheet) for sheet in _workbook(source).worksheets}
    headers = {title: header for title, rows in tables.items() if (header := find_header(rows, source.columns))}
    others = {title: no_questions(rows, source.columns) for title, rows in tables.items() if title not in headers}
    if not headers:
        raise source.error(next(iter(others.values()), "the file has no sheets."))
    source.failed.extend(
        source.error(f"sheet {title}: {reason}") for title, reason in others.items() if _is_filled(tables[title])
    )
    return [
        document
        for title, header in headers.items()
        for document in documents_of(
            source, tables[title], header, source.name if len(headers) == 1 else f"{source.name}-{title}"
        )
    ]


def _workbook(source: Source) -> Workbook:
    from openpyxl import load_workbook

    check_package(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about charts and validation, which are not read
        return load_workbook(source.path, data_only=True)


def _is_filled(rows: list[Row]) -> bool:
    return any(any(row) for row in rows)


def _rows(sheet: Worksheet) -> list[Row]:
    """The sheet's values as text; the value of merged cells stands in each of them."""
    rows = _filled_rows(sheet)
    for area in sheet.merged_cells.ranges:
        covered = rows[area.min_row - 1 : area.max_row]
        for row in covered:
            row[area.min_col - 1 : area.max_col] = [covered[0][area.min_col - 1]] * (area.max_col - area.min_col + 1)
    return list(rows)


def _filled_rows(sheet: Worksheet) -> list[list[str]]:
    """Rows up to the last one with a value; formats alone often reach to the millionth row."""
    rows: list[list[str]] = []
    filled = 0
    for cells in sheet.iter_rows():
        rows.append([_text(cell) for cell in cells])
        filled = len(rows) if any(rows[-1]) else filled
        if len(rows) - filled > _BLANK_ROWS:
            break
    return rows[:filled]


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return str(value.date() if value.time() == dt.time() else value)
    return str(value)
