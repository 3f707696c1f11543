"""What a loader is given: a file, the name its ids are made from, and how to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nlu.language import script_language
from retrieval.documents import Document, DocumentError

_NUMBERS = 10  # named in one message


@dataclass(frozen=True)
class Source:
    """A file to be read.

    ``name`` is its documents' id where the file itself names none. ``columns`` says which column of a table
    of questions is which, for those whose headers do not tell (:data:`retrieval.loaders.questions.NAMES`).
    ``failed`` takes what is wrong with one row, sheet or page while the rest of the file is read.
    """

    path: Path
    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    failed: list[DocumentError] = field(default_factory=list)

    def error(self, reason: str) -> DocumentError:
        """The error that names the file."""
        return DocumentError(f"{self.path}: {reason}")

    def document(
        self, text: str, title: str = "", url: str = "", updated: str = "", page_starts: tuple[int, ...] = ()
    ) -> Document:
        """The file's one document; its language is that of its letters.

        Raises:
            DocumentError: the text is empty.
        """
        if not text.strip():
            raise self.error("the article is empty.")
        language = script_language(text)
        return Document(self.name, title or self.path.stem, text, language, url, updated, page_starts)


def listed(numbers: Sequence[int]) -> str:
    """Numbers of rows or pages in a message, of many the first."""
    named = ", ".join(map(str, numbers[:_NUMBERS]))
    return f"{named} and {len(numbers) - _NUMBERS} more" if len(numbers) > _NUMBERS else named
