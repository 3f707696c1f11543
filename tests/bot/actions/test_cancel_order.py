from __future__ import annotations

import datetime as dt

import pytest

from bot.actions.cancel_order import ActionCancelOrder
from bot.outbox.outbox import Outbox
from bot.outbox.quiet_hours import QuietHours
from tests.bot.actions.chat import Chat
from tests.bot.actions.desk import Desk

CANCEL = ActionCancelOrder()


@pytest.fixture(autouse=True)
def two_open_orders(desk: Desk) -> None:
    desk.change("NL-2", status="placed")


async def test_the_only_order_is_cancelled_after_a_yes_and_written_down(chat: Chat) -> None:
    assert await chat.say("cancel my order", CANCEL) == ["utter_confirm_cancel"]
    assert chat.desk.statuses()["NL-2"] == "placed"
    assert await chat.say("yes") == ["utter_cancelled_refund"]
    assert (chat.message["sum"], chat.message["term"]) == ("8,990 ₽", "within 3–10 working days")
    assert chat.desk.statuses()["NL-2"] == "cancelled"
    assert chat.desk.events_of("NL-2")[-1] == "cancelled"
    assert chat.desk.audit() == [("cancel_order", "NL-2")]


async def test_who_cancels_an_order_gets_no_notice_of_it(chat: Chat) -> None:
    outbox = Outbox(chat.desk.store, quiet=QuietHours(dt.time(0), dt.time(0)))
    outbox.decide("C2", True, [("telegram", "1")], "lichno_telegram")
    chat.desk.change("NL-3", status="packed")
    await chat.say("cancel order NL-2", CANCEL, entities=[("order_number", "NL-2")])
    await chat.say("yes")
    chat.desk.change("NL-3", status="in_transit")
    outbox.collect()
    assert [due.key for due in outbox.due("telegram")] == ["order:NL-3:in_transit"]


async def test_what_is_paid_back_is_told_to_the_cent_in_the_orders_currency(chat: Chat) -> None:
    chat.desk.change("NL-2", total="47.84", currency="USD")
    await chat.say("cancel my order", CANCEL)
    await chat.say("yes")
    assert chat.message["sum"] == "$47.84"


async def test_an_unpaid_order_has_no_refund(chat: Chat) -> None:
    chat.desk.change("NL-2", paid=False)
    await chat.say("cancel my order", CANCEL)
    assert await chat.say("/affirm", intent="affirm") == ["utter_cancelled"]


@pytest.mark.parametrize("no", ["no", "never mind", "/deny", "отмена", "я передумала", "forget it please"])
async def test_called_off_nothing_changes(chat: Chat, no: str) -> None:
    await chat.say("cancel my order", CANCEL)
    assert await chat.say(no, intent="deny") == ["utter_kept"]
    assert (chat.desk.statuses()["NL-2"], chat.desk.audit(), chat.asking) == ("placed", [], False)


@pytest.mark.parametrize("unclear", ["hmm", "yes but only the case", "да нет"])
async def test_what_is_neither_yes_nor_no_is_asked_again(chat: Chat, unclear: str) -> None:
    await chat.say("cancel my order", CANCEL)
    assert await chat.say(unclear) == ["utter_say_yes_or_no", "utter_confirm_cancel"]
    assert chat.desk.statuses()["NL-2"] == "placed"


async def test_of_several_the_customer_chooses_by_button_and_may_correct_it(chat: Chat) -> None:
    chat.desk.change("NL-3", status="packed", delivered_at=None)
    assert await chat.say("cancel my order", CANCEL) == ["utter_choose_order"]
    assert [button["payload"] for button in chat.message["buttons"]] == ["NL-2", "NL-3"]
    assert await chat.say("the second one") == ["utter_confirm_cancel"]
    assert chat.message["order_id"] == "NL-3"
    assert await chat.say("no, the other order", entities=[("order_number", "NL-2")]) == ["utter_confirm_cancel"]
    assert chat.message["order_id"] == "NL-2"
    await chat.say("yes")
    assert chat.desk.statuses() == {"NL-1": "delivered", "NL-2": "cancelled", "NL-3": "packed"}


@pytest.mark.parametrize(
    ("status", "response"),
    [
        ("in_transit", "utter_cannot_cancel"),
        ("delivered", "utter_cancel_received"),
        ("cancelled", "utter_already_cancelled"),
        ("returned", "utter_already_returned"),
    ],
)
async def test_what_cannot_be_cancelled_is_told_why(chat: Chat, status: str, response: str) -> None:
    chat.desk.change("NL-2", status=status)
    assert await chat.say("cancel it", CANCEL, entities=[("order_number", "NL-2")]) == [response]
    assert not chat.asking


async def test_an_order_sent_meanwhile_is_not_cancelled(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    chat.desk.change("NL-2", status="in_transit")
    assert await chat.say("yes") == ["utter_cannot_cancel"]
    assert chat.desk.statuses()["NL-2"] == "in_transit"


async def test_without_open_orders_nothing_is_asked(chat: Chat) -> None:
    chat.desk.change("NL-2", status="delivered")
    assert await chat.say("cancel my order", CANCEL) == ["utter_no_open_orders"]
