"""What retrieval passes around: documents, their passages, hits."""

from __future__ import annotations

from dataclasses import dataclass, field

from nlu.errors import LichnoError
from retrieval.ranking import Signals


class DocumentError(LichnoError):
    """A file that cannot be indexed; names the file and the reason."""


@dataclass(frozen=True)
class Document:
    """One article as its loader read it. ``text`` is Markdown.

    ``page_starts`` holds, for a format with pages, where in ``text`` each begins; ``row`` is the row of a
    table of questions, counted as spreadsheets do, 0 for other formats.
    """

    id: str
    title: str
    text: str
    language: str
    url: str = ""
    updated: str = ""
    page_starts: tuple[int, ...] = ()
    row: int = 0


@dataclass(frozen=True)
class Passage:
    """A section of a document, understandable alone: what is embedded, found and cited.

    ``id`` is ``<document id>#<position>``; ``section`` names the headings it stands under, the title left out.
    ``page`` and ``row`` are where the file has it, 0 where the format has none.
    """

    id: str
    document_id: str
    title: str
    section: str
    text: str
    language: str
    url: str = ""
    updated: str = ""
    page: int = 0
    row: int = 0

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

    ``score`` orders the hits of one question, ``signals`` say what it is made of. ``sentences`` are
    the passage's own in reading order, each with how well it matches the question; comparable within a question.
    ``translations`` are the ids of other hits of the question that say the same in another language.
    """

    passage: Passage
    score: float
    signals: Signals
    sentences: list[tuple[str, float]] = field(default_factory=list)
    translations: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SearchResult:
    """Hits best first, and the calibrated probability that they answer the question."""

    hits: list[Hit]
    answerable: float
