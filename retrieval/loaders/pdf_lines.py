"""A PDF page's lines and tables in reading order, columns one after another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdfplumber.page import Page
    from pdfplumber.table import Table

_BOLD = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_HYPHENATED = re.compile("(?<=\\w)[-\u00ad\u2010] (?=[a-zа-яё])")  # at the end of a line in a cell
_NO_SPACE = 0.15  # of the font's size; what is nearer is one word
_ONCE = 0.9  # of the letters stand at a place of their own, unless they are printed twice
_CELL_GAP = 1.5  # of the font's size; more lies between cells
_GUTTER = 9.0  # points between columns
_ALIGNED = 1.5  # points by which what stands in one line or column may miss it
_COLUMN_ROWS, _COLUMN_PAIRS = 5, 2  # rows of columns, those of them with text in both
_COLUMN_WORDS = 2.5  # words a row has in a column of text; in one of a table it has fewer

Area = tuple[float, float, float, float]  # x0, top, x1, bottom
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Box:
    """A word, a line, or a table where ``rows`` is filled.

    Coordinates are points from the page's upper left corner; ``right`` is where the box's column ends;
    ``is_spaced`` tells of gaps as between the cells of a table.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    page: int
    size: float = 0.0
    bold: bool = False
    right: float = 0.0
    is_spaced: bool = False
    rows: Rows = ()

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def within(self, area: Area) -> bool:
        """Whether the box's middle lies in an area."""
        x0, top, x1, bottom = area
        return x0 <= (self.x0 + self.x1) / 2 <= x1 and top <= self.middle <= bottom


def boxes_of(page: Page, number: int) -> list[Box]:
    """The page's words and ruled tables, in no order."""
    words = [
        Box(
            text=word["text"],
            x0=word["x0"],
            x1=word["x1"],
            top=word["top"],
            bottom=word["bottom"],
            page=number,
            size=round(2 * word["size"]) / 2,
            bold=bool(_BOLD.search(word["fontname"])),
        )
        for word in _without_overprints(page).extract_words(extra_attrs=["size", "fontname"])
    ]
    tables: list[Box] = []
    for table in page.find_tables():
        inside = [word for word in words if word.within(table.bbox)]
        rows = _rows_of(table, inside)
        if rows and len(rows[0]) > 1 and inside:
            x0, top, x1, bottom = table.bbox
            tables.append(Box("", x0, x1, top, bottom, number, inside[0].size, rows=rows))
            words = [word for word in words if not word.within(table.bbox)]
    return words + tables


def _without_overprints(page: Page) -> Page:
    """The page with letters once that are printed twice to look bold; the search for them is slow."""
    places = [(char["text"], round(char["x0"]), round(char["top"])) for char in page.chars]
    return page.dedupe_chars() if len(set(places)) < _ONCE * len(places) else page


def _rows_of(table: Table, words: list[Box]) -> Rows:
    """Texts by row and column; a merged cell's stands in every place that it covers, a whole row's in the first."""
    lefts, tops = _edges(cell[0] for cell in table.cells), _edges(cell[1] for cell in table.cells)
    texts = {cell: _text([word for word in words if word.within(cell)]) for cell in table.cells}
    rows = []
    for y in tops:
        areas = [_covering(table.cells, x + _ALIGNED, y + _ALIGNED) for x in lefts]
        row = [texts[area] if area else "" for area in areas]
        rows.append((row[0], *[""] * (len(row) - 1)) if len(set(areas)) == 1 else tuple(row))
    return tuple(row for row in rows if any(row))


def _edges(values: Iterable[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _ALIGNED:
            found.append(value)
    return found


def _covering(areas: Iterable[Area], x: float, y: float) -> Area | None:
    return next((area for area in areas if area[0] <= x < area[2] and area[1] <= y < area[3]), None)


def _text(words: list[Box]) -> str:
    return _HYPHENATED.sub("", " ".join(line.text for line in lines_of(words)))


def lines_of(boxes: Iterable[Box]) -> list[Box]:
    """Words side by side joined to lines, from top to bottom; a table is a line of its own."""
    return [line for row in side_by_side(boxes) for line in _joined(row)]


def side_by_side(boxes: Iterable[Box]) -> list[list[Box]]:
    """Boxes by rows from top to bottom, each from left to right; a table is a row of its own."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: (box.middle, box.x0)):
        if rows and not box.rows and not rows[-1][0].rows and box.middle < rows[-1][0].bottom:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [sorted(row, key=lambda box: box.x0) for row in rows]


def _joined(row: list[Box]) -> list[Box]:
    if row[0].rows:
        return row
    text = row[0].text
    for before, word in zip(row, row[1:]):
        text += word.text if word.x0 - before.x1 < _NO_SPACE * word.size else f" {word.text}"
    longest = max(row, key=lambda word: len(word.text))
    return [
        replace(
            row[0],
            text=text,
            x1=row[-1].x1,
            top=min(word.top for word in row),
            bottom=max(word.bottom for word in row),
            size=longest.size,
            bold=all(word.bold for word in row),
            is_spaced=_is_spaced(row),
        )
    ]


def _is_spaced(row: list[Box]) -> bool:
    """Whether some gap is wide and others are not, as they all are in a justified line."""
    words = row[1:] if len(row) > 2 and not row[0].text.isalpha() else row  # the mark of a list's item
    gaps = [after.x0 - before.x1 for before, after in zip(words, words[1:])]
    if not gaps:
        return False
    least = _CELL_GAP if max(gaps) > 2 * min(gaps) else 2 * _CELL_GAP
    return max(gaps) > least * row[0].size


def in_reading_order(boxes: Sequence[Box]) -> list[Box]:
    """Lines and tables: from top to bottom, of columns side by side first the left one."""
    rows = side_by_side(boxes)
    right = max((box.x1 for box in boxes), default=0.0)
    found: list[Box] = []
    for edge, run in _runs(rows):
        if edge is None:
            found += [replace(line, right=right) for row in run for line in _joined(row)]
        else:
            for side in (_left, _right):
                found += in_reading_order([box for row in run for box in side(row, edge)])
    return found


def _runs(rows: list[list[Box]]) -> list[tuple[float | None, list[list[Box]]]]:
    """Successive rows that are columns, with the edge of the right one, and those that are not, with None."""
    for edge in _edges_of_columns(rows):
        runs = [list(run) for _, run in groupby(rows, key=partial(_crosses, edge=edge))]
        found = [(edge if _are_columns(run, edge) else None, run) for run in runs]
        if any(edge for edge, _ in found):
            return found
    return [(None, rows)]


def _edges_of_columns(rows: list[list[Box]]) -> list[float]:
    """Where a right column may begin: the places at which rows go on after a gap, the most frequent first."""
    starts = [after.x0 for row in rows for before, after in zip(row, row[1:]) if after.x0 - before.x1 >= _GUTTER]
    support = {edge: sum(abs(start - edge) <= _ALIGNED for start in starts) for edge in _edges(starts)}
    return sorted((edge for edge, n in support.items() if n >= _COLUMN_PAIRS), key=lambda edge: -support[edge])


def _crosses(row: list[Box], edge: float) -> bool:
    return any(box.x0 < edge - _ALIGNED and box.x1 > edge - _GUTTER + _ALIGNED for box in row)


def _are_columns(rows: list[list[Box]], edge: float) -> bool:
    """Whether two columns of text stand here, not a table without rules."""
    pairs = [(left, right) for row in rows if (left := _left(row, edge)) and (right := _right(row, edge))]
    if _crosses(rows[0], edge) or len(rows) < _COLUMN_ROWS or len(pairs) < _COLUMN_PAIRS:
        return False
    return all(sum(map(len, side)) / len(pairs) >= _COLUMN_WORDS for side in zip(*pairs))


def _left(row: list[Box], edge: float) -> list[Box]:
    return [box for box in row if box.x0 < edge - _ALIGNED]


def _right(row: list[Box], edge: float) -> list[Box]:
    return [box for box in row if box.x0 >= edge - _ALIGNED]
