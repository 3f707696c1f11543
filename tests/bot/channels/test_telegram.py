"""The channel as Rasa's server runs it: asleep, started in a worker, its webhook and the account page's link."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from rasa.core.channels.channel import UserMessage, register
from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channels.erasing import erase_conversation
from bot.channels.identity import issue_token
from bot.channels.telegram import SECRET_HEADER, TelegramChannel, asking
from bot.conversation import TELEGRAM_CHANNEL, TELEGRAM_GROUP_CHANNEL, TRUSTED_CHANNELS
from bot.customers.store import CustomerStore
from bot.outbox.quiet_hours import QuietHoursError
from bot.settings import Settings
from bot.shop import routes
from bot.shop.routes import shop_blueprint
from bot.shop.signing_in import COOKIE, cookie_for
from bot.shop.words import WORDS
from bot.telegram.errors import TelegramSettingsError
from bot.telegram.settings import API_URL, TOKEN, WEBHOOK_URL, TelegramSettings
from bot.telegram.talk import Question, Said
from tests.bot.channels.test_rest import App
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop
from tests.bot_api import TOKEN as BOT_TOKEN
from tests.bot_api import BotApiServer

TRACE = {"grounded": True, "citations": []}


class Agent:
    """Rasa's agent as a channel sees it: it answers each message with its text and a button."""

    def __init__(self) -> None:
        self.messages: list[UserMessage] = []
        self.tracker_store = InMemoryTrackerStore(Domain.empty())

    async def handle_message(self, message: UserMessage) -> None:
        self.messages.append(message)
        button = {"title": "Get a person", "payload": "/human_handoff"}
        reply = {
            "text": f"You said: {message.text}",
            "buttons": [button],
            "trace": TRACE,
            "utter_action": "utter_answer",
        }
        await message.output_channel.send_response(message.sender_id, reply)


class WorkerApp(App):
    """Keeps the listeners, which Sanic would turn into signals."""

    def __init__(self, name: str) -> None:
        super().__init__(name, configure_logging=False)
        self.ctx.kept = {}  # by event

    def register_listener(self, listener: Any, event: str) -> Any:
        self.ctx.kept.setdefault(event, []).append(listener)
        return listener


class Running:
    """A server's worker with the channel, its listeners run as Sanic runs them."""

    def __init__(self, telegram: BotApiServer) -> None:
        self.telegram, self.agent = telegram, Agent()
        self.app = WorkerApp(f"telegram-{uuid.uuid4().hex}")
        self.app.ctx.agent = self.agent
        register([TelegramChannel.from_credentials({"voice_model": ""})], self.app, "/webhooks/")
        self.app.blueprint(shop_blueprint())

    async def start(self) -> None:
        self.app.signalize()
        self.app.finalize()
        await self._listeners("after_server_start")

    async def stop(self) -> None:
        await self._listeners("before_server_stop")

    async def _listeners(self, event: str) -> None:
        for listener in self.app.ctx.kept.get(event, []):
            await listener(self.app, asyncio.get_running_loop())

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.browse(method, f"/webhooks/telegram{path}", **options)

    async def browse(self, method: str, path: str, customer: str | None = None, **options: Any) -> httpx.Response:
        """As a browser does, in which a customer may be signed in to the shop."""
        cookies = {COOKIE: cookie_for(customer)} if customer else {}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.example", cookies=cookies) as client:
            return await client.request(method, path, **options)

    async def post(self, update: Any, secret: str | None) -> int:
        headers = {} if secret is None else {SECRET_HEADER.encode(): secret.encode()}
        return (await self.request("POST", "/webhook", json=update, headers=headers)).status_code


@pytest.fixture
def store(tmp_path: Path) -> CustomerStore:
    return imported(tmp_path, write_shop(tmp_path / "shop"))


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[BotApiServer]:
    server = BotApiServer()
    server.url = await server.start()
    yield server
    await server.stop()


@pytest.fixture
def project(
    telegram: BotApiServer, store: CustomerStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """A project with the shop's database and a token."""
    monkeypatch.setattr("bot.channels.telegram.load_settings", lambda: Settings(customers=store.url))
    monkeypatch.setattr(routes, "_store", lambda: store)
    monkeypatch.setattr("bot.channels.telegram.LOCK", tmp_path / "telegram.lock")
    monkeypatch.setenv(TOKEN, BOT_TOKEN)
    monkeypatch.setenv(API_URL, telegram.url)
    monkeypatch.delenv(WEBHOOK_URL, raising=False)
    return monkeypatch


@contextlib.asynccontextmanager
async def running(telegram: BotApiServer) -> AsyncIterator[Running]:
    server = Running(telegram)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


SECRET = TelegramSettings(BOT_TOKEN).secret


async def test_without_a_token_the_channel_sleeps(project: pytest.MonkeyPatch, telegram: BotApiServer) -> None:
    project.delenv(TOKEN)
    async with running(telegram) as server:
        assert (await server.request("GET", "/")).json() == {"status": "asleep"}
        assert await server.post({"update_id": 1}, SECRET) == 404
        assert (await server.request("POST", "/link")).status_code == 404
    assert telegram.calls == []


async def test_a_message_goes_to_rasa_and_its_reply_back_with_buttons_and_thumbs(
    project: pytest.MonkeyPatch, telegram: BotApiServer
) -> None:
    async with running(telegram) as server:
        await telegram.write(1, "hello")
        await telegram.until(lambda: telegram.sent)
        (message,) = server.agent.messages
        assert (message.sender_id, message.input_channel, message.metadata) == (
            "telegram:1",
            TELEGRAM_CHANNEL,
            {"chat": "1"},
        )
        assert message.output_channel.name() == TELEGRAM_CHANNEL
        assert telegram.sent[0].titles == ["Get a person", "👍", "👎"]
        assert (await server.request("GET", "/")).json() == {"status": "ok"}


async def test_the_account_pages_link_binds_the_chat_of_its_customer(
    project: pytest.MonkeyPatch, telegram: BotApiServer
) -> None:
    async with running(telegram) as server:
        headers = {"Authorization": f"Bearer {issue_token('C1')}"}
        told = (await server.request("POST", "/link", headers=headers)).json()
        assert told["link"] == f"https://t.me/lichno_test_bot?start={told['code']}" and told["seconds"] == 900
        await telegram.write(1, f"/start {told['code']}")
        await telegram.write(1, "где заказ?")
        await telegram.until(lambda: any("You said" in text for text in telegram.told(1)))
        (message,) = server.agent.messages
        assert (message.sender_id, message.metadata) == ("customer:C1", {"customer_id": "C1", "chat": "1"})


@pytest.mark.parametrize(("customer", "language"), [("C1", "ru"), ("C2", "en")])
async def test_the_button_of_the_account_page_binds_a_chat(
    project: pytest.MonkeyPatch, telegram: BotApiServer, customer: str, language: str
) -> None:
    async with running(telegram) as server:
        words, path = WORDS[language], f"/{language}/account"
        account = (await server.browse("GET", path, customer)).text
        assert f"<button>{words['telegram_link']}</button>" in account and "/start" not in account
        page = (await server.browse("POST", f"{path}/telegram", customer)).text
        (code,) = re.findall(r"<code>/start ([\w-]+)</code>", page)
        assert f'href="https://t.me/lichno_test_bot?start={code}"' in page and "15" in page
        await telegram.write(1, f"/start {code}")
        await telegram.write(1, "hello")
        await telegram.until(lambda: any("You said" in text for text in telegram.told(1)))
        assert [message.sender_id for message in server.agent.messages] == [f"customer:{customer}"]


async def test_the_button_is_for_who_is_signed_in_and_only_where_telegram_is_set_up(
    project: pytest.MonkeyPatch, telegram: BotApiServer
) -> None:
    async with running(telegram) as server:
        for customer in (None, "C99"):
            assert WORDS["en"]["telegram_link"] not in (await server.browse("GET", "/en/account", customer)).text
            answer = await server.browse("POST", "/en/account/telegram", customer)
            assert (answer.status_code, answer.headers["Location"]) == (303, "/en/account")
    project.delenv(TOKEN)
    async with running(telegram) as server:
        assert "elegram" not in (await server.browse("GET", "/en/account", "C1")).text
        assert (await server.browse("POST", "/en/account/telegram", "C1")).status_code == 303


async def test_where_telegram_does_not_answer_the_account_page_says_so(
    project: pytest.MonkeyPatch, telegram: BotApiServer
) -> None:
    project.setattr(routes, "LINK_SECONDS", 0.0)
    async with running(telegram) as server:
        page = (await server.browse("POST", "/en/account/telegram", "C1")).text
        assert WORDS["en"]["telegram_trouble"] in page and "/start" not in page


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic C1", "Bearer "])
async def test_nobody_else_gets_a_link(project: pytest.MonkeyPatch, telegram: BotApiServer, header: str | None) -> None:
    async with running(telegram) as server:
        headers = {"Authorization": header} if header else {}
        assert (await server.request("POST", "/link", headers=headers)).status_code == 401


async def test_a_customer_whom_the_shop_does_not_know_gets_no_link(
    project: pytest.MonkeyPatch, telegram: BotApiServer
) -> None:
    async with running(telegram) as server:
        headers = {"Authorization": f"Bearer {issue_token('C99')}"}
        assert (await server.request("POST", "/link", headers=headers)).status_code == 401


async def test_a_forged_update_is_refused_and_reaches_nobody(
    project: pytest.MonkeyPatch, telegram: BotApiServer
) -> None:
    project.setenv(WEBHOOK_URL, "https://shop.example")
    async with running(telegram) as server:
        await telegram.until(lambda: telegram.webhook)
        assert telegram.webhook["url"] == "https://shop.example/webhooks/telegram/webhook"
        forged = telegram.update(message=telegram.message(1, "forged"))
        for secret in (None, "", "wrong", SECRET[:-1], "é"):
            assert await server.post(forged, secret) == 403
        assert await server.post(telegram.update(message=telegram.message(1, "real")), SECRET) == 200
        await telegram.until(lambda: telegram.sent)
        assert [message.text for message in server.agent.messages] == ["real"]


async def test_what_is_no_json_is_taken_so_that_it_does_not_come_again(
    project: pytest.MonkeyPatch, telegram: BotApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    project.setenv(WEBHOOK_URL, "https://shop.example")
    async with running(telegram) as server:
        headers = {SECRET_HEADER: SECRET}
        told = await server.request("POST", "/webhook", content=b"secret words", headers=headers)
        assert told.status_code == 200 and "secret words" not in caplog.text


async def test_while_polling_nothing_may_be_posted(project: pytest.MonkeyPatch, telegram: BotApiServer) -> None:
    async with running(telegram) as server:
        assert await server.post(telegram.update(message=telegram.message(1, "hi")), SECRET) == 404


class Tabs:
    """The web channel's tabs, told which conversations are to be read anew."""

    def __init__(self) -> None:
        self.reading: list[str] = []

    async def reread(self, conversation: str) -> None:
        self.reading.append(conversation)


async def test_forgetting_erases_the_tracker_and_empties_open_tabs(
    project: pytest.MonkeyPatch, telegram: BotApiServer
) -> None:
    async with running(telegram) as server:
        tabs = server.app.ctx.tabs = Tabs()
        server.agent.tracker_store.store["telegram:1"] = "events"
        await telegram.write(1, "/forget", "en")
        await telegram.until(lambda: telegram.sent)
        await telegram.press(telegram.sent[-1], "Erase")
        await telegram.until(lambda: len(telegram.sent) == 2)
        assert server.agent.tracker_store.store == {} and tabs.reading == ["telegram:1"]


async def test_without_a_database_the_channel_stays_off_and_says_how_to_make_one(
    project: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture, telegram: BotApiServer
) -> None:
    missing = Settings(customers=f"sqlite:///{tmp_path}/none.db")
    project.setattr("bot.channels.telegram.load_settings", lambda: missing)
    async with running(telegram) as server:
        assert (await server.request("GET", "/")).json() == {"status": "asleep"}
    assert "lichno customers import" in caplog.text


def test_wrong_settings_stop_the_start(project: pytest.MonkeyPatch, store: CustomerStore) -> None:
    with pytest.raises(TelegramSettingsError, match="model.bin"):
        TelegramChannel.from_credentials({"voice_model": "nowhere"})
    wrong = Settings(customers=store.url, quiet_hours="at night")
    project.setattr("bot.channels.telegram.load_settings", lambda: wrong)
    with pytest.raises(QuietHoursError):
        TelegramChannel.from_credentials({})


@pytest.mark.parametrize(("group", "channel"), [(False, TELEGRAM_CHANNEL), (True, TELEGRAM_GROUP_CHANNEL)])
async def test_only_private_chats_come_from_a_channel_that_proves_identity(group: bool, channel: str) -> None:
    agent = Agent()
    said: list[Said] = []

    async def handle(message: UserMessage) -> bool:
        await agent.handle_message(message)
        return True

    question = Question("hi", "telegram:1", "telegram:9", 1, None, group)
    assert await asking(handle)(question, said.append)
    (message,) = agent.messages
    assert message.input_channel == message.output_channel.name() == channel
    assert (channel in TRUSTED_CHANNELS) != group
    assert (message.message_id, said[0].trace) == ("telegram:9", TRACE)


async def test_a_conversation_is_erased_from_a_database_and_no_other(tmp_path: Path) -> None:
    store = SQLTrackerStore(Domain.empty(), db=f"{tmp_path}/conversations.db")
    for sender in ("telegram:1", "telegram:2"):
        tracker = DialogueStateTracker.from_events(sender, [UserUttered("hi")], domain=Domain.empty())
        await store.save(tracker)
    erase_conversation(store, "telegram:1")
    assert list(await store.keys()) == ["telegram:2"]


def test_a_store_that_cannot_erase_is_named(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)

    class Stone:
        pass

    erase: Callable[[Any, str], None] = erase_conversation
    erase(Stone(), "telegram:1")
    assert "Stone" in caplog.text
