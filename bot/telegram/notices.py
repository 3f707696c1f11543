"""Sends the outbox's notices to their chats."""

from __future__ import annotations

import logging

from bot.outbox.notices import words
from bot.outbox.outbox import Due, Outbox
from bot.telegram.buttons import Button
from bot.telegram.chats import CHANNEL
from bot.telegram.errors import ChatClosed
from bot.telegram.talk import Services, without_words
from bot.telegram.wording import as_html, parts

logger = logging.getLogger(__name__)


class Notices:
    """The way from the outbox to Telegram.

    Args:
        services: the channel's.
        outbox: holds what is to be told.
    """

    def __init__(self, services: Services, outbox: Outbox) -> None:
        self._services, self._outbox = services, outbox

    async def once(self) -> None:
        """Collect what is new and tell what is due."""
        await self._services.run(self._outbox.collect)
        for due in await self._services.run(self._outbox.due, CHANNEL):
            try:
                await self._tell(due)
            except ChatClosed:
                await self._services.run(self._services.chats.set_blocked, int(due.address), True)
                await self._services.run(self._outbox.drop, due.id)
            except Exception as error:
                logger.warning("A notice could not be sent: %s", without_words(error))
                await self._services.run(self._outbox.retry, due.id)

    async def _tell(self, due: Due) -> None:
        services, chat_id = self._services, int(due.address)
        wanted = await services.run(self._outbox.wanted, due.customer_id, CHANNEL, due.address)
        text = await services.run(words, services.store, services.texts, due.customer_id, due.key) if wanted else None
        if text is None:
            await services.run(self._outbox.drop, due.id)
            return
        keys = await services.run(services.buttons.keep, chat_id, [[Button(*button)] for button in text.buttons])
        shown = parts(text.text)
        for number, part in enumerate(shown, 1):
            await services.api.send(chat_id, as_html(part), keys if number == len(shown) else ())
        await services.run(self._outbox.sent, due.id)
