"""The same questions of the same customer by ``rasa shell``, the web chat and Telegram: are the replies the same?

    python -m benchmarks.channels [--limit N]

Twenty questions of C001's, ten in each language. The web chat is the real channel on a port of loopback, Telegram the
real channel on a Bot API server on loopback (tests/bot_api.py), with a copy of the customer database for its own
tables. Each question is asked in a new conversation, since in one conversation the second time would be a follow-up to
the first. Prints what differed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import bot.quiet  # noqa: F401
from bot.channels.telegram import asking
from bot.channels.web_settings import WebSettings
from bot.conversation import SHELL_CHANNEL, SHELL_CUSTOMER
from bot.customers.models import TelegramUpdate
from bot.customers.store import CustomerStore
from bot.runtime import Assistant
from bot.settings import load_settings
from bot.telegram.api import BotApi
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.handler import Handler
from bot.telegram.limits import Pace
from bot.telegram.settings import TelegramSettings
from bot.telegram.talk import Services
from bot.texts import Texts
from tests.bot.channels.web_server import Server, customer
from tests.bot_api import TOKEN, BotApiServer

CUSTOMER = "C001"
QUESTIONS = (
    "Где сейчас моя посылка?",
    "До какого числа гарантия на телевизор?",
    "Сколько у меня баллов?",
    "Хочу вернуть последнюю покупку",
    "Отмените заказ",
    "Сколько стоит доставка курьером?",
    "Наушники не видят телефон, что делать?",
    "Делаете гравировку на ноутбуках?",
    "Соедините с живым человеком",
    "Спасибо большое!",
    "What's happening with my parcel?",
    "How many points do I have?",
    "How long do refunds take?",
    "Can I swim with the Aurora Watch S?",
    "Deliver it to another address, please",
    "Do you sell gift cards?",
    "What is the capital of France?",
    "The box arrived crushed, this is outrageous",
    "Are you a robot?",
    "How do I descale the Kvant Brew 3?",
)
_SOURCE = re.compile(r"^(\[\d+\] .*): https?://\S+$", re.MULTILINE)  # in Telegram the title is the link


async def by_shell(agent: Any, questions: tuple[str, ...]) -> list[str]:
    """Replies as Rasa's shell shows them."""
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

    os.environ[SHELL_CUSTOMER] = CUSTOMER
    replies = []
    for number, question in enumerate(questions):
        output = CollectingOutputChannel()
        await agent.handle_message(UserMessage(question, output, f"shell-{number}", input_channel=SHELL_CHANNEL))
        replies.append("\n".join(message["text"] for message in output.messages))
    del os.environ[SHELL_CUSTOMER]
    return replies


async def by_telegram(agent: Any, questions: tuple[str, ...], store: CustomerStore) -> list[str]:
    """Replies as they stand in a bound chat."""
    server = BotApiServer()
    settings = TelegramSettings(TOKEN, await server.start())
    services = Services(BotApi(settings, Pace()), store, Texts.load(), asking(agent.handle_message))
    dispatcher = Dispatcher(services, Handler(services))
    await services.api.start()
    replies = []

    async def write(chat: int, text: str) -> None:
        await services.run(services.inbox.put, server.update(message=server.message(chat, text)))
        await dispatcher.feed()
        await dispatcher.idle()

    for chat, question in enumerate(questions, 1):
        await write(chat, f"/start {services.chats.issue_code(CUSTOMER)}")
        before = len(server.told(chat))
        await write(chat, question)
        replies.append("\n".join(server.told(chat)[before:]))
        # The customer has one conversation in all chats; each question begins a new one.
        agent.tracker_store._tracker_store.store.pop(f"customer:{CUSTOMER}", None)
    await services.api.close()
    await server.stop()
    return replies


async def by_web(agent: Any, questions: tuple[str, ...]) -> list[str]:
    """Replies as the widget gets them, each source in a line below."""
    replies = []
    with patch("sanic.app.TouchUp.run"):  # see tests.bot.channels.test_rest.App
        server = await Server(agent, WebSettings(per_customer="1000/minute")).start()
    for question in questions:
        client = await server.client(customer(CUSTOMER))
        await client.until("done", await client.say(question))
        replies.append("\n".join(_lines(data) for event, data in client.heard if event == "bot_uttered"))
        await client.close()
        agent.tracker_store._tracker_store.store.pop(f"customer:{CUSTOMER}", None)
    await server.stop()
    return replies


def _lines(reply: dict[str, Any]) -> str:
    sources = [f"[{citation['number']}] {citation['title']}" for citation in reply["citations"]]
    return "\n".join([reply["text"], *sources])


def plain(reply: str) -> str:
    """A reply without what differs by nature: where sources' addresses stand, blank lines, ticket numbers."""
    lines = re.sub(r"\bT\d{4}\b", "T…", _SOURCE.sub(r"\1", reply)).split("\n")
    return "\n".join(line for line in lines if line.strip())


async def compare(questions: tuple[str, ...]) -> dict[str, Any]:
    """Ask all ways; the figures and what differed."""
    agent = (await Assistant.load())._agent
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings()
        shutil.copy(settings.customers.removeprefix("sqlite:///"), Path(folder) / "customers.db")
        store = CustomerStore(f"sqlite:///{folder}/customers.db")
        store.create()
        with store.session() as session:  # updates of a bot that was tried before have the server's numbers
            session.query(TelegramUpdate).delete()
            session.commit()
        shell = await by_shell(agent, questions)
        web = await by_web(agent, questions)
        telegram = await by_telegram(agent, questions, store)
    differing = [
        {"question": question, "shell": a, "web": b, "telegram": c}
        for question, a, b, c in zip(questions, shell, web, telegram)
        if len({plain(a), plain(b), plain(c)}) != 1 or not a
    ]
    return {"questions": len(questions), "same": len(questions) - len(differing), "differing": differing}


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="ask only so many")
    questions = QUESTIONS[: parser.parse_args().limit]
    print(json.dumps(asyncio.run(compare(questions)), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
