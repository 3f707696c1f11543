from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.limits import MOST_REMEMBERED, Pace
from tests.bot.telegram.line import Time


async def _send(pace: Pace, time: Time, chats: list[int]) -> list[tuple[float, int]]:
    sent = []
    for chat in chats:
        async with pace.turn(chat):
            sent.append((time.clock(), chat))
    return sent


@given(st.lists(st.sampled_from([1, 2, 3, -4]), max_size=60))
def test_no_limit_is_ever_broken(chats: list[int]) -> None:
    time = Time()
    sent = asyncio.run(_send(Pace(time.clock, time.sleep), time, chats))
    assert [chat for _, chat in sent] == chats
    for chat, apart in ((1, 1.0), (2, 1.0), (3, 1.0), (-4, 3.0)):
        times = [at for at, where in sent if where == chat]
        assert all(b - a >= apart - 1e-6 for a, b in zip(times, times[1:]))
    assert all(b - a >= 1 / 30 - 1e-6 for (a, _), (b, _) in zip(sent, sent[1:]))


async def test_many_chats_at_once_get_thirty_messages_a_second() -> None:
    time = Time()
    pace = Pace(time.clock, time.sleep)
    sent = await _send(pace, time, list(range(1, 301)))
    assert 9.9 < sent[-1][0] < 10.1
    assert sum(at < 0.999 for at, _ in sent) <= 30


async def test_the_first_message_to_a_chat_does_not_wait() -> None:
    time = Time()
    await _send(Pace(time.clock, time.sleep), time, [5])
    assert time.slept == []


async def test_a_chat_that_the_server_holds_back_waits_that_long_and_no_other() -> None:
    time = Time()
    pace = Pace(time.clock, time.sleep)
    pace.hold(1, 20)
    (other, _), (held, _) = await _send(pace, time, [2, 1])
    assert other == 0 and held >= 20


async def test_chats_whose_turn_has_come_are_forgotten() -> None:
    time = Time()
    pace = Pace(time.clock, time.sleep)
    await _send(pace, time, list(range(1, MOST_REMEMBERED + 200)))
    assert len(pace._next) < 300
