"""Tables of any format: cells to a grid, a grid to Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_WIDEST, _TALLEST = 100, 1000  # what a cell may cover


class Cell(NamedTuple):
    """A cell's text and how many columns and rows it covers."""

    text: str
    across: int = 1
    down: int = 1


def grid(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Texts by row and column, all rows of one length.

    The text of a merged cell stands in every place that it covers; one that is a whole row, a heading
    within the table, only in the first.
    """
    places: dict[tuple[int, int], str] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while (y, x) in places:
                x += 1
            down, across = range(min(cell.down, _TALLEST)), range(min(cell.across, _WIDEST))
            places.update({(y + dy, x + dx): cell.text for dy in down for dx in across})
    width = max((x for _, x in places), default=-1) + 1
    found = [[places.get((y, x), "") for x in range(width)] for y in range(len(rows))]
    for row, texts in zip(rows, found):
        if len(row) == 1 and row[0].across == width:
            texts[1:] = [""] * (width - 1)
    return found


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table of a grid whose first row is the header; rows without text are left out."""
    header, *body = ([" ".join(text.replace("|", "/").split()) for text in row] for row in rows)
    lines = [header, ["---"] * len(header), *filter(any, body)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
