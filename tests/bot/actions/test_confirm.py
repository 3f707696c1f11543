from __future__ import annotations

import pytest

from bot.actions.confirm import ActionConfirm
from bot.actions.context import PENDING_ORDER
from tests.bot.actions.desk import Desk

PENDING = {PENDING_ORDER: "NL-2"}


@pytest.mark.parametrize(("paid", "response"), [(True, "utter_cancelled_refund"), (False, "utter_cancelled")])
async def test_exactly_the_order_asked_about_is_cancelled(desk: Desk, paid: bool, response: str) -> None:
    desk.change("NL-2", status="placed", paid=paid)
    desk.change("NL-3", status="placed")
    before = desk.statuses()
    outcome = await desk.ask(ActionConfirm(), text="Yes", slots=PENDING)
    assert outcome.response == response
    assert outcome.message["order_id"] == "NL-2"
    assert outcome.slots == {PENDING_ORDER: None}
    assert desk.statuses() == {**before, "NL-2": "cancelled"}
    assert desk.events_of("NL-2") == ["cancelled"]


async def test_an_order_is_cancelled_once(desk: Desk) -> None:
    desk.change("NL-2", status="placed")
    await desk.ask(ActionConfirm(), text="Yes", slots=PENDING)
    outcome = await desk.ask(ActionConfirm(), text="Yes", slots=PENDING)
    assert outcome.response == "utter_cannot_cancel"
    assert desk.events_of("NL-2") == ["cancelled"]


async def test_an_order_sent_since_the_question_stays(desk: Desk) -> None:
    outcome = await desk.ask(ActionConfirm(), text="Yes", slots=PENDING)
    assert (outcome.response, outcome.slots) == ("utter_cannot_cancel", {PENDING_ORDER: None})
    assert desk.statuses()["NL-2"] == "in_transit"


async def test_another_customers_yes_cancels_nothing(desk: Desk) -> None:
    desk.change("NL-2", status="placed")
    assert (await desk.ask(ActionConfirm(), "C1", "Да", slots=PENDING)).response == "utter_order_not_found"
    assert desk.statuses()["NL-2"] == "placed"


async def test_a_yes_to_nothing_changes_nothing(desk: Desk) -> None:
    before = desk.statuses()
    outcome = await desk.ask(ActionConfirm(), text="Yes")
    assert outcome.response == "utter_nothing_pending"
    assert desk.statuses() == before


@pytest.mark.parametrize("asked", ["utter_unknown", "utter_answer"])
async def test_a_yes_to_something_said_since_cancels_nothing(desk: Desk, asked: str) -> None:
    desk.change("NL-2", status="placed")
    outcome = await desk.ask(ActionConfirm(), text="Yes", slots=PENDING, asked=asked)
    assert (outcome.response, outcome.slots) == ("utter_nothing_pending", {PENDING_ORDER: None})
    assert desk.statuses()["NL-2"] == "placed"
