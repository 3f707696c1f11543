from __future__ import annotations

import datetime as dt
import json

import pytest
from bs4 import BeautifulSoup

from bot.customers.errors import UnknownCustomer
from bot.customers.store import open_ticket
from bot.privacy.erasure import Places
from bot.privacy.export import HEADINGS, as_page, export
from bot.privacy.ownership import NOT_SHOWN, personal_tables

NOW = dt.datetime(2026, 11, 25, 12)


def test_all_that_is_held_is_shown_and_nothing_of_others(places: Places) -> None:
    found = json.loads(json.dumps(export(places.store, places.conversations, "C1", NOW), default=str))
    assert found["tables"]["customers"][0]["phone"] == "+7 000 000-00-01"
    assert {"orders", "order_items", "delivery_events", "tickets", "browsing_events", "consents"} < found[
        "tables"
    ].keys()
    assert [talk["sender_id"] for talk in found["conversations"]] == ["customer:C1", "customer:C1:phone", "telegram:77"]
    assert any("NL-1" in fact for fact in found["facts"])
    assert not any(word in json.dumps(found) for word in ("C2", "Harper", "NL-2"))
    assert "wrapped" not in json.dumps(found)


@pytest.mark.parametrize(("customer", "language", "title"), [("C1", "ru", "о вас"), ("C2", "en", "about you")])
def test_the_page_is_readable_in_the_customers_language(
    places: Places, customer: str, language: str, title: str
) -> None:
    page = BeautifulSoup(as_page(export(places.store, places.conversations, customer, NOW)), "html.parser")
    assert page.html is not None and page.h1 is not None
    assert page.html["lang"] == language and title in page.h1.text
    assert ("NL-1" in page.text, "NL-2" in page.text) == (customer == "C1", customer == "C2")
    assert ("Сейчас посмотрю." in page.text) and ("Соколова" in page.text) == (customer == "C1")
    assert not page.find_all(["script", "link", "img"])


def test_what_a_customer_wrote_cannot_become_part_of_the_page(places: Places) -> None:
    with places.store.session() as session:
        open_ticket(session, "C1", "account", "<script>alert(1)</script>", NOW)
        session.commit()
    page = as_page(export(places.store, places.conversations, "C1", NOW))
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_every_table_has_a_heading_in_both_languages() -> None:
    for headings in HEADINGS.values():
        assert {"customers", "orders", "tickets"} <= headings.keys()
        assert {table.name for table in personal_tables()} - NOT_SHOWN <= headings.keys()


def test_an_unknown_customer_is_refused(places: Places) -> None:
    with pytest.raises(UnknownCustomer):
        export(places.store, places.conversations, "C9", NOW)
