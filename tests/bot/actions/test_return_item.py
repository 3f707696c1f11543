from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.actions.return_item import ActionReturnItem
from tests.bot.actions.chat import Chat
from tests.bot.actions.desk import Desk

RETURN = ActionReturnItem()
TODAY = dt.date.today()


def received(desk: Desk, days: int, **values: Any) -> None:
    """NL-3, of two earbuds at 8990, was received so many days ago by a customer without a level."""
    desk.level("C2", "start")
    desk.change("NL-3", delivered_at=TODAY - dt.timedelta(days=days), **values)


async def test_what_does_not_suit_goes_back_within_fourteen_days(chat: Chat) -> None:
    received(chat.desk, 14)
    assert await chat.say("I want to return something", RETURN) == ["utter_ask_condition"]
    assert chat.message["until"] == f"{TODAY.day} {TODAY:%B}"
    assert await chat.say("it works, I just don't like it") == ["utter_ask_handover"]
    assert await chat.say("by courier") == ["utter_confirm_return"]
    assert chat.message["handover"] == "collected by a courier for 290 ₽"
    assert (chat.message["sum"], chat.message["term"]) == ("17,980 ₽", "within 3–10 working days")
    assert await chat.say("yes") == ["utter_return_filed"]
    (ticket,) = chat.desk.tickets()
    assert (ticket["topic"], ticket["order_id"]) == ("return", "NL-3")
    assert chat.desk.audit() == [("return_item", "NL-3")]
    assert chat.desk.statuses()["NL-3"] == "delivered"


@pytest.mark.parametrize(
    ("level", "days", "possible"),
    [("start", 14, True), ("start", 15, False), ("silver", 15, False), ("gold", 30, True), ("gold", 31, False)],
)
async def test_the_term_follows_the_level(chat: Chat, level: str, days: int, possible: bool) -> None:
    received(chat.desk, days)
    chat.desk.level("C2", level)
    await chat.say("return it, it is too small", RETURN, entities=[("order_number", "NL-3")])
    if possible:
        assert chat.message["response"] == "utter_ask_handover"
    else:
        assert (chat.message["response"], chat.asking) == ("utter_return_expired", False)


async def test_something_faulty_is_exchanged_or_paid_back_as_wished(chat: Chat) -> None:
    received(chat.desk, 3)
    assert await chat.say("my earbuds are broken", RETURN) == ["utter_ask_resolution"]
    assert await chat.say("exchange them") == ["utter_ask_handover"]
    assert await chat.say("pick-up point") == ["utter_confirm_exchange"]
    assert await chat.say("no, rather the money back") == ["utter_confirm_faulty_return"]
    assert chat.message["handover"] == "at a pick-up point, free of charge"
    assert await chat.say("yes") == ["utter_return_filed"]


async def test_a_wish_in_the_first_message_is_not_asked_again(chat: Chat) -> None:
    received(chat.desk, 3)
    await chat.say("please replace my faulty earbuds, a courier can collect them", RETURN)
    assert chat.message["response"] == "utter_confirm_exchange"


async def test_what_works_is_not_exchanged_but_returned(chat: Chat) -> None:
    received(chat.desk, 3)
    assert await chat.say("exchange the earbuds for another colour", RETURN) == ["utter_ask_handover"]
    assert await chat.say("courier") == ["utter_confirm_return_instead"]
    assert await chat.say("yes") == ["utter_return_filed"]


@pytest.mark.parametrize(
    ("category", "days", "response"),
    [
        ("headphones", 100, "utter_ask_resolution"),
        ("phones", 15, "utter_ask_resolution"),
        ("phones", 16, "utter_fault_repair"),
        ("phones", 400, "utter_warranty_over"),
        ("headphones", 400, "utter_warranty_over"),
    ],
)
async def test_what_is_faulty_later_depends_on_what_it_is(chat: Chat, category: str, days: int, response: str) -> None:
    received(chat.desk, days)
    chat.desk.product(category=category)
    assert await chat.say("it is broken", RETURN, entities=[("order_number", "NL-3")]) == [response]


async def test_a_repair_is_offered_with_its_order(chat: Chat) -> None:
    received(chat.desk, 20)
    chat.desk.product(category="phones")
    await chat.say("it is broken", RETURN, entities=[("order_number", "NL-3")])
    assert [button["payload"] for button in chat.message["buttons"]] == ['/warranty_claim{"order_number": "NL-3"}']


async def test_the_item_of_several_is_asked_for(chat: Chat) -> None:
    received(chat.desk, 3)
    chat.desk.add_item("NL-3", "P2", "Polar TV 65 QLED television", category="tv", weight_kg=26.0)
    assert await chat.say("return something of my order", RETURN, entities=[("order_number", "NL-3")]) == [
        "utter_choose_item"
    ]
    assert await chat.say("the television") == ["utter_ask_condition"]
    # Too large for a pick-up point: nothing to choose.
    assert await chat.say("it's fine") == ["utter_confirm_return"]
    assert "courier" in chat.message["handover"]


async def test_the_same_return_is_not_filed_twice(chat: Chat) -> None:
    received(chat.desk, 3)
    for text in ("return it, wrong size", "courier", "yes"):
        await chat.say(text, RETURN if "return" in text else None, entities=[("order_number", "NL-3")])
    assert len(chat.desk.tickets()) == 1
    await chat.say("return it", RETURN, entities=[("order_number", "NL-3")])
    assert (chat.message["response"], len(chat.desk.tickets())) == ("utter_request_open", 1)


@pytest.mark.parametrize(
    ("status", "response"),
    [
        ("in_transit", "utter_return_not_received"),
        ("cancelled", "utter_already_cancelled"),
        ("returned", "utter_already_returned"),
    ],
)
async def test_what_was_not_received_does_not_go_back(chat: Chat, status: str, response: str) -> None:
    chat.desk.change("NL-2", status=status)
    assert await chat.say("return it", RETURN, entities=[("order_number", "NL-2")]) == [response]


async def test_without_a_term_still_running_there_is_nothing_to_return(chat: Chat) -> None:
    received(chat.desk, 40)
    assert await chat.say("return", RETURN) == ["utter_nothing_to_return"]


async def test_a_visitor_is_told_the_general_terms(chat: Chat) -> None:
    chat.customer = None
    assert await chat.say("return", RETURN) == ["utter_return_terms"]
