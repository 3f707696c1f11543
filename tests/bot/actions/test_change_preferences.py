from __future__ import annotations

import pytest

from bot.actions.change_preferences import ActionChangePreferences
from tests.bot.actions.chat import Chat

CHANGE = ActionChangePreferences()


@pytest.mark.parametrize(
    ("said", "column", "value"),
    [
        ("speak Russian to me", "language", "ru"),
        ("давай на ты", "address_form", "informal"),
        ("be less formal", "address_form", "informal"),
        ("unsubscribe me from the newsletter", "consent_marketing", False),
        ("не присылайте мне рекламу", "consent_marketing", False),
    ],
)
async def test_a_preference_changes_after_a_yes(chat: Chat, said: str, column: str, value: object) -> None:
    before = chat.desk.customer("C2")
    assert await chat.say(said, CHANGE) == ["utter_confirm_preference"]
    assert chat.desk.customer("C2") == before
    assert await chat.say("да") == ["utter_preference_saved"]
    assert chat.desk.customer("C2") == {**before, column: value}
    assert chat.desk.audit() == [("change_preferences", None)]


async def test_what_and_how_are_asked(chat: Chat) -> None:
    assert await chat.say("change my settings", CHANGE) == ["utter_ask_preference"]
    assert await chat.say("Marketing messages") == ["utter_ask_preference_value"]
    assert [button["title"] for button in chat.message["buttons"]] == ["Don't send any", "Send them"]
    assert await chat.say("Don't send any") == ["utter_confirm_preference"]


@pytest.mark.parametrize("said", ["use English", "address me formally", "subscribe me to your offers"])
async def test_what_is_so_already_stays(chat: Chat, said: str) -> None:
    assert await chat.say(said, CHANGE) == ["utter_preference_same"]
    assert chat.desk.audit() == []
