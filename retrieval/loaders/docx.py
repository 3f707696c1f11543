"""DOCX by way of HTML: headings, lists and tables as the document's styles say."""

from __future__ import annotations

from collections.abc import Iterable

from retrieval.chunking import title_of
from retrieval.documents import Document
from retrieval.loaders.packages import check_package, properties_of
from retrieval.loaders.source import Source

_STYLES = "p[style-name='Title'] => h1.title:fresh"


def load_docx(source: Source) -> Iterable[Document]:
    """The one document of a DOCX file.

    Its title is what has that style, else its one first-level heading, else that of its properties.
    """
    import mammoth
    from bs4 import BeautifulSoup

    from retrieval.loaders.markup import to_markdown

    check_package(source)
    with source.path.open("rb") as stream:
        page = BeautifulSoup(mammoth.convert_to_html(stream, style_map=_STYLES, convert_image=_nothing).value, "lxml")
    styled = page.select_one("h1.title")
    title = styled.get_text(" ", strip=True) if styled else ""
    text = to_markdown(page)
    properties = properties_of(source)
    return [source.document(text, title or title_of(text) or properties.title, updated=properties.updated)]


def _nothing(image: object) -> list[object]:
    return []
