"""Markdown with YAML front matter: ``id``, ``title``, ``url``, ``language``, ``updated``, all optional."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import frontmatter
import yaml

from nlu.language import script_language
from retrieval.documents import Document, DocumentError

_FIRST_HEADING = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)


def load_markdown(path: Path) -> Iterable[Document]:
    """The one document of a Markdown file.

    Without front matter the id is the file's name, the title its first heading.
    """
    try:
        post = frontmatter.loads(path.read_text(encoding="utf-8-sig"))
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        raise DocumentError(
            f"{path}: the front matter is not valid YAML ({reason}): quote values with colons."
        ) from error
    text = post.content.strip()
    if not text:
        raise DocumentError(f"{path}: the article is empty.")
    heading = _FIRST_HEADING.search(text)
    title = str(post.get("title") or (heading.group(1) if heading else path.stem))
    return [
        Document(
            id=str(post.get("id") or path.stem),
            title=title,
            text=text,
            language=str(post.get("language") or script_language(text)),
            url=str(post.get("url") or ""),
            updated=str(post.get("updated") or ""),
        )
    ]
