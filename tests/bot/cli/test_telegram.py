from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.customers.store import CustomerStore
from bot.outbox.outbox import Outbox
from bot.settings import load_settings
from bot.telegram.chats import Chats
from bot.telegram.errors import NobodyTold, TelegramSettingsError, TokenNotAccepted, UnknownTicket, Unreachable
from bot.telegram.settings import API_URL, TOKEN
from tests.bot.cli.conftest import Run
from tests.bot_api import TOKEN as BOT_TOKEN
from tests.bot_api import BotApiServer


@pytest.fixture
def shop(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> CustomerStore:
    run("customers", "import", "shop")
    monkeypatch.delenv(TOKEN, raising=False)
    return CustomerStore(load_settings().customers)


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[BotApiServer]:
    """A server in a thread of its own: a command runs its own event loop."""
    server, loop = BotApiServer(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    monkeypatch.setenv(TOKEN, BOT_TOKEN)
    monkeypatch.setenv(API_URL, asyncio.run_coroutine_threadsafe(server.start(), loop).result())
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_link_binds_a_chat_to_the_customer(shop: CustomerStore, telegram: BotApiServer, run: Run) -> None:
    result = run("telegram", "link", "C2")
    assert result.exit_code == 0
    address, _, code = result.output.splitlines()[0].partition("?start=")
    assert address == "https://t.me/lichno_test_bot"
    assert Chats(shop).bind(1, code) == "C2"
    assert json.loads(run("telegram", "status", "--json").output)["bound"] == 1


def test_without_a_token_the_error_says_where_to_get_one(shop: CustomerStore, run: Run) -> None:
    assert isinstance(error := run("telegram", "link", "C2").exception, TelegramSettingsError)
    assert "BotFather" in str(error)


def test_an_unknown_customer_gets_no_link(shop: CustomerStore, telegram: BotApiServer, run: Run) -> None:
    assert "C9" in str(run("telegram", "link", "C9").exception)


def test_a_token_that_is_not_accepted_is_told(
    shop: CustomerStore, telegram: BotApiServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, "87654321:another-token")
    assert isinstance(run("telegram", "link", "C2").exception, TokenNotAccepted)


def test_a_server_that_is_not_there_is_told(shop: CustomerStore, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, BOT_TOKEN)
    monkeypatch.setenv(API_URL, "http://127.0.0.1:9")
    monkeypatch.setattr("bot.cli.telegram.WAIT", 0.0)
    assert isinstance(run("telegram", "link", "C2").exception, Unreachable)


def test_status_counts_what_there_is(shop: CustomerStore, run: Run) -> None:
    assert "0 blocked" in run("telegram", "status").output
    Chats(shop).set_blocked(7, True)
    told = run("telegram", "status")
    assert "1 chats" in told.output and "1 blocked" in told.output and "notices: none" in told.output


def test_a_promised_call_is_told_to_who_wants_to_know(shop: CustomerStore, run: Run) -> None:
    assert isinstance(run("telegram", "call", "C1", "T0001", "в 15:00").exception, NobodyTold)
    outbox = Outbox(shop)
    outbox.decide("C1", True, [("telegram", "1")], "lichno_telegram")
    assert run("telegram", "call", "C1", "T0001", "в 15:00").exit_code == 0
    assert json.loads(run("telegram", "status", "--json").output)["notices"]["waiting"] == 1
    assert isinstance(run("telegram", "call", "C1", "T0001", "в 15:00").exception, NobodyTold)
    assert isinstance(run("telegram", "call", "C2", "T0001", "at three").exception, UnknownTicket)


def test_the_doctor_names_the_bot(shop: CustomerStore, telegram: BotApiServer, run: Run) -> None:
    assert "Telegram: @lichno_test_bot" in run("doctor").output


@pytest.mark.parametrize(("option", "said"), [("voice_model: nowhere", "model.bin"), ("voice: x", "known are")])
def test_the_doctor_finds_what_the_channel_would_not_start_with(
    shop: CustomerStore, telegram: BotApiServer, run: Run, option: str, said: str
) -> None:
    Path("credentials.yml").write_text(f"bot.channels.telegram.TelegramChannel: {{{option}}}\n")
    told = run("doctor")
    assert told.exit_code == 1 and said in told.output.replace("\n", " ")


def test_the_doctor_says_that_telegram_is_off(shop: CustomerStore, run: Run) -> None:
    assert "Telegram: off" in run("doctor").output
