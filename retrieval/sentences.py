"""A passage's sentences: the unit that is matched closely, shown to the writer and quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TABLE_RULE = re.compile(r"^\|[\s:|-]+\|$")
_LIST_MARK = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+|\s+")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[«\"“(*]?[A-ZА-ЯЁ0-9])")
_EMPHASIS = re.compile(r"(\*\*|__|`)(.+?)\1")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_BARE_NUMBER = re.compile(r"^\d[\d\s.,–-]*$")
_LINE = re.compile(r"^.*$", re.MULTILINE)
_SHORTEST = 3


@dataclass(frozen=True)
class Sentence:
    """A sentence as plain text, and where it stands in the passage: from ``start`` to ``end``."""

    text: str
    start: int
    end: int


def sentences_of(text: str) -> list[str]:
    """Sentences of a Markdown passage as plain text, in order.

    A list item and a table row are one sentence each; a table's row names its columns.
    """
    return [sentence.text for sentence in located_sentences(text)]


def located_sentences(text: str) -> list[Sentence]:
    """The same with their places."""
    found: list[Sentence] = []
    header: list[str] = []
    for match in _LINE.finditer(text):
        line, start = match.group().strip(), match.start()
        if line.startswith("|"):
            if not _TABLE_RULE.match(line):
                cells = [cell.strip() for cell in line.strip("|").split("|")]
                if header:
                    found.append(Sentence(plain_text(_row(header, cells)), start, match.end()))
                else:
                    header = cells
            continue
        header = []
        found += [Sentence(plain_text(text[a:b]), a, b) for a, b in _parts(text, start, match.end())]
    return [sentence for sentence in found if len(sentence.text) >= _SHORTEST]


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets of the sentences of one line, its list mark left out."""
    mark = _LIST_MARK.match(text, start, end)
    start = mark.end() if mark else start
    for stop in SENTENCE_END.finditer(text, start, end):
        yield start, stop.start()
        start = stop.end()
    yield start, end


def _row(header: list[str], cells: list[str]) -> str:
    """First cell, then the others with their column names: ``Headphones: 12 months``."""
    named = [_cell(name, cell, len(header) > 2) for name, cell in zip(header[1:], cells[1:]) if cell]
    return f"{cells[0]}: {', '.join(named)}" if named else cells[0]


def _cell(name: str, cell: str, several: bool) -> str:
    """A bare number takes its column's name as the unit; among several columns each is named."""
    if _BARE_NUMBER.match(cell) and name.isalpha():
        return f"{cell} {name.lower()}"
    return f"{name.lower()}: {cell}" if several and name else cell


def plain_text(markdown: str) -> str:
    """Markdown without emphasis marks and link targets, white space folded."""
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", markdown))
    return " ".join(text.split())
