from __future__ import annotations

import pytest

from bot.actions.invoice_copy import ActionInvoiceCopy
from tests.bot.actions.chat import Chat

COPY = ActionInvoiceCopy()
NL_3 = [("order_number", "NL-3")]


@pytest.mark.parametrize(
    ("said", "document"),
    [
        ("send the receipt again", "receipt"),
        ("a sales receipt please", "sales receipt"),
        ("нужна справка об оплате", "справка об оплате"),
        ("акт за доставку пришлите", "акт за доставку"),
    ],
)
async def test_a_document_is_sent_to_the_address_on_file(chat: Chat, said: str, document: str) -> None:
    assert await chat.say(said, COPY, entities=NL_3) == ["utter_confirm_document"]
    assert (chat.message["document"], chat.message["email"]) == (document, "a•••@mail.example")
    await chat.say("/affirm", intent="affirm")
    assert await chat.say(said, COPY, entities=NL_3) == ["utter_request_open"]
    (ticket,) = chat.desk.tickets()
    assert (ticket["order_id"], ticket["topic"]) == ("NL-3", "payment")


@pytest.mark.parametrize(
    ("document", "term"),
    [("receipt", "within 1 working day"), ("sales receipt", "within 2 working days")]
    + [("payment certificate", "within 3 working days"), ("delivery statement", "within 2 working days")],
)
async def test_the_term_is_the_articles(chat: Chat, document: str, term: str) -> None:
    await chat.say(document, COPY, entities=NL_3)
    await chat.say("yes")
    assert (chat.message["response"], chat.message["term"]) == ("utter_document_filed", term)


async def test_which_document_is_asked_and_corrected(chat: Chat) -> None:
    assert await chat.say("I need papers", COPY, entities=NL_3) == ["utter_ask_document"]
    assert [button["title"] for button in chat.message["buttons"]][:2] == ["receipt", "sales receipt"]
    assert await chat.say("payment certificate") == ["utter_confirm_document"]
    assert await chat.say("no, better the delivery statement") == ["utter_confirm_document"]
    assert chat.message["document"] == "delivery statement"


async def test_a_tax_invoice_is_for_companies(chat: Chat) -> None:
    await chat.say("I need papers", COPY, entities=NL_3)
    assert await chat.say("VAT invoice") == ["utter_documents_for_companies", "utter_ask_document"]
    chat.desk.change("NL-3", payment_method="invoice")
    assert await chat.say("VAT invoice") == ["utter_confirm_document"]
    assert await chat.say("yes") == ["utter_document_filed"]
    assert chat.message["term"] == "once accounting has checked it"


async def test_an_unpaid_order_has_no_documents(chat: Chat) -> None:
    chat.desk.change("NL-3", paid=False)
    assert await chat.say("receipt", COPY, entities=NL_3) == ["utter_order_unpaid"]
    chat.desk.change("NL-2", paid=False)
    assert await chat.say("receipt", COPY) == ["utter_no_paid_order"]
