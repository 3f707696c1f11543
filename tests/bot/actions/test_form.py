"""What is the same for every transaction: questions in between, other requests, failures of the shop's system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from bot.actions.call_back import ActionCallBack
from bot.actions.cancel_order import ActionCancelOrder
from bot.actions.handoff import ActionHandoff
from bot.actions.invoice_copy import ActionInvoiceCopy
from bot.actions.my_requests import ActionMyRequests
from bot.actions.order_status import ActionOrderStatus
from bot.customers.models import KeptRequest
from tests.bot.actions.chat import Chat
from tests.bot.actions.desk import Desk

CANCEL = ActionCancelOrder()
NL_3 = [("order_number", "NL-3")]


@pytest.fixture(autouse=True)
def placed(desk: Desk) -> None:
    desk.change("NL-2", status="placed")


@contextmanager
def locked(*, writing: str = "") -> Iterator[None]:
    """Every statement fails as on a locked database; with ``writing``, only changes that begin so."""

    def fail(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(writing):
            raise OperationalError(statement, parameters, Exception("database is locked"))

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", fail)


async def test_a_question_in_between_leaves_all_as_it_was_and_is_followed_by_the_question_again(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    known = chat.slots["transaction"]
    assert await chat.say("where is it now?", ActionOrderStatus(), intent="order_status") == [
        "utter_order_status",
        "utter_confirm_cancel",
    ]
    assert chat.slots["transaction"] == known
    assert await chat.say("yes") == ["utter_cancelled_refund"]


async def test_another_transaction_in_between_is_done_first_then_the_one_before_goes_on(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    assert await chat.say("call me back tomorrow at 10 am", ActionCallBack(), intent="call_back") == ["utter_ask_phone"]
    await chat.say("this one")
    assert await chat.say("yes") == ["utter_call_filed", "utter_confirm_cancel"]
    assert await chat.say("yes") == ["utter_cancelled_refund"]
    assert chat.desk.audit() == [("call_back", None), ("cancel_order", "NL-2")]


async def test_asked_for_again_in_other_words_it_goes_on_where_it_was(chat: Chat) -> None:
    await chat.say("call me back tomorrow at 10 am", ActionCallBack())
    assert await chat.say("I want you to phone me", ActionCallBack(), intent="call_back") == [
        "utter_bad_phone",
        "utter_ask_phone",
    ]
    assert chat.slots["transaction"]["values"]["when"] == "tomorrow at 10 am"


async def test_another_request_with_its_own_order_is_no_correction(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    said = await chat.say("send me the receipt of the other one", ActionInvoiceCopy(), "invoice_copy", NL_3)
    assert said == ["utter_confirm_document"]
    assert await chat.say("never mind") == ["utter_kept", "utter_confirm_cancel"]
    assert chat.message["order_id"] == "NL-2"


async def test_what_was_called_off_in_between_does_not_take_the_other_with_it(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    await chat.say("call me back", ActionCallBack(), intent="call_back")
    assert await chat.say("never mind") == ["utter_kept", "utter_confirm_cancel"]


async def test_a_person_ends_it_and_is_told_of_it(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    assert await chat.say("a human please", ActionHandoff(), intent="human_handoff") == ["utter_handoff"]
    (ticket,) = chat.desk.tickets()
    assert "cancelling an order (NL-2)" in ticket["subject"] and "request_id" not in ticket["subject"]
    assert not chat.asking and chat.slots["transaction"] is None


async def test_who_signed_out_meanwhile_changes_nothing(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    chat.customer = None
    assert (await chat.say("yes"))[0] == "utter_sign_in"
    assert chat.desk.statuses()["NL-2"] == "placed"


async def test_somebody_else_in_the_same_conversation_does_not_confirm(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    chat.customer = "C1"
    assert await chat.say("yes") == ["utter_order_not_found"]
    assert chat.desk.statuses()["NL-2"] == "placed"


async def test_carried_out_again_nothing_happens_twice(chat: Chat) -> None:
    await chat.say("call me back tomorrow at 10 am", ActionCallBack())
    await chat.say("this one")
    state = chat.slots["transaction"]
    await chat.say("yes")
    chat.slots.update(transaction=state, answer=None)
    chat.asking = True
    assert await chat.say("yes") == ["utter_already_done"]
    assert len(chat.desk.tickets()) == 1


async def test_a_locked_database_is_told_and_changes_nothing(chat: Chat) -> None:
    with locked():
        assert await chat.say("cancel my order", CANCEL) == ["utter_shop_trouble"]
        assert await chat.say("where is it", ActionOrderStatus()) == ["utter_shop_trouble"]
    assert chat.desk.statuses()["NL-2"] == "placed"


async def test_a_failure_before_the_yes_ends_the_form_and_keeps_nothing(chat: Chat) -> None:
    await chat.say("call me back tomorrow at 10 am", ActionCallBack())
    with locked():
        assert await chat.say("8 000 123-45-67") == ["utter_shop_trouble"]
    assert not chat.asking and chat.desk.kept() == []


async def test_a_confirmed_request_is_kept_in_its_table_and_tried_again(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    with locked(writing="UPDATE orders"):
        assert await chat.say("yes") == ["utter_request_kept"]
    assert (chat.desk.statuses()["NL-2"], chat.desk.kept(), chat.desk.audit()) == ("placed", ["cancel_order"], [])
    assert await chat.say("what about my request", ActionMyRequests()) == ["utter_kept_again", "utter_confirm_cancel"]
    assert await chat.say("yes") == ["utter_cancelled_refund"]
    assert (chat.desk.statuses()["NL-2"], chat.desk.kept()) == ("cancelled", [])


async def test_where_nothing_can_be_written_it_is_kept_in_the_conversation(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    with locked(writing="UPDATE orders"), locked(writing="INSERT"):
        assert await chat.say("yes") == ["utter_request_kept"]
    assert chat.desk.kept() == [] and chat.slots["kept"][0]["name"] == "cancel_order"
    assert await chat.say("what about my request", ActionMyRequests()) == ["utter_kept_again", "utter_confirm_cancel"]
    assert chat.desk.kept() == ["cancel_order"] and chat.slots["kept"] is None
    assert await chat.say("no", intent="deny") == ["utter_kept"]
    assert chat.desk.kept() == []


async def test_a_kept_request_that_became_impossible_is_told_and_forgotten(chat: Chat) -> None:
    await chat.say("cancel my order", CANCEL)
    with locked(writing="UPDATE orders"):
        await chat.say("yes")
    chat.desk.change("NL-2", status="in_transit")
    assert await chat.say("what about my request", ActionMyRequests()) == ["utter_kept_again", "utter_cannot_cancel"]
    with chat.desk.store.session() as session:
        assert session.query(KeptRequest).count() == 0


async def test_open_tickets_are_listed(chat: Chat) -> None:
    assert await chat.say("my requests?", ActionMyRequests()) == ["utter_no_requests"]
    await chat.say("call 8 000 123-45-67 tomorrow at 10 am", ActionCallBack())
    await chat.say("yes")
    assert await chat.say("my requests?", ActionMyRequests()) == ["utter_requests"]
    assert "tomorrow at 10 am" in chat.message["requests"]
    chat.customer = None
    assert await chat.say("my requests?", ActionMyRequests()) == ["utter_sign_in"]
