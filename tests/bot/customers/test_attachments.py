from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from bot.customers.attachments import (
    LARGEST,
    LONGEST_NAME,
    SAME_MATTER,
    File,
    KindRefused,
    SizeRefused,
    attach,
    clean_name,
    file_from,
    read,
)
from bot.customers.models import Attachment, Ticket
from bot.customers.store import CustomerStore
from bot.privacy.export import HEADINGS
from bot.privacy.ownership import delete_rows, rows_of
from tests.bot.customers.conftest import imported
from tests.bot.customers.photos import GPS, heic, photo, read_exif
from tests.bot.customers.shop import write_shop

NOW = dt.datetime(2026, 11, 25, 12)
PDF = b"%PDF-1.7\n..."


@pytest.mark.parametrize(
    ("name", "content", "kept", "media_type"),
    [
        ("crack.jpg", photo(), "crack.jpg", "image/jpeg"),
        ("IMG_1.JPEG", photo(), "IMG_1.jpeg", "image/jpeg"),
        ("shell.php", photo("PNG"), "shell.php.png", "image/png"),
        ("чек", PDF, "чек.pdf", "application/pdf"),
        ("a.webp", photo("WEBP"), "a.webp", "image/webp"),
        ("IMG_2.HEIC", heic(), "IMG_2.heic", "image/heic"),
        (".pdf", PDF, "pdf.pdf", "application/pdf"),
    ],
)
def test_the_content_says_what_it_is_and_the_name_follows(
    name: str, content: bytes, kept: str, media_type: str
) -> None:
    file = file_from(name, content)
    assert (file.name, file.media_type, file.content) == (kept, media_type, content)


@pytest.mark.parametrize(
    "content", [b"", b"MZ\x90", b"<svg xmlns='...'>", b"<html>", b"PK\3\4", b"GIF89a", b" %PDF-1.7"]
)
def test_other_kinds_are_refused_whatever_they_are_called(content: bytes) -> None:
    with pytest.raises(KindRefused, match="JPEG"):
        file_from("photo.jpg", content)


def test_a_file_may_be_so_large_and_not_a_byte_larger() -> None:
    largest = b"%PDF-1.7".ljust(LARGEST)
    assert file_from("a.pdf", largest).content == largest
    with pytest.raises(SizeRefused, match="10 MB"):
        file_from("a.pdf", largest + b" ")


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\photo.jpg", "photo.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie_ b.pdf"),
        ("", "file"),
        ("...", "file"),
        ("ё" * 300 + ".jpg", "ё" * (LONGEST_NAME - 4) + ".jpg"),
    ],
)
def test_a_name_is_cleaned(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@given(st.text(max_size=300))
def test_a_cleaned_name_is_a_short_plain_name_and_stays_so(name: str) -> None:
    cleaned = clean_name(name)
    assert 0 < len(cleaned) <= LONGEST_NAME and not set(cleaned) & set('/\\<>:"|?*\r\n\0')
    assert clean_name(cleaned) == cleaned


def test_a_file_goes_to_the_newest_open_request_of_the_day_or_to_a_new_one(shop: CustomerStore) -> None:
    first = attach(shop, "C1", file_from("a.jpg", photo()), "The box is torn", NOW)
    second = attach(shop, "C1", file_from("b.pdf", PDF), "Another", NOW + SAME_MATTER / 2)
    assert first.ticket == second.ticket
    later = attach(shop, "C1", file_from("c.pdf", PDF), "Much later", NOW + 2 * SAME_MATTER)
    assert later.ticket != first.ticket
    with shop.session() as session:
        subjects = {row.ticket_id: row.subject for row in session.query(Ticket)}
    assert (subjects[first.ticket], subjects[later.ticket]) == ("The box is torn", "Much later")


def test_where_a_photo_was_made_is_not_kept(shop: CustomerStore) -> None:
    kept = attach(shop, "C1", file_from("a.jpg", photo()), "", NOW)
    file = read(shop, "C1", kept.id)
    assert file and dict(read_exif(file.content).get_ifd(GPS)) == {}


def test_a_file_is_its_customers_alone(shop: CustomerStore) -> None:
    kept = attach(shop, "C1", File("a.pdf", "application/pdf", PDF), "", NOW)
    assert read(shop, "C1", kept.id) == File("a.pdf", "application/pdf", PDF)
    assert read(shop, "C2", kept.id) is None and read(shop, "C1", kept.id + 1) is None


def test_export_and_erasure_reach_files(shop: CustomerStore, tmp_path: Path) -> None:
    attach(shop, "C1", file_from("mine.pdf", PDF), "", NOW)
    attach(shop, "C2", file_from("theirs.pdf", PDF), "", NOW)
    with shop.session() as session:
        (shown,) = rows_of(session.connection(), "C1")["attachments"]
        assert (shown["name"], shown["content"]) == ("mine.pdf", PDF)
        assert all("attachments" in headings for headings in HEADINGS.values())
        assert delete_rows(session.connection(), "C1")["attachments"] == 1
        assert [row.name for row in session.query(Attachment)] == ["theirs.pdf"]


def test_at_rest_neither_a_name_nor_a_content_can_be_read(url: str, tmp_path: Path) -> None:
    store = imported(tmp_path, write_shop(tmp_path / "shop"), url)
    kept = attach(store, "C1", file_from("Irina's passport.pdf", PDF), "", NOW)
    with store.engine.connect() as connection:
        (name, content) = connection.execute(text("SELECT name, content FROM attachments")).one()
    assert "passport" not in name and PDF[:8] not in bytes(content)
    assert read(store, "C1", kept.id) == File("Irina's passport.pdf", "application/pdf", PDF)


def test_a_file_without_a_session_is_not_stored(shop: CustomerStore) -> None:
    ticket = attach(shop, "C1", file_from("a.pdf", PDF), "", NOW).ticket
    row = dict(ticket_id=ticket, customer_id="C1", name="b", media_type="c", content=PDF, added_at=NOW)
    with shop.session() as session, pytest.raises(StatementError, match="through a session only"):
        session.execute(Attachment.__table__.insert(), row)
