from __future__ import annotations

import pytest

from bot.actions.complaint import ActionComplain
from tests.bot.actions.desk import Desk

TEXT = "The box came crushed, I am angry"


@pytest.mark.parametrize(("number", "order", "topic"), [(None, None, "product"), ("nl-2", "NL-2", "delivery")])
async def test_the_customers_own_words_become_a_ticket(
    desk: Desk, number: str | None, order: str | None, topic: str
) -> None:
    outcome = await desk.ask(ActionComplain(), text=TEXT, order=number)
    (ticket,) = desk.tickets()
    assert (outcome.response, outcome.message["ticket"]) == ("utter_complaint_filed", ticket["ticket_id"])
    assert (ticket["customer_id"], ticket["order_id"], ticket["topic"]) == ("C2", order, topic)
    assert ticket["subject"] == TEXT


async def test_a_complaint_is_not_tied_to_another_customers_order(desk: Desk) -> None:
    await desk.ask(ActionComplain(), text=TEXT, order="NL-1")
    assert [ticket["order_id"] for ticket in desk.tickets()] == [None]


async def test_an_anonymous_complaint_is_not_filed(desk: Desk) -> None:
    assert (await desk.ask(ActionComplain(), None, TEXT)).response == "utter_complaint_anonymous"
    assert desk.tickets() == []
