from __future__ import annotations

import pytest

from bot.actions.call_back import ActionCallBack
from tests.bot.actions.chat import Chat

CALL = ActionCallBack()


async def test_a_call_to_the_number_on_file(chat: Chat) -> None:
    assert await chat.say("call me back", CALL) == ["utter_ask_phone"]
    assert chat.message["phone"] == "+7 ••• •••-••-02"
    assert await chat.say("This one") == ["utter_ask_call_time"]
    assert await chat.say("tomorrow at 3 pm") == ["utter_confirm_call"]
    assert (chat.message["phone"], chat.message["when"]) == ("+7 ••• •••-••-02", "tomorrow at 3 pm")
    assert await chat.say("yes") == ["utter_call_filed"]
    (ticket,) = chat.desk.tickets()
    assert ticket["subject"] == "Call back: +7 000 000-00-02, tomorrow at 3 pm"


async def test_number_and_time_in_one_message(chat: Chat) -> None:
    said = await chat.say("позвоните на 8 (000) 123-45-67 в пятницу после 18:00", CALL)
    assert (said, chat.message["phone"], chat.message["when"]) == (
        ["utter_confirm_call"],
        "+7 000 123-45-67",
        "в пятницу после 18:00",
    )


@pytest.mark.parametrize("night", ["at 2 am", "в 23:30", "around 11 pm", "ночью", "в 7 утра"])
async def test_nobody_calls_at_night(chat: Chat, night: str) -> None:
    await chat.say("call me at +7 000 123-45-67", CALL)
    assert await chat.say(night) == ["utter_bad_time", "utter_ask_call_time"]
    assert await chat.say("в 8 вечера") == ["utter_confirm_call"]


async def test_time_and_number_are_corrected(chat: Chat) -> None:
    await chat.say("call +7 000 123-45-67 tomorrow morning", CALL)
    assert await chat.say("no, a different time, today at 17:00") == ["utter_confirm_call"]
    assert chat.message["when"] == "today at 17:00"
    await chat.say("wrong number, 8 000 123-45-68")
    assert (chat.message["phone"], chat.message["when"]) == ("+7 000 123-45-68", "today at 17:00")


async def test_a_visitor_is_told_how_to_reach_people(chat: Chat) -> None:
    chat.customer = None
    assert await chat.say("call me back", CALL) == ["utter_handoff_anonymous"]
