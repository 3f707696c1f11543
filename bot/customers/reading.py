"""Files of any likely encoding as records: CSV rows and JSON objects, each with its line or number."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jmespath
from charset_normalizer import from_bytes

from bot.customers.errors import ImportRefused

DELIMITERS = ",;\t|"
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
OLD_ENCODINGS = ["cp1251", "koi8_r", "cp866", "cp1252"]  # what Russian and English tables come in


@dataclass(frozen=True)
class Record:
    """One row of a file; ``line`` counts lines of CSV and records of JSON."""

    line: int
    fields: dict[str, Any]

    def field(self, place: str) -> Any:
        """What stands at a place: a column's name, or a JMESPath expression."""
        return self.fields[place] if place in self.fields else _compiled(place).search(self.fields)


@dataclass(frozen=True)
class Table:
    """A file's records, and how it had to be decoded where it was not UTF-8."""

    records: list[Record]
    header: list[str] | None  # None: JSON
    encoding: str | None = None


def read_table(path: Path, rows: str) -> Table:
    """A file's records; CSV or, by its ending, JSON.

    Raises:
        ImportRefused: it cannot be read.
    """
    text, encoding = decoded(path)
    if path.suffix.lower() == ".json":
        try:
            content = json.loads(text)
        except json.JSONDecodeError as error:
            raise ImportRefused(f"{path.name} is not JSON ({error}): nothing was imported.") from error
        found = [Record(number, fields) for number, fields in enumerate(_walk(content, rows.split(".")), 1)]
        return Table(found, None, encoding)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text), restkey="")
    try:
        header = [name.strip() for name in reader.fieldnames or []]
        reader.fieldnames = header
        return Table([Record(reader.line_num, row) for row in reader], header, encoding)
    except csv.Error as error:
        raise ImportRefused(f"{path.name}, line {reader.line_num}: not CSV ({error}); nothing was imported.") from error


def decoded(path: Path) -> tuple[str, str | None]:
    """A file's text, and its encoding where that is not UTF-8.

    Raises:
        ImportRefused: no likely encoding makes it text.
    """
    data = path.read_bytes()
    marked = next((encoding for mark, encoding in MARKS.items() if data.startswith(mark)), None)
    if marked:
        return data.decode(marked), None if marked == "utf-8-sig" else marked
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        best = from_bytes(data, cp_isolation=OLD_ENCODINGS).best()
        if best is None:
            reason = f"not text (byte {error.start}); save the file as UTF-8"
            raise ImportRefused(f"{path.name}: {reason}. Nothing was imported.") from error
        return str(best), best.encoding


def _delimiter(text: str) -> str:
    """The sign that parts the header's columns most often."""
    header = text.partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def _walk(content: Any, path: list[str], up: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """The records at a path whose last step is ``*``, each with its ``_key`` and the record around it, ``_up``."""
    step, rest = path[0], path[1:]
    if step != "*":
        yield from _walk((content or {}).get(step), rest, up)
        return
    members = content.items() if isinstance(content, dict) else enumerate(content or [], 1)
    for key, member in members:
        fields = member if isinstance(member, dict) else {"_value": member}
        record = {**fields, "_key": key, "_up": up}
        if rest:
            yield from _walk(member, rest, record)
        else:
            yield record


@lru_cache(maxsize=1000)
def _compiled(place: str) -> Any:
    return jmespath.compile(place)
