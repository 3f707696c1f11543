from __future__ import annotations

import datetime as dt

import pytest

from bot.actions.warranty_claim import ActionWarrantyClaim
from tests.bot.actions.chat import Chat
from tests.bot.actions.desk import Desk

CLAIM = ActionWarrantyClaim()


@pytest.fixture(autouse=True)
def recently_received(desk: Desk) -> None:
    desk.change("NL-3", delivered_at=dt.date.today() - dt.timedelta(days=60))


async def test_a_fault_becomes_a_ticket_with_the_device_and_its_term(chat: Chat) -> None:
    assert await chat.say("register a repair", CLAIM) == ["utter_ask_fault"]
    assert await chat.say("the left one crackles") == ["utter_ask_handover"]
    assert await chat.say("I'll bring it myself") == ["utter_confirm_repair"]
    assert await chat.say("yes") == ["utter_repair_filed"]
    (ticket,) = chat.desk.tickets()
    assert (ticket["topic"], ticket["order_id"]) == ("warranty", "NL-3")
    assert "the left one crackles" in ticket["subject"]
    assert await chat.say("register a repair", CLAIM) == ["utter_request_open"]


async def test_a_question_in_between_is_no_fault(chat: Chat) -> None:
    await chat.say("register a repair", CLAIM)
    assert await chat.say("how long will it take?") == ["utter_ask_fault"]
    assert await chat.say("broken") == ["utter_ask_fault"]
    assert await chat.say("it is dead, completely") == ["utter_ask_handover"]


async def test_the_fault_is_taken_back_and_told_again(chat: Chat) -> None:
    await chat.say("register a repair, a courier may fetch it", CLAIM, entities=[("reason", "it crackles")])
    assert chat.message["response"] == "utter_confirm_repair"
    assert await chat.say("no, the fault is another one") == ["utter_ask_fault"]
    await chat.say("no sound on the right")
    assert (chat.message["response"], chat.message["fault"]) == ("utter_confirm_repair", "no sound on the right")


async def test_the_warranty_may_be_over(chat: Chat) -> None:
    chat.desk.change("NL-3", delivered_at=dt.date.today() - dt.timedelta(days=500))
    assert await chat.say("repair it", CLAIM) == ["utter_nothing_under_warranty"]
    assert await chat.say("repair it", CLAIM, entities=[("order_number", "NL-3")]) == ["utter_warranty_over"]


async def test_what_is_on_its_way_is_not_repaired(chat: Chat) -> None:
    told = await chat.say("repair it", CLAIM, entities=[("order_number", "NL-2")])
    assert told == ["utter_return_not_received"]


async def test_who_wants_another_one_or_the_money_gets_what_the_terms_of_returns_allow(chat: Chat) -> None:
    chat.desk.change("NL-3", delivered_at=dt.date.today() - dt.timedelta(days=5))
    assert await chat.say("the earphones arrived dead, replace them", CLAIM) == ["utter_ask_handover"]
    assert await chat.say("I'll bring them myself") == ["utter_confirm_exchange"]
    assert await chat.say("yes") == ["utter_exchange_filed"]
    (ticket,) = chat.desk.tickets()
    assert ticket["topic"] == "return"


async def test_a_part_replaced_under_warranty_is_a_repair(chat: Chat) -> None:
    assert await chat.say("replace the battery under warranty", CLAIM) == ["utter_ask_fault"]
