"""Answers updates: one after the other within a chat, chats beside each other."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from bot.telegram.errors import ChatClosed
from bot.telegram.inbox import Waiting
from bot.telegram.talk import Services, without_words

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 32  # chats
GRACE_SECONDS = 8.0  # what is being answered when the assistant stops is finished; lichno up waits for ten


class Dispatcher:
    """Takes waiting updates from the inbox and hands them on.

    Args:
        services: the channel's.
        handle: answers one update.
    """

    def __init__(self, services: Services, handle: Callable[[Waiting], Awaitable[None]]) -> None:
        self._services, self._handle = services, handle
        self._taken: set[int] = set()
        self._done: set[int] = set()  # of those taken
        self._chats: dict[int, deque[Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._limit = asyncio.Semaphore(MOST_AT_ONCE)
        self._stopping = False

    async def feed(self) -> None:
        """Take up what has come in since the last time."""
        done, self._done = self._done, set()  # before looking: what is answered meanwhile may still be found waiting
        for waiting in await self._services.run(self._services.inbox.waiting, frozenset(self._taken)):
            if waiting.update_id in self._taken:
                continue
            self._taken.add(waiting.update_id)
            if waiting.chat_id in self._chats:
                self._chats[waiting.chat_id].append(waiting)
                continue
            self._chats[waiting.chat_id] = deque([waiting])
            task = asyncio.create_task(self._serve(waiting.chat_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._taken -= done

    async def stop(self) -> None:
        """Finish what is being answered; what waits stays in the inbox."""
        self._stopping = True
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()

    async def idle(self) -> None:
        """Wait until everything taken up is answered."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _serve(self, chat_id: int) -> None:
        queue = self._chats[chat_id]
        while queue and not self._stopping:
            waiting = queue.popleft()
            async with self._limit:
                await self._one(waiting)
        del self._chats[chat_id]

    async def _one(self, waiting: Waiting) -> None:
        try:
            await self._handle(waiting)
        except ChatClosed:
            await self._services.run(self._services.chats.set_blocked, waiting.chat_id, True)
        except Exception as error:
            logger.error("Update %d was not answered: %s", waiting.update_id, without_words(error))
        await self._services.run(self._services.inbox.answered, waiting.update_id)
        self._done.add(waiting.update_id)
