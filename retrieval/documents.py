"""What retrieval passes around: documents, their passages, hits."""

from __future__ import annotations

from dataclasses import dataclass, field

from nlu.errors import LichnoError


class DocumentError(LichnoError):
    """A file that cannot be indexed; names the file and the reason."""


@dataclass(frozen=True)
class Document:
    """One article as its loader read it. ``text`` is Markdown."""

    id: str
    title: str
    text: str
    language: str
    url: str = ""
    updated: str = ""


@dataclass(frozen=True)
class Passage:
    """A section of a document, understandable alone: what is embedded, found and cited.

    ``id`` is ``<document id>#<position>``; ``section`` is the heading it stands under.
    """

    id: str
    document_id: str
    title: str
    section: str
    text: str
    language: str
    url: str = ""
    updated: str = ""

    @property
    def heading(self) -> str:
        """Title and section in one line."""
        return f"{self.title}. {self.section}" if self.section else self.title

    @property
    def embedded_text(self) -> str:
        """What the encoder reads: the heading gives the section its context."""
        return f"{self.heading}\n{self.text}"


@dataclass(frozen=True)
class Hit:
    """A passage found for a question.

    ``score`` orders the hits of one question; ``cosine`` is the dense side alone and
    ``coverage`` the lexical side: how much of the question's weighted terms the passage holds,
    0 to 1. ``sentences`` are the passage's own with their cosines, in reading order.
    """

    passage: Passage
    score: float
    cosine: float
    coverage: float
    sentences: list[tuple[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class SearchResult:
    """Hits best first, and the calibrated probability that they answer the question."""

    hits: list[Hit]
    answerable: float
