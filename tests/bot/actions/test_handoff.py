from __future__ import annotations

from bot.actions.handoff import SUMMARISED_MESSAGES, ActionHandoff
from tests.bot.actions.desk import Desk


async def test_a_person_gets_what_was_said_last_and_the_open_orders(desk: Desk) -> None:
    said = ("one", "two", "three", "four", "/affirm", "")
    outcome = await desk.ask(ActionHandoff(), text="A person, please", said_before=said)
    (ticket,) = desk.tickets()
    assert (outcome.response, outcome.message["ticket"]) == ("utter_handoff", ticket["ticket_id"])
    assert outcome.message["handoff"] is True
    assert ticket["customer_id"] == "C2"
    wrote, orders = ticket["subject"].split("\n")
    assert wrote == "The customer wrote: two / three / four / A person, please"
    assert orders == "Open orders: NL-2 (in_transit)"
    assert SUMMARISED_MESSAGES == 4
    assert desk.audit() == [("handoff", None)]


async def test_a_button_alone_still_opens_a_ticket(desk: Desk) -> None:
    desk.change("NL-2", status="delivered")
    await desk.ask(ActionHandoff(), text="/human_handoff")
    assert [ticket["subject"] for ticket in desk.tickets()] == ["ask"]


async def test_an_anonymous_visitor_is_told_how_to_reach_people(desk: Desk) -> None:
    outcome = await desk.ask(ActionHandoff(), None, "A person, please")
    assert (outcome.response, outcome.message["handoff"]) == ("utter_handoff_anonymous", True)
    assert desk.tickets() == []
