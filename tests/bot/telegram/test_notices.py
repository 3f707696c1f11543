from __future__ import annotations

from sqlalchemy.orm import Session

from bot.customers.models import Order
from tests.bot.telegram.line import Line
from tests.bot_api import Fault


def arrive(line: Line, status: str = "ready_for_pickup") -> None:
    with Session(line.store.engine, future=True) as session:
        session.get(Order, "NL-2").status = status
        session.commit()


async def with_consent(line: Line) -> None:
    await line.bind(1, "C2")
    await line.press("Yes, please")


async def test_an_orders_new_state_is_told_once_and_stopped_with_one_tap(line: Line) -> None:
    await with_consent(line)
    arrive(line)
    await line.service.notices.once()
    await line.service.notices.once()
    told = line.server.told(1)
    assert sum("NL-2" in text for text in told) == 1 and told[-1].endswith("is ready for collection.")
    await line.press("Stop notices")
    arrive(line, "delivered")
    await line.service.notices.once()
    assert "was received" not in line.server.told(1)[-1]


async def test_without_consent_nothing_is_told(line: Line) -> None:
    await line.bind(1, "C2")
    await line.press("No, thanks")
    before = line.server.told(1)
    arrive(line)
    await line.service.notices.once()
    assert line.server.told(1) == before


async def test_a_state_that_has_passed_meanwhile_is_not_told(line: Line) -> None:
    await with_consent(line)
    arrive(line)
    line.outbox.collect()
    arrive(line, "delivered")
    await line.service.notices.once()
    assert [text for text in line.server.told(1) if "collection" in text] == []
    assert line.server.told(1)[-1].endswith("was received.")


async def test_a_person_who_blocked_the_bot_is_told_no_more(line: Line) -> None:
    await with_consent(line)
    arrive(line)
    line.server.blocked = {1}
    await line.service.notices.once()
    assert not line.outbox.wanted("C2", "telegram", "1") and line.outbox.due("telegram") == []


async def test_a_failure_is_tried_again_later(line: Line) -> None:
    await with_consent(line)
    arrive(line)
    line.server.fault = lambda method, asked: Fault(500) if method == "sendmessage" else None
    await line.service.notices.once()
    line.server.fault = lambda method, asked: None
    await line.service.notices.once()
    assert "collection" not in line.server.told(1)[-1]
    line.time.day = line.time.day.replace(hour=13)
    await line.service.notices.once()
    assert line.server.told(1)[-1].endswith("is ready for collection.")


async def test_a_yes_or_no_holds_for_the_same_conversation_on_the_site(line: Line) -> None:
    await with_consent(line)
    assert line.outbox.wanted("C2", "web", "")
    await line.write(1, "/privacy", "en")
    await line.press("Stop notices")
    assert not line.outbox.wanted("C2", "web", "")
