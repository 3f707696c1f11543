"""A PDF's lines put together again: headings, paragraphs, lists and tables as Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.loaders.pdf_lines import Box, Rows
from retrieval.loaders.tables import markdown_table
from retrieval.loaders.text import as_markdown

_BULLET = re.compile(r"^(?:[•●▪■◦‣⁃∙·\ue000-\uf8ff]|\(cid:\d+\))\s*")  # a symbol font's bullet has no name
_HASHES = re.compile(r"^#+(?=\s)")  # would be taken for a heading's mark
_COUNTED = re.compile(r"^(?:[–—-]|\d{1,3}[.)]|\d{1,3}(?:\.\d{1,3})+\.?)\s")
_SOFT_HYPHEN = re.compile("[\u00ad\u2010]$")
_WORD = re.compile(r"\w+(?:-\w+)*")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_PARTICLES = {"то", "либо", "нибудь", "ка", "таки"}  # their hyphen is no line's end
_ENDS = (".", "!", "?", ":", ";", "…")
_CLOSED = (*_ENDS, "»", ")")  # may end a paragraph
_USUAL_DISTANCE = 1.3  # of the size of text, where no paragraph has two lines
_LARGER = 1.12  # times the size of most text: a heading
_LONGEST_HEADING, _LONGEST_BOLD = 200, 100  # characters
_HEADING_DISTANCE = 1.6  # of its size: a heading's next line
_WIDER = 1.25  # times the usual distance of lines: a new paragraph
_SHORT = 0.8  # of the column's width: a line that ends there may end a paragraph
_LINE_SHORT = 0.6  # of the column's width: a line that ends there is one of its own
_INDENT = 0.8  # of the text's size
_LEVELS = 6


@dataclass(frozen=True)
class Style:
    """What a file looks like: the size and distance of most lines, the sizes of headings, largest first."""

    size: float
    distance: float
    heading_sizes: list[float]
    mostly_bold: bool


def style_of(lines: Sequence[Box]) -> Style:
    """The style of a file's lines; sizes count by characters."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text) + sum(len(text) for row in line.rows for text in row)
    size = sizes.most_common(1)[0][0]
    within = [(a, b) for a, b in zip(lines, lines[1:]) if a.size == b.size == size and _goes_on(b, a) and _below(b, a)]
    distances = Counter(round(2 * (b.bottom - a.bottom)) / 2 for a, b in within)
    bold = sum(len(line.text) for line in lines if line.bold)
    return Style(
        size,
        distances.most_common(1)[0][0] if distances else _USUAL_DISTANCE * size,
        sorted({line.size for line in lines if _is_large(line, size)}, reverse=True),
        bold > sum(sizes.values()) / 2,
    )


def _is_large(line: Box, size: float) -> bool:
    fits = len(line.text) <= _LONGEST_HEADING and _LETTERS.search(line.text) and not line.is_spaced
    return bool(fits) and line.size >= _LARGER * size


def _goes_on(line: Box, before: Box) -> bool:
    """Whether a line goes on with a sentence, by its letters alone."""
    return line.text[:1].islower() and not before.text.endswith(_ENDS)


def _below(line: Box, before: Box) -> bool:
    """Whether a line stands below another in the same column."""
    return line.page == before.page and line.top > before.top and line.x0 < before.right


def _table(rows: Rows) -> str:
    return markdown_table(rows) if len(rows) > 1 else " ".join(rows[0])


@dataclass
class Block:
    """A block under construction; ``x0`` is the left edge of its first line, ``level`` a heading's."""

    text: str
    x0: float
    level: int = 0
    is_item: bool = False
    rows: Rows = ()


def _in_one_list(before: Block, block: Block) -> bool:
    return before.is_item and block.is_item and before.text[0].isdigit() == block.text[0].isdigit()


class Assembly:
    """Makes blocks of a file's lines.

    Args:
        lines: in reading order, without what repeats on every page.
    """

    def __init__(self, lines: Sequence[Box]) -> None:
        self._style = style_of(lines)
        self._known = {word.lower() for line in lines for word in _WORD.findall(line.text)}
        self._blocks: list[Block] = []
        self._starts: list[tuple[int, int]] = []  # of each page: the block and the place in its text
        self._before: Box | None = None
        for line in lines:
            self._add(line)

    def markdown(self) -> tuple[str, tuple[int, ...]]:
        """The text, and the place in it where each page begins."""
        text, places = "", []
        for before, block in zip([None, *self._blocks], self._blocks):
            if before is not None:
                text += "\n" if _in_one_list(before, block) else "\n\n"
            places.append(len(text))
            text += block.text
        return text, tuple(places[block] + offset for block, offset in self._starts)

    def _add(self, line: Box) -> None:
        count = len(self._blocks)
        end = len(self._blocks[-1].text) if self._blocks else 0
        if line.rows:
            self._add_table(line)
        else:
            self._add_text(line)
        place = (count, 0) if len(self._blocks) > count else (count - 1, end)
        self._starts += [place] * (line.page + 1 - len(self._starts))
        self._before = line

    def _add_table(self, line: Box) -> None:
        """A table that begins a page as wide as the one that ended the page before goes on with it."""
        last = self._blocks[-1] if self._blocks else None
        if last and last.rows and len(last.rows[0]) == len(line.rows[0]) and not self._is_below(line):
            last.rows += line.rows[1:] if line.rows[0] == last.rows[0] else line.rows
            last.text = _table(last.rows)
        else:
            self._blocks.append(Block(_table(line.rows), line.x0, rows=line.rows))

    def _add_text(self, line: Box) -> None:
        text = as_markdown(_HASHES.sub("", _BULLET.sub("- ", _SOFT_HYPHEN.sub("-", line.text))))
        last = self._blocks[-1] if self._blocks else None
        if last and last.level and self._continues_heading(line):
            last.text = self._joined(last.text, text, " ")
        elif level := self._level(line):
            self._blocks.append(Block(f"{'#' * level} {text}", line.x0, level))
        elif self._begins_item(line):
            self._blocks.append(Block(text, line.x0, is_item=True))
        elif last and self._continues(line, last):
            last.text = self._joined(last.text, text, self._separator(line, last))
        elif text:
            self._blocks.append(Block(text, line.x0))

    # -- what a line is -------------------------------------------------------------------------

    def _is_below(self, line: Box) -> bool:
        return self._before is not None and _below(line, self._before)

    def _distance(self, line: Box) -> float:
        """From the line before to this one in the same column, much where there is none."""
        if self._before is None or not _below(line, self._before):
            return float("inf")
        return line.bottom - self._before.bottom

    def _is_apart(self, line: Box) -> bool:
        return self._distance(line) > _WIDER * self._style.distance

    def _is_closed(self) -> bool:
        """Whether the line before may have ended a paragraph."""
        return self._before is None or self._before.text.endswith(_CLOSED) or not self._before.text

    def _is_short(self, last: Block, share: float) -> bool:
        before = self._before
        return before is not None and before.x1 < last.x0 + share * (before.right - last.x0)

    def _continues_heading(self, line: Box) -> bool:
        before = self._before
        same = before is not None and (line.size, line.bold) == (before.size, before.bold)
        return same and self._distance(line) < _HEADING_DISTANCE * line.size

    def _level(self, line: Box) -> int:
        """The level of a heading, 0 for other lines."""
        sizes = self._style.heading_sizes
        if line.size in sizes and _is_large(line, self._style.size):
            return min(sizes.index(line.size) + 1, _LEVELS)
        return min(len(sizes) + 1, _LEVELS) if self._is_bold_heading(line) else 0

    def _is_bold_heading(self, line: Box) -> bool:
        if not line.bold or line.is_spaced or self._style.mostly_bold or line.size < self._style.size:
            return False
        if len(line.text) > _LONGEST_BOLD or line.text.endswith((".", ",", ";", ":")) or not _LETTERS.search(line.text):
            return False
        last = self._blocks[-1] if self._blocks else None
        return (
            last is None
            or bool(last.level)
            or self._is_apart(line)
            or (self._is_closed() and self._is_short(last, _SHORT))
        )

    def _begins_item(self, line: Box) -> bool:
        if _BULLET.match(line.text):
            return True
        last = self._blocks[-1] if self._blocks else None
        free = last is None or last.level or last.is_item or last.rows or self._is_closed() or self._is_apart(line)
        return bool(free and _COUNTED.match(line.text))

    def _continues(self, line: Box, last: Block) -> bool:
        """Whether the line goes on with the block before it."""
        before = self._before
        if before is None or last.level or last.rows:
            return False
        if not _below(line, before):  # the next column or page
            return _goes_on(line, before)
        if self._is_apart(line) or (last.is_item and line.x0 < last.x0 - 1):
            return False
        if not self._is_closed() or (last.is_item and line.x0 > last.x0 + 1):
            return True
        return not self._is_short(last, _SHORT) and line.x0 - before.x0 < _INDENT * line.size

    # -- putting together -----------------------------------------------------------------------

    def _separator(self, line: Box, last: Block) -> str:
        """A space; a line's end between rows of a table without rules and where a short line ends an address, say."""
        before = self._before
        row = line.is_spaced or (before is not None and before.is_spaced)
        return "\n" if row or (self._is_short(last, _LINE_SHORT) and not line.text[0].islower()) else " "

    def _joined(self, text: str, after: str, separator: str) -> str:
        """Two lines with the hyphen between them gone, unless it belongs to the word."""
        match = re.search(r"(\w+)-$", text)
        following = _WORD.match(after)
        if not match or not following:
            return f"{text}{separator}{after}"
        begun, rest = match[1].lower(), following[0]
        compound = rest in _PARTICLES or f"{begun}-{rest.lower()}" in self._known or not rest[0].islower()
        return f"{text}{after}" if compound else f"{text[:-1]}{after}"
