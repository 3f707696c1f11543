"""Tables of questions and answers, whatever they were read from: every row is a document."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlu.language import ENGLISH, RUSSIAN, script_language
from retrieval.documents import Document
from retrieval.loaders.source import Source, listed
from retrieval.loaders.text import as_markdown

# What columns are called; compared in small letters without punctuation, the likeliest first.
NAMES = {
    "question": "question|questions|вопрос|вопросы|question text|текст вопроса|вопрос клиента|вопрос покупателя"
    "|вопрос пользователя|customer question|q|title|заголовок|тема|topic",
    "answer": "answer|answers|ответ|ответы|answer text|текст ответа|ответ оператора|ответ поддержки|response|reply"
    "|a|text|текст|content|содержание",
    "id": "id|ид|идентификатор|key|slug",
    "url": "url|link|ссылка|адрес страницы|href",
    "language": "language|lang|язык|locale",
    "updated": "updated|updated at|last updated|обновлено|обновлён|дата обновления|изменено|дата изменения|modified"
    "|date|дата",
}
HEADER_ROWS = 10  # the header is looked for in the first rows: a title may stand above it
_NOT_NAME = re.compile(r"[\W_]+")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_LANGUAGES = {"ru": RUSSIAN, "рус": RUSSIAN, "en": ENGLISH, "англ": ENGLISH}

Row = Sequence[str]


@dataclass(frozen=True)
class Header:
    """Where the header stands (counted from 0) and the position of every column that has a meaning."""

    row: int
    positions: Mapping[str, int]


def find_header(rows: Sequence[Row], columns: Mapping[str, str]) -> Header | None:
    """The first row that names a question and an answer, None if there is none.

    ``columns`` gives for ``question``, ``answer`` and so on the name that the table uses.
    """
    names = {kind: [columns[kind]] if kind in columns else known.split("|") for kind, known in NAMES.items()}
    for number, row in enumerate(rows[:HEADER_ROWS]):
        cells = [_plain(cell) for cell in row]
        found = {kind: _position(cells, wanted) for kind, wanted in names.items()}
        positions = {kind: position for kind, position in found.items() if position is not None}
        if {"question", "answer", *columns} <= positions.keys():
            return Header(number, positions)
    return None


def _position(cells: list[str], names: Sequence[str]) -> int | None:
    return next((cells.index(name) for name in map(_plain, names) if name in cells), None)


def _plain(name: str) -> str:
    return _NOT_NAME.sub(" ", name.casefold().replace("ё", "е")).strip()


def documents_of(source: Source, rows: Sequence[Row], header: Header, prefix: str) -> Iterator[Document]:
    """A document for every row below the header; ids are the table's own or ``<prefix>-<row>``.

    Rows are counted as spreadsheets do, from 1. A row with only one of question and answer goes to
    ``source.failed``; one where the two are the same is a heading across the table.
    """
    previous: dict[str, str] = {}
    missing: dict[str, list[int]] = {"question": [], "answer": []}
    for number, row in enumerate(rows[header.row + 1 :], header.row + 2):
        values = {kind: row[at].strip() for kind, at in header.positions.items() if at < len(row)}
        question, answer = _line(values.get("question", "")), as_markdown(values.get("answer", ""))
        again = values == previous  # cells merged over several rows
        if question and answer and question != _line(answer) and not again:
            yield _document(values, question, answer, f"{prefix}-{number}", number)
        elif bool(question) != bool(answer):
            missing["answer" if question else "question"].append(number)
        previous = values
    place = "" if prefix == source.name else f" of {prefix}"
    source.failed.extend(
        source.error(f"no {kind} in row {listed(numbers)}{place}; the other rows are read.")
        for kind, numbers in missing.items()
        if numbers
    )


def _line(text: str) -> str:
    return " ".join(as_markdown(text).split())


def _document(values: Mapping[str, str], question: str, answer: str, identifier: str, row: int) -> Document:
    return Document(
        id=values.get("id") or identifier,
        title=question,
        text=answer,
        language=_language(values.get("language", "")) or script_language(f"{question} {answer}"),
        url=values.get("url", ""),
        updated=_date(values.get("updated", "")),
        row=row,
    )


def _language(value: str) -> str:
    return next((code for start, code in _LANGUAGES.items() if value.casefold().startswith(start)), "")


def _date(value: str) -> str:
    """A date written day first as the other way round, which sorts; anything else as it is."""
    match = _DAY_FIRST.fullmatch(value)
    try:
        return dt.date(int(match[3]), int(match[2]), int(match[1])).isoformat() if match else value
    except ValueError:
        return value


def no_questions(rows: Sequence[Row], columns: Mapping[str, str]) -> str:
    """Why a table cannot be read: which columns it has instead."""
    first = next((row for row in rows if any(cell.strip() for cell in row)), None)
    if first is None:
        return "the table is empty."
    found = ", ".join(" ".join(cell.split())[:40] for cell in first if cell.strip())
    wanted = " and ".join(columns.get(kind, kind) for kind in dict.fromkeys(("question", "answer", *columns)))
    return f"the table has no columns {wanted}, only {found}: rename them or say which column is which."
