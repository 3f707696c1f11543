"""What DOCX and XLSX share: zip archives with the document's particulars in one of their files."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree import ElementTree
from zipfile import ZipFile, is_zipfile

from retrieval.loaders.source import Source

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # begins .doc and .xls, and new files with a password
_PROPERTIES = "docProps/core.xml"
_TITLE, _MODIFIED = "{http://purl.org/dc/elements/1.1/}title", "{http://purl.org/dc/terms/}modified"


class Properties(NamedTuple):
    """Title and day of the last change as the file's properties have them, empty where they do not."""

    title: str
    updated: str


def check_package(source: Source) -> None:
    """Name what is wrong with a file before a library chokes on it.

    Raises:
        DocumentError: it has a password, is of the old format under a new name, or is damaged.
    """
    ending = source.path.suffix
    with source.path.open("rb") as stream:
        start = stream.read(len(_OLD_OFFICE))
    if start == _OLD_OFFICE:
        raise source.error(f"the file has a password or is of an old format: save it as {ending} without a password.")
    if not is_zipfile(source.path):
        raise source.error(f"the file is damaged (no zip archive): save it as {ending} again.")


def properties_of(source: Source) -> Properties:
    """The properties of a file that :func:`check_package` found right."""
    with ZipFile(source.path) as package:
        if _PROPERTIES not in package.namelist():
            return Properties("", "")
        root = ElementTree.fromstring(package.read(_PROPERTIES))
    return Properties((root.findtext(_TITLE) or "").strip(), (root.findtext(_MODIFIED) or "")[:10])
