"""The channel as a whole on a server that fails as the real one does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.customers.models import TelegramUpdate
from bot.customers.store import CustomerStore
from bot.telegram.talk import Question, Said
from tests.bot.telegram.line import Line, Time
from tests.bot_api import BotApiServer, Fault

CHATS, UPDATES = 50, 500


@contextlib.asynccontextmanager
async def working(line: Line) -> AsyncIterator[Line]:
    """The service at work; leaving ends it as a restart of the assistant does."""
    task = asyncio.create_task(line.service.run())
    try:
        yield line
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def another(line: Line, tmp_path: Path) -> Line:
    """The same installation, started once more."""
    return Line(line.server, line.server.url, line.store, line.time, tmp_path / "telegram.lock")


def failing(seed: int) -> Any:
    """A fault in about every fifth request: too many, broken down, or cut off where that may be repeated."""
    choice = random.Random(seed)
    sends = [Fault(429, retry_after=2), Fault(500), Fault(502, body=b"<html>Bad Gateway</html>")]

    def fault(method: str, asked: dict[str, Any]) -> Fault | None:
        if method in ("getme", "setmycommands", "deletewebhook") or choice.random() > 0.2:
            return None
        return choice.choice([*sends, Fault(cut="before"), Fault(cut="after")] if method == "getupdates" else sends)

    return fault


async def write_all(server: BotApiServer, choice: random.Random) -> dict[int, list[str]]:
    """Many people write at once; what each wrote, in order."""
    written: dict[int, list[str]] = defaultdict(list)
    for number in range(UPDATES):
        chat = choice.randint(1, CHATS)
        written[chat].append(f"message {number}")
        await server.write(chat, written[chat][-1], "en")
    return written


def answered(written: dict[int, list[str]]) -> dict[int, list[str]]:
    return {chat: [f"You said: {text}" for text in texts] for chat, texts in written.items()}


def told(server: BotApiServer) -> dict[int, list[str]]:
    return {chat: server.told(chat) for chat in range(1, CHATS + 1) if server.told(chat)}


async def test_every_update_is_answered_once_and_in_order_whatever_fails(line: Line, server: BotApiServer) -> None:
    written = await write_all(server, random.Random(1))
    server.fault = failing(1)
    async with working(line):
        await server.until(lambda: len(server.sent) >= UPDATES)
        await line.service.dispatcher.idle()
    assert told(server) == answered(written)
    assert line.rows(TelegramUpdate) and all(row.answered and row.payload is None for row in line.rows(TelegramUpdate))
    assert len([call for call in server.calls if call[0] == "sendmessage"]) > UPDATES  # some did fail
    by_chat = [[m.at for m in server.sent if m.chat_id == chat] for chat in written]
    assert all(b - a >= 1 for times in by_chat for a, b in zip(times, times[1:]))


async def test_a_restart_in_the_middle_loses_and_repeats_nothing(
    line: Line, server: BotApiServer, tmp_path: Path
) -> None:
    written = await write_all(server, random.Random(2))
    server.fault = failing(2)
    for stop in (UPDATES // 3, UPDATES // 2):
        async with working(line):
            await server.until(lambda: len(server.sent) >= stop)  # noqa: B023 - awaited at once
        line = another(line, tmp_path)
    async with working(line):
        await server.until(lambda: len(server.sent) >= UPDATES)
        await line.service.dispatcher.idle()
    assert told(server) == answered(written)


async def test_what_a_crash_left_unanswered_is_answered_by_the_next_start(
    line: Line, server: BotApiServer, tmp_path: Path
) -> None:
    started, never = asyncio.Event(), asyncio.Event()

    async def hang(question: Question, say: Any) -> bool:
        started.set()
        return await never.wait()

    line.services.ask = hang
    await line.services.run(line.services.inbox.put, server.update(message=server.message(1, "hello")))
    await line.service.dispatcher.feed()
    await started.wait()
    for task in line.service.dispatcher._tasks:
        task.cancel()
    line = another(line, tmp_path)
    async with working(line):
        await server.until(lambda: server.sent)
    assert server.told(1) == ["You said: hello"]


async def test_once_something_was_said_a_crash_does_not_say_it_again(
    line: Line, server: BotApiServer, tmp_path: Path
) -> None:
    never = asyncio.Event()

    async def half(question: Question, say: Any) -> bool:
        say(Said("the first half"))
        return await never.wait()

    line.services.ask = half
    await line.services.run(line.services.inbox.put, server.update(message=server.message(1, "hello")))
    await line.service.dispatcher.feed()
    await server.until(lambda: server.sent)
    await line.services.run(line.services.inbox.waiting)  # after what was sent is noted
    await asyncio.sleep(0)
    for task in line.service.dispatcher._tasks:
        task.cancel()
    line = another(line, tmp_path)
    async with working(line):
        await server.write(2, "and I?")
        await server.until(lambda: server.told(2))
    assert server.told(1) == ["the first half"]


async def test_a_second_delivery_is_not_answered_again(line: Line, server: BotApiServer) -> None:
    update = server.update(message=server.message(1, "hello"))
    await line.receive(update)
    await line.receive(update, update)
    assert server.told(1) == ["You said: hello"]


@pytest.mark.parametrize(
    "broken",
    [
        {"message": {"message_id": "secret words", "chat": {"id": 1}}},
        {"message": {"chat": "secret words"}},
        {"message": "secret words"},
        {"callback_query": {"id": 1, "data": "secret words"}},
        {},
    ],
)
async def test_a_malformed_update_is_skipped_without_its_words_and_the_next_one_served(
    line: Line, server: BotApiServer, broken: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = server.update()["update_id"]
    await server.post({"update_id": number, **broken})
    await server.post("secret words")
    await server.write(1, "secret words")
    async with working(line):
        await server.until(lambda: server.sent)
    assert server.told(1) == ["You said: secret words"]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("telegram")]
    assert broken == {} or any(f"Update {number}" in message for message in ours)
    assert "secret words" not in "".join(ours)


async def test_of_several_workers_one_asks_for_updates_and_another_takes_over(
    line: Line, server: BotApiServer, tmp_path: Path
) -> None:
    second = another(line, tmp_path)
    async with working(second):
        await server.until(lambda: server.pollers)
        async with working(line):
            await server.write(1, "one")
            await server.until(lambda: server.told(1))
            assert (line.asked, server.most_pollers) == ([], 1)
            assert len(second.asked) == 1
    async with working(line):
        await server.write(1, "two")
        await server.until(lambda: len(server.told(1)) == 2)
    assert [question.text for question in line.asked] == ["two"]


async def test_chats_are_served_beside_each_other(line: Line, server: BotApiServer) -> None:
    release = asyncio.Event()
    echo = line.services.ask

    async def slow_for_the_first(question: Question, say: Any) -> bool:
        if question.conversation == "telegram:1":
            await release.wait()
        return await echo(question, say)

    line.services.ask = slow_for_the_first
    async with working(line):
        await server.write(1, "slow")
        await server.write(1, "after it")
        await server.write(2, "quick")
        await server.until(lambda: server.sent)
        assert server.told(2) == ["You said: quick"]
        release.set()
        await server.until(lambda: len(server.sent) == 3)
    assert server.told(1) == ["You said: slow", "You said: after it"]


async def test_numbers_that_begin_anew_after_a_quiet_week_are_no_old_ones(line: Line, server: BotApiServer) -> None:
    async with working(line):
        await server.write(1, "before")
        await server.until(lambda: server.told(1) and server.pollers)
        await server.post({"update_id": 7, "message": server.message(1, "after")})
        await server.until(lambda: len(server.told(1)) == 2)


async def test_a_token_that_is_not_accepted_leaves_the_channel_off(
    line: Line, server: BotApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.fault = lambda method, asked: Fault(401)
    fresh = Line(server, server.url, line.store, line.time, Path(line.service._lock.lock_file))
    await fresh.service.run()
    assert "TELEGRAM_TOKEN" in caplog.text and line.settings.token not in caplog.text


async def test_the_server_is_asked_again_until_it_answers(line: Line, server: BotApiServer, tmp_path: Path) -> None:
    failures = iter([Fault(500)] * 30)
    server.fault = lambda method, asked: next(failures, None)
    async with working(another(line, tmp_path)):
        await server.write(1, "hello")
        await server.until(lambda: server.told(1))


async def test_a_webhook_is_set_with_its_secret_and_posted_updates_are_answered(
    server: BotApiServer, store: CustomerStore, time: Time, tmp_path: Path
) -> None:
    line = Line(server, server.url, store, time, tmp_path / "telegram.lock")
    line.service._webhook = "https://shop.example/webhooks/telegram/webhook"
    async with working(line):
        await server.until(lambda: server.webhook)
        assert server.webhook["url"] == "https://shop.example/webhooks/telegram/webhook"
        assert server.webhook["secret_token"] == line.settings.secret
        await line.service.accept(server.update(message=server.message(1, "hello")))
        await line.service.accept("no update")
        await server.until(lambda: server.told(1))
    assert server.called("getupdates") == []


async def test_the_menu_is_in_both_languages_and_short_in_groups(line: Line, server: BotApiServer) -> None:
    async with working(line):
        await server.until(lambda: server.pollers)
    wanted = {"start", "help", "orders", "human", "language", "privacy", "forget"}
    for language in ("ru", "en", ""):
        assert wanted <= set(server.commands["all_private_chats", language])
        assert server.commands["all_group_chats", language] == ["help"]
