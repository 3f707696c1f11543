"""PDF: text in reading order with its pages, without what repeats on each of them."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrieval.chunking import title_of
from retrieval.documents import Document
from retrieval.loaders.pdf_blocks import Assembly
from retrieval.loaders.pdf_lines import Box, boxes_of, in_reading_order, side_by_side
from retrieval.loaders.source import Source, listed

if TYPE_CHECKING:
    from pdfplumber.pdf import PDF

_MARGIN = 0.12  # of the page's height, where headers and footers stand
_REPEATED = 3  # pages with the same line; all of them if there are fewer
_UNREADABLE = 0.3  # of the words; a font without a table of characters gives "(cid:12)" for each
_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_NO_TITLE = re.compile(r"\(?(?:anonymous|untitled|без имени)\)?|Microsoft .*|.*\.\w{3,4}", re.IGNORECASE)


@dataclass(frozen=True)
class _Page:
    """A page's words and tables; ``pictured`` if it shows pictures."""

    height: float
    boxes: list[Box]
    pictured: bool


def load_pdf(source: Source) -> Iterable[Document]:
    """The one document of a PDF file; pages without a text layer among others go to ``source.failed``."""
    with _opened(source) as pdf:
        information = {key: str(value) for key, value in pdf.metadata.items()}
        pages = [_read(page, number) for number, page in enumerate(pdf.pages)]
    _check_text(source, pages)
    lines = [line for page in without_repeated(pages) for line in in_reading_order(page)]
    text, starts = Assembly(lines).markdown()
    title = title_of(text) or _NO_TITLE.sub("", information.get("Title", "").strip())
    day = _DATE.match(information.get("ModDate") or information.get("CreationDate") or "")
    return [source.document(text, title, updated="-".join(day.groups()) if day else "", page_starts=starts)]


@contextmanager
def _opened(source: Source) -> Iterator[PDF]:
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every font it would have made otherwise
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(source.path) as pdf:
            yield pdf
    except PdfminerException as error:
        if any(isinstance(reason, PDFPasswordIncorrect) for reason in error.args):
            raise source.error("the file has a password: save it without one.") from error
        raise source.error(f"this is no valid PDF ({error}): save it again.") from error


def _read(page: Any, number: int) -> _Page:
    read = _Page(page.height, boxes_of(page, number), bool(page.images))
    page.close()  # else every page stays in memory
    return read


def _check_text(source: Source, pages: list[_Page]) -> None:
    words = [box.text for page in pages for box in page.boxes]
    if not words:
        raise source.error("the pages have no text layer (a scan?): recognise the text (OCR) and save it again.")
    if sum("(cid:" in word for word in words) > _UNREADABLE * len(words):
        raise source.error("its fonts do not tell their letters: save the original as DOCX or print it to PDF again.")
    bare = [number for number, page in enumerate(pages, 1) if page.pictured and not page.boxes]
    if bare:
        source.failed.append(source.error(f"no text layer on page {listed(bare)}; the other pages are read."))


def without_repeated(pages: list[_Page]) -> list[list[Box]]:
    """The boxes of each page without headers, footers and page numbers; all if there is nothing else."""
    sizes = Counter(box.size for page in pages for box in page.boxes for _ in box.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    found = [_at_margins(page, body) for page in pages]
    counts = Counter(key for keys in found for key in keys)
    repeated = {key for key, count in counts.items() if count >= min(_REPEATED, max(len(pages), 2))}
    gone = [{id(box) for key in keys.keys() & repeated for box in keys[key]} for keys in found]
    left = [[box for box in page.boxes if id(box) not in ids] for page, ids in zip(pages, gone)]
    return left if any(left) else [page.boxes for page in pages]


def _at_margins(page: _Page, body: float) -> dict[tuple[int, str], list[Box]]:
    """Rows near the page's upper and lower edge by height and text; numbers count as equal unless in bold.

    Larger lines are headings and no headers.
    """
    rows = {}
    for row in side_by_side(page.boxes):
        near = row[0].middle < _MARGIN * page.height or row[0].middle > (1 - _MARGIN) * page.height
        if near and all(box.size <= body and not box.rows for box in row):
            text = " ".join(box.text for box in row)
            bold = all(box.bold for box in row)
            rows[round(row[0].middle), text if bold else re.sub(r"\d+", "#", text)] = row
    return rows
