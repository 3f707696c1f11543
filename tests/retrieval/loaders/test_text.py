from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.documents import DocumentError
from retrieval.loaders.text import as_markdown, decoded
from tests.retrieval.loaders.reading import read, read_one, write

RUSSIAN = [
    "Оплата",
    "ОПЛАТА И ДОСТАВКА",
    "Ёлку вернуть нельзя",
    "Wi-Fi роутер Lumen не работает",
    "Копию своих данных вы получите по почте — за 3 дня.",
    "Возврат «Borealis X5»: 14 дней",
]
SINGLE_BYTE = ["cp1251", "koi8_r", "cp866"]
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize("text", RUSSIAN)
@pytest.mark.parametrize("encoding", [*SINGLE_BYTE, *UNICODE])
def test_short_russian_texts_are_read_in_every_usual_encoding(text: str, encoding: str) -> None:
    data = f"{text} \n".encode(encoding, errors="replace")
    assert decoded(data) == data.decode(encoding)


@pytest.mark.parametrize("text", ["We’re open 9–18", "café au lait", "Für die Rückgabe", "£299 or €300"])
def test_western_texts_are_not_taken_for_russian(text: str) -> None:
    assert decoded(text.encode("cp1252")) == text


@given(st.text())
def test_what_is_utf_8_is_read_as_that(text: str) -> None:
    if text.count("\0") == 0:
        assert decoded(text.encode("utf-8")) == text.removeprefix("\ufeff")


def test_a_declared_encoding_is_believed_unless_the_text_is_utf_8() -> None:
    assert decoded("15 цифр".encode("koi8_r"), "koi8-r") == "15 цифр"
    assert decoded("Оплата".encode(), "cp1251") == "Оплата"
    assert decoded("Оплата".encode("cp1251"), "no-such") == "Оплата"


def test_a_first_line_alone_is_the_title(tmp_path: Path) -> None:
    document = read_one(write(tmp_path / "pay.txt", "Как оплатить\r\n\r\nКартой\r\nили наличными.", "cp1251"))
    assert (document.id, document.title, document.language) == ("pay", "Как оплатить", "ru")
    assert document.text == "# Как оплатить\n\nКартой или наличными."


def test_a_first_sentence_is_no_title(tmp_path: Path) -> None:
    assert read_one(write(tmp_path / "pay.txt", "Pay by card.\n\nOr in cash.")).title == "pay"


def test_typed_text_becomes_tidy_markdown() -> None:
    typed = "2\u00a0500\u202f₽  \r\n\r\n\r\n\r\n•  пер\u00adвое\r\n   ● второе"
    assert as_markdown(typed) == "2 500 ₽\n\n- первое\n   - второе"
    assert as_markdown("и\u0306") == "й"


@pytest.mark.parametrize(
    "content", [bytes(range(256)) * 10, b"PK\x03\x04\x14\0\x06\0\x08\0" * 30, b"\x89PNG\r\n\x1a\n\x01\x02"]
)
def test_what_is_no_text_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DocumentError, match="a.txt: this is no text file: save it as text in UTF-8"):
        read(tmp_path / "a.txt")
