"""Messages that are being answered, with what could be shown of each reply so far; for one process or for several."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.streaming import streaming

logger = logging.getLogger(__name__)

PREFIX, STOP = "lichno:turns:", "lichno:stop"
KEPT_SECONDS = 120  # without news: what a process left behind that died is not shown for ever
RETRY_SECONDS = 1.0


@dataclass
class Turn:
    """A message on its way; hushed, no more of the reply is shown."""

    message_id: str
    sentences: list[str] = field(default_factory=list)
    hushed: bool = False


class Turns:
    """The turns of this process, in each conversation the one being answered first."""

    def __init__(self) -> None:
        self._here: dict[str, list[Turn]] = {}

    def here(self, conversation: str) -> list[Turn]:
        """What this process is answering."""
        return self._here.get(conversation, [])

    def begin(self, conversation: str, message_id: str) -> Turn:
        """A message has come in."""
        turn = Turn(message_id)
        self._here.setdefault(conversation, []).append(turn)
        return turn

    async def tell(self, conversation: str, turn: Turn) -> None:
        """Let other processes know how far it is."""

    async def end(self, conversation: str, turn: Turn) -> None:
        """It is answered, or has failed."""
        self._here[conversation].remove(turn)
        if not self._here[conversation]:
            del self._here[conversation]

    async def everywhere(self, conversation: str) -> list[Turn]:
        """What any process is answering."""
        return [*self.here(conversation)]

    async def stop(self, conversation: str) -> None:
        """End the reply that is being written, wherever that is."""
        streaming.stop(conversation)


class SharedTurns(Turns):
    """Turns of several processes, in Redis. Where it does not answer, each process knows its own.

    Args:
        url: of the Redis server.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._redis = Redis.from_url(url, decode_responses=True)  # connects when it is used
        self._listening: asyncio.Task[None] | None = None

    def begin(self, conversation: str, message_id: str) -> Turn:
        if self._listening is None:  # not sooner: the server forks before it has an event loop
            self._listening = asyncio.get_running_loop().create_task(self._listen())
        return super().begin(conversation, message_id)

    async def tell(self, conversation: str, turn: Turn) -> None:
        try:
            await self._redis.hset(PREFIX + conversation, turn.message_id, json.dumps(turn.sentences))
            await self._redis.expire(PREFIX + conversation, KEPT_SECONDS)
            if turn not in self.here(conversation):  # it has ended meanwhile
                await self._redis.hdel(PREFIX + conversation, turn.message_id)
        except RedisError:
            logger.warning("Other processes do not hear of a reply: Redis does not answer.", exc_info=True)

    async def end(self, conversation: str, turn: Turn) -> None:
        await super().end(conversation, turn)
        try:
            await self._redis.hdel(PREFIX + conversation, turn.message_id)
        except RedisError:
            logger.warning("Other processes do not hear of a reply's end: Redis does not answer.", exc_info=True)

    async def everywhere(self, conversation: str) -> list[Turn]:
        here = await super().everywhere(conversation)
        try:
            told = await self._redis.hgetall(PREFIX + conversation)
        except RedisError:
            logger.warning("What other processes answer is not known: Redis does not answer.", exc_info=True)
            return here
        known = {turn.message_id for turn in here}
        return here + [Turn(key, json.loads(value)) for key, value in told.items() if key not in known]

    async def stop(self, conversation: str) -> None:
        await super().stop(conversation)
        try:
            await self._redis.publish(STOP, conversation)
        except RedisError:
            logger.warning("Other processes do not hear of a stop: Redis does not answer.", exc_info=True)

    async def _listen(self) -> None:
        """Stop here what is stopped elsewhere."""
        while True:
            try:
                async with self._redis.pubsub() as heard:
                    await heard.subscribe(STOP)
                    async for message in heard.listen():
                        if message["type"] == "message":
                            streaming.stop(message["data"])
            except RedisError:
                logger.warning("Stops from other processes are not heard: Redis does not answer.", exc_info=True)
                await asyncio.sleep(RETRY_SECONDS)
