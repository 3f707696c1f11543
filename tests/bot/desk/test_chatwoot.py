"""Chatwoot as the desk, against a server that fails as a real one does."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.customers.models import DeskLetter, Handover
from bot.desk.chatwoot.api import ChatwootApi
from bot.desk.chatwoot.post import ChatwootPost
from bot.desk.chatwoot.settings import SECRET as SECRET_VARIABLE
from bot.desk.chatwoot.settings import TOKEN as TOKEN_VARIABLE
from bot.desk.desk import BUSY, SHUT, desk_of
from bot.desk.floor import Floor
from bot.desk.handovers import Handovers
from bot.desk.letters import ATTEMPTS, Letters
from bot.settings import Settings, SettingsError
from tests.bot.desk.conftest import Start
from tests.bot.desk.office import Office
from tests.chatwoot_server import ACCOUNT, HANG, INBOX, LATE, SECRET, TOKEN, ChatwootServer


@pytest.fixture
async def chatwoot(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ChatwootServer]:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    server = ChatwootServer()
    await server.start()
    yield server
    await server.stop()


class Bridge:
    """The office with Chatwoot as its desk, and the worker between them, whose clock the test sets."""

    def __init__(self, office: Office, chatwoot: ChatwootServer) -> None:
        self.office, self.chatwoot = office, chatwoot
        self.ahead = dt.timedelta()
        self.renew()

    def renew(self) -> None:
        """A worker as after a restart."""
        settings = self.floor.desk.settings  # type: ignore[attr-defined]
        client = httpx.AsyncClient(timeout=0.2)
        letters = Letters(self.office.store, lambda: dt.datetime.now() + self.ahead)
        self.post = ChatwootPost(ChatwootApi(settings, client), Handovers(self.office.store), letters)

    @property
    def floor(self) -> Floor:
        floor: Floor = self.office.server.app.ctx.desk_floor
        return floor

    @property
    def webhook(self) -> str:
        return f"{self.office.server.url}/desk/chatwoot"

    def wanted(self) -> int:
        """A person is wanted, as the action tells it."""
        number = self.office.wanted()
        with self.office.store.session() as session:
            self.floor.desk.requested(session, session.get(Handover, number), dt.datetime.now())
            session.commit()
        return number

    async def bring(self) -> None:
        """Take along what waits, again and again until nothing does."""
        for _ in range(ATTEMPTS):
            await self.post.once()
            self.ahead += dt.timedelta(hours=2)

    def letters(self) -> dict[str, str]:
        """State of each letter by the end of its key."""
        with self.office.store.session() as session:
            return {row.key.split(".", 2)[2]: row.state for row in session.query(DeskLetter).order_by(DeskLetter.id)}


@pytest.fixture
async def bridge(start: Start, chatwoot: ChatwootServer) -> Bridge:
    places: dict[str, Any] = {"chatwoot_url": chatwoot.url, "chatwoot_account": ACCOUNT, "chatwoot_inbox": INBOX}
    return Bridge(await start(desk="chatwoot", **places), chatwoot)


SUMMARY, QUESTION = "The customer wrote: Where is it?", "Where is it?"
OPENED = [("outgoing", True, SUMMARY), ("incoming", False, QUESTION)]


async def test_there_and_back(bridge: Bridge, chatwoot: ChatwootServer) -> None:
    customer = await bridge.office.customer()
    handover = bridge.wanted()
    await customer.until("done", await customer.say("It is late."))
    await bridge.bring()
    assert chatwoot.only.said == [*OPENED, ("incoming", False, "It is late.")]
    assert await chatwoot.posts(bridge.webhook, chatwoot.answer("I am looking.")) == 200
    answer = await customer.until("bot_uttered", "")
    texts = [(m["from"], m.get("agent"), m["text"]) for m in await customer.history()][-2:]
    assert texts == [("assistant", None, "Olga answers from here on."), ("person", "Olga", "I am looking.")]
    assert answer["text"] == "Olga answers from here on."
    handled = len(bridge.office.rasa.handled)
    await customer.until("done", await customer.say("Thank you"))
    assert len(bridge.office.rasa.handled) == handled  # the assistant is silent
    await bridge.bring()
    assert chatwoot.only.said[-1] == ("incoming", False, "Thank you")
    assert await chatwoot.posts(bridge.webhook, chatwoot.resolved()) == 200
    assert Handovers(bridge.office.store).get(handover).ended == "handed_back"
    last = await customer.say("And now?")
    await customer.until("bot_uttered", last)
    await bridge.bring()
    assert chatwoot.only.status == "resolved" and chatwoot.only.said[-1] == ("incoming", False, "Thank you")


@pytest.mark.parametrize("fault", [500, 503, 429, HANG, LATE])
@pytest.mark.parametrize("at", range(6))
async def test_whatever_fails_on_the_way_everything_arrives_once_and_in_order(
    bridge: Bridge, chatwoot: ChatwootServer, fault: int, at: int
) -> None:
    bridge.wanted()
    chatwoot.faults.extend([0] * at + [fault])
    await bridge.bring()
    assert chatwoot.only.said == OPENED
    assert len(chatwoot.contacts) == 1
    assert set(bridge.letters().values()) == {"sent"}


async def test_what_was_leaving_when_the_assistant_ended_arrives_once(bridge: Bridge, chatwoot: ChatwootServer) -> None:
    bridge.wanted()
    await bridge.bring()
    with bridge.office.store.session() as session:
        session.query(DeskLetter).update({"state": "sending"})  # it had arrived, and nobody had noted it
        session.commit()
    bridge.renew()
    Letters(bridge.office.store).wake("chatwoot", again=True)
    await bridge.bring()
    assert chatwoot.only.said == OPENED
    assert set(bridge.letters().values()) == {"sent"}


async def test_a_token_that_is_not_accepted_is_no_reason_to_go_on(
    bridge: Bridge, chatwoot: ChatwootServer, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.wanted()
    object.__setattr__(bridge.floor.desk.settings, "token", "another")  # type: ignore[attr-defined]
    await bridge.bring()
    assert set(bridge.letters().values()) == {"failed"} and chatwoot.conversations == {}
    assert TOKEN_VARIABLE in caplog.text and QUESTION not in caplog.text


async def test_an_answer_delivered_twice_is_said_once(bridge: Bridge, chatwoot: ChatwootServer) -> None:
    customer = await bridge.office.customer()
    bridge.wanted()
    await bridge.bring()
    for _ in range(2):
        assert await chatwoot.posts(bridge.webhook, chatwoot.answer("Hello")) == 200
    assert [m["text"] for m in await customer.history()].count("Hello") == 1


@pytest.mark.parametrize(
    "more",
    [{"private": True}, {"message_type": "incoming"}, {"message_type": "template"}, {"conversation": {"id": 99}}],
)
async def test_what_is_not_for_the_customer_does_not_reach_them(
    bridge: Bridge, chatwoot: ChatwootServer, more: dict[str, Any]
) -> None:
    customer = await bridge.office.customer()
    handover = bridge.wanted()
    await bridge.bring()
    assert await chatwoot.posts(bridge.webhook, chatwoot.answer("not for you", **more)) == 200
    assert await customer.history() == []
    assert Handovers(bridge.office.store).get(handover).state == "waiting"


@pytest.mark.parametrize(
    ("path", "secret", "age"),
    [("", "another secret altogether", 0), ("", SECRET, 4000), ("/wrong", SECRET, 0), ("/", "another secret", 0)],
)
async def test_forged_or_stale_webhooks_are_refused(
    bridge: Bridge, chatwoot: ChatwootServer, path: str, secret: str, age: float
) -> None:
    customer = await bridge.office.customer()
    bridge.wanted()
    await bridge.bring()
    status = await chatwoot.posts(bridge.webhook + path, chatwoot.answer("forged"), secret, age)
    assert status in (403, 404)
    assert await customer.history() == []


async def test_a_version_that_does_not_sign_shows_the_secret_in_its_address(
    bridge: Bridge, chatwoot: ChatwootServer
) -> None:
    customer = await bridge.office.customer()
    bridge.wanted()
    await bridge.bring()
    url = f"{bridge.webhook}/{SECRET}"
    assert await chatwoot.posts(url, chatwoot.answer("Hello"), "unsigned") == 200
    assert (await customer.history())[-1]["text"] == "Hello"


def test_nothing_sooner_is_promised_than_is_known(store: Any, chatwoot: ChatwootServer) -> None:
    places: dict[str, Any] = {"chatwoot_url": "https://desk.example", "chatwoot_account": 1, "chatwoot_inbox": 1}
    desk = desk_of(Settings(customers=store.url, desk="chatwoot", **places))
    assert desk is not None
    noon, night = (
        dt.datetime(2026, 11, 25, 9, tzinfo=dt.timezone.utc),
        dt.datetime(2026, 11, 25, 1, tzinfo=dt.timezone.utc),
    )
    with store.session() as session:
        assert [desk.availability(session, now).state for now in (noon, night)] == [BUSY, SHUT]


@pytest.mark.parametrize("missing", ["chatwoot_url", "chatwoot_account", TOKEN_VARIABLE, SECRET_VARIABLE])
def test_what_is_missing_is_named(missing: str) -> None:
    places: dict[str, Any] = {"chatwoot_url": "https://desk.example", "chatwoot_account": 1, "chatwoot_inbox": 1}
    places.pop(missing, None)
    environment = {TOKEN_VARIABLE: TOKEN, SECRET_VARIABLE: SECRET}
    environment.pop(missing, None)
    with pytest.raises(SettingsError, match=missing):
        desk_of(Settings(desk="chatwoot", **places), environment)
