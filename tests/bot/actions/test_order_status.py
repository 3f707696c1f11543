from __future__ import annotations

import datetime as dt

import pytest

from bot.actions.order_status import ActionOrderStatus
from tests.bot.actions.desk import Desk

TODAY = dt.date.today()
WHERE = "Where is my order?"


async def test_the_one_open_order_is_told_with_its_facts(desk: Desk) -> None:
    outcome = await desk.ask(ActionOrderStatus(), text=WHERE)
    assert outcome.response == "utter_order_status"
    assert outcome.message["orders"].startswith("order NL-2 (Aurora earbuds)")
    assert "on its way, by courier" in outcome.message["orders"]
    assert outcome.message["used_facts"] == [{"kind": "order", "text": outcome.message["orders"]}]


async def test_it_is_told_in_the_language_of_the_question(desk: Desk) -> None:
    outcome = await desk.ask(ActionOrderStatus(), text="Где мой заказ?")
    assert outcome.message["orders"].startswith("заказ NL-2 (Наушники Aurora)")
    assert "в пути, курьером" in outcome.message["orders"]


@pytest.mark.parametrize(("days", "said"), [(2, ", expected "), (0, ", expected "), (-1, "but it is delayed")])
async def test_a_day_that_has_passed_is_told_as_a_delay(desk: Desk, days: int, said: str) -> None:
    desk.change("NL-2", expected_at=TODAY + dt.timedelta(days=days))
    assert said in (await desk.ask(ActionOrderStatus(), text=WHERE)).message["orders"]


async def test_several_open_orders_are_listed_newest_first(desk: Desk) -> None:
    desk.change("NL-3", status="placed", delivered_at=None)
    outcome = await desk.ask(ActionOrderStatus(), text=WHERE)
    assert outcome.response == "utter_order_statuses"
    first, second = outcome.message["orders"].split("\n")
    assert "NL-2" in first and "NL-3" in second


async def test_a_named_order_is_told_even_when_closed(desk: Desk) -> None:
    outcome = await desk.ask(ActionOrderStatus(), text=WHERE, order="nl-3")
    assert outcome.message["orders"].startswith("order NL-3 (Aurora earbuds × 2)")
    assert "received" in outcome.message["orders"]


async def test_a_parcel_at_the_pick_up_point_is_told_with_the_place(desk: Desk) -> None:
    desk.change("NL-2", status="ready_for_pickup", delivery_method="pickup_point")
    assert (await desk.ask(ActionOrderStatus(), text=WHERE)).message["orders"].endswith("Kazan")


async def test_without_open_orders_it_says_so(desk: Desk) -> None:
    assert (await desk.ask(ActionOrderStatus(), "C1")).response == "utter_no_open_orders"


@pytest.mark.parametrize("status", ["placed", "in_transit", "ready_for_pickup", "delivered", "cancelled"])
async def test_an_order_without_dates_is_told_without_them(desk: Desk, status: str) -> None:
    desk.change("NL-2", status=status, expected_at=None, delivered_at=None)
    outcome = await desk.ask(ActionOrderStatus(), text=WHERE, order="NL-2")
    assert "None" not in outcome.messages[0]["orders"]


async def test_of_a_cancelled_order_it_is_told_where_the_money_is(desk: Desk) -> None:
    desk.change("NL-2", status="cancelled", paid=False)
    outcome = await desk.ask(ActionOrderStatus(), text=WHERE, order="NL-2")
    assert [told["response"] for told in outcome.messages] == ["utter_order_status", "utter_refund_unpaid"]
