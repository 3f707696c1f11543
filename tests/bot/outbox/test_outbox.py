from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.customers.models import Consent, Notice, Order, Ticket
from bot.customers.store import CustomerStore
from bot.outbox.notices import call_key, words
from bot.outbox.outbox import ATTEMPTS, CONSENT_TEXT, FAILED, NOTICES, Outbox
from bot.outbox.quiet_hours import QuietHours
from bot.privacy.ownership import delete_rows
from bot.texts import Texts

NOON = dt.datetime(2026, 11, 25, 12)
TEXTS = Texts.load()
PLACE = ("C2", "telegram", "1")


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> dt.datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(store: CustomerStore, clock: Clock) -> Outbox:
    return Outbox(store, clock, QuietHours(dt.time(0), dt.time(0)))


def change(store: CustomerStore, table: Any, key: str, **values: Any) -> None:
    with Session(store.engine, future=True) as session:
        for name, value in values.items():
            setattr(session.get(table, key), name, value)
        session.commit()


def notice(store: CustomerStore, key: str) -> Any:
    with Session(store.engine, future=True) as session:
        return session.query(Notice).filter_by(key=key).one()


def allow(outbox: Outbox, customer: str, *place: str) -> None:
    outbox.decide(customer, True, [(place[0], place[1])], "lichno_telegram")


def stop(outbox: Outbox, customer: str, *place: str) -> None:
    outbox.decide(customer, False, [(place[0], place[1])], "lichno_web")


def keys(outbox: Outbox, channel: str = "telegram") -> list[str]:
    return [due.key for due in outbox.due(channel)]


def test_nobody_is_told_anything_without_consent(outbox: Outbox, store: CustomerStore) -> None:
    change(store, Order, "NL-2", status="delivered")
    assert outbox.collect() == 0 and outbox.put("C2", "order:NL-2:delivered") == 0
    assert keys(outbox) == []


def test_each_yes_and_no_is_recorded_with_its_time_channel_and_text(
    outbox: Outbox, store: CustomerStore, clock: Clock
) -> None:
    outbox.decide("C2", True, [("telegram", "1"), ("web", "")], "lichno_telegram")
    assert outbox.wanted(*PLACE) and outbox.wanted("C2", "web", "")
    clock.time += dt.timedelta(hours=1)
    stop(outbox, "C2", "web", "")
    assert outbox.wanted(*PLACE) and not outbox.wanted("C2", "web", "")
    with store.session() as session:
        rows = session.query(Consent).filter_by(customer_id="C2", purpose=NOTICES).order_by(Consent.id)
        kept = [(row.given, row.at, row.channel, row.text_version) for row in rows]
    assert kept == [(True, NOON, "lichno_telegram", CONSENT_TEXT), (False, clock.time, "lichno_web", CONSENT_TEXT)]


def test_what_held_when_consent_was_given_is_no_news(outbox: Outbox) -> None:
    allow(outbox, *PLACE)
    assert outbox.collect() == 0


def test_a_new_state_is_told_once_however_often_it_is_collected(outbox: Outbox, store: CustomerStore) -> None:
    allow(outbox, *PLACE)
    change(store, Order, "NL-2", status="ready_for_pickup")
    assert [outbox.collect() for _ in range(3)] == [1, 0, 0]
    (due,) = outbox.due("telegram")
    assert (due.customer_id, due.address, due.key) == ("C2", "1", "order:NL-2:ready_for_pickup")
    outbox.sent(due.id)
    assert keys(outbox) == [] and outbox.collect() == 0


def test_each_channel_and_address_hears_it_and_another_customer_does_not(outbox: Outbox, store: CustomerStore) -> None:
    for place in (PLACE, ("C2", "telegram", "2"), ("C2", "web", "")):
        allow(outbox, *place)
    allow(outbox, "C1", "telegram", "3")
    change(store, Order, "NL-2", status="ready_for_pickup")
    assert outbox.collect() == 3
    assert sorted(due.address for due in outbox.due("telegram")) == ["1", "2"]
    assert keys(outbox, "web") == ["order:NL-2:ready_for_pickup"]


def test_an_answered_request_is_news(outbox: Outbox, store: CustomerStore) -> None:
    allow(outbox, "C1", "telegram", "1")
    change(store, Ticket, "T0001", resolution="Верните до пятницы.", closed_at=NOON)
    outbox.collect()
    assert keys(outbox) == ["ticket:T0001"]


def test_stopping_drops_what_waits_and_starting_again_does_not_bring_it_back(
    outbox: Outbox, store: CustomerStore
) -> None:
    allow(outbox, *PLACE)
    change(store, Order, "NL-2", status="ready_for_pickup")
    outbox.collect()
    stop(outbox, *PLACE)
    assert keys(outbox) == [] and not outbox.wanted(*PLACE) and outbox.collect() == 0
    allow(outbox, *PLACE)
    assert outbox.collect() == 0 and outbox.wanted(*PLACE)


def test_nothing_is_due_at_night_and_everything_in_the_morning(store: CustomerStore, clock: Clock) -> None:
    here = NOON.astimezone().tzinfo
    assert here
    outbox = Outbox(store, clock, QuietHours(dt.time(21), dt.time(9), here))
    allow(outbox, *PLACE)
    clock.time = NOON.replace(hour=23)
    outbox.put("C2", "order:NL-2:delivered")
    assert keys(outbox) == []
    clock.time = NOON.replace(day=26, hour=9)
    assert keys(outbox) == ["order:NL-2:delivered"]


def test_a_notice_for_later_waits_for_its_time(outbox: Outbox, clock: Clock) -> None:
    allow(outbox, *PLACE)
    outbox.put("C2", "call:T0001:15:00", due=NOON + dt.timedelta(hours=2))
    assert keys(outbox) == []
    clock.time += dt.timedelta(hours=2)
    assert keys(outbox) == ["call:T0001:15:00"]


def test_what_cannot_be_told_is_tried_again_ever_more_rarely_and_then_given_up(
    outbox: Outbox, store: CustomerStore, clock: Clock
) -> None:
    allow(outbox, *PLACE)
    outbox.put("C2", "order:NL-2:delivered")
    waits = []
    for _ in range(ATTEMPTS):
        (due,) = outbox.due("telegram")
        outbox.retry(due.id)
        assert keys(outbox) == []
        row = notice(store, "order:NL-2:delivered")
        waits.append(row.due_at - clock.time)
        clock.time = row.due_at
    assert all(longer == 2 * wait for wait, longer in zip(waits, waits[1:]))
    assert notice(store, "order:NL-2:delivered").state == FAILED


def test_old_news_is_dropped(outbox: Outbox, clock: Clock) -> None:
    allow(outbox, *PLACE)
    outbox.put("C2", "order:NL-2:delivered")
    clock.time += dt.timedelta(days=3)
    assert keys(outbox) == []


def test_words_are_in_the_customers_language_and_stop_with_one_tap(store: CustomerStore) -> None:
    change(store, Ticket, "T0001", resolution="Верните до пятницы.")
    russian = words(store, TEXTS, "C1", "ticket:T0001")
    assert russian and russian.text == "Ирина, вот ответ на обращение T0001: Верните до пятницы."
    english = words(store, TEXTS, "C2", "order:NL-2:in_transit")
    assert english and english.text == "Ms Harper, order NL-2 (Aurora earbuds) is on its way."
    assert [payload for _, payload in english.buttons] == ["channel:notices:off"]
    call = words(store, TEXTS, "C1", call_key("T0001", "сегодня в 15:00"))
    assert call and call.text.endswith("перезвоним: сегодня в 15:00.")


@pytest.mark.parametrize(
    ("customer", "key"),
    [
        ("C2", "order:NL-2:delivered"),  # it is on its way still, or again
        ("C1", "order:NL-2:in_transit"),  # another's
        ("C2", "ticket:T0001"),
        ("C1", "ticket:T0001"),  # not answered
        ("C1", "ticket:T9999"),
        ("C2", "order:NL-9:in_transit"),
        ("C9", "order:NL-2:in_transit"),
    ],
)
def test_what_is_not_true_has_no_words(store: CustomerStore, customer: str, key: str) -> None:
    assert words(store, TEXTS, customer, key) is None


def test_an_erased_customer_is_told_nothing(outbox: Outbox, store: CustomerStore) -> None:
    allow(outbox, *PLACE)
    with Session(store.engine, future=True) as session:
        delete_rows(session.connection(), "C2")
        session.commit()
    assert words(store, TEXTS, "C2", "order:NL-2:in_transit") is None
