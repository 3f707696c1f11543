from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.channels.web_notices import WebNotices
from bot.conversation import WEB_CHANNEL
from bot.customers.models import Consent, Notice, Order
from bot.customers.store import CustomerStore
from bot.outbox.notices import ALLOW, ASK, STOP
from bot.outbox.outbox import CONSENT_TEXT, NOTICES, WAITING, WEB, Outbox
from bot.outbox.quiet_hours import QuietHours
from tests.bot.channels.web_server import Server, Start, customer
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop

pytestmark = pytest.mark.usefixtures("ratings")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CustomerStore:
    store = imported(tmp_path, write_shop(tmp_path / "shop"))
    monkeypatch.setattr("bot.channels.web.CustomerStore", lambda _: store)
    never_quiet = QuietHours(dt.time(0), dt.time(0))
    monkeypatch.setattr("bot.channels.web.Outbox", lambda store, quiet: Outbox(store, quiet=never_quiet))
    return store


@pytest.fixture
def outbox(shop: CustomerStore) -> Outbox:
    """The customer C2 wants notices in the web chat."""
    outbox = Outbox(shop)
    outbox.decide("C2", True, [(WEB, "")], WEB_CHANNEL)
    return outbox


def change(store: CustomerStore, table: Any, **values: Any) -> None:
    """Change order NL-2, or the notice of its being ready."""
    row = {"order_id": "NL-2"} if table is Order else {"key": "order:NL-2:ready_for_pickup"}
    with Session(store.engine, future=True) as session:
        assert session.query(table).filter_by(**row).update(values) == 1
        session.commit()


async def look(server: Server) -> None:
    notices: WebNotices = server.channel._notices
    await notices.once(server.agent)


def told(history: list[dict[str, Any]]) -> list[str]:
    return [said["text"] for said in history if said["from"] == "assistant"]


async def test_an_orders_new_state_stands_in_the_thread_once_and_reaches_an_open_tab(
    start: Start, shop: CustomerStore, outbox: Outbox
) -> None:
    server = await start()
    tab, other = await server.client(customer("C2")), await server.client(customer("C1"))
    change(shop, Order, status="ready_for_pickup")
    await look(server)
    change(shop, Notice, state=WAITING)  # as if it had ended before that was noted
    await look(server)
    heard = await tab.until("bot_uttered")
    history = await tab.history()
    assert history == [{**heard, "rating": None}] and "NL-2" in heard["text"]
    assert [button["payload"] for button in heard["buttons"]] == [STOP]
    assert tab.names().count("bot_uttered") == 1 and other.names() == [] and await other.history() == []


async def test_a_notice_waits_in_the_history_for_who_was_away(
    start: Start, shop: CustomerStore, outbox: Outbox
) -> None:
    server = await start()
    change(shop, Order, status="ready_for_pickup")
    await look(server)
    (text,) = told(await (await server.client(customer("C2"))).history())
    assert text.endswith("is ready for collection.")


async def test_one_tap_stops_them_and_does_not_go_to_the_assistant(
    start: Start, shop: CustomerStore, outbox: Outbox
) -> None:
    server = await start()
    tab = await server.client(customer("C2"))
    pressed = await tab.say(STOP, title="Stop notices")
    reply = await tab.until("bot_uttered", pressed)
    await tab.until("done", pressed)
    assert "won't write first" in reply["text"] and not outbox.wanted("C2", WEB, "")
    assert [said["text"] for said in await tab.history()] == ["Stop notices", reply["text"]]
    change(shop, Order, status="ready_for_pickup")
    await look(server)
    assert len(await tab.history()) == 2 and server.agent.handled == []


def consents(store: CustomerStore) -> list[tuple[bool, str, str]]:
    with store.session() as session:
        rows = session.query(Consent).filter_by(customer_id="C2", purpose=NOTICES).order_by(Consent.id)
        return [(row.given, row.channel, row.text_version) for row in rows]


async def test_the_chats_menu_asks_for_consent_and_keeps_the_answer_with_its_channel_and_text(
    start: Start, shop: CustomerStore
) -> None:
    tab, outbox = await (await start()).client(customer("C2")), Outbox(shop)
    asked = await tab.until("bot_uttered", await tab.say(ASK, title="Notices"))
    assert [button["payload"] for button in asked["buttons"]] == [ALLOW, STOP]
    assert not outbox.wanted("C2", WEB, "") and consents(shop) == []  # asking is no consent
    agreed = await tab.until("bot_uttered", await tab.say(ALLOW, title="Yes, please"))
    assert "I'll send" in agreed["text"] and outbox.wanted("C2", WEB, "")
    again = await tab.until("bot_uttered", await tab.say(ASK, title="Notices"))
    assert "are on" in again["text"] and [button["payload"] for button in again["buttons"]] == [STOP]
    await tab.until("bot_uttered", await tab.say(STOP, title="Stop notices"))
    assert not outbox.wanted("C2", WEB, "")
    assert consents(shop) == [(True, WEB_CHANNEL, CONSENT_TEXT), (False, WEB_CHANNEL, CONSENT_TEXT)]
    assert [said["text"] for said in await tab.history() if said["from"] == "customer"] == [
        "Notices",
        "Yes, please",
        "Notices",
        "Stop notices",
    ]


@pytest.mark.parametrize("text", [ASK, ALLOW, STOP])
async def test_a_stranger_who_sends_the_same_words_decides_nothing(
    start: Start, shop: CustomerStore, outbox: Outbox, text: str
) -> None:
    server = await start()
    stranger = await server.client()
    await stranger.until("done", await stranger.say(text))
    assert outbox.wanted("C2", WEB, "") and len(server.agent.handled) == 1


async def test_without_consent_nothing_is_told(start: Start, shop: CustomerStore) -> None:
    server = await start()
    change(shop, Order, status="ready_for_pickup")
    await look(server)
    assert await (await server.client(customer("C2"))).history() == []


async def test_a_failure_is_tried_again(
    start: Start, shop: CustomerStore, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("secret words")

    server = await start()
    change(shop, Order, status="ready_for_pickup")
    with monkeypatch.context() as broken:
        broken.setattr("bot.channels.web_notices.words", fail)
        await look(server)
    change(shop, Notice, due_at=dt.datetime.now())
    await look(server)
    assert len(told(await (await server.client(customer("C2"))).history())) == 1
