from __future__ import annotations

from bot.actions.context import PENDING_ORDER
from bot.actions.decline import ActionDecline
from tests.bot.actions.desk import Desk


async def test_a_no_keeps_the_order_and_forgets_the_question(desk: Desk) -> None:
    desk.change("NL-2", status="placed")
    outcome = await desk.ask(ActionDecline(), text="No", slots={PENDING_ORDER: "NL-2"})
    assert (outcome.response, outcome.slots) == ("utter_kept", {PENDING_ORDER: None})
    assert desk.statuses()["NL-2"] == "placed"


async def test_a_no_to_nothing_goes_on(desk: Desk) -> None:
    assert (await desk.ask(ActionDecline(), None, "No")).response == "utter_nothing_pending"
