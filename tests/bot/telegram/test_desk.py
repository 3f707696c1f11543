"""What people at the desk say in Telegram: once, at any hour, and the assistant keeps silent meanwhile."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from bot.customers.models import DeskLetter
from bot.desk.handovers import TELEGRAM, Request, open_handover
from bot.telegram.talk import Question, Said
from tests.bot.telegram.line import Line
from tests.bot.telegram.test_service import another, working
from tests.bot_api import BotApiServer, Fault


def wanted(line: Line, chat: int = 1) -> int:
    """A person is wanted in a stranger's chat, and has taken it; the handover's number."""
    request = Request(f"telegram:{chat}", None, TELEGRAM, str(chat), "en", "The customer wrote: hello", "hello")
    with line.store.session() as session:
        row = open_handover(session, request, dt.datetime.now())
        assert row is not None
        session.commit()
        number = int(row.id)
    line.services.handovers.take(number, "Anna")
    return number


def letters(line: Line) -> list[tuple[str, str | None]]:
    return [(row.state, row.text) for row in line.rows(DeskLetter)]


async def test_an_answer_arrives_once_and_its_words_are_dropped(line: Line, server: BotApiServer) -> None:
    handover = wanted(line)
    for _ in range(2):
        line.services.letters.put(handover, "desk.1", TELEGRAM, "Anna: <b>Hello</b> & welcome")
    for _ in range(2):
        await line.service.desk.once()
    assert server.told(1) == ["Anna: <b>Hello</b> & welcome"]
    assert letters(line) == [("sent", None)]


async def test_answers_arrive_once_and_in_order_across_restarts_and_failures(
    line: Line, server: BotApiServer, tmp_path: Path
) -> None:
    handover = wanted(line)
    written = [f"Anna: {number}" for number in range(6)]
    for number, text in enumerate(written):
        line.services.letters.put(handover, f"desk.{number}", TELEGRAM, text)
    faults = iter([Fault(500), Fault(429, retry_after=2), Fault(502)] * 4)
    server.fault = lambda method, _: next(faults, None) if method == "sendmessage" and len(server.sent) % 2 else None
    for stop in (1, 3, len(written)):
        async with working(line):
            await server.until(lambda: len(server.sent) >= stop)  # noqa: B023 - awaited at once
        line = another(line, tmp_path)
    assert server.told(1) == written


async def test_what_was_leaving_when_the_assistant_ended_is_not_sent_again_and_the_desk_knows(
    line: Line, server: BotApiServer
) -> None:
    handover = wanted(line)
    line.services.letters.put(handover, "desk.1", TELEGRAM, "perhaps it arrived")
    (letter,) = line.services.letters.due(TELEGRAM)
    assert line.services.letters.leave(letter.id)
    async with working(line):
        line.services.letters.put(handover, "desk.2", TELEGRAM, "surely new")
        await server.until(lambda: server.sent)
    assert server.told(1) == ["surely new"]
    assert line.services.letters.states(handover)["desk.1"] == "unsure"


async def test_who_blocked_the_bot_is_told_to_the_desk(line: Line, server: BotApiServer) -> None:
    handover = wanted(line)
    line.services.letters.put(handover, "desk.1", TELEGRAM, "hello?")
    server.fault = lambda method, _: Fault(403) if method == "sendmessage" else None
    await line.service.desk.once()
    assert line.services.letters.states(handover) == {"desk.1": "failed"}


async def test_while_a_person_has_the_conversation_nothing_is_said_and_no_trouble_told(line: Line) -> None:
    async def passed(question: Question, say: Any) -> bool:
        return False

    line.services.ask = passed
    assert await line.write(1, "hello?", "en") == []


async def test_a_reply_that_a_person_overtook_is_not_sent(line: Line) -> None:
    async def overtaken(question: Question, say: Any) -> bool:
        wanted(line)
        say(Said("too late"))
        return False

    line.services.ask = overtaken
    assert await line.write(1, "hello?", "en") == []


async def test_the_question_tells_where_a_later_answer_goes(line: Line) -> None:
    await line.write(7, "hello", "en")
    assert [question.chat_id for question in line.asked] == [7]
