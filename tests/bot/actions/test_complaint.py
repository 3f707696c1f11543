from __future__ import annotations

import pytest

from bot.actions.complaint import ActionComplain
from tests.bot.actions.chat import Chat

TEXT = "The box came crushed, I am angry"
COMPLAIN = ActionComplain()


@pytest.mark.parametrize(("number", "order", "topic"), [(None, None, "product"), ("nl-2", "NL-2", "delivery")])
async def test_the_customers_own_words_become_a_ticket(
    chat: Chat, number: str | None, order: str | None, topic: str
) -> None:
    entities = [("order_number", number)] if number else []
    assert await chat.say(TEXT, COMPLAIN, entities=entities) == ["utter_complaint_filed"]
    (ticket,) = chat.desk.tickets()
    assert chat.message["ticket"] == ticket["ticket_id"]
    assert (ticket["customer_id"], ticket["order_id"], ticket["topic"]) == ("C2", order, topic)
    assert ticket["subject"] == TEXT
    assert chat.desk.audit() == [("complain", order)]


async def test_a_short_outburst_is_asked_what_happened(chat: Chat) -> None:
    assert await chat.say("outrageous!", COMPLAIN, entities=[("order_number", "NL-2")]) == ["utter_ask_complaint"]
    assert await chat.say("the courier shouted at me") == ["utter_complaint_filed"]
    (ticket,) = chat.desk.tickets()
    assert (ticket["subject"], ticket["order_id"]) == ("the courier shouted at me", "NL-2")


async def test_a_complaint_is_not_tied_to_another_customers_order(chat: Chat) -> None:
    await chat.say(TEXT, COMPLAIN, entities=[("order_number", "NL-1")])
    assert [ticket["order_id"] for ticket in chat.desk.tickets()] == [None]


async def test_an_anonymous_complaint_is_not_filed(chat: Chat) -> None:
    chat.customer = None
    assert await chat.say(TEXT, COMPLAIN) == ["utter_complaint_anonymous"]
    assert chat.desk.tickets() == []
