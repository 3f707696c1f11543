"""What the desk keeps of a customer is erased, shown and kept for its term like everything else."""

from __future__ import annotations

import datetime as dt

from rasa.shared.core.events import BotUttered, UserUttered

from bot.customers.models import DeskLetter, DeskNote, Handover, Ticket
from bot.desk.handovers import Handovers, Request, open_handover
from bot.desk.letters import Letters
from bot.privacy.erasure import Places, erase
from bot.privacy.export import as_page, export
from bot.privacy.retention import expire
from bot.settings import Settings

NOW = dt.datetime(2026, 11, 25, 12)
SECRET = "звонить только вечером, код двери 4711"


def hand_over(places: Places, conversation: str, customer: str | None, ticket: str | None = None) -> int:
    request = Request(conversation, customer, "telegram", "77", "ru", f"Клиент написал: {SECRET}", SECRET, ticket)
    with places.store.session() as session:
        row = open_handover(session, request, NOW)
        assert row is not None
        session.commit()
        number = int(row.id)
    Handovers(places.store, lambda: NOW).note(number, "Анна", f"записано: {SECRET}")
    Letters(places.store, lambda: NOW).put(number, f"desk.{number}", "telegram", f"Анна: {SECRET}")
    return number


def kept(places: Places) -> list[list[int]]:
    with places.store.session() as session:
        numbers = (Handover.id, DeskNote.handover_id, DeskLetter.handover_id)
        return [[row[0] for row in session.query(number).order_by(number)] for number in numbers]


def test_an_erased_customers_handovers_are_gone_and_others_stay(places: Places) -> None:
    hand_over(places, "customer:C1", "C1", "T0001")
    others = hand_over(places, "anonymous:x", None)
    receipt = erase(places, "C1", NOW)
    assert receipt.proven
    assert [receipt.rows[table] for table in ("handovers", "desk_notes", "desk_letters")] == [1, 1, 1]
    assert kept(places) == [[others]] * 3
    assert Handovers(places.store).of("customer:C1") is None
    assert Handovers(places.store).get(others).question == SECRET  # under nobody's key, which is still there


def test_what_is_kept_is_not_readable_in_the_database(places: Places) -> None:
    hand_over(places, "customer:C1", "C1")
    with places.store.engine.connect() as connection:
        rows = [
            str(tuple(row))
            for t in ("handovers", "desk_notes", "desk_letters")
            for row in connection.exec_driver_sql(f"SELECT * FROM {t}")
        ]
    assert rows and not any("4711" in row for row in rows)


def test_the_customer_gets_all_of_it(places: Places) -> None:
    hand_over(places, "customer:C1", "C1")
    shown = export(places.store, places.conversations, "C1", NOW)
    assert [shown["tables"][table][0]["text"] for table in ("desk_notes", "desk_letters")] == [
        f"записано: {SECRET}",
        f"Анна: {SECRET}",
    ]
    assert "Заметки сотрудников" in as_page(shown)


def test_the_export_tells_a_persons_words_from_the_assistants(places: Places) -> None:
    shown = export(places.store, places.conversations, "C1", NOW)
    said = [UserUttered("Где заказ?"), BotUttered("Сейчас посмотрю."), BotUttered("Едет.", metadata={"agent": "Анна"})]
    shown["conversations"] = [{"sender_id": "customer:C1", "events": [event.as_dict() for event in said]}]
    page = as_page(shown)
    assert page.index("Вы,") < page.index("Ассистент,") < page.index("Сотрудник,")


def test_handovers_expire_with_their_notes_and_letters_also_those_nobody_took(places: Places) -> None:
    hand_over(places, "customer:C1", "C1", "T0001")
    hand_over(places, "anonymous:x", None)
    term = Settings(keep_handovers_days=30)
    assert expire(places.store, places.conversations, term, NOW + dt.timedelta(29))["handovers"] == 0
    assert expire(places.store, places.conversations, term, NOW + dt.timedelta(31))["handovers"] == 2
    assert kept(places) == [[], [], []]


def test_a_ticket_may_expire_before_its_handover(places: Places) -> None:
    number = hand_over(places, "customer:C1", "C1", "T0001")
    with places.store.session() as session:
        session.get(Ticket, "T0001").closed_at = NOW
        session.commit()
    expire(places.store, places.conversations, Settings(keep_tickets_days=1), NOW + dt.timedelta(2))
    assert Handovers(places.store).get(number).ticket is None


def test_a_forgotten_conversation_leaves_nothing_at_the_desk(places: Places) -> None:
    hand_over(places, "telegram:77", None)
    other = hand_over(places, "anonymous:x", None)
    Handovers(places.store).forget("telegram:77")
    assert kept(places) == [[other]] * 3
