"""The help centre's articles as pages: each passage is a section with an anchor of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from retrieval.chunking import passages_of
from retrieval.documents import Document
from retrieval.loaders import load_documents

ARTICLES = Path("training_data/knowledge")
SITE = "https://northernlights.example"  # where the invented company's articles say they are


@dataclass(frozen=True)
class Section:
    """A passage on its page; ``heading`` is empty where it goes on below the one before."""

    anchor: str
    heading: str
    html: Markup


@dataclass(frozen=True)
class Article:
    """An article of the help centre; ``path`` is its address on this server."""

    path: str
    title: str
    language: str
    updated: str
    sections: Sequence[Section]


@lru_cache(maxsize=1)
def articles() -> dict[str, Article]:
    """All articles by their path, those of a language in the order of their titles."""
    documents = sorted(load_documents([ARTICLES], []), key=lambda document: document.title)
    return {article.path: article for document in documents if (article := _article(document)).path}


def path_of(url: str) -> str:
    """An article's address on this server; another site's address stays as it is."""
    return url.removeprefix(SITE)


def _article(document: Document) -> Article:
    # Articles are the company's own, yet HTML in them stays text: the page's policy would refuse its scripts anyway.
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    sections: list[Section] = []
    heading = ""
    for position, passage in enumerate(passages_of(document)):
        begins = passage.section if passage.section != heading else ""
        heading = passage.section
        sections.append(Section(f"passage-{position}", begins, Markup(markdown.render(passage.text))))
    return Article(path_of(document.url), document.title, document.language, document.updated, sections)
