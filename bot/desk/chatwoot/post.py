"""Takes letters to Chatwoot, one after the other within a conversation, and again later where it did not take one."""

from __future__ import annotations

import asyncio
import logging

from bot.beside import beside
from bot.desk.chatwoot.api import ChatwootApi, ChatwootAway, ChatwootRefused
from bot.desk.chatwoot.desk import WAY
from bot.desk.handovers import DeskRefused, Handovers
from bot.desk.letters import NOTED, OVER, Letter, Letters

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # between looks for letters


class ChatwootPost:
    """The worker.

    Args:
        api: Chatwoot.
        handovers: what is handed over.
        letters: what is on its way.
    """

    def __init__(self, api: ChatwootApi, handovers: Handovers, letters: Letters) -> None:
        self._api, self._handovers, self._letters = api, handovers, letters

    async def run(self) -> None:
        """Work until cancelled."""
        woken = False
        while True:
            try:
                if not woken:
                    await beside(self._letters.wake, WAY, True)
                    woken = True
                await self.once()
            except Exception as error:
                logger.error("What goes to Chatwoot could not be read: %s", type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> None:
        """Take along what waits."""
        while letters := await beside(self._letters.due, WAY):
            for letter in letters:
                if await beside(self._letters.leave, letter.id):
                    await self._take(letter)

    async def _take(self, letter: Letter) -> None:
        try:
            await self._bring(letter)
        except ChatwootAway as error:
            logger.warning("%s", error)
            await beside(self._letters.retry, letter.id)
        except Exception as error:
            # Chatwoot's own words may quote the customer's.
            logger.error("%s", error if isinstance(error, ChatwootRefused) else type(error).__name__)
            await beside(self._letters.refused, letter.id)
        else:
            await beside(self._letters.arrived, letter.id)

    async def _bring(self, letter: Letter) -> None:
        try:
            seen = await beside(self._handovers.get, letter.handover_id)
        except DeskRefused:
            return  # erased meanwhile
        outside = seen.outside
        if outside is None:
            contact = await self._api.contact(f"lichno:{seen.conversation}", seen.customer or "")
            outside = await self._api.opened(contact, seen.id) if letter.attempts else None
            outside = outside or await self._api.open(contact, seen.id)
            await beside(self._handovers.found_outside, seen.id, outside)
        if letter.kind == OVER:
            await self._api.resolve(outside)
        elif not letter.attempts or not await self._api.has(outside, letter.key):
            await self._api.say(outside, letter.text, letter.key, private=letter.kind == NOTED)
