"""Files that customers attach: what kind they are by their content, a harmless name, and the request they go to.

They are kept in the customers' database, with the request, and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.customers.models import Attachment, Ticket
from bot.customers.photo_place import without_place
from bot.customers.store import CustomerStore, open_ticket
from nlu.errors import LichnoError

LARGEST = 10 * 1024 * 1024  # bytes
LONGEST_NAME = 100
SAME_MATTER = dt.timedelta(hours=24)  # a request this recent is what a file is about
TOPIC = "product"
WITHOUT_WORDS = {"ru": "Файл без пояснения", "en": "A file without a comment"}

# By the first bytes: media type and the endings that a name may have, the usual one first.
_KINDS = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", ("jpg", "jpeg", "jpe", "jfif")),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", ("png",)),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp", ("webp",)),
    (re.compile(rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL), "image/heic", ("heic", "heif")),
    (re.compile(rb"%PDF-\d"), "application/pdf", ("pdf",)),
)


class SizeRefused(LichnoError):
    """The file is larger than what is taken."""


class KindRefused(LichnoError):
    """The content is none of the kinds that are taken."""


@dataclass(frozen=True)
class File:
    """A file as it is kept."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Kept:
    """Where a file has gone."""

    id: int
    ticket: str


def file_from(name: str, content: bytes) -> File:
    """A photo or PDF, in whatever channel and under whatever name it was sent; its name ends as its content says.

    Raises:
        SizeRefused: it is larger than ``LARGEST``.
        KindRefused: it is neither.
    """
    if len(content) > LARGEST:
        raise SizeRefused("The file is larger than 10 MB: send a smaller one.")
    cleaned = clean_name(name)
    stem, _, ending = cleaned.rpartition(".")
    for begins, media_type, endings in _KINDS:
        if begins.match(content):
            fits = stem and ending.lower() in endings
            return File(f"{stem}.{ending.lower()}" if fits else f"{cleaned}.{endings[0]}", media_type, content)
    raise KindRefused("The file is no photo and no PDF: send JPEG, PNG, WebP, HEIC or PDF.")


def clean_name(name: str) -> str:
    """The name without folders, signs that are not shown, and what file systems refuse; never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    harmless = re.sub(r'[<>:"|?*]', "_", shown).strip(" .")
    stem, dot, ending = harmless.rpartition(".")
    if dot and len(ending) <= 5:  # an ending, which a long name keeps
        harmless = stem[: LONGEST_NAME - len(ending) - 1].rstrip(" .") + dot + ending
    return harmless[:LONGEST_NAME] or "file"


def attach(store: CustomerStore, customer_id: str, file: File, subject: str, now: dt.datetime) -> Kept:
    """Keep a file with the customer's newest open request of today, or a new one about ``subject``.

    Where a photo was made is not kept.
    """
    with Session(store.engine, future=True) as session:
        recent = (
            session.query(Ticket)
            .filter(Ticket.customer_id == customer_id, Ticket.closed_at.is_(None), Ticket.opened_at > now - SAME_MATTER)
            .order_by(Ticket.opened_at.desc())
            .first()
        )
        ticket = str(recent.ticket_id) if recent else open_ticket(session, customer_id, TOPIC, subject, now)
        session.flush()
        row = Attachment(
            ticket_id=ticket,
            customer_id=customer_id,
            added_at=now,
            name=file.name,
            media_type=file.media_type,
            content=without_place(file.content),
        )
        session.add(row)
        session.commit()
        return Kept(int(row.id), ticket)


def read(store: CustomerStore, customer_id: str, attachment_id: int) -> File | None:
    """A file of this customer; another's is not found."""
    with store.session() as session:
        row = session.get(Attachment, attachment_id)
        if row is None or row.customer_id != customer_id:
            return None
        return File(str(row.name), str(row.media_type), bytes(row.content))
