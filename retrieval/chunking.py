"""Documents to passages, along the document's own structure.

A section (what stands under one heading) is a passage; one that is too long is split between
blocks, so that a paragraph, a list or a table is never cut in the middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.documents import Document, Passage

MAX_CHARACTERS = 900  # about 200 word pieces: a section of a help article fits whole
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$")
_BLANK_LINES = re.compile(r"\n\s*\n")


def passages_of(document: Document) -> list[Passage]:
    """The document's passages in reading order; a document with text has at least one."""
    parts = [(section, part) for section, body in _sections(document.text) for part in _split(body)]
    if not parts and document.text.strip():
        parts = [("", document.text.strip())]  # nothing but headings
    return [
        Passage(
            id=f"{document.id}#{position}",
            document_id=document.id,
            title=document.title,
            section="" if section == document.title else section,
            text=text,
            language=document.language,
            url=document.url,
            updated=document.updated,
        )
        for position, (section, text) in enumerate(parts)
    ]


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of heading and body; the body before the first heading has an empty heading."""
    heading = ""
    lines: list[str] = []
    for line in text.splitlines():
        match = _HEADING.match(line)
        if match:
            if "".join(lines).strip():
                yield heading, "\n".join(lines).strip()
            heading, lines = match.group(1), []
        else:
            lines.append(line)
    if "".join(lines).strip():
        yield heading, "\n".join(lines).strip()


def _split(body: str) -> Iterator[str]:
    """Blocks packed greedily up to the limit; a single block above it stays whole."""
    packed = ""
    for block in _BLANK_LINES.split(body):
        if packed and len(packed) + len(block) > MAX_CHARACTERS:
            yield packed
            packed = block
        else:
            packed = f"{packed}\n\n{block}" if packed else block
    if packed:
        yield packed
