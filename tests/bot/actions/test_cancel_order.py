from __future__ import annotations

import pytest

from bot.actions.cancel_order import ActionCancelOrder
from bot.actions.context import PENDING_ORDER
from bot.customers.models import CANCELLABLE_STATUSES
from tests.bot.actions.desk import Desk


@pytest.mark.parametrize("status", CANCELLABLE_STATUSES)
@pytest.mark.parametrize("number", [None, "NL-2"])
async def test_it_asks_before_anything_changes(desk: Desk, status: str, number: str | None) -> None:
    desk.change("NL-2", status=status)
    outcome = await desk.ask(ActionCancelOrder(), order=number)
    assert outcome.response == "utter_confirm_cancel"
    assert (outcome.message["order_id"], outcome.message["items"]) == ("NL-2", "Aurora earbuds")
    assert outcome.slots == {PENDING_ORDER: "NL-2"}
    assert desk.statuses()["NL-2"] == status


@pytest.mark.parametrize("status", ["in_transit", "ready_for_pickup", "delivered"])
async def test_what_was_sent_cannot_be_cancelled(desk: Desk, status: str) -> None:
    desk.change("NL-2", status=status)
    outcome = await desk.ask(ActionCancelOrder(), order="NL-2")
    assert (outcome.response, outcome.slots) == ("utter_cannot_cancel", {})


async def test_of_several_orders_buttons_offer_those_that_can_be_cancelled(desk: Desk) -> None:
    desk.change("NL-2", status="placed")
    desk.change("NL-3", status="packed")
    outcome = await desk.ask(ActionCancelOrder())
    assert outcome.response == "utter_choose_order"
    assert [button["payload"] for button in outcome.message["buttons"]] == [
        '/cancel_order{"order_number": "NL-2"}',
        '/cancel_order{"order_number": "NL-3"}',
    ]
    assert outcome.slots == {}


async def test_the_only_one_of_several_that_can_be_cancelled_is_asked_about(desk: Desk) -> None:
    desk.change("NL-3", status="placed")
    assert (await desk.ask(ActionCancelOrder())).slots == {PENDING_ORDER: "NL-3"}


async def test_without_open_orders_it_says_so(desk: Desk) -> None:
    assert (await desk.ask(ActionCancelOrder(), "C1")).response == "utter_no_open_orders"
