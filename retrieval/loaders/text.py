"""Plain text in whatever encoding it was saved; other formats of text use :func:`read_text` too."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable

from retrieval.chunking import title_of
from retrieval.documents import Document
from retrieval.loaders.source import Source

_TITLE_LINE = re.compile(r"(?=[^\W\d_])[^\n]{1,100}(?<![.,:;])\n\n")
_MARKS = (  # UTF-32's first: it begins as UTF-16's does
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SINGLE_BYTE = ("cp1251", "koi8_r", "cp866", "cp1252")  # likeliest first
_COMMON, _RARE = re.compile("[оеаинтсрвлк]", re.IGNORECASE), re.compile("[щшцюэфъёхжю]", re.IGNORECASE)
# What a text in the wrong encoding is full of: capitals inside words, two scripts in a word, symbols.
_ODD = re.compile(
    "[а-яё][А-ЯЁ]|[А-ЯЁ](?=[а-яё]*[А-ЯЁ][а-яё])|[a-zA-Z][а-яёА-ЯЁ]|[а-яёА-ЯЁ][a-zA-Z]"
    "|(?<![а-яёА-ЯЁa-zA-Z])[а-яёА-ЯЁ]\\d|\\w№|[^\\x00-\\x7fа-яёА-ЯЁ«»—–№°…“”„‘’•§©®™×±£€\xa0à-öø-ÿÀ-ÖØ-ß]"
)
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")
_ZEROS = 0.025  # of the bytes: UTF-16 has one in every space
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u3000\t]")
_BULLET = re.compile(r"^(\s*)[•●▪■◦‣⁃∙·]\s*", re.MULTILINE)
_TRAILING = re.compile(r"[ \r]+$", re.MULTILINE)
_WRAPPED = re.compile(r"(?<=[^\s.!?:;…])\n(?=[a-zа-яё])")  # a line end within a sentence
_BLANK = re.compile(r"\n{3,}")


def load_text(source: Source) -> Iterable[Document]:
    """The one document of a text file; a short first line that stands alone is its heading."""
    text = _WRAPPED.sub(" ", as_markdown(read_text(source)))
    if _TITLE_LINE.match(text):
        text = f"# {text}"
    return [source.document(text, title_of(text))]


def read_text(source: Source) -> str:
    """The file's text.

    Raises:
        DocumentError: it is no text.
    """
    text = decoded(source.path.read_bytes())
    if len(_NO_TEXT.findall(text)) > len(text) / 100:
        raise source.error("this is no text file: save it as text in UTF-8.")
    return text


def decoded(data: bytes, declared: str | None = None) -> str:
    """Text from bytes: by their mark, as UTF-8 if they are that, as declared, else as Russian text looks."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if data.count(0) > _ZEROS * len(data):
        little = data[1::2].count(0) >= data[::2].count(0)
        return data.decode("utf-16-le" if little else "utf-16-be", errors="replace")
    for known in filter(None, ("utf-8", declared)):
        try:
            return data.decode(known)
        except (UnicodeDecodeError, LookupError):
            continue
    return max(_readings(data), key=_likelihood)


def _readings(data: bytes) -> list[str]:
    return [data.decode(encoding, errors="replace") for encoding in _SINGLE_BYTE]


def _likelihood(text: str) -> int:
    """How much the text looks like Russian: common letters, few rare ones, nothing odd."""
    return len(_COMMON.findall(text)) - len(_RARE.findall(text)) - 3 * len(_ODD.findall(text))


def as_markdown(text: str) -> str:
    """Typed text as tidy Markdown: plain spaces, composed letters, typed bullets as list items."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    text = _TRAILING.sub("", _SPACES.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")))
    return _BLANK.sub("\n\n", _BULLET.sub(r"\1- ", text)).strip()
