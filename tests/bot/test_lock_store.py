from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from bot.lock_store import RedisLocks
from tests.redis_server import redis_server


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


def locks(url: str, lease: float = 30) -> LockStore:
    """As Rasa makes it from ``endpoints.yml``."""
    return LockStore.create(EndpointConfig(url, type="bot.lock_store.RedisLocks", lease=lease))


async def test_rasa_makes_it_from_its_name(url: str) -> None:
    assert isinstance(locks(url), RedisLocks)


async def test_two_processes_are_never_in_the_same_conversation(url: str) -> None:
    inside: list[str] = []
    most = 0

    async def turn(store: LockStore, name: str) -> None:
        nonlocal most
        async with store.lock("customer:C1"):
            inside.append(name)
            most = max(most, len(inside))
            await asyncio.sleep(0)
            inside.remove(name)

    stores = [locks(url), locks(url)]
    await asyncio.gather(*(turn(stores[number % 2], str(number)) for number in range(20)))
    assert most == 1


async def test_conversations_do_not_wait_for_each_other(url: str) -> None:
    store = locks(url)
    async with store.lock("customer:C1"), store.lock("customer:C2", lock_lifetime=0.1):
        pass


async def test_a_conversation_that_stays_busy_is_told(url: str) -> None:
    first, second = locks(url), locks(url)
    async with first.lock("customer:C1"):
        with pytest.raises(LockError, match="busy"):
            async with second.lock("customer:C1", lock_lifetime=0.1):
                raise AssertionError("both are in")


async def test_a_long_turn_keeps_its_lock(url: str) -> None:
    store = locks(url, lease=0.3)
    async with store.lock("customer:C3"):
        with pytest.raises(LockError):
            async with locks(url).lock("customer:C3", lock_lifetime=1):
                raise AssertionError("both are in")


async def test_what_a_dead_process_held_is_free_again(url: str) -> None:
    dead = locks(url, lease=0.3)
    assert await dead._redis.lock("lichno:lock:customer:C4", timeout=0.3).acquire()
    async with locks(url).lock("customer:C4", lock_lifetime=5):
        pass


async def test_without_a_server_the_error_names_the_remedy() -> None:
    with pytest.raises(LockError, match=r"lock_store.url in endpoints.yml"):
        async with locks("redis://127.0.0.1:1/0").lock("customer:C1"):
            raise AssertionError("there is no server")
