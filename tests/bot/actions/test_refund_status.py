from __future__ import annotations

import datetime as dt

import pytest

from bot.actions.refund_status import ActionRefundStatus
from bot.customers.models import DeliveryEvent
from tests.bot.actions.chat import Chat
from tests.bot.actions.desk import Desk

REFUND = ActionRefundStatus()


def cancelled(desk: Desk, days: int, **values: object) -> None:
    """NL-2 was cancelled so many days ago."""
    desk.change("NL-2", status="cancelled", **values)
    at = dt.datetime.now() - dt.timedelta(days=days)
    with desk.store.session() as session:
        session.add(DeliveryEvent(order_id="NL-2", happened_at=at, event="cancelled"))
        session.commit()


async def test_within_the_term_the_last_day_is_told(chat: Chat) -> None:
    cancelled(chat.desk, 1)
    assert await chat.say("where is my refund", REFUND) == ["utter_refund_pending"]
    assert (chat.message["sum"], chat.message["where"]) == ("8,990 ₽", "to the same card")


async def test_after_the_term_a_person_looks_for_it_once(chat: Chat) -> None:
    cancelled(chat.desk, 25)
    assert await chat.say("where is my refund", REFUND) == ["utter_confirm_refund_search"]
    assert await chat.say("yes please") == ["utter_refund_search_filed"]
    (ticket,) = chat.desk.tickets()
    assert (ticket["topic"], ticket["order_id"]) == ("payment", "NL-2")
    assert await chat.say("and my refund", REFUND, entities=[("order_number", "NL-2")]) == ["utter_request_open"]


@pytest.mark.parametrize(
    ("order", "values", "response"),
    [
        ("NL-3", {}, "utter_refund_not_due"),
        ("NL-2", {"status": "cancelled", "paid": False}, "utter_refund_unpaid"),
        ("NL-1", {}, "utter_order_not_found"),
    ],
)
async def test_where_nothing_is_paid_back_it_is_told_why(
    chat: Chat, order: str, values: dict[str, object], response: str
) -> None:
    chat.desk.change(order, **values)
    assert await chat.say("where is my refund", REFUND, entities=[("order_number", order)]) == [response]


async def test_nothing_is_on_its_way(chat: Chat) -> None:
    assert await chat.say("where is my refund", REFUND) == ["utter_refund_none"]
