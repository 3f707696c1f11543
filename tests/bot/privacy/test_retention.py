from __future__ import annotations

import datetime as dt
from dataclasses import fields

import pytest

from bot.customers.models import Attachment, Base, BrowsingEvent, Ticket
from bot.privacy.erasure import Places
from bot.privacy.retention import expire
from bot.settings import Settings
from tests.bot.privacy.conftest import SAID

LAST_VISIT = dt.datetime(2026, 11, 7, 9)
FOR_GOOD = Settings(keep_conversations_days=0, keep_tickets_days=0, keep_visits_days=0, keep_handovers_days=0)


def close(places: Places, at: dt.datetime | None) -> None:
    with places.store.session() as session:
        session.get(Ticket, "T0001").closed_at = at
        session.commit()


@pytest.mark.parametrize(("days", "left"), [(9, 1), (10, 1), (11, 0)])
def test_visits_are_kept_for_their_term(places: Places, days: int, left: int) -> None:
    now = LAST_VISIT + dt.timedelta(days, seconds=-1)
    deleted = expire(places.store, places.conversations, Settings(keep_visits_days=10), now)
    with places.store.session() as session:
        assert session.query(BrowsingEvent).count() == left
    assert deleted["browsing_events"] == 1 - left


@pytest.mark.parametrize(("closed", "left"), [(None, 1), (dt.datetime(2026, 11, 7), 0), (dt.datetime(2029, 1, 1), 1)])
def test_tickets_are_kept_while_open_and_for_a_term_after(
    places: Places, closed: dt.datetime | None, left: int
) -> None:
    close(places, closed)
    expire(places.store, places.conversations, Settings(keep_tickets_days=30), dt.datetime(2029, 1, 10))
    with places.store.session() as session:
        assert session.query(Ticket).count() == left


def test_a_file_goes_with_its_ticket(places: Places) -> None:
    close(places, dt.datetime(2026, 11, 7))
    with places.store.session() as session:
        customer_id = session.get(Ticket, "T0001").customer_id
        row = {"ticket_id": "T0001", "customer_id": customer_id, "name": "crack.pdf", "media_type": "application/pdf"}
        session.add(Attachment(**row, content=b"%PDF-1.7", added_at=dt.datetime(2026, 11, 7)))
        session.commit()
    deleted = expire(places.store, places.conversations, Settings(keep_tickets_days=30), dt.datetime(2029, 1, 10))
    assert deleted["tickets"] == 1
    with places.store.session() as session:
        assert session.query(Attachment.id).count() == 0


def test_old_conversations_go(places: Places) -> None:
    deleted = expire(places.store, places.conversations, Settings(), dt.datetime(2026, 11, 25))
    assert deleted["conversation events"] >= 2 * len(SAID)
    assert list(places.conversations.texts()) == []


def test_a_term_of_zero_keeps_for_good(places: Places) -> None:
    close(places, LAST_VISIT)
    assert expire(places.store, places.conversations, FOR_GOOD, dt.datetime(2090, 1, 1)) == {}
    with places.store.session() as session:
        assert session.query(Ticket).count() == session.query(BrowsingEvent).count() == 1


def test_every_term_is_a_setting_and_every_column_a_time() -> None:
    settings = {field.name for field in fields(Settings)}
    for table in Base.metadata.sorted_tables:
        if "keep" in table.info:
            column, setting = table.info["keep"]
            assert setting in settings and table.c[column].type.python_type is dt.datetime
