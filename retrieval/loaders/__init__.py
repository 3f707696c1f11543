"""Files to documents: one loader a format, chosen by the file's ending."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from retrieval.documents import Document, DocumentError
from retrieval.loaders.jsonl import load_jsonl
from retrieval.loaders.markdown import load_markdown

LOADERS: dict[str, Callable[[Path], Iterable[Document]]] = {
    ".md": load_markdown,
    ".markdown": load_markdown,
    ".jsonl": load_jsonl,
}


def files_in(path: Path) -> list[Path]:
    """The file itself, or every file below a folder that some loader reads.

    Raises:
        DocumentError: nothing is there, or nothing that can be read.
    """
    if not path.exists():
        raise DocumentError(f"There is no file or folder {path}: check the path.")
    found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.suffix.lower() in LOADERS)
    if not found:
        raise DocumentError(f"The folder {path} holds no articles: expected files ending in {_endings()}.")
    return found


def load_documents(paths: Iterable[Path], failed: list[DocumentError]) -> Iterator[Document]:
    """Documents of all files; a file that cannot be read goes to ``failed`` and the rest is loaded."""
    seen: dict[str, Path] = {}
    for path in paths:
        for file in files_in(path):
            try:
                documents = list(load_file(file))
            except DocumentError as error:
                failed.append(error)
                continue
            for document in documents:
                if document.id in seen:
                    failed.append(
                        DocumentError(f"{file}: the id {document.id} is already used by {seen[document.id]}.")
                    )
                else:
                    seen[document.id] = file
                    yield document


def load_file(path: Path) -> Iterable[Document]:
    """Documents of one file.

    Raises:
        DocumentError: the format is unknown or the content is not what the format asks for.
    """
    loader = LOADERS.get(path.suffix.lower())
    if loader is None:
        raise DocumentError(f"{path}: files ending in {path.suffix or 'nothing'} cannot be read, only {_endings()}.")
    try:
        return loader(path)
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: not UTF-8 text (byte {error.start}): save it as UTF-8.") from error


def _endings() -> str:
    return ", ".join(sorted(LOADERS))
