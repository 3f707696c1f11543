from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.documents import Document, DocumentError
from tests.retrieval.loaders.reading import read, read_one, write


def test_front_matter_fills_the_documents_particulars(tmp_path: Path) -> None:
    text = "---\nid: pay\ntitle: Оплата\nurl: https://a.b\nlanguage: ru\nupdated: 2025-01-02\n---\n"
    text += "\n# Другое\n\nКартой.\n"
    assert read_one(write(tmp_path / "a.md", text)) == Document(
        "pay", "Оплата", "# Другое\n\nКартой.", "ru", "https://a.b", "2025-01-02"
    )


def test_without_front_matter_name_heading_and_script_speak(tmp_path: Path) -> None:
    assert read_one(write(tmp_path / "card.MD", "\ufeff# How to pay #\n\nBy card.")) == Document(
        "card", "How to pay", "# How to pay #\n\nBy card.", "en"
    )
    assert read_one(write(tmp_path / "карта.md", "Картой.", "cp1251")) == Document("карта", "карта", "Картой.", "ru")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("---\ntitle: a: b\n---\ntext", "a.md: the front matter is not valid YAML .*: quote values"),
        ("---\ntitle: a\n---\n\n", "a.md: the article is empty"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read(write(tmp_path / "a.md", content))
