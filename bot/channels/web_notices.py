"""Notices in the web channel: each becomes a message of the customer's conversation, unread in every open tab.

Every process of a server looks after them. One may be told by two at once: the conversation's lock and the message's id
keep it from standing there twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, UserUttered
from sanic import Sanic

from bot.beside import beside
from bot.channels.identity import CUSTOMER_PREFIX
from bot.channels.thread import BY_DESK, reply_of
from bot.conversation import CUSTOMER_KEY, WEB_CHANNEL
from bot.customers.models import Customer
from bot.customers.person import spoken_name
from bot.customers.store import CustomerStore, get_customer
from bot.desk.tracks import read, turn, write
from bot.outbox.notices import ALLOW, ASK, STOP, words
from bot.outbox.outbox import WEB, Due, Outbox
from bot.texts import Text, Texts

logger = logging.getLogger(__name__)

SECONDS = 30.0  # between looks at the outbox

Tell = Callable[[str, str, dict[str, Any]], Awaitable[None]]


class WebNotices:
    """The way from the outbox to the web channel.

    Args:
        store: the customers' database.
        outbox: holds what is to be told.
        tell: sends an event to every tab of a conversation.
    """

    def __init__(self, store: CustomerStore, outbox: Outbox, tell: Tell) -> None:
        self._store, self._outbox, self._tell_tabs = store, outbox, tell
        self._texts = Texts.load()
        self._working: asyncio.Task[None] | None = None

    async def start(self, app: Sanic) -> None:
        """Look after notices until :meth:`end`."""
        self._working = asyncio.get_running_loop().create_task(self._work(app))

    async def end(self) -> None:
        """No more of it."""
        if self._working:
            self._working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._working

    async def _work(self, app: Sanic) -> None:
        while True:
            try:
                if self._store.exists() and app.ctx.agent.is_ready():
                    await self.once(app.ctx.agent)
            except Exception as error:  # its text may hold what a customer is told
                logger.error("Notices could not be looked after: %s", type(error).__name__)
            await asyncio.sleep(SECONDS)

    async def once(self, agent: Any) -> None:
        """Collect what is new and tell what is due."""
        await beside(self._outbox.collect)
        for due in await beside(self._outbox.due, WEB):
            try:
                await self._tell(agent, due)
            except Exception as error:
                logger.warning("A notice could not be told: %s", type(error).__name__)
                await beside(self._outbox.retry, due.id)

    async def _tell(self, agent: Any, due: Due) -> None:
        wanted = await beside(self._outbox.wanted, due.customer_id, WEB, due.address)
        text = await beside(words, self._store, self._texts, due.customer_id, due.key) if wanted else None
        if text is None:
            await beside(self._outbox.drop, due.id)
            return
        room, key = CUSTOMER_PREFIX + due.customer_id, f"notice.{due.key}"
        data = {"buttons": [{"title": title, "payload": payload} for title, payload in text.buttons]}
        said = BotUttered(text.text, data, {BY_DESK: key}, time.time())
        async with turn(agent, room):
            known = any((event.get("metadata") or {}).get(BY_DESK) == key for event in await read(agent, room))
            if not known:
                await write(agent, room, [said])
        await beside(self._outbox.sent, due.id)
        if not known:
            told = reply_of({**data, **said.metadata, "text": text.text}, "", 0, said.timestamp)
            await self._tell_tabs(room, "bot_uttered", told)

    # -- whether they are wanted: the chat's menu, and the button beneath a notice ------------------

    def is_about(self, message: UserMessage) -> bool:
        """Whether a customer asks about notices here, or says yes or no to them."""
        return message.text in (ASK, ALLOW, STOP) and CUSTOMER_KEY in (message.metadata or {})

    async def answer(self, agent: Any, message: UserMessage) -> None:
        """Do what they say and tell them; the caller has the conversation's turn."""
        text = await beside(self._decide, message.metadata[CUSTOMER_KEY], str(message.text))
        data = {"buttons": [{"title": title, "payload": payload} for title, payload in text.buttons]}
        channel = message.input_channel
        asked = UserUttered("", message_id=message.message_id, metadata=message.metadata, input_channel=channel)
        await write(agent, str(message.sender_id), [asked, BotUttered(text.text, data)])
        await message.output_channel.send_response(message.sender_id, {**data, "text": text.text})

    def _decide(self, customer_id: str, said: str) -> Text:
        if said == ASK:
            wanted = self._outbox.wanted(customer_id, WEB, "")
            name = "utter_web_notices_wanted" if wanted else "utter_web_ask_notices"
        else:
            self._outbox.decide(customer_id, said == ALLOW, [(WEB, "")], WEB_CHANNEL)
            name = "utter_web_notices_on" if said == ALLOW else "utter_web_notices_off"
        with self._store.session() as session:
            customer: Customer = get_customer(session, customer_id)
            person = str(customer.language), str(customer.address_form), spoken_name(customer)
        return self._texts.say(name, *person)
