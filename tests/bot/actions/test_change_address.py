from __future__ import annotations

import pytest

from bot.actions.change_address import ActionChangeAddress
from tests.bot.actions.chat import Chat
from tests.bot.actions.desk import Desk

CHANGE = ActionChangeAddress()
NEW = "Kazan, 5 Lesnaya Street, apt 3"


@pytest.fixture(autouse=True)
def placed(desk: Desk) -> None:
    desk.change("NL-2", status="placed")


async def test_until_it_is_packed_the_order_goes_to_the_new_address_after_yes_and_code(chat: Chat) -> None:
    assert await chat.say("deliver it elsewhere", CHANGE) == ["utter_ask_new_address"]
    assert await chat.say(NEW) == ["utter_confirm_address"]
    assert await chat.say("yes") == ["utter_ask_code"]
    assert chat.message["email"] == "a•••@mail.example"
    assert chat.desk.order("NL-2")["delivery_address"] == "Kazan"
    assert await chat.say("{code}") == ["utter_address_changed"]
    assert chat.desk.order("NL-2")["delivery_address"] == NEW
    assert (chat.desk.audit(), chat.desk.tickets()) == ([("change_address", "NL-2")], [])


async def test_the_code_is_not_kept_among_what_is_known(chat: Chat) -> None:
    await chat.say("deliver it elsewhere", CHANGE)
    await chat.say(NEW)
    await chat.say("yes")
    code = chat.code()
    assert code not in str(chat.slots) and code not in str(chat.said)


async def test_an_address_in_the_first_message_is_taken_and_can_be_corrected(chat: Chat) -> None:
    said = await chat.say("send it to 9 Mira Street", CHANGE, entities=[("address", "9 Mira Street")])
    assert (said, chat.message["address"]) == (["utter_confirm_address"], "Kazan, 9 Mira Street")
    assert await chat.say("no, wrong address, 19 Mira Street") == ["utter_confirm_address"]
    assert chat.message["address"] == "Kazan, 19 Mira Street"
    assert await chat.say("no, a different address") == ["utter_ask_new_address"]


@pytest.mark.parametrize("text", ["Kazan", "some street", "12", "5 " * 200])
async def test_what_is_no_address_is_asked_again(chat: Chat, text: str) -> None:
    await chat.say("deliver it elsewhere", CHANGE)
    assert await chat.say(text) == ["utter_bad_address", "utter_ask_new_address"]


async def test_packed_it_is_for_a_person_within_the_city_only(chat: Chat) -> None:
    chat.desk.change("NL-2", status="packed")
    await chat.say("deliver it elsewhere", CHANGE)
    assert await chat.say(NEW) == ["utter_confirm_redirect"]
    await chat.say("yes")
    assert await chat.say("{code}") == ["utter_address_filed"]
    (ticket,) = chat.desk.tickets()
    assert (ticket["order_id"], ticket["topic"]) == ("NL-2", "delivery") and NEW in ticket["subject"]
    assert chat.desk.order("NL-2")["delivery_address"] == "Kazan"
    assert await chat.say("deliver it elsewhere", CHANGE) == ["utter_request_open"]


async def test_packed_it_does_not_go_to_another_city(chat: Chat) -> None:
    chat.desk.change("NL-2", status="packed")
    await chat.say("deliver it elsewhere", CHANGE)
    assert await chat.say("Omsk, 5 Lesnaya Street, apt 3") == ["utter_address_other_city"]
    assert not chat.asking


async def test_from_a_pick_up_point_to_the_door_is_for_a_person(chat: Chat) -> None:
    chat.desk.change("NL-2", delivery_method="pickup_point")
    await chat.say("deliver it elsewhere", CHANGE)
    assert await chat.say(NEW) == ["utter_confirm_new_method"]


@pytest.mark.parametrize(
    "values", [{"status": "ready_for_pickup"}, {"delivery_method": "express"}, {"status": "delivered"}]
)
async def test_too_late_is_told(chat: Chat, values: dict[str, str]) -> None:
    chat.desk.change("NL-2", **values)
    told = await chat.say("deliver it elsewhere", CHANGE, entities=[("order_number", "NL-2")])
    assert told == ["utter_address_impossible"]
