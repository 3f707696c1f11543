"""Telegram's limits on sending: a message a second to one chat, 20 a minute to a group, 30 a second in all."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

Sleep = Callable[[float], Awaitable[None]]
MOST_REMEMBERED = 10_000  # chats; beyond it those whose turn has come are forgotten


@dataclass(frozen=True)
class Intervals:
    """Seconds from one message to the next (core.telegram.org/bots/faq, "My bot is hitting limits")."""

    chat: float = 1.0
    group: float = 3.0
    everywhere: float = 1 / 30


class Pace:
    """Lets each send wait until it is permitted, in the order of asking.

    Args:
        clock: seconds that never go back.
        sleep: waits for some seconds.
        intervals: what is permitted.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        intervals: Intervals = Intervals(),
    ) -> None:
        self._clock, self._sleep, self._intervals = clock, sleep, intervals
        self._next: dict[int | None, float] = {}  # by chat; None is all of them together

    @contextlib.asynccontextmanager
    async def turn(self, chat_id: int) -> AsyncIterator[None]:
        """Wait for this chat's turn, then for one among all chats; the block sends. A group's id is negative."""
        interval = self._intervals.group if chat_id < 0 else self._intervals.chat
        await self._until(self._reserve(chat_id, interval))
        await self._until(self._reserve(None, self._intervals.everywhere))
        try:
            yield
        finally:
            self.hold(chat_id, interval)  # counted from the arrival, which may be late

    def hold(self, chat_id: int, seconds: float) -> None:
        """Nothing to this chat for some seconds: the server said so."""
        self._next[chat_id] = max(self._next.get(chat_id, 0.0), self._clock() + seconds)

    def _reserve(self, key: int | None, interval: float) -> float:
        now = self._clock()
        if len(self._next) > MOST_REMEMBERED:
            self._next = {chat: at for chat, at in self._next.items() if at > now}
        at = max(now, self._next.get(key, now))
        self._next[key] = at + interval
        return at

    async def _until(self, at: float) -> None:
        while (left := at - self._clock()) > 0:
            await self._sleep(left)
