from __future__ import annotations

import datetime as dt

import pytest

from bot.actions.return_item import ActionReturnItem
from bot.customers.wording import day
from tests.bot.actions.desk import Desk

TODAY = dt.date.today()
TEXT = "I want to return it"


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("level", "days", "response"),
    [
        ("start", 14, "utter_return_possible"),
        ("silver", 14, "utter_return_possible"),
        ("silver", 15, "utter_return_expired"),
        ("gold", 15, "utter_return_possible"),
        ("gold", 30, "utter_return_possible"),
        ("gold", 31, "utter_return_expired"),
    ],
)
async def test_the_last_day_is_the_14th_and_the_30th_for_gold(desk: Desk, level: str, days: int, response: str) -> None:
    desk.level("C2", level)
    desk.change("NL-3", delivered_at=ago(days))
    outcome = await desk.ask(ActionReturnItem(), text=TEXT, order="NL-3")
    assert outcome.response == response
    last = ago(days - (30 if level == "gold" else 14))
    assert outcome.message["until"] == day(last, "en", TODAY)


async def test_without_a_number_the_one_order_within_its_term_is_meant(desk: Desk) -> None:
    desk.change("NL-3", delivered_at=ago(1))
    outcome = await desk.ask(ActionReturnItem(), text=TEXT)
    assert (outcome.response, outcome.message["order_id"]) == ("utter_return_possible", "NL-3")


async def test_several_orders_within_their_term_give_buttons(desk: Desk) -> None:
    for order in ("NL-2", "NL-3"):
        desk.change(order, status="delivered", delivered_at=ago(1))
    outcome = await desk.ask(ActionReturnItem(), text=TEXT)
    assert outcome.response == "utter_choose_order"
    assert {button["payload"] for button in outcome.message["buttons"]} == {
        '/return_item{"order_number": "NL-2"}',
        '/return_item{"order_number": "NL-3"}',
    }


async def test_when_every_term_has_passed_it_says_so(desk: Desk) -> None:
    desk.change("NL-3", delivered_at=ago(100))
    assert (await desk.ask(ActionReturnItem(), text=TEXT)).response == "utter_nothing_to_return"


async def test_what_has_not_come_cannot_be_sent_back(desk: Desk) -> None:
    assert (await desk.ask(ActionReturnItem(), text=TEXT, order="NL-2")).response == "utter_return_not_received"


async def test_an_anonymous_visitor_hears_the_general_terms(desk: Desk) -> None:
    assert (await desk.ask(ActionReturnItem(), None, TEXT, order="NL-3")).response == "utter_return_terms"
