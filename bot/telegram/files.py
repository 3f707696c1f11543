"""Photos and documents go to the customer's request, which is opened where there is none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session
from telegram import Message

from bot.customers.models import Attachment, Ticket
from bot.customers.store import CustomerStore, open_ticket
from bot.telegram.errors import FileTooLarge
from bot.telegram.talk import Talk

SAME_MATTER = dt.timedelta(hours=24)  # a request this recent is what a file is about
TOPIC = "product"
WITHOUT_WORDS = {"ru": "Файл без пояснения", "en": "A file without a comment"}


@dataclass(frozen=True)
class File:
    """A file that Telegram keeps."""

    file_id: str
    size: int | None
    name: str
    media_type: str


def file_of(message: Message) -> File | None:
    """The photo, in its largest size, or the document of a message."""
    if message.photo:
        largest = message.photo[-1]
        return File(largest.file_id, largest.file_size, f"photo-{message.message_id}.jpg", "image/jpeg")
    if document := message.document:
        named = document.file_name or f"file-{message.message_id}"
        return File(document.file_id, document.file_size, named, document.mime_type or "application/octet-stream")
    return None


async def take(talk: Talk, file: File, caption: str) -> None:
    """Add a file to the customer's request; strangers are told how to become customers."""
    if talk.who.customer_id is None:
        await talk.say("utter_telegram_file_sign_in")
        return
    try:
        content = await talk.services.api.download(file.file_id, file.size)
    except FileTooLarge:
        await talk.say("utter_telegram_file_too_large")
        return
    subject = caption or WITHOUT_WORDS[talk.who.language]
    now = talk.services.now()
    ticket = await talk.services.run(attach, talk.services.store, talk.who.customer_id, file, content, subject, now)
    await talk.say("utter_telegram_file_added", ticket=ticket)


def attach(store: CustomerStore, customer_id: str, file: File, content: bytes, subject: str, now: dt.datetime) -> str:
    """Keep a file with the customer's newest open request of today, or a new one; its number."""
    with Session(store.engine, future=True) as session:
        recent = (
            session.query(Ticket)
            .filter(Ticket.customer_id == customer_id, Ticket.closed_at.is_(None), Ticket.opened_at > now - SAME_MATTER)
            .order_by(Ticket.opened_at.desc())
            .first()
        )
        ticket = str(recent.ticket_id) if recent else open_ticket(session, customer_id, TOPIC, subject, now)
        session.flush()
        owner = {"ticket_id": ticket, "customer_id": customer_id, "added_at": now}
        session.add(Attachment(**owner, name=file.name, media_type=file.media_type, content=content))
        session.commit()
        return ticket
