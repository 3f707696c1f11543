"""A passage's sentences: the unit that is matched closely, shown to the writer and quoted."""

from __future__ import annotations

import re

_TABLE_RULE = re.compile(r"^\|[\s:|-]+\|$")
_LIST_MARK = re.compile(r"^(?:[-*+]|\d+[.)])\s+")
_END = re.compile(r"(?<=[.!?…])\s+(?=[«\"“(*]?[A-ZА-ЯЁ0-9])")
_EMPHASIS = re.compile(r"(\*\*|__|`)(.+?)\1")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
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
    """First cell, then the others under their column names: ``Courier: time 1–2 days, price 299 ₽``."""
    values = [
        f"{name.lower()}: {cell}" if name and len(header) > 2 else cell
        for name, cell in zip(header[1:], cells[1:])
        if cell
    ]
    return f"{cells[0]}: {', '.join(values)}" if values else cells[0]


def plain_text(markdown: str) -> str:
    """Markdown without emphasis marks and link targets, white space folded."""
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", markdown))
    return " ".join(text.split())
