"""A passage's sentences: the unit that is matched closely, shown to the writer and quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TABLE_RULE = re.compile(r"^\|[\s:|-]+\|$")
_LIST_MARK = re.compile(r"(\s*)(?:([-*+]|\d+[.)])\s+)?")
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

    ``mark`` is that of its list item, ``-`` or ``2.``, or :data:`ROW`, and empty in running text; ``line`` is where the
    line of the mark or of the text begins, ``indent`` how far the mark stands from it.
    """

    text: str
    start: int
    end: int
    mark: str = ""
    line: int = 0
    indent: int = 0

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
    item = _PROSE
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
        if line:
            begin = _LIST_MARK.match(text, start, match.end())
            assert begin is not None  # it matches nothing as well
            item = _item(begin, item)
            found += _line_sentences(text, begin.end(), match.end(), item)
    return [sentence for sentence in found if len(sentence.text) >= _SHORTEST]


@dataclass(frozen=True)
class _Item:
    """What a line's sentences belong to: a list item, or running text, which has no mark."""

    mark: str
    written: str  # the mark as it stands in the text
    line: int
    indent: int


_PROSE = _Item("", "", 0, 0)


def _item(begin: re.Match[str], before: _Item) -> _Item:
    """What a line belongs to by its beginning: an indented one without a mark goes on with the item before it."""
    indent, written = len(begin[1]), begin[2] or ""
    if not written and indent and before.mark:
        return before
    mark = written
    if written[:1].isdigit() and (written, indent) == (before.written, before.indent):
        mark = f"{int(before.mark[:-1]) + 1}{written[-1]}"  # "1." before each item counts, as Markdown does
    return _Item(mark, written, begin.start(), indent if written else 0)


def _line_sentences(text: str, start: int, end: int, item: _Item) -> Iterator[Sentence]:
    """The sentences of one line from behind its list mark."""
    for stop in [*SENTENCE_END.finditer(text, start, end), None]:
        last = stop.start() if stop else end
        yield Sentence(plain_text(text[start:last]), start, last, item.mark, item.line, item.indent)
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
