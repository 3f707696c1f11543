from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from rasa.shared.core.events import ConversationPaused

from bot.channels import sent_files, web_files
from bot.channels.identity import issue_token
from bot.channels.web_settings import WebSettings
from bot.customers.attachments import LARGEST
from bot.customers.models import Attachment, Ticket
from bot.customers.store import CustomerStore
from tests.bot.channels.web_agent import new_id
from tests.bot.channels.web_server import Server, Start, customer
from tests.bot.customers.conftest import imported
from tests.bot.customers.photos import photo
from tests.bot.customers.shop import write_shop

PDF = b"%PDF-1.7\n..."
pytestmark = pytest.mark.usefixtures("ratings")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CustomerStore:
    store = imported(tmp_path, write_shop(tmp_path / "shop"))
    monkeypatch.setattr("bot.channels.web.CustomerStore", lambda _: store)
    return store


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


class Sender:
    """Sends files as the widget does."""

    def __init__(self, http: httpx.AsyncClient, server: Server, token: str | None) -> None:
        self._http, self._url = http, f"{server.url}/chat/files"
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def send(self, content: Any, name: str = "photo.jpg", message: str = "", **headers: str) -> httpx.Response:
        sent = {**self.headers, "X-File-Name": quote(name), "X-Message-Id": message or new_id(), **headers}
        return await self._http.post(self._url, content=content, headers=sent)

    async def get(self, number: int) -> httpx.Response:
        return await self._http.get(f"{self._url}/{number}", headers=self.headers)


def kept(store: CustomerStore) -> list[Any]:
    with store.session() as session:
        rows = session.query(Attachment).all()
        session.expunge_all()
        return list(rows)


async def test_a_photo_goes_to_a_request_and_into_the_thread_of_every_tab(
    start: Start, http: httpx.AsyncClient, shop: CustomerStore
) -> None:
    server = await start()
    tab = await server.client(customer("C1"))
    message = new_id()
    answer = await Sender(http, server, issue_token("C1")).send(photo(), "трещина.jpg", message)
    (row,) = kept(shop)
    assert (row.customer_id, row.name, row.media_type) == ("C1", "трещина.jpg", "image/jpeg")
    asked, reply = answer.json()["messages"]
    shown = {
        "id": row.id,
        "name": "трещина.jpg",
        "media_type": "image/jpeg",
        "size": len(photo()),
        "ticket": row.ticket_id,
    }
    assert (asked["id"], asked["file"]) == (message, shown)
    assert reply["to"] == message and row.ticket_id in reply["text"] and "файл" in reply["text"]
    assert await tab.until("user_uttered") == asked
    assert await tab.until("bot_uttered", message) == reply
    assert await tab.until("done", message) == {"to": message, "replies": [reply["id"]]}
    assert [said["id"] for said in await tab.history()] == [asked["id"], reply["id"]]
    assert (await tab.history())[0]["file"] == shown


async def test_the_request_is_about_what_was_written_before_in_its_language(
    start: Start, http: httpx.AsyncClient, shop: CustomerStore
) -> None:
    server = await start()
    tab = await server.client(customer("C2"))
    await tab.until("done", await tab.say("The box arrived crushed"))
    answer = await Sender(http, server, issue_token("C2")).send(PDF)
    with shop.session() as session:
        subject = session.get(Ticket, kept(shop)[0].ticket_id).subject
    assert subject == "The box arrived crushed"
    assert "request" in answer.json()["messages"][1]["text"]


async def test_a_file_that_is_sent_again_is_kept_once(
    start: Start, http: httpx.AsyncClient, shop: CustomerStore
) -> None:
    server = await start()
    sender, message = Sender(http, server, issue_token("C1")), new_id()
    first, second = await asyncio.gather(sender.send(PDF, message=message), sender.send(PDF, message=message))
    assert len(kept(shop)) == 1
    assert first.json() == second.json()


async def test_only_its_customer_gets_a_file_back(start: Start, http: httpx.AsyncClient, shop: CustomerStore) -> None:
    server = await start()
    mine, theirs, nobody = (Sender(http, server, token) for token in (issue_token("C1"), issue_token("C2"), None))
    await mine.send(PDF, "чек.pdf")
    (row,) = kept(shop)
    answer = await mine.get(row.id)
    assert (answer.content, answer.headers["Content-Type"]) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote('чек.pdf')}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await theirs.get(row.id)).status_code == 404
    assert (await nobody.get(row.id)).json() == {"error": "sign_in"}


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (lambda: None, "sign_in"),
        (lambda: "C1", "token_refused"),
        (lambda: issue_token("C1", dt.timedelta(seconds=-1)), "token_expired"),
    ],
)
async def test_who_proves_nothing_leaves_nothing(
    start: Start, http: httpx.AsyncClient, shop: CustomerStore, token: Any, error: str
) -> None:
    answer = await Sender(http, await start(), token()).send(PDF)
    assert (answer.status_code, answer.json()) == (401, {"error": error})
    assert kept(shop) == []


@pytest.mark.parametrize(
    ("content", "headers", "status", "error"),
    [
        (b"MZ\x90\0", {}, 415, "kind"),
        (b"", {}, 415, "kind"),
        (PDF, {"X-Message-Id": "a b"}, 400, "unreadable"),
    ],
)
async def test_what_is_refused_leaves_nothing(
    start: Start,
    http: httpx.AsyncClient,
    shop: CustomerStore,
    content: bytes,
    headers: dict[str, str],
    status: int,
    error: str,
) -> None:
    server = await start()
    answer = await Sender(http, server, issue_token("C1")).send(content, **headers)
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert kept(shop) == [] and await (await server.client(customer("C1"))).history() == []


async def test_the_size_ends_at_the_limit_whether_it_is_told_or_not(
    start: Start, http: httpx.AsyncClient, shop: CustomerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dribble(size: int) -> AsyncIterator[bytes]:
        yield PDF
        for _ in range(len(PDF), size, 1000):
            yield b"x" * 1000

    monkeypatch.setattr(web_files, "LARGEST", 5_000)
    sender = Sender(http, await start(), issue_token("C1"))
    assert (await sender.send(PDF + b"x" * (5_000 - len(PDF)))).status_code == 200
    assert (await sender.send(PDF + b"x" * 5_000)).json() == {"error": "too_large"}
    assert (await sender.send(dribble(4_000))).status_code == 200
    assert (await sender.send(dribble(9_000))).json() == {"error": "too_large"}
    assert len(kept(shop)) == 2


async def test_a_file_as_large_as_permitted_is_taken(
    start: Start, http: httpx.AsyncClient, shop: CustomerStore
) -> None:
    answer = await Sender(http, await start(), issue_token("C1")).send(PDF + bytes(LARGEST - len(PDF)))
    assert answer.status_code == 200 and len(kept(shop)[0].content) == LARGEST


async def test_who_sends_too_many_is_told_when_to_go_on(
    start: Start, http: httpx.AsyncClient, shop: CustomerStore
) -> None:
    server = await start(settings=WebSettings(files_per_customer="1/hour"))
    sender = Sender(http, server, issue_token("C1"))
    await sender.send(PDF)
    answer = await sender.send(PDF)
    assert answer.status_code == 429 and 0 < answer.json()["wait"] <= 3600
    assert (await Sender(http, server, issue_token("C2")).send(PDF)).status_code == 200


async def test_where_a_person_has_taken_over_the_assistant_says_nothing_of_the_file(
    start: Start, http: httpx.AsyncClient, shop: CustomerStore
) -> None:
    server = await start()
    tracker = await server.agent.tracker_store.get_or_create_tracker("customer:C1")
    tracker.update(ConversationPaused())
    await server.agent.tracker_store.save(tracker)
    answer = await Sender(http, server, issue_token("C1")).send(PDF)
    assert [message["from"] for message in answer.json()["messages"]] == ["customer"]
    assert len(kept(shop)) == 1


async def test_a_database_that_fails_is_told_without_its_words(
    start: Start, http: httpx.AsyncClient, shop: CustomerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("the disk is full at 12 High Street")

    monkeypatch.setattr(sent_files, "attach", fail)
    server = await start()
    answer = await Sender(http, server, issue_token("C1")).send(PDF)
    assert (answer.status_code, answer.json()) == (500, {"error": "trouble"})
    assert await (await server.client(customer("C1"))).history() == []


@pytest.mark.parametrize(("origin", "read"), [("https://shop.example", True), ("https://evil.example", False)])
async def test_pages_of_permitted_origins_alone_may_read_the_answer(
    start: Start, http: httpx.AsyncClient, shop: CustomerStore, origin: str, read: bool
) -> None:
    server = await start(settings=WebSettings(origins=("https://shop.example",)))
    asked = await http.options(f"{server.url}/chat/files", headers={"Origin": origin})
    answer = await Sender(http, server, issue_token("C1")).send(PDF, Origin=origin)
    for headers in (asked.headers, answer.headers):
        assert headers.get("Access-Control-Allow-Origin") == (origin if read else None)
    assert ("Authorization" in asked.headers.get("Access-Control-Allow-Headers", "")) == read
