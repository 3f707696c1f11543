"""HTML to Markdown: headings, lists, tables, links and code, nothing of how it looks.

Questions that a page folds up (``details``, ``dl``, buttons of accordions) become headings. Imported
only where a page is read, since its libraries take half a second.
"""

from __future__ import annotations

import re
from itertools import takewhile
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from markdownify import ATX, MarkdownConverter

from retrieval.loaders.tables import Cell, grid, markdown_table
from retrieval.loaders.text import as_markdown

HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
LONGEST_HEADING = 100  # characters of a line in bold that counts as one
_FOLDING = "summary, dt, button[aria-expanded], [role=button][aria-expanded], [class*=question]"
_OPENERS = {"summary", "dt"}
_INLINE = {"a", "abbr", "b", "code", "em", "font", "i", "kbd", "mark", "small", "span", "strong", "sub", "sup", "u"}
_ANCHOR_MARKS = {"", "#", "¶", "§", "🔗"}  # links to a heading itself
_ITEM = re.compile(r"(?:^|\n)\s*(?:-|\d+\.)\s+")
_LAYOUT_SHARE, _LAYOUT_LENGTH = 0.5, 300  # of a page's text, characters; no cell of data holds more than both


def to_markdown(soup: BeautifulSoup, base: str = "") -> str:
    """The Markdown of a parsed page, which is changed. Relative links are resolved against ``base``."""
    _mend_links(soup, base)
    for terms in soup.find_all("dl"):
        _mend_terms(terms)
    _unfold(soup)
    length = len(soup.get_text(strip=True))
    for table in soup.find_all("table"):
        if _is_layout(table, length):
            _dissolve(table)
    if not soup.find(HEADINGS[1:]):
        _mark_bold_headings(soup)
    converter = _Converter(
        heading_style=ATX,
        bullets="-",
        strip=["img"],
        autolinks=False,
        escape_asterisks=False,
        escape_underscores=False,
        wrap=True,  # a paragraph is one line
        wrap_width=None,
    )
    return as_markdown(converter.convert_soup(soup))


# -- links and headings -------------------------------------------------------------------------


def _mend_links(soup: BeautifulSoup, base: str) -> None:
    """Links that lead somewhere from anywhere stay, others are text; marks beside headings go."""
    for link in soup.find_all("a"):
        written = str(link.get("href") or "#")
        target = written if written.startswith("#") else urljoin(base, written)
        if link.get_text(strip=True) in _ANCHOR_MARKS:
            link.decompose()
        elif target.startswith(("http:", "https:", "mailto:", "tel:")):
            link.attrs = {"href": target}
        else:
            link.unwrap()


def _mend_terms(terms: Tag) -> None:
    """A list of terms: questions stay and become headings, others become items ``term: description``."""
    for tag in terms.find_all("div", recursive=False):
        tag.unwrap()
    children = terms.find_all(["dt", "dd"], recursive=False)
    if any(tag.name == "dt" and tag.get_text(strip=True).endswith("?") for tag in children):
        terms.name = "div"
        for tag in terms.find_all("dd"):
            tag.name = "div"
        return
    terms.name = "ul"
    item: Tag | None = None
    separator = ""
    for tag in children:
        if tag.name == "dt" or item is None:
            item, separator, tag.name = tag, ": ", "li"
        else:
            tag.name = "span"
            item.extend([separator, tag.extract()])
            separator = "; "


def _unfold(soup: BeautifulSoup) -> None:
    """Make what opens an answer a heading, one level below the heading that it stands under."""
    level = 1
    for tag in soup.select(", ".join([_FOLDING, *HEADINGS])):
        if tag.name in HEADINGS:
            level = int(tag.name[1])
        elif tag.find_parent(HEADINGS) or tag.find(HEADINGS):
            tag.unwrap()
        elif tag.name in _OPENERS or tag.has_attr("aria-expanded") or _is_question(tag):
            tag.name = f"h{min(level + 1, 6)}"
    for heading in soup.find_all(HEADINGS):
        for around in heading.find_parents(["li", "ul", "ol"]):  # a list of sections is none of items
            around.name = "div"


def _is_question(tag: Tag) -> bool:
    text = tag.get_text(strip=True)
    return text.endswith("?") and len(text) <= LONGEST_HEADING and not tag.find(["p", "div", "ul", "ol"])


def _mark_bold_headings(soup: BeautifulSoup) -> None:
    """On a page without headings a short line in bold that stands alone is one."""
    for tag in soup.find_all(["b", "strong"]):
        text = tag.get_text(" ", strip=True)
        if 0 < len(text) <= LONGEST_HEADING and text[-1] not in ".,:;" and _alone(tag):
            tag.name = "h2"


def _alone(tag: Tag) -> bool:
    """Whether nothing stands on the tag's line but the tag."""
    if tag.find_parent(["table", "li", *HEADINGS]) or _beside(tag):
        return False
    parent = tag.parent
    return parent is None or parent.name not in _INLINE or _alone(parent)


def _beside(tag: Tag) -> bool:
    """Whether text or a tag within lines stands next to the tag."""
    around = [next(filter(_is_filled, siblings), None) for siblings in (tag.previous_siblings, tag.next_siblings)]
    return any(sibling is not None and getattr(sibling, "name", None) in {None, *_INLINE} for sibling in around)


def _is_filled(element: PageElement) -> bool:
    return bool(str(element).strip())


# -- tables -------------------------------------------------------------------------------------


def _rows(table: Tag) -> list[Tag]:
    return [row for row in table.find_all("tr") if row.find_parent("table") is table]


def _cells(row: Tag) -> list[Tag]:
    return row.find_all(["td", "th"], recursive=False)


def _is_layout(table: Tag, page_length: int) -> bool:
    """Whether a table only arranges the page."""
    if table.get("role") == "presentation" or table.find(["table", "form", *HEADINGS]):
        return True
    cells = [_cells(row) for row in _rows(table)]
    if max(map(len, cells), default=0) < 2:
        return True
    longest = max(len(cell.get_text(strip=True)) for row in cells for cell in row)
    return longest > max(_LAYOUT_LENGTH, _LAYOUT_SHARE * page_length) and not table.find("th")


def _dissolve(table: Tag) -> None:
    rows = _rows(table)
    for tag in [table, *rows, *(cell for row in rows for cell in _cells(row))]:
        tag.name = "div"


class _Converter(MarkdownConverter):
    """Writes a table as a grid with one header row, and names beside values as a list."""

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        rows = [cells for row in _rows(el) if (cells := _cells(row))]
        read = [[self._cell(cell) for cell in row] for row in rows]
        caption = el.caption.get_text(" ", strip=True) if el.caption else ""
        if all([cell.name for cell in row] == ["th", "td"] for row in rows):
            body = "\n".join(f"- {name.text.rstrip(': ')}: {value.text}" for name, value in read)
        else:
            headers = takewhile(lambda row: all(cell.name == "th" for cell in row), rows)
            body = markdown_table(_with_one_header(grid(read), len(list(headers))))
        return f"\n\n{caption}\n\n{body}\n\n"

    def _cell(self, cell: Tag) -> Cell:
        return Cell(str(self.convert_soup(cell)), _span(cell, "colspan"), _span(cell, "rowspan"))

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """The cell's text in one line, a list's items one after another."""
        return "; ".join(filter(None, map(str.strip, _ITEM.split(text)))) if el.find("li") else text.strip()

    convert_th = convert_td


def _span(cell: Tag, attribute: str) -> int:
    value = str(cell.get(attribute, "1"))
    return max(1, int(value)) if value.isdecimal() else 1


def _with_one_header(rows: list[list[str]], headers: int) -> list[list[str]]:
    """Several header rows in one: a column's names one after another."""
    if not 1 < headers < len(rows):
        return rows
    return [[" ".join(dict.fromkeys(filter(None, names))) for names in zip(*rows[:headers])], *rows[headers:]]
