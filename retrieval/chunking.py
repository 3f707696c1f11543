"""Documents to passages, along the document's own structure.

A section (what stands under one heading) is a passage; one that is too long is split between
blocks. A list or a table stays whole, together with the sentence that leads in to it. A block
that is too long by itself is divided: a table between rows with its header repeated, a list between
items, a paragraph between sentences.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from retrieval.documents import Document, Passage
from retrieval.sentences import SENTENCE_END, plain_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

MAX_CHARACTERS = 900  # about 200 word pieces: a section of a help article fits whole
_LONGEST_HEAD = MAX_CHARACTERS // 3  # of what is repeated above every part of a divided list or table

_LINE_END = re.compile(r"\r\n?")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ITEM = re.compile(r"\n+(?=(?:[-*+]|\d+[.)])\s)")
_LINE = re.compile(r"\n+")
_WORD = re.compile(r"\s+")
_BREAKS = {  # where a block of each kind may be divided, best first; a table's row never is
    "table": (_LINE,),
    "paragraph": (SENTENCE_END, _LINE, _WORD),
    "bullet_list": (_ITEM, _LINE, SENTENCE_END, _WORD),
    "ordered_list": (_ITEM, _LINE, SENTENCE_END, _WORD),
}
_OTHER_BREAKS = (_LINE, SENTENCE_END, _WORD)
_LED = ("table", "bullet_list", "ordered_list")


class _Piece(NamedTuple):
    """Text and the place in the document's text where it starts."""

    at: int
    text: str


@dataclass(frozen=True)
class Block:
    """A block of Markdown, named as the parser does; ``level`` is a heading's, 1 to 6, and 0 for the others."""

    kind: str
    at: int
    text: str
    level: int = 0


@dataclass(frozen=True)
class _Section:
    """Blocks under one heading; ``path`` holds the headings above them, the document's title left out."""

    path: tuple[str, ...]
    blocks: list[Block]


def passages_of(document: Document) -> list[Passage]:
    """The document's passages in reading order; a document with text has at least one."""
    sections = groupby(_sections(blocks_of(document.text), plain_text(document.title)), key=lambda s: s.path)
    parts = [
        (_line(path), piece)
        for path, group in sections
        for piece in _split([block for section in group for block in section.blocks])
    ]
    if not parts and document.text.strip():
        parts = [("", _Piece(0, document.text.strip()))]  # nothing but the title
    return [
        Passage(
            id=f"{document.id}#{position}",
            document_id=document.id,
            title=document.title,
            section=section,
            text=piece.text,
            language=document.language,
            url=document.url,
            updated=document.updated,
            page=bisect_right(document.page_starts, piece.at),
            row=document.row,
        )
        for position, (section, piece) in enumerate(parts)
    ]


def title_of(text: str) -> str:
    """The one heading of the first level, empty where there is none or several, which then are chapters."""
    headings = [block.text for block in blocks_of(text) if block.level == 1]
    return headings[0] if len(headings) == 1 else ""


# -- Markdown to sections ---------------------------------------------------------------------


def blocks_of(text: str) -> Iterator[Block]:
    """The blocks of a Markdown text in order; rules and comments are left out."""
    text = _LINE_END.sub("\n", text)
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    tokens = _parser().parse(text)
    for token, following in zip(tokens, [*tokens[1:], None]):
        if token.level or token.map is None:
            continue
        first, end = token.map
        kind = token.type.removesuffix("_open")
        content = "\n".join(lines[first:end]).strip("\n")
        if kind == "heading" and following is not None:
            yield _heading(starts[first], following.content, int(token.tag[1]))
        elif kind != "hr" and _COMMENT.sub("", content).strip():
            yield Block(kind, starts[first], content)


def _heading(at: int, content: str, level: int) -> Block:
    """A heading; a whole paragraph with a rule drawn under it is none."""
    return Block("paragraph", at, content) if "\n" in content else Block("heading", at, plain_text(content), level)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable("reference")  # references would be lost


def _sections(blocks: Iterator[Block], title: str) -> Iterator[_Section]:
    """Sections with text, in order. A heading with nothing below it counts as text of the section around it."""
    above: list[Block] = []
    section = _Section((), [])
    for block in blocks:
        if not block.level:
            section.blocks.append(block)
            continue
        if not section.blocks and above and block.level <= above[-1].level:
            section = _as_text(above, title)
        if section.blocks:
            yield section
        above = [heading for heading in above if heading.level < block.level] + [block]
        section = _Section(_path(above, title), [])
    yield section if section.blocks or not above else _as_text(above, title)


def _as_text(above: list[Block], title: str) -> _Section:
    heading = above[-1]
    known = not heading.text or _same(heading.text, title)
    blocks = [] if known else [Block("paragraph", heading.at, heading.text)]
    return _Section(_path(above[:-1], title), blocks)


def _path(above: list[Block], title: str) -> tuple[str, ...]:
    names = [heading.text.rstrip(": ") for heading in above]
    return tuple(names[1:] if names and _same(names[0], title) else filter(None, names))


def _same(heading: str, title: str) -> bool:
    return heading.casefold().rstrip(". :") == title.casefold().rstrip(". :")


def _line(path: Sequence[str]) -> str:
    """A section's headings in one line: ``Delivery. How much is it? By courier``."""
    line = ""
    for name in path:
        line += f" {name}" if line.endswith((".", "?", "!", "…")) else f". {name}" if line else name
    return line


# -- sections to passages ---------------------------------------------------------------------


def _split(blocks: list[Block]) -> Iterator[_Piece]:
    """Pieces packed greedily up to the limit."""
    packed: _Piece | None = None
    for piece in _pieces(blocks):
        if packed is None:
            packed = piece
        elif len(packed.text) + len(piece.text) + 2 > MAX_CHARACTERS:
            yield packed
            packed = piece
        else:
            packed = _Piece(packed.at, f"{packed.text}\n\n{piece.text}")
    if packed is not None:
        yield packed


def _pieces(blocks: list[Block]) -> Iterator[_Piece]:
    """What a passage can hold: blocks, lists and tables with their lead-in, parts of long blocks."""
    lead: Block | None = None
    for block, following in zip(blocks, [*blocks[1:], None]):
        if block.kind == "paragraph" and following is not None and following.kind in _LED:
            lead = block
        elif lead is None:
            yield from _divided(block, "")
        else:
            yield from _led(lead, block)
            lead = None


def _led(lead: Block, block: Block) -> Iterator[_Piece]:
    """A list or table below its lead-in; where the two are too long, below the last sentence of it."""
    whole = f"{lead.text}\n\n{block.text}"
    if len(whole) <= MAX_CHARACTERS:
        yield _Piece(lead.at, whole)
        return
    *_, last = _units(lead.text, 0, len(lead.text), SENTENCE_END)
    if len(lead.text) - last[0] > _LONGEST_HEAD:
        last = len(lead.text), len(lead.text)
    before = lead.text[: last[0]].rstrip()
    if before:
        yield from _divided(Block(lead.kind, lead.at, before), "")
    yield from _divided(block, lead.text[last[0] :])


def _divided(block: Block, lead: str) -> Iterator[_Piece]:
    """A block in parts that fit, each below ``lead`` and, for a table, the header."""
    text = f"{lead}\n\n" if lead else ""
    start = 0
    if block.kind == "table":
        header = "\n".join(block.text.split("\n")[:2]) + "\n"
        if len(block.text) > len(header) and len(header) <= _LONGEST_HEAD:
            text, start = text + header, len(header)
    for first, end in _spans(block.text, start, len(block.text), _breaks(block), MAX_CHARACTERS - len(text)):
        yield _Piece(block.at + first, text + block.text[first:end])


def _breaks(block: Block) -> Sequence[re.Pattern[str]]:
    return _BREAKS.get(block.kind, _OTHER_BREAKS)


def _spans(text: str, start: int, end: int, breaks: Sequence[re.Pattern[str]], room: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most ``room`` characters between ``start`` and ``end``, cut at the first break that does."""
    if end - start <= room or not breaks:
        yield start, end
        return
    first, last = start, start
    for unit, unit_end in _units(text, start, end, breaks[0]):
        if last > first and unit_end - first > room:
            yield from _spans(text, first, last, breaks[1:], room)
            first = unit
        last = unit_end
    yield from _spans(text, first, last, breaks[1:], room)


def _units(text: str, start: int, end: int, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end
