"""Reading one file in tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from retrieval.documents import Document, DocumentError
from retrieval.loaders import load_file
from retrieval.loaders.source import Source


def read(
    path: Path, columns: Mapping[str, str] | None = None, failed: list[DocumentError] | None = None
) -> list[Document]:
    """The documents of a file; what is wrong with parts of it goes to ``failed``."""
    return load_file(Source(path, path.stem, columns or {}, [] if failed is None else failed))


def read_one(path: Path) -> Document:
    """The one document of a file."""
    (document,) = read(path)
    return document


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path
