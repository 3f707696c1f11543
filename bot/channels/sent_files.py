"""A file that a customer sends, as a message of their conversation: kept with a request, told to whoever hears it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, UserUttered
from sanic import Sanic

from bot.beside import beside
from bot.channels.identity import CUSTOMER_PREFIX
from bot.channels.thread import FILE, TITLE, Message, is_known, thread_of
from bot.conversation import CHAT_KEY, CUSTOMER_KEY, from_rasa
from bot.customers.attachments import WITHOUT_WORDS, File, attach
from bot.customers.models import Customer
from bot.customers.person import spoken_name
from bot.customers.store import CustomerStore, get_customer
from bot.desk.floor import floor_of
from bot.desk.handovers import TAKEN
from bot.desk.tracks import turn
from bot.texts import Texts

LONGEST_SUBJECT = 300
WORDS = ":words"  # after a file's message id: the message of what was written with it


@dataclass(frozen=True)
class SentFile:
    """A file with who sent it where; ``words`` came with it, ``chat`` is where an answer that comes later goes."""

    file: File
    customer_id: str
    message_id: str
    channel: str
    words: str = ""
    chat: str = ""


async def add_file(app: Sanic, store: CustomerStore, sent: SentFile) -> list[Message]:
    """Keep the file and say so in the conversation; what was said. A file that is sent again is kept once."""
    agent, floor, room = app.ctx.agent, floor_of(app), CUSTOMER_PREFIX + sent.customer_id
    async with turn(agent, room):
        before = await floor.of(room) if floor else None
        tracker = await agent.processor.fetch_tracker_and_update_session(room, CollectingOutputChannel())
        events = [event.as_dict() for event in tracker.events]
        if is_known(events, sent.message_id):
            ids = (sent.message_id, sent.message_id + WORDS)
            return [message for message in thread_of(events) if message["id"] in ids or message.get("to") in ids]
        metadata: dict[str, Any] = {CUSTOMER_KEY: sent.customer_id, **({CHAT_KEY: sent.chat} if sent.chat else {})}
        asked = [UserUttered("", message_id=sent.message_id, metadata=metadata, input_channel=sent.channel)]
        if sent.words:
            said_with = {**metadata, TITLE: sent.words}  # as a text it would want an intent
            written = sent.message_id + WORDS
            asked.append(UserUttered("", message_id=written, metadata=said_with, input_channel=sent.channel))
        tracker.update(asked[0])
        keep = partial(_keep, store, sent, from_rasa(tracker), Texts(agent.domain.responses))
        metadata[FILE], told = await beside(keep)
        asked[0].metadata[FILE] = metadata[FILE]  # a tracker gives its events metadata of their own
        silent = tracker.is_paused() or (before is not None and before.state == TAKEN)  # a person talks
        new = [*asked, *([] if silent else [BotUttered(told)])]
        for event in new[1:]:
            tracker.update(event)
        await agent.tracker_store.save(tracker)
        if floor:
            text = sent.words or sent.file.name
            heard = UserMessage(text, None, room, None, sent.channel, sent.message_id, metadata)
            await floor.heard(agent, heard, before)
    return thread_of(event.as_dict() for event in new)


def _keep(store: CustomerStore, sent: SentFile, conversation: Any, texts: Texts) -> tuple[Any, str]:
    """Attach the file to a request; the file as the message has it, and what the customer is told."""
    with store.session() as session:
        customer: Customer = get_customer(session, sent.customer_id)
        language, form, called = conversation.language(customer.language), customer.address_form, spoken_name(customer)
    before = conversation.questions[-1] if conversation.questions else WITHOUT_WORDS[language]
    subject, now = (sent.words or before)[:LONGEST_SUBJECT], dt.datetime.now().replace(microsecond=0)
    kept, file = attach(store, sent.customer_id, sent.file, subject, now), sent.file
    shown = {"id": kept.id, "name": file.name, "media_type": file.media_type, "size": len(file.content)}
    told = texts.say("utter_file_added", language, form, called, ticket=kept.ticket)
    return {**shown, "ticket": kept.ticket}, told.text
