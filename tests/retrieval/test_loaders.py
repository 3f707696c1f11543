from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.documents import Document, DocumentError
from retrieval.loaders import MAX_MEGABYTES, files_in, load_documents, names_of
from tests.retrieval.loaders.reading import read, write


def loaded(*paths: Path) -> tuple[list[Document], list[str]]:
    failed: list[DocumentError] = []
    return list(load_documents(paths, failed)), [str(error) for error in failed]


# -- which files --------------------------------------------------------------------------------


def test_a_folder_gives_the_readable_files_below_it_in_order(tmp_path: Path) -> None:
    expected = [write(tmp_path / "a.md", "a"), write(tmp_path / "b" / "c.JSONL", ""), write(tmp_path / "d.html", "")]
    write(tmp_path / "picture.png", "ignored")
    assert files_in(tmp_path, []) == expected


def test_hidden_files_and_lock_files_are_left_out(tmp_path: Path) -> None:
    shown = write(tmp_path / "faq.docx", "")
    for name in (".git/notes.md", ".draft.md", "~$faq.docx", "b/.c/d.md"):
        write(tmp_path / name, "text")
    assert files_in(tmp_path, []) == [shown]


def test_a_missing_path_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no file or folder .*nowhere: check the path"):
        files_in(tmp_path / "nowhere", [])
    with pytest.raises(DocumentError, match=r"holds no articles: expected files ending in \.csv, \.docx, \.htm"):
        files_in(tmp_path, [])


def test_a_folder_that_cannot_be_opened_is_named_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.md", "A")
    write(tmp_path / "closed" / "b.md", "B")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    documents, failed = loaded(tmp_path)
    assert [document.id for document in documents] == ["a"]
    assert failed == [f"{tmp_path / 'closed'}: the folder cannot be opened (Permission denied)."]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    file = write(tmp_path / "a.md", "A")
    assert [len(part) for part in loaded(tmp_path, file)] == [1, 0]


# -- ids ----------------------------------------------------------------------------------------


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for name in ("delivery/faq.md", "returns/faq.md", "returns/rules.md"):
        write(tmp_path / name, "text")
    write(tmp_path / "returns" / "faq.txt", "text")
    documents, failed = loaded(tmp_path)
    assert [document.id for document in documents] == ["delivery/faq", "returns/faq.md", "returns/faq.txt", "rules"]
    assert failed == []


PATHS = st.lists(st.tuples(*[st.sampled_from("ab")] * 2, st.sampled_from([".md", ".txt"])), min_size=1, unique=True)


@given(PATHS, st.randoms())
def test_names_are_unique_and_the_same_in_every_order(parts: list[tuple[str, str, str]], random: object) -> None:
    files = [Path(folder, f"{stem}{ending}") for folder, stem, ending in parts]
    names = names_of(files)
    assert len(set(names)) == len(files)
    assert dict(zip(files[::-1], names_of(files[::-1]))) == dict(zip(files, names))


def test_an_id_of_the_front_matter_stays_and_a_second_one_names_both_files(tmp_path: Path) -> None:
    first = write(tmp_path / "a" / "faq.md", "---\nid: pay\n---\nOne")
    second = write(tmp_path / "b" / "faq.md", "---\nid: pay\n---\nTwo")
    documents, failed = loaded(tmp_path)
    assert [(document.id, document.text) for document in documents] == [("pay", "One")]
    assert failed == [f"{second}: the id pay is already used by {first}."]


# -- what cannot be read ------------------------------------------------------------------------


def test_a_bad_file_does_not_stop_the_rest(tmp_path: Path) -> None:
    write(tmp_path / "a.md", "Первая")
    write(tmp_path / "b.md", " \n")
    write(tmp_path / "c.docx", "no zip")
    write(tmp_path / "d.md", "Последняя")
    documents, failed = loaded(tmp_path)
    assert [document.text for document in documents] == ["Первая", "Последняя"]
    assert [error.split(":")[0] for error in failed] == [str(tmp_path / "b.md"), str(tmp_path / "c.docx")]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.md", b"", "a.md: the file is empty"),
        ("a.csv", b"question,answer\n", "a.csv: the file holds no articles"),
        ("README", b"text", "README: files ending in nothing cannot be read, only .csv"),
        ("a.png", b"text", "a.png: files ending in .png cannot be read"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "a.doc: files ending in .doc cannot be read: save it as .docx"),
        ("a.XLS", b"\xd0\xcf\x11\xe0", "a.XLS: files ending in .xls cannot be read: save it as .xlsx"),
        ("a.docx", b"\xd0\xcf\x11\xe0", "a.docx: the file has a password or is of an old format"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0", "a.xlsx: the file has a password or is of an old format"),
        ("a.docx", b"PK\x03\x04cut off", r"a.docx: the file is damaged \(no zip archive\): save it as .docx again"),
        ("a.xlsx", b"PK\x03\x04cut off", r"a.xlsx: the file is damaged \(no zip archive\): save it as .xlsx again"),
        ("a.pdf", b"%PDF-1.7 cut off", r"a.pdf: this is no valid PDF \(.*\): save it again"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_remedy(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DocumentError, match=reason):
        read(tmp_path / name)


def test_too_large_a_file_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "manual.pdf"
    with path.open("wb") as stream:
        stream.truncate(MAX_MEGABYTES * 2**20 + 1)
    with pytest.raises(DocumentError, match=f"manual.pdf: larger than {MAX_MEGABYTES} MB: split it"):
        read(path)


def test_a_file_without_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    path = write(tmp_path / "a.md", "A")
    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(DocumentError, match=r"a.md: the file cannot be opened \(Permission denied\): check its perm"):
        read(path)
