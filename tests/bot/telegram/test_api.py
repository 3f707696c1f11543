"""What happens to one request when the server fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.telegram.api import ATTEMPTS, LONGEST_BACKOFF, Key
from bot.telegram.errors import ChatClosed, Unreachable
from tests.bot.telegram.line import Line
from tests.bot_api import Fault


def once(line: Line, method: str, *faults: Fault) -> None:
    waiting: Iterator[Fault] = iter(faults)
    line.server.fault = lambda called, asked: next(waiting, None) if called == method else None


async def test_too_many_requests_are_repeated_after_the_time_that_the_server_names(line: Line) -> None:
    once(line, "sendmessage", Fault(429, retry_after=17))
    await line.services.api.send(1, "hi")
    assert 17 in line.time.slept and line.server.told(1) == ["hi"]


async def test_a_broken_server_is_asked_again_ever_more_rarely_and_then_no_more(line: Line) -> None:
    line.server.fault = lambda method, asked: Fault(500)
    with pytest.raises(Unreachable):
        await line.services.api.send(1, "hi")
    assert len(line.server.called("sendmessage")) == ATTEMPTS
    waits = [seconds for seconds in line.time.slept if seconds >= 1]
    assert waits == sorted(waits) and waits[-1] == LONGEST_BACKOFF


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_a_message_whose_answer_was_lost_is_not_sent_twice(line: Line, cut: str) -> None:
    once(line, "sendmessage", Fault(cut=cut))
    assert await line.services.api.send(1, "hi") is None
    assert line.server.told(1) == ["hi"] * (cut == "after")


async def test_an_unreadable_answer_is_not_logged_and_the_message_not_sent_twice(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    once(line, "sendmessage", Fault(200, body=b"secret words"))
    assert await line.services.api.send(1, "hi") is None
    assert "secret words" not in caplog.text


async def test_what_does_no_harm_is_repeated_after_a_lost_answer(line: Line) -> None:
    message_id = await line.services.api.send(1, "hi")
    assert message_id
    once(line, "editmessagetext", Fault(cut="after"))
    await line.services.api.edit(1, message_id, "hello")
    assert line.server.told(1) == ["hello"] and len(line.server.called("editmessagetext")) == 2


async def test_a_server_that_is_not_there_was_not_told_anything(line: Line) -> None:
    await line.server.stop()
    with pytest.raises(Unreachable):
        await line.services.api.send(1, "hi")


async def test_a_person_who_blocked_the_bot_is_not_written_to_again(line: Line) -> None:
    line.server.blocked = {1}
    with pytest.raises(ChatClosed):
        await line.services.api.send(1, "hi")
    assert len(line.server.called("sendmessage")) == 1


async def test_another_program_on_the_same_token_is_waited_for(line: Line) -> None:
    once(line, "getupdates", Fault(409))
    await line.server.write(1, "hi")
    assert len(await line.services.api.updates(None)) == 1
    assert line.time.slept == [LONGEST_BACKOFF]


async def test_updates_are_delivered_until_they_are_confirmed(line: Line) -> None:
    update = await line.server.write(1, "hi")
    assert await line.services.api.updates(None) == await line.services.api.updates(None) == [update]
    later = await line.server.write(1, "again")
    assert await line.services.api.updates(update["update_id"]) == [later]


async def test_a_message_that_cannot_be_changed_stays_as_it_is(line: Line) -> None:
    message_id = await line.services.api.send(1, "hi", [[Key("A", "a")]])
    assert message_id
    await line.services.api.edit(1, message_id + 1, "hello")
    assert line.server.told(1) == ["hi"]


async def test_an_expired_press_is_let_go(line: Line) -> None:
    once(line, "answercallbackquery", Fault(400))
    await line.services.api.notify("1", "too late")
    assert line.server.toasts == []
