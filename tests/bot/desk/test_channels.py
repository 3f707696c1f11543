"""The ways besides the widget: who asks by REST or in Telegram is passed on, and answered where they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from bot.channels.telegram import keeping
from bot.conversation import REST_CHANNEL, TELEGRAM_CHANNEL
from bot.customers.attachments import File
from bot.desk.gate import through_gate
from bot.desk.handovers import CLOSED, Handovers
from bot.desk.letters import Letters
from bot.desk.tracks import resume
from bot.telegram.chats import Chats
from bot.telegram.talk import Question
from tests.bot.desk.conftest import Start
from tests.bot.desk.office import Office


class Caller:
    """A customer who asks by a channel and hears what comes back."""

    def __init__(self, office: Office, conversation: str, channel: str = REST_CHANNEL, **metadata: Any) -> None:
        self._handle = through_gate(office.server.app)
        self._conversation, self._channel, self._metadata = conversation, channel, metadata

    async def asks(self, text: str) -> list[str]:
        output = CollectingOutputChannel()
        message = UserMessage(text, output, self._conversation, input_channel=self._channel, metadata=self._metadata)
        self.answered = await self._handle(message)
        return [said["text"] for said in output.messages]


async def test_who_asks_by_rest_hears_the_person_when_they_write_next(start: Start) -> None:
    office = await start()
    anna, caller = await office.agent(), Caller(office, "anonymous:me")
    assert await caller.asks("hello") == ["You wrote: hello"]
    handover = office.wanted("anonymous:me", channel="rest")
    assert (await anna.does("queue"))["waiting"][0]["pushed"] is False
    await anna.does("open", id=handover)
    await anna.does("take", id=handover)
    await anna.until("messages")
    said = await anna.replies(handover, "I am here.")
    assert said["delivery"] == "waiting"
    assert await caller.asks("anybody?") == ["Anna answers from here on.", "Anna: I am here."]
    assert not caller.answered
    assert await caller.asks("and?") == []
    assert [m["delivery"] for m in (await anna.does("open", id=handover))["thread"] if m["from"] == "person"] == [
        "sent"
    ]
    await anna.does("close", id=handover)
    assert (await caller.asks("bye"))[-1] == "You wrote: bye"
    assert caller.answered


async def test_a_file_sent_in_telegram_stands_in_the_thread_with_its_words(start: Start) -> None:
    office = await start()
    anna, keep = await office.agent(), keeping(office.server.app, office.store)
    file = File("crack.jpg", "image/jpeg", b"\xff\xd8\xff pixels")
    question = Question("the screen is cracked", "customer:C2", "telegram:1", 7, "C2")
    (told,) = await keep(question, file)
    assert "request" in told and await keep(question, file) == [told]
    handover = office.wanted()
    await anna.does("take", id=handover)
    second = replace(question, text="", message_id="telegram:2")
    assert await keep(second, file) == []  # a person talks
    opened = await anna.does("open", id=handover)
    asked = [said for said in opened["thread"] if said["from"] == "customer"]
    assert [(said["text"], (said["file"] or {}).get("name")) for said in asked] == [
        ("", "crack.jpg"),
        ("the screen is cracked", None),
        ("", "crack.jpg"),
    ]
    assert len({said["file"]["ticket"] for said in asked if said["file"]}) == 1
    assert opened["handover"]["channel"] == "telegram"  # where the answer goes


async def test_an_answer_follows_the_customer_to_the_channel_in_which_they_wrote_last(start: Start) -> None:
    office = await start()
    anna, widget = await office.agent(), await office.customer("C2")
    handover = office.wanted()
    await anna.does("open", id=handover)
    await anna.does("take", id=handover)
    await anna.until("messages")
    await Caller(office, "customer:C2", TELEGRAM_CHANNEL, customer_id="C2", chat="55").asks("I am on the road")
    assert (await anna.does("queue"))["mine"][0]["channel"] == "telegram"
    assert (await anna.replies(handover, "Drive safely."))["delivery"] == "waiting"
    (letter,) = Letters(office.store).due("telegram")
    assert (letter.address, letter.text) == ("55", "Anna: Drive safely.")
    assert "Drive safely." in [m["text"] for m in await widget.history()]
    await widget.until("done", await widget.say("I am home"))
    assert (await anna.replies(handover, "Good."))["delivery"] is None


async def test_the_desk_shows_whether_the_customer_has_linked_telegram(start: Start) -> None:
    office = await start()
    anna, handover, chats = await office.agent(), office.wanted(), Chats(office.store)
    assert (await anna.does("open", id=handover))["customer"]["telegram"] is False
    chats.bind(55, chats.issue_code("C2"))
    assert (await anna.does("open", id=handover))["customer"]["telegram"] is True
    chats.unbind(55)
    assert (await anna.does("open", id=handover))["customer"]["telegram"] is False


async def test_without_the_tables_the_assistant_answers(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    office = await start()

    def away(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("the database is away"))

    monkeypatch.setattr(Handovers, "of", away)
    caller = Caller(office, "anonymous:me")
    assert await caller.asks("hello") == ["You wrote: hello"]
    assert caller.answered


async def test_once_the_desk_is_switched_off_the_assistant_answers_whom_a_person_had(start: Start) -> None:
    office = await start()
    anna, caller, handover = await office.agent(), Caller(office, "anonymous:me"), office.wanted("anonymous:me")
    await anna.does("open", id=handover)
    await anna.does("take", id=handover)
    await anna.until("messages")
    assert await caller.asks("hello") == [] and await office.silent("anonymous:me")
    without = await start(agent=office.rasa, desk="")
    caller = Caller(without, "anonymous:me")
    assert await caller.asks("hello") == ["You wrote: hello"]
    assert caller.answered and not await office.silent("anonymous:me")
    assert not Handovers(office.store).is_taken("anonymous:me")  # by which replies are held back
    (ended,) = Handovers(office.store).ended(5)
    assert (ended.id, ended.state) == (handover, CLOSED)


async def test_a_conversation_that_nobody_had_is_left_as_it_is(start: Start) -> None:
    office = await start(desk="")
    await resume(office.rasa, "anonymous:new")
    assert await office.rasa.tracker_store.retrieve("anonymous:new") is None
