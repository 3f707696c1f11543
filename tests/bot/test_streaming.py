from __future__ import annotations

import asyncio
import threading

import pytest

from bot.streaming import Stopped, Streaming


async def told(streaming: Streaming, conversation: str, *sentences: str) -> None:
    """Say the sentences from another thread, as the answering one does."""
    for sentence in sentences:
        await asyncio.to_thread(streaming.say, conversation, sentence)


async def test_sentences_are_heard_in_order_on_the_listeners_loop() -> None:
    streaming, heard, threads = Streaming(), [], []

    def hear(sentence: str) -> None:
        heard.append(sentence)
        threads.append(threading.get_ident())

    with streaming.listening("customer:C1", hear):
        await told(streaming, "customer:C1", "One.", "Two.", "Three.")
        await asyncio.sleep(0)
    assert heard == ["One.", "Two.", "Three."]
    assert set(threads) == {threading.get_ident()}


async def test_a_conversation_never_hears_another_ones_sentences() -> None:
    streaming, first, second = Streaming(), [], []  # type: ignore[var-annotated]
    with streaming.listening("customer:C1", first.append), streaming.listening("customer:C2", second.append):
        await told(streaming, "customer:C1", "Your order is on its way.")
        await told(streaming, "customer:C3", "Nobody listens.")
        await asyncio.sleep(0)
    assert (first, second) == (["Your order is on its way."], [])


async def test_who_no_longer_listens_hears_nothing() -> None:
    streaming, heard = Streaming(), []  # type: ignore[var-annotated]
    with streaming.listening("someone", heard.append):
        pass
    await told(streaming, "someone", "Too late.")
    await asyncio.sleep(0)
    assert heard == []


async def test_stopping_ends_the_reply_being_written_and_not_the_next() -> None:
    streaming, heard = Streaming(), []  # type: ignore[var-annotated]
    with streaming.listening("someone", heard.append):
        await told(streaming, "someone", "One.")
        streaming.stop("someone")
        with pytest.raises(Stopped):
            await told(streaming, "someone", "Two.")
        with pytest.raises(Stopped):
            streaming.go_on("someone")
    with streaming.listening("someone", heard.append):
        streaming.go_on("someone")
        await told(streaming, "someone", "Three.")
        await asyncio.sleep(0)
    assert heard == ["One.", "Three."]


async def test_stopping_concerns_one_conversation_and_may_come_when_nothing_is_written() -> None:
    streaming, heard = Streaming(), []  # type: ignore[var-annotated]
    streaming.stop("another")
    with streaming.listening("someone", heard.append):
        streaming.stop("another")
        await told(streaming, "someone", "One.")
        await asyncio.sleep(0)
    assert heard == ["One."]
