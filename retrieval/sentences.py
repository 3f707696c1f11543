"""A passage's sentences: the unit that is matched closely, shown to the writer and quoted."""

from __future__ import annotations

import re

_TABLE_RULE = re.compile(r"^\|[\s:|-]+\|$")
_LIST_MARK = re.compile(r"^(?:[-*+]|\d+[.)])\s+")
_END = re.compile(r"(?<=[.!?…])\s+(?=[«\"“(*]?[A-ZА-ЯЁ0-9])")
_EMPHASIS = re.compile(r"(\*\*|__|`)(.+?)\1")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_BARE_NUMBER = re.compile(r"^\d[\d\s.,–-]*$")
_SHORTEST = 3


def sentences_of(text: str) -> list[str]:
    """Sentences of a Markdown passage as plain text, in order.

    A list item and a table row are one sentence each; a table's row names its columns.
    """
    found: list[str] = []
    header: list[str] = []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("|"):
            if _TABLE_RULE.match(line):
                continue
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if header:
                found.append(_row(header, cells))
            else:
                header = cells
            continue
        header = []
        found.extend(_END.split(_LIST_MARK.sub("", line)))
    return [plain for sentence in found if len(plain := plain_text(sentence)) >= _SHORTEST]


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
