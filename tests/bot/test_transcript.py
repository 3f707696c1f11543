"""Conversations over a real mail server on this machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from bot.customers.models import AuditEntry, Customer
from bot.customers.store import CustomerStore
from bot.identity.senders import CannotSend, SmtpSender
from bot.transcript import A_DAY, NoAddress, NothingSaid, TooManyTranscripts, letter, lines_of, send_transcript
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop
from tests.mail_server import Mailbox, free_port, mail_servers

NOW = dt.datetime(2026, 11, 25, 12)
SENDER = "Shop <no-reply@shop.example>"
CITATION = {"number": 1, "title": "Courier <delivery>", "url": "https://shop.example/help/courier#passage-1"}
MESSAGES: list[dict[str, Any]] = [
    {
        "id": "m1",
        "from": "customer",
        "text": "My phone is 8 (000) 000-00-01, my mother's +7 916 123-45-67",
        "time": 1e9,
    },
    {
        "id": "m1.1",
        "from": "assistant",
        "text": "It costs 299 ₽ [1].\nOrder <NL-1>",
        "time": 1e9,
        "citations": [CITATION],
    },
    {"id": "m2", "from": "customer", "text": "", "time": 1e9, "file": {"name": "crack.jpg"}},
]


@pytest.fixture
def shop(tmp_path: Any) -> CustomerStore:
    return imported(tmp_path, write_shop(tmp_path / "shop"))


@pytest.fixture
def mail() -> Iterator[tuple[SmtpSender, Mailbox]]:
    with mail_servers() as serve:
        server, mailbox = serve()
        yield SmtpSender("127.0.0.1", server.port, SENDER), mailbox


def send(shop: CustomerStore, sender: SmtpSender, customer: str = "C1", now: dt.datetime = NOW) -> str:
    return send_transcript(shop, sender, customer, MESSAGES, "ru", now)


def parts(message: Any) -> tuple[str, str]:
    plain, html = (part.get_payload(decode=True).decode() for part in message.get_payload())
    return plain, html


def test_it_goes_to_the_address_on_file_in_two_forms(shop: CustomerStore, mail: tuple[SmtpSender, Mailbox]) -> None:
    sender, mailbox = mail
    assert send(shop, sender) == "i•••@m.example"
    (arrived,) = mailbox.letters
    assert (arrived["To"], arrived["From"]) == ("i@m.example", SENDER)
    assert arrived.get_content_type() == "multipart/alternative"
    for text in parts(arrived):
        assert all(words in text for words in ("299 ₽", "passage-1", "crack.jpg", "Вы"))


def test_html_from_a_message_is_text(shop: CustomerStore, mail: tuple[SmtpSender, Mailbox]) -> None:
    sender, mailbox = mail
    send(shop, sender)
    _, html = parts(mailbox.letters[0])
    assert "Order &lt;NL-1&gt;" in html and "Courier &lt;delivery&gt;" in html
    assert "<script" not in html and "<img" not in html and "<link" not in html


@pytest.mark.parametrize("written", ["+7 000 000-00-01", "8 (000) 000-00-01", "80000000001", "I@M.example"])
def test_ones_own_contacts_stay_and_others_do_not(written: str) -> None:
    others = "+7 916 123-45-67, b@m.example, 4111 1111 1111 1111"
    said = [{"from": "customer", "text": f"{written}; {others}", "time": 1e9}]
    (line,) = lines_of(said, "en", ["+7 000 000-00-01", "i@m.example"])
    assert line.text == f"{written}; [phone], [email], [card]"


def test_without_contacts_on_file_all_are_masked() -> None:
    (line,) = lines_of([{"from": "customer", "text": "+7 916 123-45-67", "time": 1e9}], "en", [])
    assert line.text == "[phone]"


@pytest.mark.parametrize(("language", "subject"), [("ru", "переписка"), ("en", "conversation")])
def test_the_letter_speaks_the_language_asked_for(language: str, subject: str) -> None:
    assert subject in letter("a@mail.example", lines_of(MESSAGES, language, []), language)["Subject"]


def test_three_a_day_for_each_customer(shop: CustomerStore, mail: tuple[SmtpSender, Mailbox]) -> None:
    sender, mailbox = mail
    for _ in range(A_DAY):
        send(shop, sender)
    with pytest.raises(TooManyTranscripts):
        send(shop, sender)
    send(shop, sender, "C2")
    send(shop, sender, now=NOW + dt.timedelta(days=1))
    assert len(mailbox.letters) == A_DAY + 2
    with shop.session() as session:
        assert session.query(AuditEntry).filter_by(customer_id="C1", action="transcript").count() == A_DAY + 1


def test_what_did_not_leave_does_not_count(shop: CustomerStore, mail: tuple[SmtpSender, Mailbox]) -> None:
    broken = SmtpSender("127.0.0.1", free_port(), SENDER)
    for _ in range(A_DAY + 1):
        with pytest.raises(CannotSend):
            send(shop, broken)
    assert send(shop, mail[0])


def test_nothing_is_sent_where_there_is_no_address_or_nothing_to_send(
    shop: CustomerStore, mail: tuple[SmtpSender, Mailbox]
) -> None:
    sender, mailbox = mail
    with pytest.raises(NothingSaid):
        send_transcript(shop, sender, "C1", [], "ru", NOW)
    with shop.session() as session:
        session.get(Customer, "C1").email = None
        session.commit()
    with pytest.raises(NoAddress):
        send(shop, sender)
    assert mailbox.letters == []
