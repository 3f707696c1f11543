from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.desk.handovers import DeskRefused
from bot.desk.suggesting import Suggesting

FOUND = [{"text": "It is on its way.", "title": "", "url": ""}]


class Assistant:
    """Rasa's agent as far as it is asked: a conversation's latest message, and suggestions once it is open."""

    def __init__(self) -> None:
        self.tracker_store = self.nlg = self
        self.message_id = "first"
        self.asked: list[str] = []
        self.open = asyncio.Event()

    async def retrieve(self, conversation: str) -> Any:
        return SimpleNamespace(latest_message=SimpleNamespace(message_id=self.message_id))

    async def suggestions(self, tracker: Any) -> list[dict[str, str]]:
        self.asked.append(tracker.latest_message.message_id)
        await self.open.wait()
        return FOUND


async def begun(*wishes: Any) -> list[asyncio.Task[Any]]:
    """The wishes, each as far as it gets by itself."""
    tasks = [asyncio.ensure_future(wish) for wish in wishes]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_who_asks_the_same_at_once_waits_for_one_answer() -> None:
    assistant, suggesting = Assistant(), Suggesting()
    wishes = await begun(*(suggesting.about(assistant, "customer:C1") for _ in range(3)))
    assistant.open.set()
    assert await asyncio.gather(*wishes) == [FOUND] * 3
    assert assistant.asked == ["first"]


async def test_conversations_do_not_wait_for_each_other() -> None:
    assistant, suggesting = Assistant(), Suggesting()
    await begun(suggesting.about(assistant, "customer:C1"), suggesting.about(assistant, "customer:C2"))
    assert assistant.asked == ["first", "first"]
    assistant.open.set()


async def test_a_newer_message_takes_the_place_of_an_earlier_one() -> None:
    assistant, suggesting = Assistant(), Suggesting()
    (earlier,) = await begun(suggesting.about(assistant, "customer:C1"))
    assistant.message_id = "second"
    (later,) = await begun(suggesting.about(assistant, "customer:C1"))
    with pytest.raises(DeskRefused) as refused:
        await earlier
    assert refused.value.code == "busy"
    assistant.open.set()
    assert await later == FOUND
    assert assistant.asked == ["first", "second"]


async def test_a_busy_assistant_is_told_and_what_it_has_begun_is_not_begun_again() -> None:
    assistant, suggesting = Assistant(), Suggesting(patience=0)
    with pytest.raises(DeskRefused) as refused:
        await suggesting.about(assistant, "customer:C1")
    assert refused.value.code == "busy"
    (again,) = await begun(suggesting.about(assistant, "customer:C1"))
    assert assistant.asked == ["first"]
    with pytest.raises(DeskRefused):
        await again


async def test_a_failure_is_told_and_forgotten() -> None:
    assistant, suggesting = Assistant(), Suggesting()
    assistant.open.set()
    broken = SimpleNamespace(tracker_store=assistant, nlg=SimpleNamespace(suggestions=_fail))
    with pytest.raises(ZeroDivisionError):
        await suggesting.about(broken, "customer:C1")
    assert await suggesting.about(assistant, "customer:C1") == FOUND


async def _fail(tracker: Any) -> list[dict[str, str]]:
    raise ZeroDivisionError
