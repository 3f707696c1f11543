"""HTML pages: the main content as Markdown, without what a site puts around it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from retrieval.documents import Document
from retrieval.loaders.source import Source
from retrieval.loaders.text import decoded

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?\s*([\w-]+)", re.IGNORECASE)
_CHARSET_WITHIN = 2048  # bytes
_URL = ("link[rel=canonical]", "href"), ("meta[property='og:url']", "content")
_UPDATED = (
    ("meta[property='article:modified_time']", "content"),
    ("meta[itemprop=dateModified]", "content"),
    ("time[itemprop=dateModified]", "datetime"),
    ("meta[name=last-modified]", "content"),
)

_NO_TEXT = "script, style, noscript, template, svg, iframe, object, canvas, input, select, textarea, audio, video"
_AROUND = (
    "nav, footer, dialog, [role=navigation], [role=banner], [role=contentinfo], [role=search], [role=dialog],"
    " [role=alertdialog], #header, .site-header,"
    " [class*=tableOfContents], [class*=table-of-contents]"
)
# Words of an element's id and classes that say it is not the page's content.
_AROUND_NAMES = frozenset(
    """ad ads advert breadcrumb breadcrumbs comments consent cookie cookies crumbs feedback footer gdpr helpful menu
    modal nav navbar navigation newsletter pager pagination popup rating related search share sharing sidebar skip
    social subscribe toc topbar vote votes""".split()
)
_BLOCKS = "div section aside header footer nav dialog form ul ol table td p".split()
_NAME_PARTS = re.compile(r"[a-z]+|[A-Z][a-z]*")
_COPYRIGHT = re.compile(r"©|\bcopyright\b|копирайт|все права защищены|all rights reserved", re.IGNORECASE)
_COPYRIGHT_LONGEST = 300  # characters of the block around it
_MAIN_LEAST = 40  # characters; less is an empty frame
_MAIN_SHARE = 0.5  # of the text; what holds more is no surrounding, whatever its name
_LINKS_SHARE = 0.6  # of the text of a block; more is a menu


def load_html(source: Source) -> Iterable[Document]:
    """The one document of a page saved as HTML; its language is that of its letters, since templates lie."""
    from bs4 import BeautifulSoup

    from retrieval.loaders.markup import to_markdown

    data = source.path.read_bytes()
    charset = _CHARSET.search(data[:_CHARSET_WITHIN])
    page = BeautifulSoup(decoded(data, charset[1].decode() if charset else None), "lxml")
    url, updated = _attribute(page, _URL), _attribute(page, _UPDATED)[:10]
    written = _line(page.title).split(" | ")[0] if page.title else ""
    keep_main_content(page)
    title = _title(page, written)
    text = to_markdown(page, url)
    if not text:
        raise source.error("the page holds no text: if a script draws it, save it from the browser as complete.")
    return [source.document(text, title, url, updated)]


def _attribute(page: BeautifulSoup, places: Iterable[tuple[str, str]]) -> str:
    """The first of these attributes that the page has."""
    found = (tag.get(name) for selector, name in places for tag in page.select(selector))
    return next((str(value).strip() for value in found if value), "")


def _title(page: BeautifulSoup, written: str) -> str:
    """The one first-level heading, or the first heading if the page's written title, often the site's, has it."""
    headings = page.find_all("h1")
    if len(headings) == 1:
        return _line(headings[0])
    first = page.find(["h1", "h2", "h3"])
    return _line(first) if first and _line(first) in written else written


def _line(tag: Tag) -> str:
    return " ".join(tag.get_text(" ", strip=True).split())


def keep_main_content(page: BeautifulSoup) -> None:
    """Remove from a page what is not its content: menus, headers and footers, banners, forms, scripts.

    A page that marks its main part is believed; on another the menus before the first heading, blocks of links
    and the copyright notice go.
    """
    _drop_machinery(page)
    main = _marked_main(page)
    root = main or page.body or page
    if main is not None and page.body is not None:
        page.body.clear()
        page.body.append(main)
    _drop_surroundings(root)
    if main is None:
        _drop_before_heading(root)
        _drop_menus(root)
        _drop_copyright(root)


def _drop_machinery(page: BeautifulSoup) -> None:
    from bs4.element import PreformattedString

    for text in page.find_all(string=lambda text: isinstance(text, PreformattedString)):  # comments, doctype
        text.extract()
    if page.head:
        page.head.decompose()
    for button in page.find_all("button"):
        if button.get_text(strip=True).endswith("?"):
            button["aria-expanded"] = "false"  # opens an answer, as those that say so
    for tag in page.select(f"{_NO_TEXT}, button:not([aria-expanded])"):
        tag.decompose()


def _marked_main(page: BeautifulSoup) -> Tag | None:
    """What the page itself marks as its main part: ``main``, or the one ``article``."""
    marked = page.select("main, [role=main]") or page.find_all("article")
    filled = [tag for tag in marked if _length(tag) >= _MAIN_LEAST and not tag.find_parent(["main", "article"])]
    return filled[0] if len(filled) == 1 else None


def _drop_surroundings(root: Tag) -> None:
    most = _MAIN_SHARE * _length(root)
    for tag in root.find_all(_BLOCKS):
        if not tag.decomposed and _is_around(tag) and not tag.find("h1") and _length(tag) <= most:
            tag.decompose()


def _is_around(tag: Tag) -> bool:
    return bool(_names(tag) & _AROUND_NAMES) or tag.css.match(_AROUND) or _is_side(tag)


def _names(tag: Tag) -> set[str]:
    names = [str(name) for attribute in ("id", "class") for name in tag.get_attribute_list(attribute) if name]
    return {part.lower() for name in names for part in _NAME_PARTS.findall(name)}


def _is_side(tag: Tag) -> bool:
    """A header without a heading, an aside of links."""
    if tag.name == "header":
        return not tag.find(["h2", "h3", "h4"])
    return tag.name == "aside" and (_links_share(tag) > _LINKS_SHARE or not tag.find_parent(["main", "article"]))


def _drop_before_heading(root: Tag) -> None:
    """Where one heading of the first level stands, the content begins there."""
    headings = root.find_all("h1")
    if len(headings) != 1:
        return
    for tag in [headings[0], *headings[0].parents]:
        if tag is root:
            return
        for sibling in list(tag.previous_siblings):
            sibling.extract()


def _drop_menus(root: Tag) -> None:
    """Remove blocks of links; a paragraph with some links is none."""
    for tag in root.find_all(["div", "ul", "ol", "section", "td", "table"]):
        if not tag.decomposed and not tag.find("p") and len(tag.find_all("a")) > 1 and _links_share(tag) > _LINKS_SHARE:
            tag.decompose()


def _drop_copyright(root: Tag) -> None:
    """Remove each copyright notice with the short block around it."""
    for text in root.find_all(string=_COPYRIGHT):
        around = [tag for tag in text.parents if root in tag.parents and _is_notice(tag, root)]
        if around:
            around[-1].decompose()


def _is_notice(tag: Tag, root: Tag) -> bool:
    return not tag.find(["h1", "h2", "h3"]) and _length(tag) < min(_COPYRIGHT_LONGEST, _MAIN_SHARE * _length(root))


def _links_share(tag: Tag) -> float:
    return sum(map(_length, tag.find_all("a"))) / max(_length(tag), 1)


def _length(tag: Tag) -> int:
    return len(tag.get_text(strip=True))
