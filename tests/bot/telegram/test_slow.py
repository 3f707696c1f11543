"""A Bot API that takes its time: nothing is lost, nothing is said twice, and only who is concerned waits."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from functools import partial
from typing import Any

import httpx
import pytest

from tests.bot.telegram.line import Line
from tests.bot.telegram.test_service import UPDATES, answered, told, working, write_all
from tests.bot_api import BotApiServer, Fault


class Slow:
    """The first call of a method is answered when the test releases it, or never, if the client gives it up before."""

    def __init__(self, server: BotApiServer, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.release, self.give_up, self._method, self._first = asyncio.Event(), asyncio.Event(), method, True
        server.fault = self._fault
        request = httpx.AsyncClient.request

        async def patient(client: httpx.AsyncClient, **asked: Any) -> httpx.Response:
            if not str(asked["url"]).lower().endswith(method):
                return await request(client, **asked)
            return await self._until_given_up(request(client, **asked))

        monkeypatch.setattr(httpx.AsyncClient, "request", patient)

    def _fault(self, method: str, asked: dict[str, Any]) -> Fault | None:
        if method != self._method or not self._first:
            return None
        self._first = False
        return Fault(slow=self.release.wait)

    async def _until_given_up(self, request: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        """A read timeout that passes when the test says so, and by no clock."""
        asking, ending = asyncio.ensure_future(request), asyncio.ensure_future(self.give_up.wait())
        await asyncio.wait({asking, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if asking.done():
            return asking.result()
        asking.cancel()
        self.give_up.clear()
        raise httpx.ReadTimeout("")


async def test_a_message_whose_answer_is_slow_is_sent_once_and_the_next_one_after_it(
    line: Line, server: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(server, "sendmessage", monkeypatch)
    async with working(line):
        await server.write(1, "one")
        await server.write(1, "two")
        await server.until(lambda: server.told(1))
        await server.write(2, "me too")
        await server.until(lambda: server.told(2))
        assert server.told(1) == ["You said: one"]  # its own chat waits, the other does not
        slow.release.set()
        await server.until(lambda: len(server.told(1)) == 2)
    assert server.told(1) == ["You said: one", "You said: two"]


async def test_a_message_whose_answer_was_given_up_has_been_sent_and_is_not_sent_again(
    line: Line, server: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(server, "sendmessage", monkeypatch)
    async with working(line):
        await server.write(1, "one")
        await server.until(lambda: server.told(1))
        slow.give_up.set()
        await server.write(1, "two")
        await server.until(lambda: len(server.told(1)) == 2)
    slow.release.set()
    assert server.told(1) == ["You said: one", "You said: two"]


async def test_updates_that_come_while_an_answer_is_slow_are_all_answered(
    line: Line, server: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(server, "getupdates", monkeypatch)
    await server.write(1, "one")
    async with working(line):
        await server.until(lambda: server.most_pollers)
        await server.write(1, "two")
        await server.write(2, "me too")
        slow.release.set()
        await server.until(lambda: len(server.sent) == 3)
    assert (server.told(1), server.told(2)) == (["You said: one", "You said: two"], ["You said: me too"])


async def test_updates_whose_delivery_was_given_up_are_delivered_again_and_answered_once(
    line: Line, server: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(server, "getupdates", monkeypatch)
    await server.write(1, "one")
    async with working(line):
        await server.until(lambda: server.most_pollers)
        slow.give_up.set()
        await server.until(lambda: server.told(1))
        slow.release.set()
        await server.write(1, "two")
        await server.until(lambda: len(server.told(1)) == 2)
    assert server.told(1) == ["You said: one", "You said: two"]


async def turns(number: int) -> None:
    """As long as the loop takes to go round so often."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_with_every_third_answer_slow_all_updates_are_answered_once_and_in_order(
    line: Line, server: BotApiServer
) -> None:
    choice = random.Random(3)
    written = await write_all(server, choice)
    server.fault = lambda *_: Fault(slow=partial(turns, choice.randint(1, 200))) if choice.random() < 1 / 3 else None
    async with working(line):
        await server.until(lambda: len(server.sent) >= UPDATES)
        await line.service.dispatcher.idle()
    assert told(server) == answered(written)
