"""A reply as Telegram shows it: HTML with its sources as links, in parts that are not too long."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from telegram.constants import MessageLimit

from retrieval.sentences import SENTENCE_END

LONGEST = int(MessageLimit.MAX_TEXT_LENGTH)  # 4,096 characters, HTML's marks not counted
_MARK = re.compile(r"\[(\d+)\]")


def length(text: str) -> int:
    """Telegram counts in UTF-16, where an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def parts(text: str, longest: int = LONGEST) -> list[str]:
    """The text in parts that fit a message, cut between paragraphs if possible, else lines, sentences, words."""
    found: list[str] = []
    for piece in _pieces(text.strip(), longest):
        if found and length(found[-1]) + length(piece) <= longest:
            found[-1] += piece
        else:
            found.append(piece)
    return [part.strip() for part in found if part.strip()]


def _pieces(text: str, longest: int) -> Iterator[str]:
    """The text in pieces none of which is too long, as large as may be; joined they are the text."""
    if length(text) <= longest:
        yield text
        return
    for boundary in (re.compile(r"\n\s*\n"), re.compile(r"\n"), SENTENCE_END, re.compile(r"\s+")):
        ends = [match.end() for match in boundary.finditer(text) if 0 < match.end() < len(text)]
        if ends:
            for start, end in zip([0, *ends], [*ends, len(text)]):
                yield from _pieces(text[start:end], longest)
            return
    half = len(text) // 2  # one word that fits no message
    yield from _pieces(text[:half], longest)
    yield from _pieces(text[half:], longest)


def as_html(text: str, citations: Sequence[Mapping[str, Any]] = ()) -> str:
    """The text with nothing in it that Telegram would take for a mark; source marks lead to the sources.

    Args:
        text: plain text, as every channel gets it: marks such as ``[1]``, sources as lines ``[1] title: address``.
        citations: of the reply's trace: ``number``, ``title``, ``url``.
    """
    sources = {str(c["number"]): c for c in citations if _links(c.get("url"))}
    return "\n".join(_line(line, sources) for line in text.split("\n"))


def _line(line: str, sources: Mapping[str, Mapping[str, Any]]) -> str:
    head = _MARK.match(line)
    if head and (source := sources.get(head[1])) and line.endswith(f": {source['url']}"):
        return _link(line.removesuffix(f": {source['url']}"), source["url"])
    shown = html.escape(line, quote=False)
    return _MARK.sub(lambda mark: _link(mark[0], sources[mark[1]]["url"]) if mark[1] in sources else mark[0], shown)


def _link(text: str, url: str) -> str:
    return f'<a href="{html.escape(url)}">{html.escape(text, quote=False)}</a>'


def _links(url: Any) -> bool:
    return isinstance(url, str) and url.startswith(("https://", "http://"))
