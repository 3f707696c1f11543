"""How often something may happen: one bucket a key, refilled steadily."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from nlu.errors import LichnoError

PERIODS = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
KEPT = 10_000  # buckets; full ones beyond that are forgotten


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

    def wait(self, key: str) -> float:
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
