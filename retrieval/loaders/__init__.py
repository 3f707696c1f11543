"""Files to documents: one loader a format, chosen by the file's ending."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from retrieval.documents import Document, DocumentError
from retrieval.loaders.delimited import load_delimited
from retrieval.loaders.docx import load_docx
from retrieval.loaders.html import load_html
from retrieval.loaders.jsonl import load_jsonl
from retrieval.loaders.markdown import load_markdown
from retrieval.loaders.pdf import load_pdf
from retrieval.loaders.source import Source
from retrieval.loaders.text import load_text
from retrieval.loaders.xlsx import load_xlsx

MAX_MEGABYTES = 50  # of a file; a manual of a thousand pages has less unless it holds photographs

LOADERS: dict[str, Callable[[Source], Iterable[Document]]] = {
    ".md": load_markdown,
    ".markdown": load_markdown,
    ".txt": load_text,
    ".html": load_html,
    ".htm": load_html,
    ".pdf": load_pdf,
    ".docx": load_docx,
    ".xlsx": load_xlsx,
    ".csv": load_delimited,
    ".tsv": load_delimited,
    ".jsonl": load_jsonl,
}
# Formats that people have but no loader reads, and what to save them as.
SAVE_AS = {
    ".doc": ".docx",
    ".odt": ".docx",
    ".rtf": ".docx",
    ".xls": ".xlsx",
    ".xlsb": ".xlsx",
    ".ods": ".xlsx",
}


def files_in(path: Path, failed: list[DocumentError]) -> list[Path]:
    """The file itself, or every file below a folder that a loader knows, in order.

    Hidden files and folders and the lock files of office programs are left out; a folder that cannot be
    opened goes to ``failed``.

    Raises:
        DocumentError: nothing is there, or nothing that can be read.
    """
    if not path.exists():
        raise DocumentError(f"There is no file or folder {path}: check the path.")
    if path.is_file():
        return [path]
    closed = len(failed)
    found = sorted(file for file in _walk(path, failed) if file.suffix.lower() in {*LOADERS, *SAVE_AS})
    if not found and len(failed) == closed:
        raise DocumentError(f"The folder {path} holds no articles: expected files ending in {_endings()}.")
    return found


def _walk(folder: Path, failed: list[DocumentError]) -> Iterator[Path]:
    def closed(error: OSError) -> None:
        failed.append(DocumentError(f"{error.filename}: the folder cannot be opened ({error.strerror})."))

    for parent, folders, files in os.walk(folder, onerror=closed):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in files if not name.startswith((".", "~$")))


def load_documents(
    paths: Iterable[Path], failed: list[DocumentError], columns: Mapping[str, str] | None = None
) -> Iterator[Document]:
    """Documents of all files; a file that cannot be read goes to ``failed`` and the rest is loaded.

    Args:
        paths: files and folders.
        failed: takes what could not be read.
        columns: names of the columns of tables of questions (``question``, ``answer``, ``id``, ``url``,
            ``language``, ``updated``) where they are not the usual ones.
    """
    files = list(dict.fromkeys(file for path in paths for file in files_in(path, failed)))
    seen: dict[str, Path] = {}
    for file, name in zip(files, names_of(files)):
        try:
            documents = load_file(Source(file, name, columns or {}, failed))
        except DocumentError as error:
            failed.append(error)
            continue
        for document in documents:
            if document.id in seen:
                failed.append(DocumentError(f"{file}: the id {document.id} is already used by {seen[document.id]}."))
            else:
                seen[document.id] = file
                yield document


def names_of(files: list[Path]) -> list[str]:
    """A name for each file to make its id from, the same whatever the order of the files.

    It is the file's own without the ending; where several share that, the path below the folder common to
    all files, with the ending if that differs alone.
    """
    common = os.path.commonpath([file.absolute().parent for file in files]) if files else ""
    relative = [Path(os.path.relpath(file.absolute(), common)) for file in files]
    forms = [
        [file.stem for file in relative],
        [file.with_suffix("").as_posix() for file in relative],
        [file.as_posix() for file in relative],
    ]
    counts = [Counter(names) for names in forms]
    return [next(n for n, count in zip(names, counts) if count[n] == 1) for names in zip(*forms)]


def load_file(source: Source) -> list[Document]:
    """Documents of one file.

    Raises:
        DocumentError: the format is unknown, the file is too large, or the content is not what the format asks for.
    """
    path, ending = source.path, source.path.suffix.lower()
    if ending in SAVE_AS:
        raise source.error(f"files ending in {ending} cannot be read: save it as {SAVE_AS[ending]}.")
    if ending not in LOADERS:
        raise source.error(f"files ending in {path.suffix or 'nothing'} cannot be read, only {_endings()}.")
    try:
        size = path.stat().st_size
        if not size:
            raise source.error("the file is empty.")
        if size > MAX_MEGABYTES * 2**20:
            raise source.error(f"larger than {MAX_MEGABYTES} MB: split it, or save it with smaller pictures.")
        failures = len(source.failed)
        documents = list(LOADERS[ending](source))
        if not documents and len(source.failed) == failures:
            raise source.error("the file holds no articles.")
        return documents
    except (DocumentError, ImportError):
        raise
    except Exception as error:  # whatever a library makes of a damaged file
        if isinstance(error, OSError) and error.strerror:
            raise source.error(f"the file cannot be opened ({error.strerror}): check its permissions.") from error
        raise source.error(f"the file is damaged ({type(error).__name__}: {error}): save it again.") from error


def _endings() -> str:
    return ", ".join(sorted(LOADERS))
