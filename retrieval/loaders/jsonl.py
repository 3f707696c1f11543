"""JSON Lines: one object a line with ``id`` and ``text``, optionally ``title``, ``url``, ``language``, ``updated``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from nlu.language import script_language
from retrieval.documents import Document, DocumentError


def load_jsonl(path: Path) -> Iterable[Document]:
    """The documents of a JSONL file, one for each line that is not blank."""
    lines = path.read_text(encoding="utf-8-sig").split("\n")  # not splitlines: U+2028 may stand inside a string
    return [_document(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _document(path: Path, number: int, line: str) -> Document:
    try:
        record = json.loads(line)
        text = str(record["text"]).strip()
        identifier = str(record["id"])
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise DocumentError(f'{path}, line {number}: expected {{"id": …, "text": …}} ({error}).') from error
    if not text:
        raise DocumentError(f"{path}, line {number}: the article {identifier} is empty.")
    return Document(
        id=identifier,
        title=str(record.get("title") or ""),
        text=text,
        language=str(record.get("language") or script_language(text)),
        url=str(record.get("url") or ""),
        updated=str(record.get("updated") or ""),
    )
