"""How often something may happen: one bucket a key, refilled steadily, in one process or in several together."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from nlu.errors import LichnoError

logger = logging.getLogger(__name__)

PERIODS = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
KEPT = 10_000  # buckets; full ones beyond that are forgotten
PREFIX = "lichno:limit:"
# One step in Redis, by its own clock: the bucket as it is now, and one less in it if there is one. A bucket that
# nobody looked at for a whole period is full, and gone. Numbers leave Lua as text, or they would lose their fractions.
TAKE = """
local time = redis.call('TIME')
local now, count, seconds = time[1] + time[2] / 1000000, tonumber(ARGV[1]), tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'left', 'since')
local left = math.min(count, (tonumber(known[1]) or count) + (now - (tonumber(known[2]) or now)) * count / seconds)
local wait = 0
if left >= 1 then left = left - 1 else wait = (1 - left) * seconds / count end
redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'since', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(seconds * 1000))
return string.format('%.6f', wait)
"""


class RateUnreadable(LichnoError):
    """A rate is not written as ``20/minute``."""


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds."""

    count: int
    seconds: float

    @classmethod
    def read(cls, text: str) -> Rate:
        """The rate written as ``20/minute``.

        Raises:
            RateUnreadable: it is not.
        """
        count, _, period = str(text).partition("/")
        if not count.strip().isdigit() or int(count) < 1 or period.strip() not in PERIODS:
            raise RateUnreadable(
                f"{text!r} is no rate: write a whole number and a period, like 20/minute (or /second, /hour)."
            )
        return cls(int(count), PERIODS[period.strip()])


class Limiter:
    """Holds each key to a rate; a burst of the whole count is allowed.

    Args:
        rate: for each key.
        clock: seconds that only grow.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}  # key: how many are left, and since when

    async def wait(self, key: str) -> float:
        """0 if it may happen now, which counts it; otherwise the seconds until it may."""
        now = self._clock()
        left, since = self._left.pop(key, (float(self.rate.count), now))
        left = min(self.rate.count, left + (now - since) * self.rate.count / self.rate.seconds)
        allowed = left >= 1
        self._left[key] = (left - 1 if allowed else left, now)
        self._forget_full(now)
        return 0.0 if allowed else (1 - left) * self.rate.seconds / self.rate.count

    def _forget_full(self, now: float) -> None:
        """Buckets are in order of use: the first ones are full again after a whole period."""
        while len(self._left) > KEPT and now - next(iter(self._left.values()))[1] >= self.rate.seconds:
            del self._left[next(iter(self._left))]


class SharedLimiter(Limiter):
    """A limiter of several processes, in Redis. Where it does not answer, each process counts for itself.

    Args:
        rate: for each key.
        url: of the Redis server.
        name: of what is limited; limiters of the same name count together.
    """

    def __init__(self, rate: Rate, url: str, name: str) -> None:
        super().__init__(rate)
        self._redis = Redis.from_url(url, decode_responses=True)  # connects when it is used
        self._name = name

    async def wait(self, key: str) -> float:
        bucket = f"{PREFIX}{self._name}:{key}"
        try:
            return float(await self._redis.eval(TAKE, 1, bucket, self.rate.count, self.rate.seconds))
        except RedisError:
            logger.warning("Limits count in this process alone: Redis does not answer.", exc_info=True)
            return await super().wait(key)


def limiter(rate: Rate, url: str, name: str) -> Limiter:
    """A limiter shared by all processes that use this Redis server; with an empty ``url``, one of this process."""
    return SharedLimiter(rate, url, name) if url else Limiter(rate)
