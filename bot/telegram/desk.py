"""What people at the desk say, brought to its chats: once each, at any hour, since the customer has asked."""

from __future__ import annotations

import logging

from bot.desk.handovers import TELEGRAM
from bot.desk.letters import Letter
from bot.telegram.errors import ChatClosed, Unreachable
from bot.telegram.talk import Services, without_words
from bot.telegram.wording import as_html, parts

logger = logging.getLogger(__name__)


class DeskPost:
    """The way from the desk's letters to Telegram.

    Args:
        services: the channel's.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def wake(self) -> None:
        """What was leaving when the assistant ended may have arrived: it is not sent again."""
        await self._services.run(self._services.letters.wake, TELEGRAM)

    async def once(self) -> None:
        """Bring what waits."""
        letters = self._services.letters
        for letter in await self._services.run(letters.due, TELEGRAM):
            if not await self._services.run(letters.leave, letter.id):
                continue
            try:
                arrived = await self._bring(letter)
            except ChatClosed:
                await self._services.run(self._services.chats.set_blocked, int(letter.address or 0), True)
                await self._services.run(letters.refused, letter.id)
            except Unreachable as error:
                logger.warning("What the desk said did not leave: %s", error)
                await self._services.run(letters.retry, letter.id)
            except Exception as error:
                logger.error("What the desk said could not be sent: %s", without_words(error))
                await self._services.run(letters.refused, letter.id)
            else:
                await self._services.run(letters.arrived if arrived else letters.lost, letter.id)

    async def _bring(self, letter: Letter) -> bool:
        """Send it, in parts where it is too long; whether all of it is known to have arrived."""
        chat_id = int(letter.address or 0)
        return all([await self._services.api.send(chat_id, as_html(part)) is not None for part in parts(letter.text)])
