from __future__ import annotations

import pytest

from bot.actions.change_address import FORM, NEW_ADDRESS, ActionChangeAddress
from bot.actions.context import PENDING_ORDER
from tests.bot.actions.desk import Desk


@pytest.mark.parametrize("number", [None, "NL-2"])
async def test_for_an_order_not_packed_yet_the_form_asks_anew(desk: Desk, number: str | None) -> None:
    desk.change("NL-2", status="placed")
    outcome = await desk.ask(ActionChangeAddress(), order=number, slots={NEW_ADDRESS: "an earlier one"})
    assert outcome.messages == []
    assert outcome.slots == {PENDING_ORDER: "NL-2", NEW_ADDRESS: None}
    assert [event["name"] for event in outcome.events if event["event"] == "followup"] == [FORM]


@pytest.mark.parametrize("status", ["packed", "in_transit", "delivered"])
async def test_after_packing_it_is_too_late(desk: Desk, status: str) -> None:
    desk.change("NL-2", status=status)
    outcome = await desk.ask(ActionChangeAddress(), order="NL-2")
    assert (outcome.response, outcome.events) == ("utter_address_too_late", [])


async def test_several_orders_give_buttons(desk: Desk) -> None:
    desk.change("NL-2", status="placed")
    desk.change("NL-3", status="placed")
    outcome = await desk.ask(ActionChangeAddress())
    assert outcome.response == "utter_choose_order"
    assert all(button["payload"].startswith("/change_address{") for button in outcome.message["buttons"])


async def test_without_open_orders_it_says_so(desk: Desk) -> None:
    assert (await desk.ask(ActionChangeAddress(), "C1")).response == "utter_no_open_orders"
