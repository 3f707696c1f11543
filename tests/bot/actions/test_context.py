from __future__ import annotations

import pytest
from rasa_sdk import Action

from bot.actions.cancel_order import ActionCancelOrder
from bot.actions.change_address import ActionChangeAddress
from bot.actions.change_contact import ActionChangeContact
from bot.actions.change_preferences import ActionChangePreferences
from bot.actions.invoice_copy import ActionInvoiceCopy
from bot.actions.order_status import ActionOrderStatus
from bot.actions.refund_status import ActionRefundStatus
from bot.actions.return_item import ActionReturnItem
from bot.actions.warranty_claim import ActionWarrantyClaim
from bot.customers.errors import UnknownCustomer
from tests.bot.actions.desk import Desk

OF_ORDERS = [
    ActionOrderStatus(),
    ActionCancelOrder(),
    ActionReturnItem(),
    ActionChangeAddress(),
    ActionRefundStatus(),
    ActionInvoiceCopy(),
    ActionWarrantyClaim(),
]
SIGNED_IN = [action for action in OF_ORDERS if action.name() != "action_return_item"]
SIGNED_IN += [ActionChangeContact(), ActionChangePreferences()]


def name(action: Action) -> str:
    return str(action.name())


@pytest.mark.parametrize("action", SIGNED_IN, ids=name)
async def test_an_anonymous_visitor_is_asked_to_sign_in(desk: Desk, action: Action) -> None:
    before = desk.statuses()
    outcome = await desk.ask(action, None, order="NL-2")
    assert outcome.response == "utter_sign_in"
    assert "NL-2" not in str(outcome.messages)
    assert (desk.statuses(), desk.tickets()) == (before, [])


@pytest.mark.parametrize("action", OF_ORDERS, ids=name)
@pytest.mark.parametrize("number", ["NL-2", "nl-2", "NL-999"])
async def test_another_customers_order_is_as_unknown_as_none(desk: Desk, action: Action, number: str) -> None:
    outcome = await desk.ask(action, "C1", order=number)
    assert outcome.response == "utter_order_not_found"
    assert outcome.message["order_id"] == number
    assert outcome.events == []
    told = {key for key, value in outcome.message.items() if value}
    assert told == {"response", "template", "order_id"}


async def test_an_unknown_customer_is_an_error_not_a_visitor(desk: Desk) -> None:
    with pytest.raises(UnknownCustomer):
        await desk.ask(ActionOrderStatus(), "C9")


async def test_a_message_about_no_order_shows_only_ones_own(desk: Desk) -> None:
    outcome = await desk.ask(ActionOrderStatus(), "C2")
    assert "NL-2" in str(outcome.messages)
    assert "NL-1" not in str(outcome.messages)
