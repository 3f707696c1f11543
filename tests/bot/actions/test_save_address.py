from __future__ import annotations

import pytest

from bot.actions.change_address import NEW_ADDRESS
from bot.actions.context import PENDING_ORDER
from bot.actions.save_address import ActionSaveAddress
from tests.bot.actions.desk import Desk

ADDRESS = "Omsk, 5 Lesnaya Street"
FILLED = {PENDING_ORDER: "NL-2", NEW_ADDRESS: ADDRESS}
EMPTIED = {PENDING_ORDER: None, NEW_ADDRESS: None}


async def test_the_new_address_is_filed_for_a_person(desk: Desk) -> None:
    desk.change("NL-2", status="placed")
    outcome = await desk.ask(ActionSaveAddress(), text=ADDRESS, slots=FILLED)
    (ticket,) = desk.tickets()
    assert outcome.response == "utter_address_filed"
    assert (outcome.message["ticket"], outcome.message["address"]) == (ticket["ticket_id"], ADDRESS)
    assert (ticket["customer_id"], ticket["order_id"], ticket["topic"]) == ("C2", "NL-2", "delivery")
    assert ADDRESS in ticket["subject"]
    assert outcome.slots == EMPTIED


async def test_an_order_sent_meanwhile_is_not_redirected(desk: Desk) -> None:
    outcome = await desk.ask(ActionSaveAddress(), text=ADDRESS, slots=FILLED)
    assert (outcome.slots, desk.tickets()) == (EMPTIED, [])


@pytest.mark.parametrize("pending", [None, "NL-1"])
async def test_without_an_order_of_ones_own_nothing_is_filed(desk: Desk, pending: str | None) -> None:
    await desk.ask(ActionSaveAddress(), text=ADDRESS, slots={**FILLED, PENDING_ORDER: pending})
    assert desk.tickets() == []
