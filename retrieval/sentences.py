"""A passage's sentences: the unit that is matched closely, shown to the writer and quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TABLE_RULE = re.compile(r"^\|[\s:|-]+\|$")
_LIST_MARK = re.compile(r"\s*([-*+]|\d+[.)])\s+|\s+")
ROW = "|"  # the mark of a table's row
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[«\"“(*]?[A-ZА-ЯЁ0-9])")
_EMPHASIS = re.compile(r"(\*\*|__|`)(.+?)\1")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_BARE_NUMBER = re.compile(r"^\d[\d\s.,–-]*$")
_LINE = re.compile(r"^.*$", re.MULTILINE)
_SHORTEST = 3


@dataclass(frozen=True)
class Sentence:
    """A sentence as plain text, and where it stands in the passage: from ``start`` to ``end``.

    ``mark`` is the list mark of its line, ``-`` or ``2.``, or :data:`ROW`, and empty in running text; ``line`` is where
    its line begins.
    """

    text: str
    start: int
    end: int
    mark: str = ""
    line: int = 0

    @property
    def step(self) -> int:
        """The number of the step that it belongs to, 0 where it is in no numbered list."""
        return int(self.mark[:-1]) if self.mark[:1].isdigit() else 0


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
                    found.append(Sentence(plain_text(_row(header, cells)), start, match.end(), ROW, start))
                else:
                    header = cells
            continue
        header = []
        found += _line_sentences(text, start, match.end())
    return [sentence for sentence in found if len(sentence.text) >= _SHORTEST]


def _line_sentences(text: str, line: int, end: int) -> Iterator[Sentence]:
    """The sentences of one line, its list mark left out."""
    found = _LIST_MARK.match(text, line, end)
    mark, start = (found.group(1) or "", found.end()) if found else ("", line)
    for stop in [*SENTENCE_END.finditer(text, start, end), None]:
        last = stop.start() if stop else end
        yield Sentence(plain_text(text[start:last]), start, last, mark, line)
        start = stop.end() if stop else end


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
