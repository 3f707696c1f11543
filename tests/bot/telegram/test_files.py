"""Photos and documents: those that the site takes too go to a request, the others are told of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.customers.attachments import LARGEST
from bot.customers.models import Attachment, Ticket
from tests.bot.telegram.line import Line

JPEG, PNG, PDF = b"\xff\xd8\xff\xe0pixels", b"\x89PNG\r\n\x1a\npixels", b"%PDF-1.7 words"
PHOTO = [{"file_id": size, "file_unique_id": size, "width": 9, "height": 9} for size in ("small", "large")]


def document(file_id: str, name: str, media_type: str = "application/octet-stream", **more: Any) -> dict[str, Any]:
    return {
        "document": {"file_id": file_id, "file_unique_id": file_id, "file_name": name, "mime_type": media_type, **more}
    }


async def test_photos_and_documents_go_to_one_request(line: Line) -> None:
    await line.bind()
    line.server.files = {"large": JPEG, "paper": PDF}
    (told,) = await line.write(1, photo=PHOTO, caption="the parcel is torn")
    await line.write(1, **document("paper", "receipt.pdf", "application/pdf"))
    ticket = line.rows(Ticket)[-1]
    assert ticket.ticket_id in told
    assert (ticket.customer_id, ticket.subject) == ("C1", "the parcel is torn")
    kept = line.rows(Attachment)
    assert [(row.ticket_id, row.content) for row in kept] == [(ticket.ticket_id, JPEG), (ticket.ticket_id, PDF)]
    assert [row.media_type for row in kept] == ["image/jpeg", "application/pdf"]
    assert kept[1].name == "receipt.pdf"


async def test_an_old_request_gets_no_new_file(line: Line) -> None:
    await line.bind()
    line.server.files = {"large": JPEG}
    await line.write(1, photo=PHOTO)
    line.time.day += dt.timedelta(days=2)
    await line.write(1, photo=PHOTO)
    assert len({row.ticket_id for row in line.rows(Attachment)}) == 2


async def test_a_strangers_photo_is_not_kept(line: Line) -> None:
    await line.write(1, photo=PHOTO)
    assert line.rows(Attachment) == [] and line.server.called("getfile") == []


async def test_a_file_is_what_its_content_says_and_not_what_it_is_called(line: Line) -> None:
    await line.bind()
    line.server.files = {"picture": PNG}
    await line.write(1, **document("picture", "../run.exe", "application/x-msdownload"))
    (kept,) = line.rows(Attachment)
    assert (kept.name, kept.media_type) == ("run.exe.png", "image/png")


@pytest.mark.parametrize(("customer", "word"), [("C1", "только фото"), ("C2", "only photos")])
@pytest.mark.parametrize("content", [b"MZ program", b"PK\x03\x04 archive", b"", b"<html>"])
async def test_another_kind_is_refused_with_what_is_taken(line: Line, customer: str, word: str, content: bytes) -> None:
    await line.bind(1, customer)
    before = len(line.rows(Ticket))
    line.server.files = {"thing": content}
    (told,) = await line.write(1, **document("thing", "photo.jpg", "image/jpeg"))
    assert word in told and "PDF" in told
    assert line.rows(Attachment) == [] and len(line.rows(Ticket)) == before


@pytest.mark.parametrize("said", [True, False])
@pytest.mark.parametrize(("customer", "word"), [("C1", "10 мегабайт"), ("C2", "10 megabytes")])
async def test_a_file_larger_than_the_site_takes_is_refused_whether_telegram_tells_its_size_or_not(
    line: Line, customer: str, word: str, said: bool
) -> None:
    await line.bind(1, customer)
    content = JPEG.ljust(LARGEST + 1, b"x")
    line.server.files = {"thing": content}
    sent = document("thing", "a.jpg")
    if said:
        sent["document"]["file_size"] = len(content)
    (told,) = await line.write(1, **sent)
    assert word in told and line.rows(Attachment) == []
    assert len(line.server.called("getfile")) == (not said)


async def test_the_largest_file_that_the_site_takes_is_taken(line: Line) -> None:
    await line.bind()
    content = JPEG.ljust(LARGEST, b"x")
    line.server.files = {"thing": content}
    await line.write(1, **document("thing", "a.jpg", file_size=len(content)))
    assert [len(row.content) for row in line.rows(Attachment)] == [LARGEST]


@pytest.mark.parametrize("size", [21_000_000, 5])
async def test_a_file_that_bots_may_not_fetch_is_told_of(line: Line, size: int) -> None:
    await line.bind(1, "C2")
    (told,) = await line.write(1, photo=[{**PHOTO[0], "file_id": "missing", "file_size": size}])
    assert "megabytes" in told and line.rows(Attachment) == []
