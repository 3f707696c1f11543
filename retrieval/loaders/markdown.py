"""Markdown with YAML front matter: ``id``, ``title``, ``url``, ``language``, ``updated``, all optional."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from retrieval.chunking import title_of
from retrieval.documents import Document
from retrieval.loaders.source import Source
from retrieval.loaders.text import read_text


def load_markdown(source: Source) -> Iterable[Document]:
    """The one document of a Markdown file.

    Without front matter the id is the file's name, the title its one first-level heading.
    """
    import frontmatter
    import yaml

    try:
        post = frontmatter.loads(read_text(source))
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        raise source.error(f"the front matter is not valid YAML ({reason}): quote values with colons.") from error
    text = post.content.strip()
    document = source.document(
        text,
        str(post.get("title") or title_of(text)),
        str(post.get("url") or ""),
        str(post.get("updated") or ""),
    )
    return [
        replace(
            document,
            id=str(post.get("id") or document.id),
            language=str(post.get("language") or document.language),
        )
    ]
