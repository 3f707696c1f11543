"""What a customer writes in Telegram, and what they are answered there, appears in their open tabs on the site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels.tabs import tabs_of
from bot.channels.telegram import asking, keeping
from bot.customers.attachments import File
from bot.customers.store import CustomerStore
from bot.desk.gate import through_gate
from bot.telegram.talk import Question, Said
from tests.bot.channels.web_agent import CHOICE, SENTENCES, Reply, spoken
from tests.bot.channels.web_server import Client, Server, Start, customer
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop

pytestmark = pytest.mark.usefixtures("ratings")


class Chat:
    """A chat in Telegram, bound to a customer or a stranger's."""

    def __init__(self, server: Server, customer_id: str | None = "C001") -> None:
        self._ask = asking(through_gate(server.app))
        self._customer_id = customer_id
        self._conversation = f"customer:{customer_id}" if customer_id else "telegram:7"
        self.said: list[Said] = []

    async def write(self, text: str, number: int = 1, title: str = "") -> str:
        """Ask something; its id."""
        known = (f"telegram:{number}", 7, self._customer_id)
        await self._ask(Question(text, self._conversation, *known, title=title), self.said.append)
        return known[0]


def shown(tab: Client) -> list[tuple[str, str]]:
    """What the tab was told to show of messages, in order."""
    return [(name, data["text"]) for name, data in tab.heard if name in ("user_uttered", "bot_uttered")]


async def test_a_message_and_its_reply_appear_in_every_tab_of_the_customer_and_in_no_other(start: Start) -> None:
    server = await start()
    tabs = [await server.client(customer()), await server.client(customer())]
    strangers = [await server.client(customer("C002")), await server.client()]
    chat = Chat(server)
    asked = await chat.write("а она складывается?")
    for tab in tabs:
        await tab.until("done", asked)
        assert tab.names() == ["user_uttered", "typing", "bot_uttered", "done"]
        assert shown(tab) == [
            ("user_uttered", "а она складывается?"),
            ("bot_uttered", "You wrote: а она складывается?"),
        ]
    assert [said.text for said in chat.said] == ["You wrote: а она складывается?"]
    for one in strangers:
        assert await one.history() == [] and one.names() == []


async def test_the_tab_knows_them_by_the_ids_that_the_history_has(start: Start) -> None:
    server = await start()
    tab = await server.client(customer())
    done = await tab.until("done", await Chat(server).write("hello"))
    live = [data["id"] for name, data in tab.heard if name in ("user_uttered", "bot_uttered")]
    assert live == [said["id"] for said in await tab.history()] == [done["to"], *done["replies"]]


async def test_a_pressed_button_is_shown_by_its_title_live_and_in_the_history(start: Start) -> None:
    server = await start()
    tab = await server.client(customer())
    await tab.until("done", await Chat(server).write("/affirm", title="Yes, cancel"))
    assert shown(tab)[0] == ("user_uttered", "Yes, cancel")
    assert (await tab.history())[0]["text"] == "Yes, cancel"


async def test_buttons_under_the_reply_can_be_pressed_in_the_tab(start: Start) -> None:
    async def choice(_: UserMessage) -> list[Reply]:
        return [CHOICE]

    server = await start(choice)
    tab, chat = await server.client(customer()), Chat(server)
    await chat.write("cancel my order")
    titles = [button["title"] for button in (await tab.until("bot_uttered"))["buttons"]]
    assert titles == [button.title for button in chat.said[0].buttons] == ["Yes, cancel", "No"]


async def test_sentences_appear_in_the_tab_while_they_are_written(start: Start) -> None:
    server = await start(lambda message: spoken(str(message.sender_id), SENTENCES))
    tab = await server.client(customer())
    asked = await Chat(server).write("courier?")
    await tab.until("done", asked)
    assert [data["text"] for name, data in tab.heard if name == "sentence"] == SENTENCES


async def test_a_strangers_chat_is_shown_to_nobody(start: Start) -> None:
    server = await start()
    tab, visitor = await server.client(customer()), await server.client()
    chat = Chat(server, None)
    await chat.write("hello")
    assert [said.text for said in chat.said] == ["You wrote: hello"]
    assert await tab.history() == await visitor.history() == [] and tab.names() == visitor.names() == []


async def test_a_message_that_fails_is_told_as_failed_and_the_next_one_is_shown(start: Start) -> None:
    async def once_broken(message: UserMessage) -> list[Reply]:
        if message.text == "broken":
            raise OSError("out of order")
        return [{"text": "fine"}]

    server = await start(once_broken)
    tab, chat = await server.client(customer()), Chat(server)
    with pytest.raises(OSError):
        await chat.write("broken", 1)
    await tab.until("failed", "telegram:1")
    await tab.until("done", await chat.write("whole", 2))
    assert shown(tab)[-1] == ("bot_uttered", "fine")
    assert (await tab.ask("session_request"))["turns"] == []


async def test_a_file_and_its_words_appear_with_what_is_said_to_them(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: CustomerStore = imported(tmp_path, write_shop(tmp_path / "shop"))
    server = await start()
    tab = await server.client(customer("C1"))
    file = File("crack.jpg", "image/jpeg", b"\xff\xd8\xff pixels")
    question = Question("the screen is cracked", "customer:C1", "telegram:1", 7, "C1")
    (told,) = await keeping(server.app, store)(question, file)
    await tab.until("done", "telegram:1")
    heard: list[Any] = [data for name, data in tab.heard if name in ("user_uttered", "bot_uttered")]
    assert [(data["text"], (data.get("file") or {}).get("name")) for data in heard] == [
        ("", "crack.jpg"),
        ("the screen is cracked", None),
        (told, None),
    ]
    assert [data["id"] for data in heard] == [said["id"] for said in await tab.history()]


async def test_tabs_read_a_history_that_was_erased_anew(start: Start) -> None:
    server = await start()
    tab = await server.client(customer())
    tabs = tabs_of(server.app)
    assert tabs
    await tabs.reread("customer:C001")
    assert await tab.until("done") == {"to": "", "replies": []}  # a reply is missing there, so the widget reads anew
