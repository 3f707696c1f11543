"""A conversation by e-mail: to the customer's own address, three times a day at most.

Phones, cards and the like are masked as in logs, unless they are the customer's own: what others left in a
conversation, or what the customer typed there of others, does not leave by mail.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import IntegrityError

from bot.customers.models import AuditEntry
from bot.customers.store import CustomerStore, get_customer
from bot.identity.contacts import masked
from bot.identity.senders import CannotSend, Sender
from bot.privacy.masking import mask_others
from nlu.errors import LichnoError

A_DAY = 3
ACTION = "transcript"  # in the audit log
WORDS = {
    "ru": {
        "subject": "Ваша переписка с помощником",
        "greeting": "Здравствуйте! Вот переписка, которую вы просили прислать.",
        "why": "Письмо отправлено, потому что об этом попросили в чате под вашим аккаунтом. Если это были не вы,"
        " напишите в поддержку.",
        "you": "Вы",
        "assistant": "Помощник",
        "file": "файл",
    },
    "en": {
        "subject": "Your conversation with the assistant",
        "greeting": "Hello! Here is the conversation that you asked for.",
        "why": "This was sent because somebody signed in to your account asked for it in the chat. If that was not you,"
        " please write to support.",
        "you": "You",
        "assistant": "Assistant",
        "file": "file",
    },
}


class NoAddress(LichnoError):
    """The customer has no e-mail address on file."""


class NothingSaid(LichnoError):
    """The conversation is empty."""


class TooManyTranscripts(LichnoError):
    """The day's letters are used up."""


@dataclass(frozen=True)
class Line:
    """A message as the letter shows it."""

    who: str
    at: str
    text: str
    mine: bool
    sources: Sequence[dict[str, Any]] = ()


def send_transcript(
    store: CustomerStore,
    sender: Sender,
    customer_id: str,
    messages: Sequence[dict[str, Any]],
    language: str,
    now: dt.datetime,
) -> str:
    """Send a conversation to its customer; the address, masked.

    Args:
        store: the customers' database.
        sender: takes the letter.
        customer_id: whose conversation it is.
        messages: in order, as :func:`bot.channels.thread.thread_of` makes them.
        language: of the letter's own words.
        now: local time.

    Raises:
        NoAddress: there is none on file.
        NothingSaid: there are no messages.
        TooManyTranscripts: three were sent today.
        CannotSend: it did not leave, and does not count.
    """
    if not messages:
        raise NothingSaid("The conversation is empty: write something first.")
    with store.session() as session:
        customer = get_customer(session, customer_id)
        address, own = customer.email, [str(contact) for contact in (customer.phone, customer.email) if contact]
    if not address:
        raise NoAddress("The profile has no e-mail address: add one first.")
    written = letter(str(address), lines_of(messages, language, own), language)
    number = _reserve(store, customer_id, len(messages), now)
    try:
        sender.send(written)
    except CannotSend:
        _give_back(store, number)
        raise
    return masked(str(address))


def lines_of(messages: Sequence[dict[str, Any]], language: str, own: Sequence[str]) -> list[Line]:
    """The messages with what is not the customer's own masked."""
    return [_line(message, language, own) for message in messages]


def letter(address: str, lines: Sequence[Line], language: str) -> EmailMessage:
    """The letter as plain text and as HTML, which loads nothing."""
    words = WORDS[language]
    message = EmailMessage()
    message["To"], message["Subject"] = address, words["subject"]
    message.set_content("\n\n".join([words["greeting"], *map(_as_text, lines), words["why"]]) + "\n")
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("transcript.html.j2").render(language=language, words=words, lines=lines)
    message.add_alternative(page, subtype="html")
    return message


def _line(message: dict[str, Any], language: str, own: Sequence[str]) -> Line:
    words, mine = WORDS[language], message["from"] == "customer"
    file = message.get("file")
    return Line(
        who=words["you"] if mine else str(message.get("agent") or words["assistant"]),
        at=format_datetime(dt.datetime.fromtimestamp(message["time"]), "short", locale=language),
        text=f"[{words['file']}: {file['name']}]" if file else mask_others(message["text"], own),
        mine=mine,
        sources=message.get("citations", ()),
    )


def _as_text(line: Line) -> str:
    sources = (f"[{one['number']}] {one['title']}" + (f": {one['url']}" if one["url"] else "") for one in line.sources)
    return "\n".join([f"{line.at}  {line.who}:", line.text, *sources])


def _reserve(store: CustomerStore, customer_id: str, count: int, now: dt.datetime) -> str:
    """An entry of the audit log, whose unique id makes it one of the day's, whichever process asks."""
    for number in range(1, A_DAY + 1):
        request_id = f"{ACTION}:{customer_id}:{now.date()}:{number}"
        with store.session() as session:
            session.add(
                AuditEntry(
                    customer_id=customer_id,
                    at=now,
                    action=ACTION,
                    channel="web",
                    details=json.dumps({"messages": count}),
                    request_id=request_id,
                )
            )
            try:
                session.commit()
                return request_id
            except IntegrityError:
                session.rollback()
    raise TooManyTranscripts(f"No more than {A_DAY} are sent on one day.")


def _give_back(store: CustomerStore, request_id: str) -> None:
    with store.session() as session:
        session.query(AuditEntry).filter(AuditEntry.request_id == request_id).delete()
        session.commit()
