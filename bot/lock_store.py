"""One turn at a time in each conversation, for several processes: locks in Redis that are taken and freed atomically.

In ``endpoints.yml``::

    lock_store:
      type: bot.lock_store.RedisLocks
      url: redis://localhost:6379/0

Rasa's own ``type: redis`` reads a lock and writes it back in two steps, so that two processes can both hold it. A lock
here is a lease that its holder renews: what a process held that died is free again within ``lease`` seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError as NotHeld
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PREFIX = "lichno:lock:"
LEASE = 30.0  # seconds; longer than a process is ever busy with one thing
POLL = 0.05  # seconds between looks at a lock that another holds


class RedisLocks(LockStore):
    """Locks by conversation.

    Args:
        endpoint_config: ``url`` of the Redis server, ``lease`` in seconds.
    """

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        self._redis = Redis.from_url(endpoint_config.url)  # connects when it is used
        self._url, self._lease = endpoint_config.url, float(endpoint_config.kwargs.get("lease", LEASE))

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = POLL
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation until the block ends.

        Args:
            conversation_id: the sender's id.
            lock_lifetime: how long to wait for it at most, in seconds.
            wait_time_in_seconds: between two looks.

        Raises:
            LockError: others held it all that time, or Redis does not answer.
        """
        lease = self._redis.lock(
            PREFIX + conversation_id,
            timeout=self._lease,
            sleep=min(wait_time_in_seconds, POLL),
            blocking_timeout=lock_lifetime,
        )
        try:
            acquired = await lease.acquire()
        except RedisError as error:
            raise LockError("Redis does not answer: start it, or mend lock_store.url in endpoints.yml.") from error
        if not acquired:
            raise LockError(f"The conversation was busy for {lock_lifetime:.0f} seconds.")
        renewing = asyncio.get_running_loop().create_task(self._renew(lease))
        try:
            yield TicketLock(conversation_id)
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing
            await _free(lease)

    async def _renew(self, lease: Lock) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            try:
                await lease.reacquire()
            except (NotHeld, RedisError):
                logger.warning("A conversation's lock could not be renewed.", exc_info=True)


async def _free(lease: Lock) -> None:
    """What cannot be freed now ends with its lease."""
    try:
        await lease.release()
    except (NotHeld, RedisError):
        logger.warning("A conversation's lock was not held to the end of its turn.", exc_info=True)
