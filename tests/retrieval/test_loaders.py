from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.documents import Document, DocumentError
from retrieval.loaders import files_in, load_documents, load_file
from retrieval.loaders.jsonl import load_jsonl


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_front_matter_fills_the_documents_particulars(tmp_path: Path) -> None:
    text = "---\nid: pay\ntitle: Оплата\nurl: https://a.b\nlanguage: ru\nupdated: 2025-01-02\n---\n"
    text += "\n# Другое\n\nКартой.\n"
    assert load_file(write(tmp_path / "a.md", text)) == [
        Document("pay", "Оплата", "# Другое\n\nКартой.", "ru", "https://a.b", "2025-01-02")
    ]


def test_without_front_matter_name_heading_and_script_speak(tmp_path: Path) -> None:
    assert load_file(write(tmp_path / "card.MD", "\ufeff# How to pay #\n\nBy card.")) == [
        Document("card", "How to pay", "# How to pay #\n\nBy card.", "en")
    ]
    assert load_file(write(tmp_path / "карта.md", "Картой.")) == [Document("карта", "карта", "Картой.", "ru")]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.md", b"---\ntitle: a: b\n---\ntext", "a.md: the front matter is not valid YAML .*: quote values"),
        ("a.md", b"---\ntitle: a\n---\n\n", "a.md: the article is empty"),
        ("a.md", "Оплата".encode("cp1251"), r"a.md: not UTF-8 text \(byte 0\): save it as UTF-8"),
        ("a.pdf", b"%PDF", "a.pdf: files ending in .pdf cannot be read, only .jsonl, .markdown, .md"),
        ("README", b"text", "README: files ending in nothing cannot be read"),
        ("a.jsonl", b'{"id": 1, "text": "a"}\n{"id": 2}', "a.jsonl, line 2: expected .*text"),
        ("a.jsonl", b"\n{broken", "a.jsonl, line 2: expected"),
        ("a.jsonl", b"[1]", "a.jsonl, line 1: expected"),
        ("a.jsonl", b'{"id": "x", "text": " "}', "a.jsonl, line 1: the article x is empty"),
    ],
)
def test_a_file_that_cannot_be_indexed_is_named_with_the_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DocumentError, match=reason):
        list(load_file(tmp_path / name))


RECORD = st.fixed_dictionaries(
    {"id": st.text(min_size=1), "text": st.text(min_size=1).map(str.strip).filter(bool), "title": st.text()}
)


@given(st.lists(RECORD, max_size=4))
def test_json_lines_round_trip_whatever_the_text_holds(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("jsonl") / "a.jsonl"
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    assert [{"id": d.id, "text": d.text, "title": d.title} for d in load_jsonl(path)] == records


def test_a_folder_gives_the_readable_files_below_it_in_order(tmp_path: Path) -> None:
    expected = [write(tmp_path / "a.md", "a"), write(tmp_path / "b" / "c.JSONL", "")]
    write(tmp_path / "notes.txt", "ignored")
    assert files_in(tmp_path) == expected


def test_a_missing_path_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no file or folder .*nowhere: check the path"):
        files_in(tmp_path / "nowhere")
    with pytest.raises(DocumentError, match="holds no articles: expected files ending in .jsonl, .markdown, .md"):
        files_in(tmp_path)


def test_one_bad_file_and_one_repeated_id_do_not_stop_the_rest(tmp_path: Path) -> None:
    write(tmp_path / "a.md", "Первая")
    write(tmp_path / "b.md", "")
    write(tmp_path / "c" / "a.md", "Другая с тем же именем")
    write(tmp_path / "d.md", "Последняя")
    failed: list[DocumentError] = []
    assert [document.text for document in load_documents([tmp_path], failed)] == ["Первая", "Последняя"]
    assert [str(error).rsplit("/", 1)[-1] for error in failed] == ["b.md: the article is empty.", "a.md."]
