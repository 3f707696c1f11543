"""CSV and TSV of questions and answers; the delimiter is the one that makes columns of the header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from itertools import islice

from retrieval.documents import Document
from retrieval.loaders.questions import HEADER_ROWS, Row, documents_of, find_header, no_questions
from retrieval.loaders.source import Source
from retrieval.loaders.text import read_text

DELIMITERS = (";", ",", "\t", "|")


def load_delimited(source: Source) -> Iterable[Document]:
    """A document for every row of the table."""
    text = read_text(source)
    beginnings = {delimiter: _beginning(text, delimiter) for delimiter in DELIMITERS}
    for delimiter, rows in beginnings.items():
        header = find_header(rows, source.columns)
        if header:
            return list(documents_of(source, _rows(source, text, delimiter), header, source.name))
    widest = max(beginnings.values(), key=lambda rows: max(map(len, rows), default=0))
    raise source.error(no_questions(widest, source.columns))


def _beginning(text: str, delimiter: str) -> list[Row]:
    """The rows that may be the header, not strictly: a wrong delimiter makes nonsense of quotation marks."""
    try:
        return list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEADER_ROWS))
    except csv.Error:
        return []


def _rows(source: Source, text: str, delimiter: str) -> list[Row]:
    rows: list[Row] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise source.error(f"row {len(rows) + 1} cannot be read ({error}): check its quotation marks.") from error
    return rows
