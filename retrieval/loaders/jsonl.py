"""JSON Lines: one object a line with ``id`` and ``text``, optionally ``title``, ``url``, ``language``, ``updated``."""

from __future__ import annotations

import json
from collections.abc import Iterable

from nlu.language import script_language
from retrieval.documents import Document, DocumentError
from retrieval.loaders.source import Source
from retrieval.loaders.text import read_text


def load_jsonl(source: Source) -> Iterable[Document]:
    """The documents of a JSONL file, one for each line that is not blank."""
    lines = read_text(source).split("\n")  # not splitlines: U+2028 may stand inside a string
    documents = [_document(source, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not documents:
        raise source.error("the file is empty.")
    return documents


def _document(source: Source, number: int, line: str) -> Document:
    where = f"{source.path}, line {number}"
    try:
        record = json.loads(line)
        text = str(record["text"]).strip()
        identifier = str(record["id"])
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise DocumentError(f'{where}: expected {{"id": …, "text": …}} ({error}).') from error
    if not text:
        raise DocumentError(f"{where}: the article {identifier} is empty.")
    return Document(
        id=identifier,
        title=str(record.get("title") or ""),
        text=text,
        language=str(record.get("language") or script_language(text)),
        url=str(record.get("url") or ""),
        updated=str(record.get("updated") or ""),
    )
