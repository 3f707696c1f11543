from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.limits import KEPT, Limiter, Rate, RateUnreadable, SharedLimiter, limiter
from tests.redis_server import redis_server


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_rate_is_read_as_written() -> None:
    assert Rate.read("20/minute") == Rate(20, 60.0)
    assert Rate.read("3 / hour") == Rate(3, 3600.0)


@pytest.mark.parametrize("text", ["", "20", "minute", "0/minute", "-1/minute", "2.5/minute", "20/day", "20/minute/2"])
def test_what_is_no_rate_is_named_with_the_remedy(text: str) -> None:
    with pytest.raises(RateUnreadable, match="20/minute"):
        Rate.read(text)


async def test_a_burst_then_a_steady_pace() -> None:
    clock = Clock()
    limiter = Limiter(Rate(2, 60.0), clock)
    assert [await limiter.wait("a") for _ in range(3)] == [0.0, 0.0, 30.0]
    clock.now = 20.0
    assert await limiter.wait("a") == pytest.approx(10.0)
    clock.now = 30.0
    assert [await limiter.wait("a"), await limiter.wait("a")] == [0.0, pytest.approx(30.0)]


async def test_keys_do_not_share() -> None:
    limiter = Limiter(Rate(1, 60.0), Clock())
    assert [await limiter.wait("a"), await limiter.wait("b")] == [0.0, 0.0]
    assert await limiter.wait("a") > 0


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 5))
def test_no_window_lets_through_more_than_two_bursts(pauses: list[float], count: int) -> None:
    clock = Clock()
    limiter = Limiter(Rate(count, 60.0), clock)
    allowed = []
    for pause in pauses:
        clock.now += pause
        if asyncio.run(limiter.wait("a")) == 0:
            allowed.append(clock.now)
    for start in allowed:
        assert sum(start <= at < start + 60 for at in allowed) <= 2 * count


async def test_keys_of_long_ago_are_forgotten() -> None:
    clock = Clock()
    limiter = Limiter(Rate(1, 1.0), clock)
    for key in range(KEPT + 10):
        await limiter.wait(str(key))
    assert len(limiter._left) > KEPT  # each still counts
    clock.now = 10.0
    await limiter.wait("new")
    assert len(limiter._left) == KEPT


# -- several processes together --------------------------------------------------------------------


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("redis")
    with redis_server(folder) as url:
        yield url


async def test_processes_share_one_bucket_however_they_interleave(url: str) -> None:
    processes = [SharedLimiter(Rate(20, 3600.0), url, "shared") for _ in range(4)]
    waits = await asyncio.gather(*(processes[n % 4].wait("a") for n in range(100)))
    assert sum(wait == 0 for wait in waits) == 20
    assert all(0 < wait <= 180 for wait in waits if wait)  # an hour's twentieth


async def test_shared_buckets_fill_again_and_differ_by_key_and_name(url: str) -> None:
    quick = SharedLimiter(Rate(1, 0.001), url, "quick")
    while await quick.wait("a"):
        pass
    while await quick.wait("a"):  # full again after a thousandth of a second, by the clock of Redis
        pass
    slow, other = (SharedLimiter(Rate(1, 3600.0), url, name) for name in ("slow", "other"))
    assert [await slow.wait("a"), await slow.wait("b"), await other.wait("a")] == [0.0, 0.0, 0.0]
    assert await slow.wait("a") > 0


async def test_without_redis_each_process_counts_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    alone = limiter(Rate(1, 3600.0), "redis://127.0.0.1:1/0", "alone")
    assert [await alone.wait("a"), await alone.wait("a") > 0] == [0.0, True]
    assert "Redis does not answer" in caplog.text


def test_one_process_needs_no_redis() -> None:
    assert type(limiter(Rate(1, 1.0), "", "one")) is Limiter
