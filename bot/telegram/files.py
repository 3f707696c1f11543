"""Photos and documents go to the customer's request, which is opened where there is none.

What is taken is what the site takes: the rule is :func:`bot.customers.attachments.file_from`.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message

from bot.customers.attachments import LARGEST, KindRefused, SizeRefused, file_from
from bot.telegram.errors import FileTooLarge
from bot.telegram.talk import Said, Talk


@dataclass(frozen=True)
class SentFile:
    """A file that Telegram keeps."""

    file_id: str
    size: int | None
    name: str


def file_of(message: Message) -> SentFile | None:
    """The photo, in its largest size, or the document of a message."""
    if message.photo:
        largest = message.photo[-1]
        return SentFile(largest.file_id, largest.file_size, f"photo-{message.message_id}.jpg")
    if document := message.document:
        named = document.file_name or f"file-{message.message_id}"
        return SentFile(document.file_id, document.file_size, named)
    return None


async def take(talk: Talk, file: SentFile, caption: str) -> None:
    """Add a file to the customer's conversation and request; strangers are told how to become customers.

    One that is not taken is told of with the reason, a large one without fetching it.
    """
    if talk.who.customer_id is None:
        await talk.say("utter_telegram_file_sign_in")
        return
    try:
        kept = file_from(file.name, await talk.services.api.download(file.file_id, file.size, LARGEST))
    except (FileTooLarge, SizeRefused):
        await talk.say("utter_telegram_file_too_large")
        return
    except KindRefused:
        await talk.say("utter_telegram_file_kind")
        return
    for text in await talk.services.keep(talk.question(caption), kept):
        await talk.send(Said(text))
