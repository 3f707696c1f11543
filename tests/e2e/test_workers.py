"""Two processes of the web channel, which share a Redis server and the conversations' database."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.orm import Session

from bot.channels.identity import KEY_VARIABLE
from bot.customers.importer import DEMO_FILES, import_folder
from bot.customers.store import CustomerStore
from tests.bot.channels.conftest import KEY
from tests.bot.channels.web_agent import SENTENCES, new_id
from tests.bot.channels.web_server import Client, customer
from tests.e2e.browsing import ROOT, Shop
from tests.e2e.web_server import HANGS, QUEUE
from tests.redis_server import redis_server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    for name in ("training_data", "domain.yml"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "endpoints.yml").write_text("nlg:\n  customers: sqlite:///customers.db\n")
    store = CustomerStore(f"sqlite:///{folder}/customers.db")
    store.create()
    with Session(store.engine, future=True) as session:
        import_folder(session, ROOT / DEMO_FILES, dt.date.today())
    return folder


@pytest.fixture(scope="module")
def shops(folder: Path) -> Iterator[list[Shop]]:
    with redis_server(folder) as url, pytest.MonkeyPatch.context() as environment:
        environment.setenv(QUEUE, url)
        environment.setenv(HANGS, "1")
        environment.setenv(KEY_VARIABLE, KEY)
        shops = [Shop(folder), Shop(folder)]
        for shop in shops:
            shop.start()
        yield shops
        for shop in shops:
            shop.kill()


@pytest_asyncio.fixture
async def tabs() -> AsyncIterator[list[Client]]:
    """Connections that are ended with the test."""
    opened: list[Client] = []
    yield opened
    for client in opened:
        await client.close()


async def enter(shop: Shop, tabs: list[Client], who: str) -> Client:
    client = Client()
    await client.connect(shop.url, customer(who), None)
    tabs.append(client)
    return client


async def test_a_tab_at_another_process_hears_everything(shops: list[Shop], tabs: list[Client]) -> None:
    here, there = await enter(shops[0], tabs, "C001"), await enter(shops[1], tabs, "C001")
    message = await here.say("How much is a courier?")
    await there.until("done", message)
    names = [name for name, data in there.heard if message in (data.get("to"), data.get("id"))]
    assert names == ["user_uttered", "typing", "sentence", "sentence", "bot_uttered", "done"]
    assert [data["text"] for name, data in there.heard if name == "sentence"] == SENTENCES
    assert await there.history() == await here.history()


async def test_customers_of_two_processes_do_not_hear_each_other(shops: list[Shop], tabs: list[Client]) -> None:
    here, there = await enter(shops[0], tabs, "C002"), await enter(shops[1], tabs, "C003")
    await here.until("done", await here.say("my secret"))
    await there.until("done", await there.say("hello"))
    assert "my secret" not in str(there.heard)


async def test_a_message_sent_to_both_processes_is_answered_once(shops: list[Shop], tabs: list[Client]) -> None:
    here, there = await enter(shops[0], tabs, "C004"), await enter(shops[1], tabs, "C004")
    message = {"id": new_id(), "text": "How much is a courier?"}
    answers = await asyncio.gather(here.ask("user_uttered", message), there.ask("user_uttered", message))
    assert all(answer == {"ok": True} for answer in answers)
    for client in (here, there):
        await client.until("done", str(message["id"]))
    last = await there.say("hello")
    await there.until("done", last)
    assert [said["from"] for said in await here.history()] == ["customer", "assistant"] * 2


async def test_nothing_is_lost_doubled_or_crossed_between_processes(shops: list[Shop], tabs: list[Client]) -> None:
    people = [f"C{number:03d}" for number in range(11, 19)]
    chosen = random.Random(1)

    async def talk(who: str) -> None:
        both = [await enter(shop, tabs, who) for shop in shops]
        sent = []
        for number in range(6):
            client = chosen.choice(both)
            sent.append(await client.say(f"Where is my order {who} {number}?"))
        for message in sent:
            await both[0].until("done", message)
        asked = [said for said in await both[1].history() if said["from"] == "customer"]
        replies = [said for said in await both[0].history() if said["from"] == "assistant"]
        assert sorted(said["id"] for said in asked) == sorted(sent)
        assert sorted(said["to"] for said in replies) == sorted(sent)
        assert all(said["text"].startswith(who) for said in replies)

    await asyncio.gather(*map(talk, people))


async def test_another_process_knows_what_is_being_written_and_stops_it(shops: list[Shop], tabs: list[Client]) -> None:
    here = await enter(shops[0], tabs, "C005")
    message = await here.say("something slow")
    await here.until("sentence", message)
    there = await enter(shops[1], tabs, "C005")
    assert (await there.ask("session_request"))["turns"] == [{"to": message, "sentences": ["This takes a while."]}]
    assert await there.ask("stop") == {"ok": True}
    await there.until("done", message)
    assert (await there.ask("session_request"))["turns"] == []
    assert [said["text"] for said in await there.history()] == ["something slow", "This takes a while."]


async def test_what_a_process_that_died_was_answering_another_answers(shops: list[Shop], tabs: list[Client]) -> None:
    here, there = await enter(shops[0], tabs, "C006"), await enter(shops[1], tabs, "C006")
    message = {"id": new_id(), "text": "something slow"}
    await here.ask("user_uttered", message)
    await here.until("sentence", str(message["id"]))
    shops[0].kill()
    later = {"id": message["id"], "text": "How much is a courier?"}
    assert await there.ask("user_uttered", later) == {"ok": True}
    await there.until("done", str(message["id"]))
    assert [said["from"] for said in await there.history()] == ["customer", "assistant"]
